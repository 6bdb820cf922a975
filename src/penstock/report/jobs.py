"""One line a job: its name, how it ended, how long it took, what it counted."""

from __future__ import annotations

from collections.abc import Iterable

from penstock.model.events import Outcome
from penstock.model.pipeline import JobKind
from penstock.model.plan import Job
from penstock.model.records import JobRecord
from penstock.model.verdict import Status
from penstock.report import sanitize
from penstock.report.screen import Mark, Screen, age, cells, fit, mark, pad, paint, plural, seconds
from penstock.report.story import Story

_COUNTS = (
    "failed",
    "errored",
    "crashed",
    "timed_out",
    "passed",
    "skipped",
    "xfailed",
    "xpassed",
    "not_run",
    "deselected",
)
_TIME_CELLS = 9


def lines(story: Story, screen: Screen) -> list[str]:
    """All jobs, as the plan orders them, those that did not pass last."""
    records = {record.job: record for record in story.records.jobs}
    width = name_cells(story)
    ordered = sorted(story.plan.jobs, key=lambda job: _rank(records.get(job.id)))
    return [line(story, job, records.get(job.id), screen, width) for job in ordered]


def name_cells(story: Story) -> int:
    """The width of the column of names."""
    return max((cells(sanitize.line(job.id)) for job in story.plan.jobs), default=0)


def line(story: Story, job: Job, record: JobRecord | None, screen: Screen, width: int) -> str:
    """One job's line; `width`: cells for the names."""
    pardon = pardon_of(story, job)
    kind = kind_of(record, forgiven=bool(pardon))
    words = [pardon, *words_of(record, now_s=story.now_s), *_answers(story, job)]
    name = pad(sanitize.line(job.id), width)
    start = f"  {name}  {mark(screen, kind)}  {pad(time_of(record), _TIME_CELLS)}  "
    told = fit(screen, "  ".join(word for word in words if word), max(20, screen.width - width - _TIME_CELLS - 9))
    return (start + paint(screen, told, "2" if kind is Mark.GOOD else "")).rstrip()


def pardon_of(story: Story, job: Job) -> str:
    """Why the job's bad end does not count, or ""."""
    if job.id in story.verdict.warned_jobs:
        return "advises only:"
    if job.tolerance is not None and any(name == job.id for name, _ in story.verdict.tolerated_jobs):
        return f"tolerated until {job.tolerance.until} ({sanitize.line(job.tolerance.reason)}):"
    return ""


def _answers(story: Story, job: Job) -> list[str]:
    """What the gates found in a coverage job that they are content with: its line is the place for it."""
    return [
        sanitize.line(result.summary)
        for result in story.verdict.checks
        if result.job == job.id and job.kind is JobKind.COVERAGE and result.status is Status.PASSED
    ]


def _rank(record: JobRecord | None) -> int:
    """Passed before not run before failed: the last lines are those that stay on the screen."""
    if record is not None and record.outcome is Outcome.PASSED:
        return 0
    return 2 if record is not None and record.outcome in {Outcome.FAILED, Outcome.TIMED_OUT} else 1


def kind_of(record: JobRecord | None, *, forgiven: bool) -> Mark:
    """The mark of an end. Only a pass gets the good one."""
    if record is not None and record.outcome is Outcome.PASSED:
        return Mark.GOOD
    if forgiven:
        return Mark.WARN
    return Mark.NOT_RUN if record is None or never_ran(record) else Mark.BAD


def never_ran(record: JobRecord) -> bool:
    """Whether nothing of the job was tried: skipped, cancelled, or refused before its first process."""
    refused = record.outcome is Outcome.ERRORED and not record.duration_s
    return refused or record.outcome in {Outcome.SKIPPED, Outcome.CANCELLED}


def time_of(record: JobRecord | None) -> str:
    """`13.9s`, `cached`, `not run`."""
    if record is None or record.outcome is Outcome.SKIPPED or (never_ran(record) and not record.duration_s):
        return "not run"
    if record.cached_from is not None:
        return "cached"
    return seconds(record.duration_s)


def words_of(record: JobRecord | None, *, now_s: float) -> list[str]:
    """What there is to say beside the time: the age of a cached result, counts, flaky tests, else the reason."""
    if record is None:
        return ["never started"]
    words = []
    if record.cached_from is not None and record.cached_wall_s is not None:
        words.append(f"same inputs as {age(now_s - record.cached_wall_s)}")
    counts = counts_of(record)
    words.append(counts)
    if record.outcome is not Outcome.PASSED and not (counts and record.outcome is Outcome.FAILED):
        words.append(sanitize.line(record.reason) or record.outcome.value.replace("_", " "))
    if record.flaky:
        first = sanitize.line(record.flaky[0].rpartition("::")[2])
        more = f" and {len(record.flaky) - 1} more" if len(record.flaky) > 1 else ""
        words.append(f"{len(record.flaky)} flaky: {first}{more}")
    return [word for word in words if word]


def counts_of(record: JobRecord) -> str:
    """`840 passed, 12 skipped`; `3 findings`; `1 sdist, 1 wheel`; "" where there is nothing to count."""
    if record.kind is JobKind.TEST:
        return ", ".join(_counted(record, _COUNTS))
    if record.kind in {JobKind.LINT, JobKind.TYPES}:
        findings = int(record.measure("findings") or 0)
        return plural(findings, "finding") if findings else ""
    if record.kind is JobKind.BUILD:
        numbers = [(int(record.measure(name) or 0), name[:-1]) for name in ("sdists", "wheels")]
        return ", ".join(plural(number, name) for number, name in numbers if number)
    return ""


def _counted(record: JobRecord, names: Iterable[str]) -> list[str]:
    return [f"{int(number)} {name.replace('_', ' ')}" for name in names if (number := record.measure(name))]
