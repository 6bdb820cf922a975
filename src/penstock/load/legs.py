"""Whether the legs of one job's matrix make sense, as far as the file alone can tell."""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator

from penstock.load.findings import Findings
from penstock.load.locate import KeyPath
from penstock.model.pipeline import JobSpec
from penstock.util.plural import plural

MOST_LEGS = 10_000  # of one job
MOST_COMPARISONS = 1_000_000  # of legs with exclusions; beyond, only what is cheap is checked

Leg = dict[str, str | None]  # None: a Python that is settled later


def check(job: JobSpec, pythons: tuple[str, ...] | None, path: KeyPath, findings: Findings) -> None:
    """Note axes that do not exist, legs that stand twice, exclusions of nothing, and a matrix without a leg.

    `pythons`: the pipeline's declared ones, None if undeclared.
    """
    if not (job.axes or job.include or job.exclude):
        return
    before = len(findings)
    _check_axes(job, path, findings)
    count = math.prod(len(values) for _, values in job.axes) * len(_pythons(job, pythons))
    if count > MOST_LEGS:
        findings.add("C209", f"the job has {plural(count, 'leg')}; {MOST_LEGS} are the most", (*path, "matrix"))
    elif len(findings) == before and count * (1 + len(job.exclude)) <= MOST_COMPARISONS:
        _check_legs(job, list(_product(job, pythons)), path, findings)


def _check_axes(job: JobSpec, path: KeyPath, findings: Findings) -> None:
    axes = [name for name, _ in job.axes]
    needed = [*axes, *(["python"] if job.python else [])]
    for key, tables in (("include", job.include), ("exclude", job.exclude)):
        for index, table in enumerate(tables):
            named = [axis for axis, _ in table]
            for axis in named:
                if axis not in (*axes, "python"):
                    remedy = findings.suggestion(axis, (*axes, "python"))
                    findings.add("C208", f"the matrix has no axis `{axis}`", (*path, key, index, axis), remedy=remedy)
            missing = [axis for axis in needed if axis not in named] if key == "include" else []
            if missing:
                message = f"an added leg names every axis; `{'`, `'.join(missing)}` is missing"
                findings.add("C208", message, (*path, key, index))


def _pythons(job: JobSpec, pythons: tuple[str, ...] | None) -> tuple[str | None, ...]:
    """The values of the `python` axis; (None,) where ranges or facts of the machine settle them later."""
    named = pythons or () if job.python == ("*",) else job.python
    return named if named and all(name[0] not in "*<>=!~" for name in named) else (None,)


def _product(job: JobSpec, pythons: tuple[str, ...] | None) -> Iterator[Leg]:
    """The legs before `exclude` and `include`. A matrix that has only `include` has none."""
    if not job.axes and job.include and not job.python:
        return
    axes = [name for name, _ in job.axes]
    for python, *values in itertools.product(_pythons(job, pythons), *(values for _, values in job.axes)):
        yield {"python": python, **dict(zip(axes, values, strict=True))}


def _check_legs(job: JobSpec, legs: list[Leg], path: KeyPath, findings: Findings) -> None:
    gone: set[int] = set()
    for index, table in enumerate(job.exclude):
        fitting = {number for number, leg in enumerate(legs) if _may_match(leg, table)}
        if not fitting:
            findings.add("C207", "this exclusion matches no leg", (*path, "exclude", index))
        gone |= {number for number in fitting if _matches(legs[number], table)}
    if len(gone) == len(legs) and not job.include:
        findings.add("C205", "`exclude` takes every leg away", (*path, "exclude"))
    staying = [leg for number, leg in enumerate(legs) if number not in gone]
    for index, table in enumerate(job.include):
        if any(_matches(leg, table) for leg in staying):
            findings.add("C206", "this leg is in the matrix already", (*path, "include", index))


def _matches(leg: Leg, table: tuple[tuple[str, str], ...]) -> bool:
    return all(leg[axis] == value for axis, value in table)


def _may_match(leg: Leg, table: tuple[tuple[str, str], ...]) -> bool:
    """Like `_matches`, but a Python that is not known yet may be the one that is named."""
    return all(leg[axis] in (value, None) for axis, value in table)
