"""From the event log to records: a pure fold, so that every verdict can be replayed.

Evidence only ever gets worse here: of two ends of one job the bad one counts, of an event and a reading that disagree
the bad one, and what cannot be trusted is told in `Records.damaged`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple

from penstock.model.events import (
    CommandFinished,
    Event,
    JobFinished,
    JobStarted,
    Outcome,
    PreparationFinished,
    RunFinished,
    RunStarted,
)
from penstock.model.plan import Job, Plan
from penstock.model.records import (
    CoverageRecord,
    JobRecord,
    PreparationRecord,
    Reading,
    Records,
    RunRecord,
    flaky_tests,
)
from penstock.util.eventlog import Log

NEVER_ENDED = "it started, and its end was never recorded"

# Which of two ends of one job counts: the later in this row.
SEVERITY = (
    Outcome.PASSED,
    Outcome.SKIPPED,
    Outcome.CANCELLED,
    Outcome.ERRORED,
    Outcome.TIMED_OUT,
    Outcome.FAILED,
)


def collect(plan: Plan, log: Log, readings: Mapping[str, Reading]) -> Records:
    """All records of one run. `readings`: job id -> what its tools made of its reports.

    A job without any event has no record; one without an end is `cancelled`. A log that does not begin with this
    plan's RunStarted is refused whole: nothing in it is evidence.
    """
    refusal = _refusal(plan, log)
    if refusal is not None:
        return Records(run=_run(plan, ()), jobs=(), damaged=(*log.damaged, refusal))
    told = _by_job(log.events)
    start_s = min((event.at_s for event in log.events if isinstance(event, RunStarted)), default=0.0)
    jobs = tuple(_job(job, told[job.id], readings.get(job.id), start_s) for job in plan.jobs if job.id in told)
    kept = [readings[job.id] for job in plan.jobs if job.id in readings]
    return Records(
        run=_run(plan, log.events),
        jobs=jobs,
        tests=tuple(test for reading in kept for test in reading.tests),
        findings=tuple(finding for reading in kept for finding in reading.findings),
        before=tuple(finding for reading in kept for finding in reading.before),
        coverage=_coverage(kept),
        damaged=(*log.damaged, *_strangers({job.id for job in plan.jobs}, told, log.events)),
        preparations=tuple(_preparations(log.events)),
    )


class _Told(NamedTuple):
    """The events of one job, by kind, in the order of the log."""

    starts: list[JobStarted]
    commands: list[CommandFinished]
    ends: list[JobFinished]


def _by_job(events: Iterable[Event]) -> dict[str, _Told]:
    told: dict[str, _Told] = {}
    for event in events:
        if isinstance(event, JobStarted):
            told.setdefault(event.job, _Told([], [], [])).starts.append(event)
        elif isinstance(event, CommandFinished):
            told.setdefault(event.job, _Told([], [], [])).commands.append(event)
        elif isinstance(event, JobFinished):
            told.setdefault(event.job, _Told([], [], [])).ends.append(event)
    return told


def _refusal(plan: Plan, log: Log) -> str | None:
    """Why the log is no evidence for the plan. An empty log is none: then nothing was done, and that is seen."""
    if not log.events:
        return None
    first = log.events[0]
    if not isinstance(first, RunStarted):
        return "the event log does not begin with the start of a run"
    digests = {event.plan for event in log.events if isinstance(event, RunStarted)}
    if digests != {plan.digest}:
        return f"the event log is of another plan ({', '.join(sorted(d[:12] for d in digests - {plan.digest}))})"
    return None


def _run(plan: Plan, events: tuple[Event, ...]) -> RunRecord:
    starts = [event for event in events if isinstance(event, RunStarted)]
    ends = [event for event in events if isinstance(event, RunFinished)]
    moments = [event.at_s for event in events if isinstance(event, _TIMED)]
    return RunRecord(
        run=starts[0].run if starts else "",
        plan=plan.digest,
        wall_s=starts[0].wall_s if starts else 0.0,
        duration_s=max(moments) - starts[0].at_s if starts else 0.0,
        finished=bool(ends),
        interrupted=next((end.interrupted for end in ends if end.interrupted), ""),
    )


_TIMED = (RunStarted, JobStarted, CommandFinished, PreparationFinished, JobFinished, RunFinished)


def _job(job: Job, told: _Told, reading: Reading | None, start_s: float) -> JobRecord:
    end = max(told.ends, key=lambda event: SEVERITY.index(event.outcome)) if told.ends else _cut(job, told)
    outcome, reason = _worse(end, reading)
    started_s = told.starts[0].at_s if told.starts else end.at_s - end.duration_s
    return JobRecord(
        job=job.id,
        kind=job.kind,
        outcome=outcome,
        reason=reason,
        started_s=max(0.0, started_s - start_s),
        duration_s=end.duration_s,
        cpu_s=sum(command.cpu_s for command in told.commands),
        memory_bytes=max((command.memory_bytes for command in told.commands), default=0),
        measures=end.measures,
        notes=end.notes,
        cached_from=end.cached_from,
        cached_wall_s=end.cached_wall_s,
        flaky=tuple(sorted({*(test for event in told.ends for test in event.flaky), *_flaky(reading)})),
        leaked=tuple(process for command in told.commands for process in command.leaked),
        background=any(start.background for start in told.starts),
        key=told.starts[-1].key if told.starts else "",
        shard=None if reading is None else reading.shard,
    )


def _flaky(reading: Reading | None) -> tuple[str, ...]:
    return () if reading is None else flaky_tests(reading.tests)


def _cut(job: Job, told: _Told) -> JobFinished:
    """The end that the log does not hold, told as what it is."""
    moments = [start.at_s for start in told.starts] + [command.at_s for command in told.commands]
    return JobFinished(
        job=job.id,
        outcome=Outcome.CANCELLED,
        reason=NEVER_ENDED,
        at_s=max(moments),
        duration_s=max(moments) - min(moments),
    )


def _worse(end: JobFinished, reading: Reading | None) -> tuple[Outcome, str]:
    """Of the event and the reading that lies beside it, the bad one counts."""
    if reading is None or end.outcome is not Outcome.PASSED or reading.outcome is Outcome.PASSED:
        return end.outcome, end.reason
    return reading.outcome, reading.reason or reading.problem or "its reading does not agree with the log"


def _coverage(readings: Iterable[Reading]) -> tuple[CoverageRecord, ...]:
    """One record a file. A file that two readings tell keeps the lower count: a job merges, the fold does not."""
    files: dict[str, CoverageRecord] = {}
    for record in (record for reading in readings for record in reading.coverage):
        known = files.get(record.path)
        if known is None or record.covered < known.covered:
            files[record.path] = record
    return tuple(files[path] for path in sorted(files))


def _strangers(known: set[str], told: Iterable[str], events: Iterable[Event]) -> Iterator[str]:
    """Events of jobs that the plan does not have: the log and the plan do not belong together."""
    announced = {job for event in events if isinstance(event, RunStarted) for job in event.obligations}
    for job in sorted(({*told} | announced) - known):
        yield f"the event log tells of the job {job}, which the plan does not have"


def _preparations(events: Iterable[Event]) -> Iterator[PreparationRecord]:
    for event in events:
        if isinstance(event, PreparationFinished):
            yield PreparationRecord(
                id=event.id,
                outcome=event.outcome,
                reason=event.reason,
                duration_s=event.duration_s,
                reused=event.reused,
                notes=event.notes,
            )
