"""How much of the project a type checker checks: functions that are annotated, in files that it does not leave out."""

from __future__ import annotations

from collections.abc import Iterable

from penstock.judge import measures
from penstock.judge.answer import limits_of_gate
from penstock.model.events import Outcome
from penstock.model.pipeline import JobKind, Mode
from penstock.model.plan import Job
from penstock.model.records import FindingRecord, JobRecord
from penstock.model.verdict import CheckResult, Evidence, Status
from penstock.util.plural import plural

_SHOWN = 5
_BILLION = 10**9


class AnnotationsCheck:
    """The share of checked functions reaches the gate's limit; with a ratchet, no new one is unchecked."""

    name = "annotations"

    def answer(self, evidence: Evidence) -> Iterable[CheckResult]:
        """One answer a job that counts them."""
        return measures.of_jobs(evidence, JobKind.ANNOTATIONS, self.name, _judged)


def _judged(evidence: Evidence, job: Job, record: JobRecord, findings: tuple[FindingRecord, ...]) -> CheckResult:
    limit = limits_of_gate(evidence.plan, "annotations").get("min")
    mode = measures.mode(evidence.plan, job, "annotations")
    counts = (int(record.measure(name) or 0) for name in ("functions", "annotated", "files", "left_out"))
    functions, annotated, files, left = counts
    doubt = _unchecked(evidence, files - left)
    if doubt or not functions:
        said = doubt or f"there is no function in {plural(files, 'file')}"
        remedy = "let a `types` job pass over the same files, or name them in the `paths` of both" if doubt else None
        return CheckResult(
            name="annotations", status=Status.MISSING, summary=said, mode=mode, limit=limit, remedy=remedy, job=job.id
        )
    reached = limit is None or annotated * 100 * _BILLION >= round(limit * _BILLION) * functions
    bare: Iterable[FindingRecord] = findings
    new = ""
    if mode is Mode.RATCHET and not reached and len(findings) == record.measure("findings"):
        fresh = measures.new(evidence, job, findings)
        reached, bare, new = not fresh, fresh, f", {len(fresh)} of the others new"
    hundredths = annotated * 10_000 // functions
    return CheckResult(
        name="annotations",
        status=Status.PASSED if reached else Status.FAILED,
        summary=f"{hundredths // 100}.{hundredths % 100:02} % ({annotated}/{plural(functions, 'function')})"
        + ("" if limit is None else f", of {limit:g} %")
        + new
        + (f", {plural(left, 'file')} left out by the type checker's configuration" if left else ""),
        mode=mode,
        number=100.0 * annotated / functions,
        limit=limit,
        examined=files,
        expected=int(record.measure("expected") or 0),
        remedy=None if reached else "annotate the functions named, with their arguments and what they return",
        details=() if reached else tuple(measures.told(each) for each in list(bare)[:_SHOWN]),
        job=job.id,
    )


def _unchecked(evidence: Evidence, counted: int) -> str:
    """Why the files that are counted as checked cannot all have been, "" if they can."""
    jobs = {job.id for job in evidence.plan.jobs if job.kind is JobKind.TYPES}
    if not jobs:
        return "no type checker is in the plan: an annotation that nobody checks is only a remark"
    records = [each for each in evidence.records.jobs if each.job in jobs]
    looked = [int(each.measure("files") or 0) for each in records if each.outcome in {Outcome.PASSED, Outcome.FAILED}]
    if not looked:
        return "the type checker did not run to an end"
    if max(looked) < counted:
        return f"the type checker examined {plural(max(looked), 'file')}, and {counted} are counted as checked"
    return ""
