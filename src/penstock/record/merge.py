"""What several runners left, made into the evidence of one plan. Pure.

A runner's plan is a part of the whole: same files, configuration and event, and each of its jobs the same work as the
whole's job of that id. What does not fit is refused by name, and then counts as not there.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

import msgspec
from msgspec.structs import replace

from penstock.model.plan import Job, Plan
from penstock.model.records import JobRecord, Reading, Records, RunRecord
from penstock.record.collect import SEVERITY, collect
from penstock.util.eventlog import Log
from penstock.value import Value

_OF_THE_MACHINE = ("workers", "start", "edited", "against")


class Part(Value, frozen=True, kw_only=True):
    """What one run left. `name`: its folder, as a person would find it; `damaged`: what of it cannot be trusted."""

    name: str
    plan: Plan
    log: Log
    readings: Mapping[str, Reading] = {}
    whole: Plan | None = None
    damaged: tuple[str, ...] = ()


class Merged(Value, frozen=True, kw_only=True):
    """The records of the whole, and which part tells of each job."""

    records: Records
    source: Mapping[str, str]


def whole_of(parts: Sequence[Part]) -> Plan:
    """The plan that the parts are held against: the one that their shards are of, else the largest of their own."""
    named = [part.whole for part in parts if part.whole is not None]
    return max(named or [part.plan for part in parts], key=lambda plan: len(plan.jobs))


def merge(whole: Plan, parts: Sequence[Part]) -> Merged:
    """The parts as the records of `whole`. Of two ends of one job the bad one counts; a shard may have only one."""
    planned = {job.id: job for job in whole.jobs}
    damaged: list[str] = []
    kept: dict[str, list[tuple[Part, JobRecord]]] = {}
    collected: dict[str, Records] = {}
    for part in parts:
        damaged += [f"{part.name}: {text}" for text in part.damaged]
        refused = _refusal(whole, part)
        if refused is not None:
            damaged.append(f"{part.name}: {refused}")
            continue
        records = collected[part.name] = collect(part.plan, part.log, part.readings)
        damaged += [f"{part.name}: {text}" for text in records.damaged]
        strangers = dict(_strangers(planned, whole, part.plan))
        damaged += [f"{part.name}: {text}" for text in strangers.values()]
        for record in records.jobs:
            if record.job not in strangers:
                kept.setdefault(record.job, []).append((part, record))
    damaged += _twice(planned, kept)
    chosen = {name: max(found, key=lambda pair: SEVERITY.index(pair[1].outcome)) for name, found in kept.items()}
    source = {name: part.name for name, (part, _) in chosen.items()}
    return Merged(records=_records(whole, chosen, collected, source, damaged), source=source)


def _records(
    whole: Plan,
    chosen: Mapping[str, tuple[Part, JobRecord]],
    collected: Mapping[str, Records],
    source: Mapping[str, str],
    damaged: Iterable[str],
) -> Records:
    runs = [records.run for records in collected.values()]
    told = [(name, records) for name, records in collected.items()]
    return Records(
        run=RunRecord(
            run=runs[0].run if runs else "",
            plan=whole.digest,
            wall_s=min((run.wall_s for run in runs), default=0.0),
            duration_s=max((run.duration_s for run in runs), default=0.0),
            finished=bool(runs or not whole.jobs) and all(run.finished for run in runs),
            interrupted=next((run.interrupted for run in runs if run.interrupted), ""),
        ),
        jobs=tuple(chosen[job.id][1] for job in whole.jobs if job.id in chosen),
        tests=tuple(test for name, records in told for test in records.tests if source.get(test.job) == name),
        findings=tuple(one for name, records in told for one in records.findings if source.get(one.job) == name),
        before=tuple(one for name, records in told for one in records.before if source.get(one.job) == name),
        coverage=next((records.coverage for records in collected.values() if records.coverage), ()),
        damaged=tuple(dict.fromkeys(damaged)),
        preparations=tuple(one for records in collected.values() for one in records.preparations),
    )


def _refusal(whole: Plan, part: Part) -> str | None:
    """Why nothing of the part belongs to the whole."""
    if part.plan.tree != whole.tree:
        return "it is of other files, another configuration or another event: run it again on the same commit" + (
            f" ({whole.commit[:12]})" if whole.commit else ""
        )
    if part.whole is not None and part.whole.digest != whole.digest and not _same(part.whole, whole):
        return "it is a shard of another plan: " + _difference(part.whole, whole)
    return None


def _same(one: Plan, other: Plan) -> bool:
    return {job.id for job in one.jobs} == {job.id for job in other.jobs}


def _difference(one: Plan, other: Plan) -> str:
    here, there = {job.id for job in one.jobs}, {job.id for job in other.jobs}
    differing = sorted(here ^ there)
    return f"not both have {', '.join(differing[:3])}: give all runners the same selection and number of shards"


def _strangers(planned: Mapping[str, Job], whole: Plan, plan: Plan) -> Iterator[tuple[str, str]]:
    """Jobs of a part that are not what the whole asks for, with why."""
    versions = [{one.id: one.resolution for one in each.environments} for each in (whole, plan)]
    for job in plan.jobs:
        wanted = planned.get(job.id)
        if wanted is None:
            yield job.id, f"the whole plan has no job {job.id}"
        elif _split(wanted) != _split(job):
            told = ", not ".join(f"{_split(each)[:12] or 'none'}" for each in (job, wanted))
            remedy = "plan --shards N --out FILE, then run --shards-from FILE on every runner"
            yield job.id, f"{job.id} was split by other durations ({told}): older ones? Give all one split: {remedy}"
        elif _work(wanted) != _work(job):
            yield job.id, f"{job.id} is not the work that the plan asks for: its commands or settings differ"
        elif any(versions[0].get(name) != versions[1].get(name) for name in job.environments):
            yield job.id, f"{job.id} ran with other versions of its dependencies: give all runners one lock file"


def _split(job: Job) -> str:
    return job.shard.pin if job.shard is not None else ""


def _work(job: Job) -> Job:
    """The job without what belongs to one machine or only foretells."""
    shard = None if job.shard is None else replace(job.shard, predicted_s=None)
    commands = tuple(
        replace(command, environment=tuple(map(_variable, command.environment))) for command in job.commands
    )
    return replace(
        job, blocked_by=None, remedy=None, reasons=(), cpus=1, estimate_s=0.0, shard=shard, commands=commands
    )


def _variable(pair: tuple[str, str]) -> tuple[str, str]:
    """What the pytest guest is told, without how many workers the machine has and what its git knows of changes."""
    name, text = pair
    if name != "PENSTOCK_ENGINE":
        return pair
    settings = msgspec.json.decode(text, type=dict[str, msgspec.Raw])
    kept = {key: bytes(value).decode() for key, value in settings.items() if key not in _OF_THE_MACHINE}
    return name, repr(sorted(kept.items()))


def _twice(planned: Mapping[str, Job], kept: Mapping[str, Sequence[tuple[Part, JobRecord]]]) -> Iterator[str]:
    for name, found in kept.items():
        if len(found) > 1 and planned[name].shard is not None:
            names = " and ".join(part.name for part, _ in found)
            yield f"the shard {name} is there twice, in {names}: give each shard once"
