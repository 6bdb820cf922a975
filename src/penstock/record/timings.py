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
    from penstock.model.records import JobRecord, Records

# METHODS.md §3.4: the median of the last five runs predicts; an odd, small number follows a change within three runs.
KEPT = 5


class Durations(Value, frozen=True, kw_only=True):
    """The file `timings.json`: job id -> seconds of its last runs, the newest last."""

    version: int = 1
    jobs: Mapping[str, tuple[float, ...]] = {}


def update(previous: Durations, records: Records) -> Durations:
    """`previous` with this run's jobs. Only work that was done and ended by itself is learnt from."""
    jobs = dict(previous.jobs)
    for record in records.jobs:
        if _tells(record):
            jobs[record.job] = (*jobs.get(record.job, ()), round(_needed_s(record), 3))[-KEPT:]
    return Durations(jobs=jobs)


def _tells(record: JobRecord) -> bool:
    ended = record.outcome in {Outcome.PASSED, Outcome.FAILED}
    return ended and record.cached_from is None and math.isfinite(_needed_s(record)) and _needed_s(record) > 0


def _needed_s(record: JobRecord) -> float:
    """What it takes with a processor of its own: of a job in the background, its processor seconds."""
    return min(record.cpu_s, record.duration_s) if record.background else record.duration_s


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
    return Durations(jobs={job: sound for job, seconds in read.jobs.items() if (sound := _sound(seconds))})


def _sound(seconds: tuple[float, ...]) -> tuple[float, ...]:
    return tuple(s for s in seconds if math.isfinite(s) and s > 0)[-KEPT:]
