"""Guard G4: tests failed and no lock fixes the versions, so say what has come out since the commit was made.

A newer dependency is the likeliest cause of a failure in an old tree. It is told, and never turns a run green.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from penstock.cli.planning import Planned
from penstock.cli.surroundings import Surroundings, uv_binary
from penstock.model.pipeline import JobKind
from penstock.model.plan import Environment
from penstock.model.snapshot import Resolution
from penstock.report.story import Story
from penstock.scan import resolve

_PIN = re.compile(r"^([A-Za-z0-9][A-Za-z0-9._-]*)==([^\s;\\]+)", re.MULTILINE)
_MOST_NAMED = 6


def tell(surroundings: Surroundings, planned: Planned, story: Story, *, offline: bool) -> Iterator[str]:
    """One line for each unlocked set of versions in which tests failed; nothing where the versions are the same."""
    failed = {*story.verdict.failed_jobs}
    jobs = [job for job in planned.plan.jobs if job.id in failed and job.kind is JobKind.TEST]
    sets = {job.environment: job.id for job in reversed(jobs) if job.environment is not None}
    for environment in planned.plan.environments:
        if environment.id in sets and (line := _of(surroundings, planned, environment, offline=offline)):
            yield f"{sets[environment.id]}: {line}"
            return  # the legs of a matrix share their versions


def _of(surroundings: Surroundings, planned: Planned, environment: Environment, *, offline: bool) -> str | None:
    then = resolve.as_of_commit_date(
        planned.snapshot,
        environment.dependencies,
        (environment.python,),
        state=surroundings.state,
        uv=uv_binary(surroundings.environ),
        processes=surroundings.processes,
        environ=surroundings.environ,
        offline=offline,
    )
    now = next(one for one in planned.plan.resolutions if one.dependencies == environment.dependencies.name)
    if then is None or then.problem is not None:
        return None
    before, after = _pins(then), _pins(now)
    newer = [f"{name} {before[name]} → {after[name]}" for name in after if before.get(name, after[name]) != after[name]]
    if not newer:
        return None
    named = ", ".join(newer[:_MOST_NAMED])
    more = f" and {len(newer) - _MOST_NAMED} more" if len(newer) > _MOST_NAMED else ""
    return (
        f"no lock fixes the versions, and since this commit newer ones came out: {named}{more}. "
        f"To try those of {then.newest_allowed}: UV_EXCLUDE_NEWER={then.newest_allowed} penstock run --upgrade"
    )


def _pins(resolution: Resolution) -> dict[str, str]:
    return dict(_PIN.findall(resolution.requirements))
