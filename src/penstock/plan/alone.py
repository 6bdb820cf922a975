"""The plan of `penstock test`: one job, nothing to make for it, nothing of it cached."""

from __future__ import annotations

import msgspec
from msgspec.structs import replace

from penstock.model.pipeline import JobKind
from penstock.model.plan import Binding, CacheState, Command, Job, Plan, Scope, Shard
from penstock.util.digest import of_bytes, of_parts

JOB = "test"
_SCHEMA = "test 1"


def plan(root: str, command: Command, *, workers: int) -> Plan:
    """The plan. It is a part of no pipeline: evidence for the tests that it names, and for nothing else."""
    job = Job(
        id=JOB,
        name=JOB,
        kind=JobKind.TEST,
        stage="",
        commands=(command,),
        cpus=max(workers, 1),
        cacheable=False,
        inherits=True,
    )
    return Plan(
        digest=_digest(job),
        root=root,
        scope=Scope.PARTIAL,
        jobs=(job,),
        environments=(),
        resolutions=(),
        stages=(),
        gates=(),
        command="test",
    )


def spread(plan: Plan, count: int, *, tree: str, commit: str | None) -> Plan:
    """The same tests as so many shards, split by the tests alone: the runners know no common durations.

    `tree`: digest of the files, so that shards of other code are not taken for shards of this.
    """
    from penstock.plan.shards import told

    (job,) = plan.jobs
    every = [Shard(index=index, count=count) for index in range(1, count + 1)]
    jobs = tuple(
        replace(job, id=f"{job.id}#{one}", shard=one, commands=tuple(told(command, one) for command in job.commands))
        for one in every
    )
    return replace(plan, digest=_digest(*jobs, tree=tree), jobs=jobs, tree=tree, commit=commit)


def _digest(*jobs: Job, tree: str = "") -> str:
    return of_parts((_SCHEMA, tree, *(of_bytes(msgspec.json.encode(job)) for job in jobs)))


def bindings(plan: Plan) -> dict[str, Binding]:
    """No key is made, because nothing is looked up or stored."""
    return {job.id: Binding(job=job.id, cache=CacheState.OFF) for job in plan.jobs}
