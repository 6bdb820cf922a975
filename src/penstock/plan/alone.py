"""The plan of `penstock test`: one job, nothing to make for it, nothing of it cached."""

from __future__ import annotations

import msgspec

from penstock.model.pipeline import JobKind
from penstock.model.plan import Binding, CacheState, Command, Job, Plan, Scope
from penstock.util.digest import of_bytes, of_parts

JOB = "test"
_SCHEMA = "test 1"


def plan(root: str, command: Command, *, workers: int, shard: tuple[int, int] | None = None) -> Plan:
    """The plan. It is a part of no pipeline: evidence for the tests that it names, and for nothing else."""
    job = Job(
        id=JOB if shard is None else f"{JOB}#{shard[0]}/{shard[1]}",
        name=JOB,
        kind=JobKind.TEST,
        stage="",
        commands=(command,),
        cpus=max(workers, 1),
        cacheable=False,
        inherits=True,
    )
    return Plan(
        digest=of_parts((_SCHEMA, of_bytes(msgspec.json.encode(job)))),
        root=root,
        scope=Scope.PARTIAL,
        jobs=(job,),
        environments=(),
        resolutions=(),
        stages=(),
        gates=(),
        command="test",
    )


def bindings(plan: Plan) -> dict[str, Binding]:
    """No key is made, because nothing is looked up or stored."""
    return {job.id: Binding(job=job.id, cache=CacheState.OFF) for job in plan.jobs}
