"""From the surroundings to a bound plan. Shared by run, plan, explain and init.

A plan with its keys is remembered: where nothing that it was made of has changed, the rooms that make it stay
unimported, and what is left is to look into the cache.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import msgspec

from penstock.cache.local import LocalCache
from penstock.cli import occasions, project
from penstock.cli.surroundings import Surroundings, uv_binary
from penstock.errors import NotVerifiedError
from penstock.model.pipeline import Pipeline
from penstock.model.plan import Binding, Plan
from penstock.model.services import Servers
from penstock.model.snapshot import Engine, Resolution, Snapshot
from penstock.plan.compared import wants_base, wants_held
from penstock.plan.engines import wants_engine
from penstock.plan.request import Request
from penstock.plan.settle import ambient, settle
from penstock.record import timings
from penstock.run.secrets import NO_SECRETS, Secrets
from penstock.scan import files, memory, resolve
from penstock.util import digest
from penstock.util.memory import Memory
from penstock.value import Value

if TYPE_CHECKING:
    from penstock.cli.given import Given
    from penstock.plan.shards import Known


class Keyed(Value, frozen=True, kw_only=True):
    """A plan and its bindings, before the cache is looked into: a function of the configuration and the world.

    `whole`: the plan that it is a shard of.
    """

    plan: Plan
    bindings: tuple[Binding, ...]
    whole: Plan | None = None


class Planned(NamedTuple):
    """What a command that needs a plan works with."""

    pipeline: Pipeline
    snapshot: Snapshot
    plan: Plan
    bindings: dict[str, Binding]
    cache: LocalCache
    whole: Plan | None = None
    secrets: Secrets = NO_SECRETS


def plan(surroundings: Surroundings, request: Request, *, offline: bool = False, upgrade: bool = False) -> Planned:
    """Load, scan, plan or remember the plan, look into the cache. Raises PenstockError for what cannot be planned."""
    state = surroundings.state
    pipeline = project.pipeline(surroundings)
    found = _given(surroundings, pipeline)
    facts = project.tree(surroundings)
    facts, request = occasions.settled(surroundings, pipeline, _with_wanted(surroundings, pipeline, facts), request)
    kept = _memory(surroundings, pipeline, facts, request)
    keyed = None if upgrade else kept.recall(Keyed)
    if keyed is not None and _unpinned(state, keyed.plan):
        keyed = None
    if keyed is None:
        keyed = _keyed(surroundings, pipeline, facts, request, offline=offline, upgrade=upgrade)
        resolved = all(one.problem is None and not one.unfetchable for one in keyed.plan.resolutions)
        sound = resolved and (found is None or not found.secrets.stand_in(keyed))
        if sound and files.unchanged(surroundings.root, state, facts.files):
            kept.keep(keyed)
    cache = LocalCache(state / "cache")
    bindings = settle(
        keyed.bindings,
        lambda key: cache.get(key) is not None,
        fresh=request.fresh,
        nearest=lambda job: cache.nearest(job, facts.platform.tag),
    )
    made = Planned(pipeline, facts, keyed.plan, {binding.job: binding for binding in bindings}, cache, keyed.whole)
    if found is None:
        return made
    from penstock.cli import given

    return made._replace(plan=given.blocked(made.plan, found), secrets=found.secrets)


def _with_wanted(surroundings: Surroundings, pipeline: Pipeline, facts: Snapshot) -> Snapshot:
    """The facts with what only some pipelines ask for."""
    if wants_base(pipeline) or wants_held(pipeline):
        facts = _compared(surroundings, facts, held=wants_held(pipeline))
    if wants_engine(pipeline):
        facts = msgspec.structs.replace(facts, engine=_engine(surroundings))
    if any(job.services for job in pipeline.jobs or ()):
        facts = msgspec.structs.replace(facts, servers=_servers(surroundings, pipeline, facts.engine))
    if any(job.gpus for job in pipeline.jobs or ()):
        facts = with_gpus(surroundings, facts)
    return facts


def _given(surroundings: Surroundings, pipeline: Pipeline) -> Given | None:
    """What the jobs get from the surroundings by name; None where nothing is declared."""
    jobs = pipeline.jobs or ()
    if pipeline.notify is None and not any(job.secrets or job.require for job in jobs):
        return None
    from penstock.cli import given

    return given.of(surroundings, jobs, webhook=pipeline.notify.webhook if pipeline.notify else "")


def with_gpus(surroundings: Surroundings, facts: Snapshot) -> Snapshot:
    """The facts with the machine's GPUs, which only who has jobs for them asks for: that may take a second."""
    from penstock.scan import gpus

    found = gpus.read(surroundings.processes, surroundings.environ)
    return msgspec.structs.replace(facts, platform=msgspec.structs.replace(facts.platform, gpus=found))


