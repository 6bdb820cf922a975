"""What a job measured, against the limits that stand in its own table: `http.p95`, `metric.min`."""

from __future__ import annotations

from collections.abc import Iterable

from penstock.model.events import Outcome
from penstock.model.pipeline import Limit, Mode
from penstock.model.plan import Job
from penstock.model.records import JobRecord
from penstock.model.verdict import CheckResult, Evidence, Status
from penstock.util.sizes import spoken


class LimitsCheck:
    """Every number that a job declares a limit for was measured, and is within it."""

    name = "limits"

    def answer(self, evidence: Evidence) -> Iterable[CheckResult]:
        """One answer a limit."""
        records = {record.job: record for record in evidence.records.jobs}
        for job in evidence.plan.jobs:
            for limit in job.limits:
                yield _answer(job, limit, records.get(job.id))


def _answer(job: Job, limit: Limit, record: JobRecord | None) -> CheckResult:
    mode = Mode.WARN if limit.advises or job.mode is Mode.WARN else Mode.ERROR
    bound = limit.most if limit.least is None else limit.least
    number = record.measure(limit.measure) if record is not None else None
    if record is None or number is None or record.outcome is not Outcome.PASSED:
        reason, remedy = _why_not(job, limit, record)
        return CheckResult(
            name=limit.key,
            status=Status.MISSING,
            summary=reason,
            mode=mode,
            limit=bound,
            remedy=remedy,
            job=job.id,
        )
    good = (limit.least is None or number >= limit.least) and (limit.most is None or number <= limit.most)
    doubt = None if good else record.note(f"doubt:{limit.measure}")
    if doubt is not None:
        return CheckResult(
            name=limit.key,
            status=Status.MISSING,
            summary=f"{limit.measure} {spelled(number, limit.unit)}, {_bounds(limit)}, but {doubt}",
            mode=mode,
            number=number,
            limit=bound,
            remedy=f"measure it where that does not happen, or change jobs.{job.name}.{limit.key}",
            job=job.id,
        )
    return CheckResult(
        name=limit.key,
        status=Status.PASSED if good else Status.FAILED,
        summary=f"{limit.measure} {spelled(number, limit.unit)}, {_bounds(limit)}",
        mode=mode,
        number=number,
        limit=bound,
        examined=1,
        expected=1,
        remedy=None if good else f"mend what is measured, or change jobs.{job.name}.{limit.key}",
        job=job.id,
    )


def _why_not(job: Job, limit: Limit, record: JobRecord | None) -> tuple[str, str]:
    """Why there is no number, and what to do: the job did not get so far, or could not tell it."""
    if record is not None and record.outcome is Outcome.PASSED:
        reason = record.note(f"absent:{limit.measure}") or f"the job told no {limit.measure}"
        return reason, f"let the job measure it, or leave jobs.{job.name}.{limit.key} out"
    reason = record.reason if record is not None and record.reason else "not run to an end"
    return f"not measured: {reason}", f"the job {job.id} has to run to its end"


def _bounds(limit: Limit) -> str:
    least = [] if limit.least is None else [f"at least {spelled(limit.least, limit.unit)}"]
    most = [] if limit.most is None else [f"at most {spelled(limit.most, limit.unit)}"]
    return " and ".join([*least, *most])


def spelled(number: float, unit: str) -> str:
    """The number with its unit, as people write it: `480 ms`, `1.2 GiB`, `40 %`."""
    if unit == "s":
        return f"{number * 1000:.4g} ms" if abs(number) < 1 else f"{number:.4g} s"
    if unit == "B":
        return spoken(number, digits=4)
    if unit == "%":
        return f"{number:.6g} %"
    return f"{number:.6g}{unit}"
