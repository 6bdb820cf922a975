"""The plan of `penstock test`: one job, nothing to make for it, nothing of it cached."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import msgspec
from msgspec.structs import replace

from penstock.model.pipeline import CheckSpec, JobKind, JobSpec, Pipeline, Quarantine
from penstock.model.plan import Binding, CacheState, Command, Job, Plan, Scope, Shard
from penstock.util.digest import of_bytes, of_parts

JOB = "test"
_SCHEMA = "test 1"


class Declared(NamedTuple):
    """What the pipeline's pytest jobs say of how their tests run. `differing`: the keys of which they say different
    things, so that nothing is taken; `jobs`: the names of those that were asked.
    """

    retries: int | None = None
    test_timeout_s: float | None = None
    differing: tuple[str, ...] = ()
    jobs: tuple[str, ...] = ()


def declared(pipeline: Pipeline, paths: Sequence[str]) -> Declared:
    """Of the jobs whose own paths hold all of `paths` (relative to the root), else of all pytest jobs."""
    every = [spec for spec in pipeline.jobs or () if spec.kind is JobKind.TEST and spec.runner in (None, "pytest")]
    meant = [spec for spec in every if _holds(spec, paths)] or every
    retries, limits = {spec.retries for spec in meant}, {spec.test_timeout_s for spec in meant}
    return Declared(
        retries=next(iter(retries)) if len(retries) == 1 else None,
        test_timeout_s=next(iter(limits)) if len(limits) == 1 else None,
        differing=tuple(key for key, said in (("retries", retries), ("test_timeout", limits)) if len(said) > 1),
        jobs=tuple(spec.name for spec in meant),
    )


def _holds(spec: JobSpec, paths: Sequence[str]) -> bool:
    folders = tuple(path.strip("/").removeprefix("./") for path in spec.paths)
    return bool(paths and folders) and all(
        any(folder in (".", path) or path.startswith(f"{folder}/") for folder in folders) for path in paths
    )


def plan(root: str, command: Command, *, workers: int, quarantine: tuple[Quarantine, ...] = ()) -> Plan:
    """The plan. It is a part of no pipeline: evidence for the tests that it names, and for nothing else."""
    job = Job(
        id=JOB,
        name=JOB,
        kind=JobKind.TEST,
        stage="",
        commands=(command,),
        cpus=max(workers, 1),
        cacheable=False,
        quarantine=quarantine,
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
        quarantine=quarantine,
        command="test",
    )


def gates(root: str, declared: tuple[CheckSpec, ...]) -> Plan:
    """A plan of no job: what `penstock pr` asks is about the change, and not about what was run."""
    return Plan(
        digest=of_parts((_SCHEMA, *(of_bytes(msgspec.json.encode(gate)) for gate in declared))),
        root=root,
        scope=Scope.PARTIAL,
        jobs=(),
        environments=(),
        resolutions=(),
        stages=(),
        gates=declared,
        command="pr",
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
