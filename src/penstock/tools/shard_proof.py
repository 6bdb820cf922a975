"""What a session says of its shard, held against what its job was to run."""

from __future__ import annotations

from typing import NamedTuple

from penstock.model.plan import Job
from penstock.model.testlog import TestLog
from penstock.util.plural import plural


class Objection(NamedTuple):
    """Why the session is no evidence of its shard, and what to do."""

    reason: str
    remedy: str


def objection(tests: TestLog, job: Job) -> Objection | None:
    """None where the job is no shard, or the session proves that it ran this one, split by what the plan has pinned."""
    if job.shard is None:
        return None
    proof = tests.shard
    if proof is None:
        return Objection("the session did not prove which shard it ran", "see the job's log")
    if (proof.index, proof.count) != (job.shard.index, job.shard.count):
        return Objection(f"the session ran shard {proof.index}/{proof.count}, not {job.shard}", "see the job's log")
    if job.shard.pin and proof.pin != job.shard.pin:
        what = "the shard plan" if job.shard.settled else "the durations"
        return Objection(f"it was not split by {what} that the plan has pinned", "plan again: penstock run")
    if proof.collected and not tests.last:
        few = plural(proof.collected, "test")
        return Objection(
            f"no test fell to it: {few} cannot fill {plural(job.shard.count, 'shard')}", "ask for fewer shards"
        )
    return None
