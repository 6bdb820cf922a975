"""Whether the generated jobs that the configuration names are there."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from difflib import get_close_matches

from penstock.errors import UsageError
from penstock.model.hosts import GitHub
from penstock.providers.github.ci import OURS, PLAN, VERDICT, job_id
from penstock.providers.github.pr import JOB
from penstock.providers.slices import Slice

_OURS = (*OURS, JOB)


def check(settings: GitHub, slices: Iterable[Slice]) -> None:
    """Raises UsageError for the first name that is none, or that an own job takes away. `slices`: of all occasions."""
    found = list(slices)
    known = {*_there(settings), *(one.name for one in found)}
    shared = {job: one.name for one in found for job in one.jobs}
    own = {job.name for job in settings.jobs}
    for name in sorted(own & {*_OURS, *(job_id(one.name) for one in found)}):
        raise UsageError(f"ci.github.jobs.{name}: a generated job has this name", remedy="give it another one")
    for key, name in _named(settings):
        if name in known or (key.endswith(".needs") and name in own):
            continue
        near = get_close_matches(name, known, n=1, cutoff=0.6)
        remedy = f"it runs on the runner `{shared[name]}`: name that" if name in shared else None
        remedy = remedy or (f"did you mean `{near[0]}`?" if near else f"there are: {', '.join(sorted(known))}")
        raise UsageError(f"ci.github.{key}: `{name}` is no generated job", remedy=remedy)


def _there(settings: GitHub) -> Iterator[str]:
    """Ours that are generated."""
    yield from (PLAN, VERDICT, JOB)
    if settings.nightly:
        yield "issue"
    if settings.codecov is not None:
        yield "codecov"
    if settings.release is not None:
        yield from ("verify", "attest", "release", *(["pypi"] if settings.release.pypi else []))


def _named(settings: GitHub) -> Iterator[tuple[str, str]]:
    """(key, generated job) of all that is said of single ones."""
    yield from (("runners", name.partition("@")[0]) for name, _ in settings.runners)
    yield from (("permissions", each.job) for each in settings.permissions)
    yield from (("before", job) for step in settings.before for job in step.jobs)
    yield from (("after", job) for step in settings.after for job in step.jobs)
    yield from ((f"jobs.{job.name}.needs", need) for job in settings.jobs for need in job.needs)
