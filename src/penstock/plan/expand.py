"""The matrix: each wanted job crossed with its Pythons and axes into legs, and the needs between legs."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from itertools import product

from msgspec.structs import replace

from penstock.errors import ConfigurationError, Problem
from penstock.model.hosts import SYSTEM
from penstock.model.pipeline import JobKind, JobSpec
from penstock.model.plan import LeftOut, Rule
from penstock.plan.pythons import Pythons, missing_remedy, select_pythons
from penstock.plan.wanted import Wanted
from penstock.value import Value

Axes = tuple[tuple[str, str], ...]


class Leg(Value, frozen=True, kw_only=True):
    """One point of a job's matrix. `axes` are sorted by name; the Python is one of them if the job names Pythons.

    `missing`: the Python is not on this machine, and why. `optional`: the Python was not declared, only supported, so
    that the leg is then left out and listed.
    """

    id: str
    wanted: Wanted
    python: str | None
    axes: Axes = ()
    missing: str | None = None
    remedy: str | None = None
    optional: bool = False

    @property
    def name(self) -> str:
        """The job's name."""
        return self.wanted.spec.name

    @property
    def point(self) -> dict[str, str]:
        """Axis -> value, for comparison with the legs of other jobs."""
        return dict(self.axes)


def expand(wanted: Iterable[Wanted], pythons: Pythons, system: str = "") -> tuple[tuple[Leg, ...], tuple[LeftOut, ...]]:
    """All legs, and those that a declared `exclude` leaves out. `system`: this machine's, as its kernel calls it.

    Raises ConfigurationError with all problems.
    """
    legs: list[Leg] = []
    left_out: list[LeftOut] = []
    problems: list[Problem] = []
    seen: set[str] = set()
    for job in wanted:
        points = [] if (problem := _range_problem(job.spec, pythons)) else list(_points(job.spec, pythons))
        if problem is not None:
            problems.append(problem)
        elif all(excluded for _, _, excluded, _ in points):
            problems.append(_problem("C301", f"the matrix of `{job.spec.name}` is empty: it has no leg", job.spec))
        for python, axes, excluded, optional in points:
            leg = _leg(job, python, axes, pythons, optional=optional or bool(job.absent))
            leg = _on(leg, _SYSTEMS.get(system, system))
            if leg.id in seen:
                problems.append(_problem("C302", f"`{leg.id}` is there twice", job.spec))
            seen.add(leg.id)
            if excluded:
                reason = "excluded from its matrix"
                left_out.append(LeftOut(id=leg.id, reason=reason, declared=True, rule=Rule.MATRIX, kind=job.spec.kind))
            else:
                legs.append(leg)
    if problems:
        raise ConfigurationError(tuple(problems))
    return tuple(legs), tuple(left_out)


def _points(spec: JobSpec, pythons: Pythons) -> Iterator[tuple[str | None, Axes, bool, bool]]:
    """(python, axes, excluded, optional) of every leg; includes come after the excludes have been taken away.

    A matrix of includes alone has no other leg. Where no Python was declared, the legs on absent ones are optional; but
    one is left to every job.
    """
    versions: tuple[str | None, ...] = select_pythons(spec.python, pythons) if spec.python else (pythons.newest,)
    versions = () if spec.include and not spec.axes and not spec.python else versions
    here = [python for python in versions if pythons.missing(python) is None]
    kept = (here or [*versions] or [None])[-1]
    names = [name for name, _ in spec.axes]
    for python in versions:
        optional = not pythons.required and python != kept and python not in spec.python
        for values in product(*(values for _, values in spec.axes)):
            axes = tuple(sorted(zip(names, values, strict=True)))
            yield python, axes, any(_matches(entry, python, axes, pythons) for entry in spec.exclude), optional
    for entry in spec.include:
        chosen = dict(entry)
        included = chosen.pop("python", pythons.newest)
        yield included, tuple(sorted(chosen.items())), False, False


def _matches(entry: Axes, python: str | None, axes: Axes, pythons: Pythons) -> bool:
    values = dict(axes)
    return all(
        (python in select_pythons((value,), pythons) if name == "python" else values.get(name) == value)
        for name, value in entry
    )


