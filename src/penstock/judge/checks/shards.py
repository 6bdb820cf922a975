"""Whether the shards of each leg are the whole of it: union = collection, intersection empty, nothing left out."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import msgspec

from penstock.judge import union
from penstock.judge.checks import tests
from penstock.model.plan import Job, Scope
from penstock.model.records import JobRecord, TestRecord, last_attempts
from penstock.model.verdict import CheckResult, Evidence, Status
from penstock.util.plural import plural


class ShardsCheck:
    """One answer a leg that is spread. One runner's shard alone is asked nothing: `penstock gate` judges the whole."""

    name = "shards"

    def answer(self, evidence: Evidence) -> Iterable[CheckResult]:
        """The answers: none where no leg is spread, or only some shards of it were asked for."""
        legs: dict[str, list[Job]] = {}
        for job in evidence.plan.jobs:
            if job.shard is not None:
                legs.setdefault(job.whole, []).append(job)
        if not legs:
            return
        rows: dict[str, list[TestRecord]] = {}
        for (job_id, _), test in last_attempts(evidence.records.tests).items():
            rows.setdefault(job_id, []).append(test)
        records = {record.job: record for record in evidence.records.jobs}
        for leg, jobs in legs.items():
            asked_whole = evidence.plan.scope is Scope.FULL or len(jobs) == max(_count(job) for job in jobs)
            if asked_whole:
                yield _of_leg(leg, jobs, records, rows)


def _of_leg(
    leg: str,
    jobs: list[Job],
    records: Mapping[str, JobRecord],
    rows: Mapping[str, list[TestRecord]],
) -> CheckResult:
    parts = []
    for job in jobs:
        record = records.get(job.id)
        ids = tuple(test.id for test in rows.get(job.id, ()))
        parts.append(union.Part(name=str(job.shard), proof=None if record is None else record.shard, ids=ids))
    count = max(_count(job) for job in jobs)
    collected = max((part.proof.collected for part in parts if part.proof is not None), default=0)
    lacking = union.lack(parts, count)
    result = CheckResult(
        name="shards",
        status=Status.PASSED,
        summary=f"{leg}: {plural(collected, 'test')} in {plural(count, 'shard')}, each in one",
        mode=jobs[0].mode,
        examined=len({name for part in parts for name in part.ids}),
        expected=collected,
        details=_news(parts),
    )
    if lacking is not None:
        return msgspec.structs.replace(
            result,
            status=Status.MISSING,
            summary=f"{leg}: {lacking.summary}",
            remedy=lacking.remedy,
            details=(*lacking.details, *result.details),
        )
    objection = tests.of_leg(jobs, records, rows)
    if objection is None:
        return result
    return msgspec.structs.replace(
        result, status=objection.status, summary=f"{leg}: {objection.summary}", remedy=objection.remedy
    )


def _news(parts: Iterable[union.Part]) -> tuple[str, ...]:
    """What a settled split did not know, and what it knew that is gone."""
    proof = next((part.proof for part in parts if part.proof is not None), None)
    if proof is None:
        return ()
    new = [f"new since the shard plan, given out: {name}" for name in proof.new]
    gone = [f"in the shard plan, not collected any more: {name}" for name in proof.gone]
    return union.bounded((*gone, *new))


def _count(job: Job) -> int:
    return job.shard.count if job.shard is not None else 1
