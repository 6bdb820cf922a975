"""How each planned job stands in the verdict: one way to have passed, and a name for every other end."""

from __future__ import annotations

from enum import StrEnum

from penstock.model.events import Outcome
from penstock.model.pipeline import Mode, Tolerance
from penstock.model.plan import Job, Scope
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
    """One job's standing. `reason` is empty where it passed."""

    job: str
    standing: Standing
    reason: str = ""


def of_jobs(evidence: Evidence) -> dict[str, Stand]:
    """Every obligation of the plan, by job id, in the plan's order. A job without a record did not run."""
    records = {record.job: record for record in evidence.records.jobs}
    blocking = blocking_jobs(evidence)
    return {
        job.id: _stand(job, records.get(job.id), evidence.today, advises=job.id not in blocking)
        for job in evidence.plan.jobs
    }


def blocking_jobs(evidence: Evidence) -> frozenset[str]:
    """The jobs that the verdict rests on. Where a part of only advising jobs was asked for, what was asked counts."""
    jobs = evidence.plan.jobs
    blocking = frozenset(job.id for job in jobs if not advises(job))
    if not blocking and evidence.plan.scope is Scope.PARTIAL:
        return frozenset(job.id for job in jobs)
    return blocking


def advises(job: Job) -> bool:
    """Whether the job is planned as advice: its end is told and never blocks."""
    return not job.required or job.mode is Mode.WARN


def expired(tolerance: Tolerance, today: str) -> bool:
    """Whether the tolerance is void: past its last day, or with a date that cannot be read."""
    from datetime import date

    try:
        return date.fromisoformat(today) > date.fromisoformat(tolerance.until)
    except ValueError:
        return True


def _stand(job: Job, record: JobRecord | None, today: str, *, advises: bool) -> Stand:
    standing, reason = _plain(job, record)
    if standing is Standing.PASSED:
        return Stand(job=job.id, standing=standing)
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
