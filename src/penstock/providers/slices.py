"""A pipeline cut into what one runner each does: the jobs of the generated configuration, whatever the host.

What only reads files shares one runner, where the engine runs it side by side; every other job has runners of its own,
one a leg and shard. What reads what another job leaves runs where that one ran. Coverage has no runner: the verdict
merges it, once all that was measured is there.
"""

from __future__ import annotations

import re
from collections.abc import Container, Iterable, Mapping, Sequence
from itertools import product

from msgspec.structs import replace

from penstock.model.pipeline import JobKind
from penstock.model.plan import Job
from penstock.value import Value

QUALITY = "quality"  # the slice of all that only reads files


class Slice(Value, frozen=True, kw_only=True):
    """What one runner does, or each of a row of equal ones.

    `jobs`: the names of its jobs. `select`: what `penstock run --alone` is given, with `{axis}` for the values of a
    cell. `axes`: name -> values; the cells are their product, or just `cells` where they are none. `needs`: other
    slices, that have to be done before. `pythons`: of all its jobs. `timeout_s`: the longest of its jobs' own limits.
    `counted`: how many cells there are is only known when it is planned (`shards = "auto"`). `secrets`, `variables`:
    names of what the host has to hand over. `caches`: folders that its jobs declare to keep.
    """

    name: str
    jobs: tuple[str, ...]
    select: tuple[str, ...]
    needs: tuple[str, ...] = ()
    axes: Mapping[str, tuple[str, ...]] = {}
    cells: tuple[Mapping[str, str], ...] = ()
    pythons: tuple[str, ...] = ()
    timeout_s: float | None = None
    counted: bool = False
    secrets: tuple[str, ...] = ()
    variables: tuple[str, ...] = ()
    caches: tuple[str, ...] = ()

    @property
    def names(self) -> tuple[str, ...]:
        """Of the axes."""
        return tuple(self.axes or (self.cells[0] if self.cells else ()))

    @property
    def points(self) -> list[dict[str, str]]:
        """Every cell."""
        if self.cells:
            return [dict(cell) for cell in self.cells]
        return (
            [dict(zip(self.axes, values, strict=True)) for values in product(*self.axes.values())] if self.axes else []
        )


def of(jobs: Iterable[Job], counted: Container[str] = (), homes: Mapping[str, str] | None = None) -> tuple[Slice, ...]:
    """The slices of a plan's jobs, in the order of their first jobs. `counted`: of which names `shards` is "auto".
    `homes`: of which slices the jobs are, where these are a part of those that the configuration was written for.
    """
    runs = [job for job in jobs if job.kind is not JobKind.COVERAGE]
    home = {**homes_of(runs), **(homes or {})}
    members: dict[str, list[Job]] = {}
    for job in runs:
        members.setdefault(home[job.name], []).append(job)
    by_id = {job.id: home[job.name] for job in runs}
    made = (_slice(name, found, by_id) for name, found in members.items())
    return tuple(replace(one, counted=bool(one.names) and one.jobs[0] in counted) for one in made)


def homes_of(jobs: Iterable[Job]) -> dict[str, str]:
    """Job name -> the name of its slice. No two slices wait for each other."""
    jobs = [job for job in jobs if job.kind is not JobKind.COVERAGE]
    names = {job.name for job in jobs}
    quality = QUALITY if QUALITY not in names else f"{QUALITY}-checks"
    several = {job.name for job in jobs if job.id != job.name or job.needs}
    home = {job.name: quality if job.kind.examines and job.name not in several else job.name for job in jobs}
    named = {job.id: job.name for job in jobs}
    for job in jobs:  # in topological order: what is read has its home already
        if job.reads_needs:
            together = {home[each] for each in (*(named[need] for need in job.needs), job.name)}
            first = home[named[job.needs[0]]] if job.needs else home[job.name]
            home = {each: first if place in together else place for each, place in home.items()}
    return _untied(home, [(home[named[need]], home[job.name]) for job in jobs for need in job.needs])


def _untied(home: Mapping[str, str], edges: Iterable[tuple[str, str]]) -> dict[str, str]:
    """Slices that would wait for each other become one: what a job reads may lie behind others that wait for its own
    slice. `edges`: (needed, needing).
    """
    behind: dict[str, set[str]] = {place: set() for place in home.values()}
    for needed, needing in edges:
        behind[needed].add(needing)
    for middle, beyond in behind.items():
        for reached in behind.values():
            if middle in reached:
                reached.update(beyond)
    places = list(dict.fromkeys(home.values()))
    first = {
        place: next(each for each in places if each == place or (each in behind[place] and place in behind[each]))
        for place in places
    }
    return {name: first[place] for name, place in home.items()}


def _slice(name: str, jobs: Sequence[Job], by_id: Mapping[str, str]) -> Slice:
    told = dict.fromkeys(job.name for job in jobs)
    needs = dict.fromkeys(by_id[need] for job in jobs for need in job.needs if by_id.get(need, name) != name)
    limits = [job.timeout_s for job in jobs]
    points = [_point(job) for job in jobs]
    alone = len(told) == 1 and any(points)
    axes = _product(points) if alone else {}
    return Slice(
        name=name,
        jobs=tuple(told),
        select=(_selected(jobs[0], points[0]),) if alone else tuple(told),
        needs=tuple(needs),
        axes=axes,
        cells=() if axes or not alone else tuple(points),
        pythons=tuple(dict.fromkeys(job.python for job in jobs if job.python is not None)),
        secrets=tuple(dict.fromkeys(secret.name for job in jobs for secret in job.secrets)),
        variables=tuple(dict.fromkeys(variable for job in jobs for variable in job.require)),
        caches=tuple(dict.fromkeys(cache.path for job in jobs for cache in job.caches)),
        timeout_s=None if None in limits else max((limit for limit in limits if limit is not None), default=None),
    )


def _point(job: Job) -> dict[str, str]:
    """The job's place in its matrix, Python first, with its shard."""
    leg = dict(job.leg)
    point = {axis: leg[axis] for axis in sorted(leg, key=lambda axis: (axis != "python", axis))}
    return point if job.shard is None else {**point, "shard": str(job.shard.index)}


def _selected(job: Job, point: Mapping[str, str]) -> str:
    """The job's id with its point left open: `unit@{python},os={os}#{shard}`."""
    parts = ["{python}" if axis == "python" else f"{axis}={{{axis}}}" for axis in point if axis != "shard"]
    shard = "#{shard}" if job.shard is not None else ""
    return f"{job.name}{'@' if parts else ''}{','.join(parts)}{shard}"


def _product(points: Sequence[Mapping[str, str]]) -> dict[str, tuple[str, ...]]:
    """The axes whose product is just these points; none where it is not."""
    axes = {axis: tuple(dict.fromkeys(point[axis] for point in points)) for axis in points[0]}
    number = 1
    for values in axes.values():
        number *= len(values)
    same = all(point.keys() == axes.keys() for point in points)
    return axes if same and number == len(points) else {}


def slug(text: str) -> str:
    """A name as hosts take it for a job or a file: letters, digits, `-` and `_`."""
    return re.sub(r"[^A-Za-z0-9_-]+", "-", text).strip("-") or "job"
