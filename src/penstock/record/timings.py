"""How long jobs took, kept over runs: a short list a job, from which the next plan is estimated."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import TYPE_CHECKING

import msgspec

from penstock.model.events import Outcome
from penstock.model.snapshot import Timings
from penstock.util import digest
from penstock.value import Value

if TYPE_CHECKING:  # every plan reads the durations, and only a run's end adds to them
    from penstock.model.plan import Plan
    from penstock.model.records import JobRecord, Records

# METHODS.md §3.4: the median of the last five runs predicts; an odd, small number follows a change within three runs.
KEPT = 5
KEPT_ERRORS = 50  # of predictions: their 90th percentile then rests on five


class Durations(Value, frozen=True, kw_only=True):
    """The file `timings.json`: job id -> seconds of its last runs, the newest last.

    `errors`: of runs over shards, the seconds of the longest shard's tests over those of the one predicted to be the
    longest; `startups`: of legs, the seconds of a shard's job beside its tests. The newest last.
    """

    version: int = 1
    jobs: Mapping[str, tuple[float, ...]] = {}
    errors: tuple[float, ...] = ()
    startups: Mapping[str, tuple[float, ...]] = {}


def update(previous: Durations, records: Records, plan: Plan | None = None) -> Durations:
    """`previous` with this run's jobs. Only work that was done and ended by itself is learnt from. `plan`: what was
    predicted.
    """
    jobs = dict(previous.jobs)
    for record in records.jobs:
        if _tells(record):
            jobs[record.job] = (*jobs.get(record.job, ()), round(_needed_s(record), 3))[-KEPT:]
    learnt = Durations(jobs=jobs, errors=previous.errors, startups=previous.startups)
    return learnt if plan is None else of_shards(learnt, records, plan)


def of_shards(previous: Durations, records: Records, plan: Plan) -> Durations:
    """`previous` with how good the predictions of the plan's shards were, and what their start took.

    An error is one of a whole leg: of many shards one is nearly always late, and the longest decides.
    """
    shards = {job.id: job.shard for job in plan.jobs if job.shard is not None}
    tests_s = _tests_s(records) if shards else {}
    took: dict[str, list[tuple[float, float | None]]] = {}
    startups = dict(previous.startups)
    for record in records.jobs:
        if record.job in shards and record.job in tests_s and _tells(record):
            leg, own_s = record.job.partition("#")[0], tests_s[record.job]
            startups[leg] = (*startups.get(leg, ()), round(max(0.0, record.duration_s - own_s), 3))[-KEPT:]
            took.setdefault(leg, []).append((own_s, shards[record.job].predicted_s))
    counts = {job.whole: job.shard.count for job in plan.jobs if job.shard is not None}
    errors = previous.errors
    for leg, pairs in took.items():
        longest_s = max(predicted_s or 0.0 for _, predicted_s in pairs)
        if len(pairs) == counts[leg] and longest_s > 0:
            errors += (round(max(own_s for own_s, _ in pairs) / longest_s, 4),)
    return Durations(jobs=previous.jobs, errors=errors[-KEPT_ERRORS:], startups=startups)


def _tests_s(records: Records) -> dict[str, float]:
    """Seconds of each job's tests, all attempts."""
    took: dict[str, float] = {}
    for test in records.tests:
        took[test.job] = took.get(test.job, 0.0) + test.setup_s + test.call_s + test.teardown_s
    return took


def _tells(record: JobRecord) -> bool:
    ended = record.outcome in {Outcome.PASSED, Outcome.FAILED}
    return ended and record.cached_from is None and math.isfinite(_needed_s(record)) and _needed_s(record) > 0


def _needed_s(record: JobRecord) -> float:
    """What it takes with a processor of its own: of a job in the background, its processor seconds."""
    return min(record.cpu_s, record.duration_s) if record.background else record.duration_s


def startups(durations: Durations) -> dict[str, float]:
    """Leg -> the median of what a job of it takes beside its tests, in seconds."""
    return {leg: _median(seconds) for leg, seconds in sorted(durations.startups.items()) if seconds}


def timings(durations: Durations) -> Timings:
    """The predictions: the median of each job's list."""
    jobs = {job: _median(seconds) for job, seconds in sorted(durations.jobs.items()) if seconds}
    return Timings(jobs=jobs, digest=digest.of_parts(part for job, s in jobs.items() for part in (job, repr(s))))


def _median(seconds: tuple[float, ...]) -> float:
    ordered = sorted(seconds)
    middle = len(ordered) // 2
    return ordered[middle] if len(ordered) % 2 else (ordered[middle - 1] + ordered[middle]) / 2


def encode(durations: Durations) -> bytes:
    """The content of `timings.json`."""
    return msgspec.json.encode(durations)


def decode(content: bytes) -> Durations:
    """What `timings.json` holds. A file that cannot be read predicts nothing: estimates are no evidence."""
    try:
        read = msgspec.json.decode(content, type=Durations)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return Durations()
    if read.version != 1:
        return Durations()
    return Durations(
        jobs={job: sound for job, seconds in read.jobs.items() if (sound := _sound(seconds))},
        errors=tuple(error for error in read.errors if math.isfinite(error) and error > 0)[-KEPT_ERRORS:],
        startups={leg: sound for leg, seconds in read.startups.items() if (sound := _sound(seconds))},
    )


def _sound(seconds: tuple[float, ...]) -> tuple[float, ...]:
    return tuple(s for s in seconds if math.isfinite(s) and s > 0)[-KEPT:]
