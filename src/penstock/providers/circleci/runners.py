"""The slices of a pipeline as CircleCI runs them: on which executor, on which branches, after what.

The stages are groups: what belongs to a later one waits for all of the earlier ones. On one machine they are no barrier
(there, order breaks ties); on a host a later stage that nobody needs any more is a bill.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence

from penstock.errors import UsageError
from penstock.model.circleci import GPU, MACHINE, STANDARD, CircleCI
from penstock.model.hosts import SYSTEM
from penstock.model.pipeline import JobKind, JobSpec, Pipeline
from penstock.providers.slices import Slice, slug
from penstock.value import Value

PLAN, VERDICT = "plan", "verdict"
_LINUX = "linux"


class Runner(Value, frozen=True, kw_only=True):
    """One slice. `id`: its name as CircleCI takes it; `after`: ids of those that have to be done before; `branches`:
    patterns, () = it is wanted on every branch; `containers`: over how many its shards are dealt out.
    """

    of: Slice
    id: str
    executor: str
    after: tuple[str, ...] = ()
    branches: tuple[str, ...] = ()
    containers: int = 1

    @property
    def axes(self) -> tuple[str, ...]:
        """Those of its matrix: shards are containers of one job."""
        return tuple(axis for axis in self.of.names if axis != "shard")

    @property
    def cells(self) -> list[dict[str, str]]:
        """The places in its matrix, each once."""
        told = {tuple((axis, point[axis]) for axis in self.axes): None for point in self.of.points}
        return [dict(cell) for cell in told if cell]

    @property
    def product(self) -> Mapping[str, tuple[str, ...]]:
        """The axes whose product is just its cells; none where it is not."""
        return {axis: values for axis, values in self.of.axes.items() if axis != "shard"}


def of(slices: Sequence[Slice], pipeline: Pipeline, taken: Collection[str] = ()) -> tuple[Runner, ...]:
    """The runners, in the slices' order. `taken`: ids of jobs that are none of them.

    Raises UsageError for legs of another system than Linux.
    """
    _check_systems(slices)
    settings = pipeline.circleci or CircleCI()
    specs = {spec.name: spec for spec in pipeline.jobs or ()}
    stages = [stage.name for stage in pipeline.stages]
    ids = {one.name: _id(one.name, taken) for one in slices}
    ranks = _ranks(slices, specs, stages)
    branches = _branches(slices, specs)
    return tuple(
        Runner(
            of=one,
            id=ids[one.name],
            executor=_executor(one, specs, settings, stages[ranks[one.name]] if stages else ""),
            after=tuple(ids[name] for name in _after(one, ranks)),
            branches=branches[one.name],
            containers=len({point["shard"] for point in one.points if "shard" in point}) or 1,
        )
        for one in slices
    )


def _check_systems(slices: Iterable[Slice]) -> None:
    for one in slices:
        others = {point.get(SYSTEM, _LINUX) for point in one.points} - {_LINUX}
        if others:
            remedy = "leave it out of `systems`, or run it by another host: penstock ci generate github"
            raise UsageError(f"{one.name} is to run on {min(others)}; CircleCI's file has Linux alone", remedy=remedy)


def _id(name: str, taken: Collection[str]) -> str:
    told = slug(name)
    return f"job-{told}" if not told[0].isalpha() or told in (PLAN, VERDICT, *taken) else told


def _ranks(slices: Sequence[Slice], specs: Mapping[str, JobSpec], stages: Sequence[str]) -> dict[str, int]:
    """Slice -> number of its stage: the first one of its jobs', but none before that of what it needs."""
    own = {one.name: min((_stage(specs.get(name), stages) for name in one.jobs), default=0) for one in slices}
    needs = {one.name: one.needs for one in slices}
    ranks: dict[str, int] = {}

    def rank(name: str) -> int:
        if name not in ranks:
            ranks[name] = max([own.get(name, 0), *map(rank, needs.get(name, ()))])
        return ranks[name]

    return {one.name: rank(one.name) for one in slices}


def _stage(spec: JobSpec | None, stages: Sequence[str]) -> int:
    return stages.index(spec.stage) if spec is not None and spec.stage in stages else 0


def _after(one: Slice, ranks: Mapping[str, int]) -> tuple[str, ...]:
    """What it needs, and all of the nearest stage before its own: that stage waits for those before it."""
    earlier = [rank for rank in ranks.values() if rank < ranks[one.name]]
    nearest = [name for name, rank in ranks.items() if earlier and rank == max(earlier)]
    return tuple(dict.fromkeys((*one.needs, *nearest)))


def _executor(one: Slice, specs: Mapping[str, JobSpec], settings: CircleCI, stage: str) -> str:
    """The declared one of the runner or a job; else by what its jobs need of a machine; else that of the stage."""
    declared = dict(settings.executors)
    named = next((declared[name] for name in (one.name, *one.jobs) if name in declared), None)
    if named is not None:
        return named
    jobs = [specs[name] for name in one.jobs if name in specs]
    if any(job.gpus for job in jobs):
        return GPU
    if any(job.services or job.kind is JobKind.IMAGE for job in jobs):
        return MACHINE
    return declared.get(stage, STANDARD)


def _branches(slices: Sequence[Slice], specs: Mapping[str, JobSpec]) -> dict[str, tuple[str, ...]]:
    """Slice -> where any of its jobs is wanted, or any of those that need it; () = everywhere."""
    found = {one.name: [branches_of(specs.get(name)) for name in one.jobs] for one in slices}
    needing: dict[str, list[str]] = {}
    for one in slices:
        for need in one.needs:
            needing.setdefault(need, []).append(one.name)

    def wanted(name: str) -> tuple[str, ...]:
        told = [*found[name], *map(wanted, needing.get(name, ()))]
        return tuple(dict.fromkeys(pattern for each in told for pattern in each)) if all(told) else ()

    return {one.name: wanted(one.name) for one in slices}


def branches_of(spec: JobSpec | None) -> tuple[str, ...]:
    """The patterns of the branches that a job is wanted on."""
    return () if spec is None else spec.branches


def contexts(names: Iterable[str], settings: CircleCI) -> list[str]:
    """The groups of variables that are declared for any of these names."""
    told = dict(settings.contexts)
    return list(dict.fromkeys(context for name in names for context in told.get(name, ())))