def _compared(surroundings: Surroundings, facts: Snapshot, *, held: bool) -> Snapshot:
    """The facts, with what the tree is compared with; `held`: and with what its baseline says of itself."""
    from penstock.scan import base

    root, processes, environ = surroundings.root, surroundings.processes, surroundings.environ
    facts = msgspec.structs.replace(facts, base=(known := base.of(root, processes=processes, environ=environ)))
    if not held:
        return facts
    from penstock.scan import held as baselines

    found = baselines.of(root, known, facts.git, processes=processes, environ=environ)
    return msgspec.structs.replace(facts, held=found)


def _engine(surroundings: Surroundings) -> Engine:
    from penstock.scan import containers

    return containers.engine(surroundings.environ, surroundings.processes)


def _servers(surroundings: Surroundings, pipeline: Pipeline, engine: Engine | None) -> Servers:
    from penstock.plan.services import wanted
    from penstock.scan import servers

    recipes, wants = wanted(pipeline)
    environ, processes, state = surroundings.environ, surroundings.processes, surroundings.state
    return servers.find(recipes, environ=environ, processes=processes, state=state, engine=wants, asked=engine)


def _unpinned(state: Path, plan: Plan) -> bool:
    """Whether a file is gone that shards of the plan were split by."""
    if all(job.shard is None for job in plan.jobs):
        return False
    from penstock.cli import pins

    return pins.missing(state, plan)


def _memory(surroundings: Surroundings, pipeline: Pipeline, facts: Snapshot, request: Request) -> Memory:
    """The place for this request's plan, known again by all that `_keyed` goes by."""
    state, environ = surroundings.state, surroundings.environ
    named = {name: environ.get(name) for job in pipeline.jobs or () for name in job.require}
    world = (pipeline, request, msgspec.structs.replace(facts, files={}), durations(state), ambient(environ), named)
    try:
        resolving = resolve.inputs(facts, uv_binary(environ), environ)
    except (NotVerifiedError, OSError):  # no uv: the plan says so itself, if it needs one
        resolving = []
    path = state / "plans" / f"{digest.of_text(repr(request))[:16]}.json"
    return memory.of(facts.root, facts.files, path, (repr(world), *resolving), by=("load", "plan", "services", "tools"))


def _keyed(
    surroundings: Surroundings, pipeline: Pipeline, facts: Snapshot, request: Request, *, offline: bool, upgrade: bool
) -> Keyed:
    """The rooms in a row: draft, resolve, assemble, key."""
    from penstock.plan.assemble import assemble
    from penstock.plan.draft import draft
    from penstock.plan.keys import keyed
    from penstock.tools import TOOLS

    drafted = draft(pipeline, facts, request, TOOLS, _known(surroundings, pipeline, facts, request))
    resolutions: tuple[Resolution, ...] = ()
    if drafted.sets:
        if upgrade or not (surroundings.state / "resolutions").is_dir():
            surroundings.out.progress("  choosing the versions of the dependencies; that takes a while once")
        resolutions = resolve.resolve(
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
    planned = assemble(drafted, resolutions, timings.timings(durations(surroundings.state)))
    bindings = keyed(planned, facts, TOOLS, surroundings.environ)
    mine = _part(planned, request)
    if mine is None:
        return Keyed(plan=planned, bindings=bindings)
    here = {job.id for job in mine.jobs}
    return Keyed(plan=mine, bindings=tuple(each for each in bindings if each.job in here), whole=planned)


def _part(planned: Plan, request: Request) -> Plan | None:
    """What of the plan is this runner's, where that is a part of it."""
    if request.alone:
        from penstock.plan.part import part

        return part(planned, request.alone)
    if request.shard is not None and request.shard[0]:
        from penstock.plan.shards import sliced

        return sliced(planned, *request.shard)
    return None


def _known(surroundings: Surroundings, pipeline: Pipeline, facts: Snapshot, request: Request) -> Known:
    """What is known of tests, where some are to be spread over shards."""
    from penstock.plan.shards import Known

    if request.shard is None and all(job.shards is None for job in pipeline.jobs or ()):
        return Known()
    from penstock.cli import pins

    return pins.known(surroundings, facts, durations(surroundings.state), request)


def durations(state: Path) -> timings.Durations:
    """What is remembered of earlier runs' times."""
    try:
        return timings.decode((state / "timings.json").read_bytes())
    except OSError:
        return timings.Durations()


def inputs_now(surroundings: Surroundings, planned: Planned, binding: Binding) -> str:
    """The digest of a job's inputs as they are in the tree at this moment."""
    from penstock.plan.inputs import of_plan

    whole = planned.whole or planned.plan  # other jobs' outputs are no inputs, whoever runs them
    job = next(job for job in whole.jobs if job.id == binding.job)
    now = files.digests(
        surroundings.root,
        surroundings.state,
        surroundings.processes,
        planned.snapshot.git,
        surroundings.environ,
    )
    return of_plan(now, whole.jobs).digest(job.inputs)
