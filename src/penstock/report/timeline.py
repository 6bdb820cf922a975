"""When each job ran and on how many processors: bars on lanes, one lane a processor."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from penstock.model.plan import Job
from penstock.model.records import JobRecord
from penstock.value import Value


class Bar(Value, frozen=True, kw_only=True):
    """One job's time. `lane`: the first of the `height` lanes that it fills; seconds are from the run's start."""

    job: str
    lane: int
    height: int
    start_s: float
    end_s: float


def bars(jobs: Iterable[Job], records: Mapping[str, JobRecord]) -> tuple[Bar, ...]:
    """The jobs that took time, each on the lowest lanes beside each other that are free while it runs.

    What ran in the background of others, or on processors that were lent to it, makes more lanes than there are
    processors: they show how much was going on.
    """
    ran = [(job, records[job.id]) for job in jobs if job.id in records]
    timed = [(job, record) for job, record in ran if record.duration_s > 0 and record.cached_from is None]
    placed: list[Bar] = []
    for job, record in sorted(timed, key=lambda pair: (pair[1].started_s, pair[0].id)):
        start_s, end_s = record.started_s, record.started_s + record.duration_s
        beside = [bar for bar in placed if bar.end_s > start_s]
        lane = _lowest(beside, job.cpus)
        placed.append(Bar(job=job.id, lane=lane, height=job.cpus, start_s=start_s, end_s=end_s))
    return tuple(placed)


def lanes(bars: Iterable[Bar]) -> int:
    """How many lanes there are."""
    return max((bar.lane + bar.height for bar in bars), default=0)


def _lowest(beside: list[Bar], height: int) -> int:
    taken = {lane for bar in beside for lane in range(bar.lane, bar.lane + bar.height)}
    lane = 0
    while any(each in taken for each in range(lane, lane + height)):
        lane += 1
    return lane