def _leg(job: Wanted, python: str | None, axes: Axes, pythons: Pythons, *, optional: bool) -> Leg:
    spec = job.spec
    named = bool(spec.python) or any(name == "python" for entry in spec.include for name, _ in entry)
    by_python = python if named else None
    parts = [by_python] if by_python is not None else []
    parts += [f"{axis}={value}" for axis, value in axes]
    point = axes if by_python is None else tuple(sorted((*axes, ("python", by_python))))
    missing = job.absent or pythons.missing(python)
    return Leg(
        id=f"{spec.name}@{','.join(parts)}" if parts else spec.name,
        wanted=job,
        python=python,
        axes=point,
        missing=missing,
        remedy=missing_remedy(python or "3", required=pythons.required) if missing and not job.absent else None,
        optional=optional,
    )


_SYSTEMS = {"darwin": "macos"}  # as the kernel calls itself -> as people and hosts do


def _on(leg: Leg, system: str) -> Leg:
    """The leg as a machine of this system has it: it cannot run the legs of the others."""
    wished = leg.point.get(SYSTEM, system) if leg.wanted.spec.systems else system
    if wished == system or leg.wanted.absent:
        return leg
    why = f"it is for {wished}, and this machine is {system}"
    remedy = f"run it on a runner of {wished}; or `--available` for what this machine can do"
    return replace(leg, missing=why, remedy=remedy, optional=False)


def _range_problem(spec: JobSpec, pythons: Pythons) -> Problem | None:
    if spec.python and not select_pythons(spec.python, pythons):
        said, known = ", ".join(spec.python), ", ".join(pythons.every) or "none"
        return _problem("C303", f"`{spec.name}`: python {said} selects none of the pipeline's ({known})", spec)
    return None


def _problem(code: str, message: str, spec: JobSpec, remedy: str | None = None) -> Problem:
    return Problem(code=code, message=message, place=spec.place, remedy=remedy)


class Needs:
    """Which legs a leg needs: of each needed job, the legs that agree with it on every axis that both have; where none
    agrees, all legs of that job. A job that names no Python (`build`) so needs all legs of one that does (`unit`).
    """

    def __init__(self, legs: Iterable[Leg]) -> None:
        self._by_name: dict[str, list[Leg]] = {}
        for leg in legs:
            self._by_name.setdefault(leg.name, []).append(leg)
        self._groups: dict[tuple[str, tuple[str, ...]], dict[tuple[str, ...], tuple[str, ...]]] = {}

    def of(self, leg: Leg) -> tuple[str, ...]:
        """Ids, in the order of the spec's needs. Needed jobs that are not in the plan are left away."""
        return tuple(need for name in leg.wanted.spec.needs if name in self._by_name for need in self._of(leg, name))

    def _of(self, leg: Leg, name: str) -> tuple[str, ...]:
        candidates = self._by_name[name]
        merges = leg.wanted.spec.kind is JobKind.COVERAGE
        point = leg.point
        shared = () if merges else tuple(sorted(point.keys() & candidates[0].point.keys()))
        key = (name, shared)
        if key not in self._groups:
            grouped: dict[tuple[str, ...], list[str]] = {(): [candidate.id for candidate in candidates]}
            for candidate in candidates if shared else ():
                values = candidate.point
                grouped.setdefault(tuple(values.get(axis, "") for axis in shared), []).append(candidate.id)
            self._groups[key] = {values: tuple(ids) for values, ids in grouped.items()}
        groups = self._groups[key]
        return groups.get(tuple(point[axis] for axis in shared)) or groups[()]


def check_needs(specs: Mapping[str, JobSpec]) -> None:
    """Raise ConfigurationError for needs that name no job, and for cycles."""
    problems = [
        _problem("C304", f"`{spec.name}` needs `{need}`, which is no job", spec)
        for spec in specs.values()
        for need in spec.needs
        if need not in specs
    ]
    if not problems and (cycle := _cycle(specs)):
        problems = [_problem("C305", f"jobs need each other: {' → '.join(cycle)}", specs[cycle[0]])]
    if problems:
        raise ConfigurationError(tuple(problems))


def _cycle(specs: Mapping[str, JobSpec]) -> tuple[str, ...]:
    """The jobs of one cycle, the first one again at the end; () if there is none. Without recursion."""
    done: set[str] = set()
    for start in specs:
        path: list[str] = []
        on_path: set[str] = set()
        stack = [(start, False)]
        while stack:
            name, leaving = stack.pop()
            if leaving:
                path.pop()
                on_path.discard(name)
                done.add(name)
            elif name in on_path:
                return (*path[path.index(name) :], name)
            elif name not in done:
                path.append(name)
                on_path.add(name)
                stack.append((name, True))
                stack += ((need, False) for need in specs[name].needs)
    return ()
