"""How each planned job stands in the verdict: one way to have passed, and a name for every other end."""

from __future__ import annotations

from enum import StrEnum

from penstock.judge import ratchet
from penstock.model.events import Outcome
from penstock.model.pipeline import Ignored, JobKind, Mode, Quarantine, Tolerance, kind_of_gate
from penstock.model.plan import Job, Plan, Scope
from penstock.model.records import JobRecord
from penstock.model.verdict import Evidence
from penstock.value import Value


class Standing(StrEnum):
    """What a job does to the verdict."""

    PASSED = "passed"
    FAILED = "failed"  # it ran, and said no: exit 1
    UNFINISHED = "unfinished"  # it did not run to an answer: exit 3
    TOLERATED = "tolerated"  # it did not pass, and a declared, unexpired tolerance says that it may
    WARNED = "warned"  # it did not pass, and only advises


class Stand(Value, frozen=True, kw_only=True):
    """One job's standing. `reason` is empty where it passed. `proves`: whether it has shown what was asked of it: it
    passed, or it ran to its end and found nothing but what the baseline knows.
    """

    job: str
    standing: Standing
    reason: str = ""
    proves: bool = False


def of_jobs(evidence: Evidence) -> dict[str, Stand]:
    """Every obligation of the plan, by job id, in the plan's order. A job without a record did not run."""
    records = {record.job: record for record in evidence.records.jobs}
    blocking = blocking_jobs(evidence)
    soft = _softened(evidence.plan)
    return {
        job.id: _stand(
            job,
            records.get(job.id),
            evidence.today,
            advises=job.id not in blocking or job.kind in soft,
            excuse=ratchet.excused(evidence, job, records.get(job.id)),
        )
        for job in evidence.plan.jobs
    }


def blocking_jobs(evidence: Evidence) -> frozenset[str]:
    """The jobs that the verdict rests on. Where a part of only advising jobs was asked for, what was asked counts."""
    every = frozenset(job.id for job in evidence.plan.jobs)
    blocking = every - advising_jobs(evidence.plan)
    return every if not blocking and evidence.plan.scope is Scope.PARTIAL else blocking


# Gates that are nothing but their job's answer: `mode = "warn"` there is the job's mode. The modes of the gates over
# tests and coverage are about their limits; a failing test is never a matter of a gate.
_SAME = frozenset({"lint", "types", "package"})


def advising_jobs(plan: Plan) -> frozenset[str]:
    """The jobs that are planned as advice: their ends are told and never block."""
    advice = {gate.name for gate in plan.gates if gate.mode is Mode.WARN} & _SAME
    kinds = {kind_of_gate(name) for name in advice}
    return frozenset(job.id for job in plan.jobs if not job.required or job.mode is Mode.WARN or job.kind in kinds)


def _softened(plan: Plan) -> frozenset[JobKind]:
    """The kinds of jobs whose gate only advises: one that comes to no answer is told, too, and does not block. The
    gates over tests and coverage are about their limits alone: a failing test is never a matter of a gate.
    """
    names = {gate.name for gate in plan.gates if gate.mode is Mode.WARN} - {"tests", "coverage"}
    return frozenset(kind for kind in map(kind_of_gate, names) if kind is not None)


def expired(granted: Tolerance | Quarantine | Ignored, today: str) -> bool:
    """Whether a permission to fail is void: past its last day, or with a date that cannot be read."""
    from datetime import date

    try:
        return date.fromisoformat(today) > date.fromisoformat(granted.until)
    except ValueError:
        return True


def _stand(job: Job, record: JobRecord | None, today: str, *, advises: bool, excuse: str) -> Stand:
    standing, reason = _plain(job, record)
    if excuse:
        return Stand(job=job.id, standing=Standing.TOLERATED, reason=excuse, proves=True)
    if standing is Standing.PASSED:
        return Stand(job=job.id, standing=standing, proves=True)
    if advises:
        return Stand(job=job.id, standing=Standing.WARNED, reason=reason)
    if job.tolerance is None or not _was_asked(job, record):
        return Stand(job=job.id, standing=standing, reason=reason)
    if expired(job.tolerance, today):
        void = f"its tolerance ended on {job.tolerance.until} ({job.tolerance.reason})"
        return Stand(job=job.id, standing=standing, reason=f"{reason}; {void}")
    told = f"{job.tolerance.reason} (until {job.tolerance.until}): {reason}"
    return Stand(job=job.id, standing=Standing.TOLERATED, reason=told)


def _plain(job: Job, record: JobRecord | None) -> tuple[Standing, str]:
    """The standing before anything is forgiven."""
    if job.blocked_by is not None:
        return Standing.UNFINISHED, job.blocked_by
    if record is None:
        return Standing.UNFINISHED, "it never started"
    if record.outcome is Outcome.PASSED:
        return Standing.PASSED, ""
    reason = record.reason or record.outcome.value.replace("_", " ")
    if record.outcome in {Outcome.FAILED, Outcome.TIMED_OUT}:
        return Standing.FAILED, reason
    return Standing.UNFINISHED, reason


def _was_asked(job: Job, record: JobRecord | None) -> bool:
    """Whether the job was tried: a tolerance is a permission to fail, none to be left out."""
    tried = {Outcome.FAILED, Outcome.TIMED_OUT, Outcome.ERRORED}
    return job.blocked_by is None and record is not None and record.outcome in tried
