"""From the surroundings to a bound plan: the rooms in a row. Shared by run, plan, explain and init."""

from __future__ import annotations

import contextlib
from pathlib import Path
from typing import NamedTuple

from penstock.cache.local import LocalCache
from penstock.cli.surroundings import Surroundings, uv_binary
from penstock.load import file as configuration
from penstock.model.pipeline import Pipeline
from penstock.model.plan import Binding, Plan
from penstock.model.snapshot import Resolution, Snapshot
from penstock.plan.assemble import assemble
from penstock.plan.draft import Draft, draft
from penstock.plan.inputs import of_plan
from penstock.plan.keys import bind
from penstock.plan.request import Request
from penstock.record import timings
from penstock.run.folder import check_format, mark
from penstock.scan import resolve, snapshot
from penstock.tools import TOOLS


class Planned(NamedTuple):
    """What a command that needs a plan works with."""

    pipeline: Pipeline
    snapshot: Snapshot
    plan: Plan
    bindings: dict[str, Binding]
    cache: LocalCache


def plan(surroundings: Surroundings, request: Request, *, offline: bool = False, upgrade: bool = False) -> Planned:
    """Load, scan, draft, resolve, assemble, bind. Raises PenstockError for whatever cannot be planned."""
    state = surroundings.state
    check_format(state)
    pipeline = configuration.read(surroundings.root, state=state)
    with contextlib.suppress(OSError):  # read-only: nothing is remembered, and a run finds another place
        mark(state)
    facts = snapshot.take(
        surroundings.root, state=state, processes=surroundings.processes, environ=surroundings.environ
    )
    drafted = draft(pipeline, facts, request, TOOLS)
    resolutions = _resolutions(surroundings, facts, drafted, offline=offline, upgrade=upgrade)
    planned = assemble(drafted, resolutions, timings.timings(durations(state)))
    cache = LocalCache(state / "cache")
    bindings = bind(
        planned,
        facts,
        TOOLS,
        lambda key: cache.get(key) is not None,
        environ=surroundings.environ,
        fresh=request.fresh,
        nearest=lambda job: cache.nearest(job, facts.platform.tag),
    )
    return Planned(pipeline, facts, planned, {binding.job: binding for binding in bindings}, cache)


def durations(state: Path) -> timings.Durations:
    """What is remembered of earlier runs' times."""
    try:
        return timings.decode((state / "timings.json").read_bytes())
    except OSError:
        return timings.Durations()


def inputs_now(surroundings: Surroundings, planned: Planned, binding: Binding) -> str:
    """The digest of a job's inputs as they are in the tree at this moment."""
    from penstock.scan import files

    job = next(job for job in planned.plan.jobs if job.id == binding.job)
    now = files.digests(
        surroundings.root,
        surroundings.state,
        surroundings.processes,
        planned.snapshot.git,
        surroundings.environ,
    )
    return of_plan(now, planned.plan.jobs).digest(job.inputs)


def _resolutions(
    surroundings: Surroundings, facts: Snapshot, drafted: Draft, *, offline: bool, upgrade: bool
) -> tuple[Resolution, ...]:
    if not drafted.sets:
        return ()
    return resolve.resolve(
        facts,
        drafted.sets,
        drafted.pythons,
        state=surroundings.state,
        uv=uv_binary(surroundings.environ),
        processes=surroundings.processes,
        environ=surroundings.environ,
        offline=offline,
        upgrade=upgrade,
    )
