"""One job judged by itself, as soon as it ends: whether its result may stand for a later run (TRUST.md §4)."""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

from penstock.errors import ExitCode
from penstock.judge.decide import decide
from penstock.model.events import JobFinished
from penstock.model.pipeline import JobKind, Mode
from penstock.model.plan import Job, Plan, Scope
from penstock.model.records import JobRecord, Reading, Records, RunRecord, last_attempts
from penstock.model.verdict import Evidence
from penstock.ports import Check

# Their questions are over other jobs, too, and are asked of what the cache gives back as of what ran: what was measured
# over which tests; whether a type checker looked at the files whose annotations were counted.
_WITH_OTHERS = frozenset({JobKind.COVERAGE, JobKind.ANNOTATIONS})


def proved(plan: Plan, job: Job, finished: JobFinished, reading: Reading, checks: Iterable[Check]) -> bool:
    """Whether the job passed every question that is about it alone. A result that is not may never be cached: from
    the cache it would come without the rows that speak against it.

    Declared gates are left out: they compare with limits that may change, over more jobs than this one.
    """
    if job.kind in _WITH_OTHERS:
        return finished.outcome.value == "passed"
    if any(test.bad for test in last_attempts(reading.tests).values()):  # in quarantine
        return False
    # Whatever is forgiven in the verdict is no reason to keep a result.
    strict = msgspec.structs.replace(job, needs=(), required=True, mode=Mode.ERROR, tolerance=None)
    record = JobRecord(
        job=job.id,
        kind=job.kind,
        outcome=finished.outcome,
        reason=finished.reason,
        duration_s=finished.duration_s,
        measures=finished.measures,
        notes=finished.notes,
    )
    scope = plan.scope if job.shard is None else Scope.PARTIAL  # the other shards are asked when all have ended
    run = RunRecord(run="", plan=plan.digest, wall_s=0.0, duration_s=0.0, finished=True)
    evidence = Evidence(
        plan=msgspec.structs.replace(plan, jobs=(strict,), gates=(), quarantine=(), left_out=(), scope=scope),
        records=Records(run=run, jobs=(record,), tests=reading.tests, findings=reading.findings),
        today="",
    )
    return decide(evidence, checks).exit_code is ExitCode.VERIFIED
