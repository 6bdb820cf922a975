"""Test jobs spread over shards: each leg that asks for it becomes as many jobs, and a runner's part of them a plan.

What decides the split is pinned: a file of durations or of a settled split, whose digest stands in the job's commands
and so in its key. The session in the job computes the split itself, and proves of what (`guest.penstock_sharding`).
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping, Sequence

from msgspec.structs import replace

from penstock.errors import UsageError
from penstock.model.pipeline import JobKind
from penstock.model.plan import PINS, Command, Job, Plan, Shard
from penstock.plan.expand import Leg
from penstock.plan.forecast import DEFAULT_TARGET_S, Past, choose, forecast, settled
from penstock.plan.part import narrowed
from penstock.plan.request import Request
from penstock.util.plural import plural
from penstock.value import Value

_ENGINE = "PENSTOCK_ENGINE"
_SPLITTING = "pytest"  # the tool whose guest can keep a session to one shard


class Pin(Value, frozen=True, kw_only=True):
    """What one leg is split by. `tests`: id -> (call, setup, teardown, …) in seconds; `parts`: of a settled split."""

    digest: str = ""
    tests: Mapping[str, Sequence[float]] = {}
    parts: tuple[tuple[str, ...], ...] = ()


class Known(Value, frozen=True, kw_only=True):
    """What splitting goes by: each leg's pin, and how good earlier predictions were."""

    pin: Callable[[str], Pin] = lambda _: Pin()
    past: Past = Past()


def spread(jobs: tuple[Job, ...], legs: Iterable[Leg], request: Request, known: Known) -> tuple[Job, ...]:
    """The jobs, with each leg that is to be spread as its shards; what needs it needs all of them."""
    specs = {leg.id: leg.wanted.spec for leg in legs}
    declared = any(spec.shards is not None and spec.kind is JobKind.TEST for spec in specs.values())
    made: list[Job] = []
    instead: dict[str, tuple[str, ...]] = {}
    for job in jobs:
        wish = specs[job.id].shards
        if request.shard is not None and (wish is not None or not declared):
            wish = request.shard[1]
        shards = _shards(job, wish, specs[job.id].target_s, request, known) if wish is not None else (job,)
        instead[job.id] = tuple(shard.id for shard in shards)
        made += shards
    spread_out = tuple(replace(job, needs=tuple(each for need in job.needs for each in instead[need])) for job in made)
    return _named_ones(spread_out, request)


def sliced(plan: Plan, index: int, count: int) -> Plan:
    """The plan of one runner: shard `index` of every job that is spread, and what they need.

    Raises UsageError where nothing is spread.
    """
    roots = [job.id for job in plan.jobs if job.shard is not None and job.shard.index == index]
    if not roots:
        remedy = "it takes a job with pytest tests: `shards = 4`, or `--shard 2/4` alone where none declares shards"
        raise UsageError(f"no test job of this plan is spread over {plural(count, 'shard')}", remedy=remedy)
    by_id = {job.id: job for job in plan.jobs}
    kept = dict.fromkeys(roots)
    pending = list(roots)
    while pending:
        fresh = [need for need in by_id[pending.pop()].needs if need not in kept]
        kept |= dict.fromkeys(fresh)
        pending += fresh
    return narrowed(plan, tuple(job for job in plan.jobs if job.id in kept), f"{index}/{count}")


def _shards(job: Job, wish: int, target_s: float | None, request: Request, known: Known) -> tuple[Job, ...]:
    if job.kind is not JobKind.TEST or not any(command.tool == _SPLITTING for command in job.commands):
        return (job,)
    pin = known.pin(job.id)
    startup_s = known.past.startup_s(job.id)
    reason = ""
    if pin.parts and request.shard is None:
        wish, reason = len(pin.parts), f"{plural(len(pin.parts), 'shard')}, as the shard plan settles it"
    elif wish == 0:
        chosen = choose(pin.tests, target_s or DEFAULT_TARGET_S, known.past, startup_s)
        wish, reason = chosen.count, chosen.reason
    if pin.parts and len(pin.parts) != wish:
        raise UsageError(f"the shard plan has {plural(len(pin.parts), 'shard')} of {job.id}, {wish} are asked for")
    if wish == 1:
        return (replace(job, reasons=(*job.reasons, reason)) if reason else job,)
    loads_s: Sequence[float] = ()
    if pin.tests:
        loads_s = settled(pin.tests, pin.parts) if pin.parts else forecast(pin.tests, wish, known.past, 0.0).loads_s
    return tuple(
        _shard(
            job,
            Shard(
                index=index,
                count=wish,
                pin=pin.digest,
                settled=bool(pin.parts),
                predicted_s=round(loads_s[index - 1], 3) if loads_s else None,
            ),
            reason if index == 1 else "",
            startup_s,
        )
        for index in range(1, wish + 1)
    )


def _shard(job: Job, shard: Shard, reason: str, startup_s: float) -> Job:
    return replace(
        job,
        id=f"{job.id}#{shard}",
        shard=shard,
        commands=tuple(told(command, shard) for command in job.commands),
        reasons=(*job.reasons, reason) if reason else job.reasons,
        estimate_s=job.estimate_s if shard.predicted_s is None else shard.predicted_s + startup_s,
    )


def told(command: Command, shard: Shard) -> Command:
    """The command with its shard among what the pytest guest is told."""
    if command.tool != _SPLITTING:
        return command
    variables = dict(command.environment)
    settings = json.loads(variables.get(_ENGINE) or '{"workers":1}')
    settings["shard"] = [shard.index, shard.count]
    if shard.pin:
        settings["shard_plan" if shard.settled else "timings"] = f"{PINS}/{shard.pin}.json"
    variables[_ENGINE] = json.dumps(settings, separators=(",", ":"))
    return replace(command, environment=tuple(sorted(variables.items())))


def _named_ones(jobs: tuple[Job, ...], request: Request) -> tuple[Job, ...]:
    """Without the shards that a request leaves out by naming others of the same leg (`unit@3.12#2/4`, `--failed`)."""
    named = {name for name in (*request.select, *(request.failed or ())) if "#" in name}
    if not named:
        return jobs
    legs = {name.partition("#")[0] for name in named}
    plain = {name for name in (*request.select, *(request.failed or ())) if "#" not in name}
    unknown = named - {job.id for job in jobs} if request.failed is None else set()
    if unknown:
        raise UsageError(f"`{min(unknown)}` is no shard of this pipeline")
    needed = {need for job in jobs for need in job.needs}
    return tuple(
        job
        for job in jobs
        if job.shard is None
        or job.whole not in legs
        or job.id in named
        or job.id in needed
        or bool(plain & {job.whole, job.name})
    )
