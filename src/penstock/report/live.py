"""How it goes, line by line, where there is no terminal to draw on: a line when a job ends, and signs of life."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from penstock.model.events import (
    CommandFinished,
    Event,
    JobFinished,
    Outcome,
    PreparationFinished,
    RunStarted,
)
from penstock.model.plan import Job
from penstock.model.records import JobRecord
from penstock.report import sanitize
from penstock.report.jobs import Reasons, advice_of, kind_of, left_behind, time_of, words_of
from penstock.report.screen import Screen, cells, fit, mark, own, pad, paint, seconds
from penstock.util.plural import plural

# A preparation that takes longer is told while it lasts, in seconds.
LONG_S = 3.0


def name_cells(jobs: Iterable[str]) -> int:
    """The width of the column of names: ask once, hand it to `line`."""
    return max((cells(sanitize.line(name)) for name in jobs), default=0)


def line(
    event: Event,
    jobs: Mapping[str, Job],
    screen: Screen,
    *,
    width: int | None = None,
    now_s: float = 0.0,
    reasons: Reasons | None = None,
) -> str | None:
    """What `event` is worth saying, or None. `jobs`: the plan's, by id; `width`: of the column of names, in cells,
    counted here if None; `now_s`: epoch seconds, for ages; `reasons`: those that were told before, kept by the caller.
    """
    if isinstance(event, RunStarted):
        return own(screen, f"  {plural(len(event.obligations), 'job')} to run  ·  run {event.run.rpartition('-')[2]}")
    if isinstance(event, JobFinished) and event.job in jobs:
        record = (reasons or Reasons()).brief(_record(event, jobs[event.job])) or _record(event, jobs[event.job])
        return _job(record, jobs[event.job], screen, name_cells(jobs) if width is None else width, now_s)
    if isinstance(event, PreparationFinished):
        return _preparation(event, screen)
    if isinstance(event, CommandFinished) and event.leaked:
        return fit(screen, f"  note  {sanitize.line(event.job)}: {left_behind(event.leaked)}", screen.width)
    return None


def starting(job: str, screen: Screen) -> str:
    """`unit@3.12 starts`, before the output that comes next."""
    return paint(screen, f"{sanitize.line(job)} starts", "1")


def preparing(ids: Iterable[str], screen: Screen) -> str:
    """The sign of life of long preparations: `building 3.12/test, 3.13/test...`."""
    dots = "…" if screen.unicode else "..."
    return fit(screen, f"  building {', '.join(map(sanitize.line, ids))}{dots}", screen.width)


def _record(event: JobFinished, job: Job) -> JobRecord:
    return JobRecord(
        job=event.job,
        kind=job.kind,
        outcome=event.outcome,
        reason=event.reason,
        duration_s=event.duration_s,
        measures=event.measures,
        notes=event.notes,
        cached_from=event.cached_from,
        cached_wall_s=event.cached_wall_s,
        flaky=event.flaky,
    )


def _job(record: JobRecord, job: Job, screen: Screen, width: int, now_s: float) -> str:
    sign = mark(screen, kind_of(record, forgiven=not job.required))
    words = "  ".join([*advice_of(job, record), *words_of(record, now_s=now_s)])
    told = f"  {pad(sanitize.line(job.id), width)}  {sign}  {pad(time_of(record), 9)}  "
    return (told + fit(screen, words, max(20, screen.width - width - 18))).rstrip()


def _preparation(event: PreparationFinished, screen: Screen) -> str | None:
    """Environments are worth a line when they took long or could not be made."""
    name = sanitize.line(event.id)
    if event.outcome is not Outcome.PASSED:
        return fit(screen, f"  {name} could not be made: {sanitize.line(event.reason)}", screen.width)
    if event.reused or event.duration_s < LONG_S:
        return None
    return f"  {name} built in {seconds(event.duration_s)}"
