"""One line a job: its name, how it ended, how long it took, what it counted."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from types import MappingProxyType

from msgspec.structs import replace

from penstock.model.events import Outcome
from penstock.model.pipeline import SPECIAL, JobKind
from penstock.model.plan import Job
from penstock.model.records import JobRecord
from penstock.model.verdict import Status
from penstock.report import sanitize
from penstock.report.flaky import passed_on
from penstock.report.screen import Mark, Screen, age, cells, fit, mark, pad, paint, seconds
from penstock.report.story import Story
from penstock.util.plural import plural
from penstock.util.sizes import spoken
from penstock.value import Value

_BAD = ("failed", "errored", "crashed", "timed_out")
_COUNTS = (
    *_BAD,
    "quarantined",
    "passed",
    "skipped",
    "xfailed",
    "xpassed",
    "not_run",
    "deselected",
)
_TIME_CELLS = 9

# What the legs' own reasons differ in where the cause is one: environments (3.12/test) and interpreters.
_LEG = r"\b(?:pypy)?3\.\d+t?(?:/[\w.-]+)?"


def lines(story: Story, screen: Screen) -> list[str]:
    """The jobs as the plan orders them, those that did not pass last; of `told` ones what was not said yet."""
    records = {record.job: record for record in story.records.jobs}
    width, remarks = name_cells(story), _remarks(story)
    ordered = sorted(story.plan.jobs, key=lambda job: _rank(records.get(job.id)))
    if story.told:
        ordered = [job for job in ordered if job.id not in records or remarks.get(job.id, _ADVICE) != _ADVICE]
    seen, tries = Reasons(), passed_on(story)
    return [
        _line(job, seen.brief(records.get(job.id)), remarks.get(job.id, _Remark()), screen, width, (story.now_s, tries))
        for job in ordered
    ]


class Reasons:
    """The reasons that have been told: of jobs that one cause kept from running, the first tells it."""

    def __init__(self) -> None:
        self._first: dict[str, str] = {}

    def brief(self, record: JobRecord | None) -> JobRecord | None:
        """The record, with `as JOB` for a reason that is known by that job."""
        if record is None or record.outcome is not Outcome.ERRORED or not never_ran(record):
            return record
        first = self._first.setdefault(same(record.reason), record.job)
        return record if first == record.job else replace(record, reason=f"as {first}")


def same(reason: str) -> str:
    """A reason without what differs from leg to leg."""
    return re.sub(_LEG, "*", reason)


class _Remark(Value, frozen=True, kw_only=True):
    """What the verdict says of a job. `pardon`: why its bad end does not count; `answer`: what gates found in it."""

    pardon: str = ""
    answer: str = ""


_ADVICE = _Remark(pardon="advises only:")  # the progress has told it, too


def name_cells(story: Story) -> int:
    """The width of the column of names."""
    return max((cells(sanitize.line(job.id)) for job in story.plan.jobs), default=0)


def _remarks(story: Story) -> dict[str, _Remark]:
    """What there is to say, by job: pardons, and the figures of coverage gates that are content."""
    jobs = {job.id: job for job in story.plan.jobs}
    remarks = dict.fromkeys(story.verdict.warned_jobs, _ADVICE)
    for name, _ in story.verdict.tolerated_jobs:
        tolerance = jobs[name].tolerance if name in jobs else None
        if tolerance is None:
            remarks[name] = _Remark(pardon="in the baseline:")
        else:
            told = f"tolerated until {sanitize.line(tolerance.until)} ({sanitize.line(tolerance.reason)}):"
            remarks[name] = _Remark(pardon=told)
    for result in story.verdict.checks:
        if result.name == "coverage.total" and result.status is Status.PASSED and result.job is not None:
            remarks[result.job] = _Remark(answer=sanitize.line(result.summary))
    return remarks


def _line(
    job: Job,
    record: JobRecord | None,
    remark: _Remark,
    screen: Screen,
    width: int,
    known: tuple[float, Mapping[tuple[str, str], int]],
) -> str:
    kind = kind_of(record, forgiven=bool(remark.pardon))
    words = [remark.pardon, *words_of(record, now_s=known[0], tries=known[1]), remark.answer, _besides(record)]
    name = pad(sanitize.line(job.id), width)
    start = f"  {name}  {mark(screen, kind)}  {pad(time_of(record), _TIME_CELLS)}  "
    told = fit(screen, "  ".join(word for word in words if word), max(20, screen.width - width - _TIME_CELLS - 9))
    return (start + paint(screen, told, "2" if kind is Mark.GOOD else "")).rstrip()


def _besides(record: JobRecord | None) -> str:
    """How much memory it took of what it may; how much of a time that is others' was its own, where that differs."""
    if record is None:
        return ""
    if peak := record.measure("memory_peak_bytes"):
        return f"memory: {spoken(peak)} of {spoken(record.measure('memory_limit_bytes') or 0)}"
    if not record.background or record.duration_s < max(1.0, 2 * record.cpu_s):
        return ""
    return f"{seconds(record.cpu_s)} of work beside other jobs"


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


def advice_of(job: Job, record: JobRecord) -> list[str]:
    """Why a bad end of the job does not count, where the plan alone says so."""
    return [] if job.required or record.outcome is Outcome.PASSED else [_ADVICE.pardon]


def never_ran(record: JobRecord) -> bool:
    """Whether nothing of the job was tried: skipped, cancelled, or refused before its first process."""
    refused = record.outcome is Outcome.ERRORED and not record.duration_s
    idle = record.outcome is Outcome.CANCELLED and not record.measures
    return refused or idle or record.outcome is Outcome.SKIPPED


def time_of(record: JobRecord | None) -> str:
    """`13.9s`, `cached`, `not run`."""
    if record is None or record.outcome is Outcome.SKIPPED or (never_ran(record) and not record.duration_s):
        return "not run"
    if record.cached_from is not None:
        return "cached"
    return seconds(record.duration_s)


def words_of(
    record: JobRecord | None, *, now_s: float, tries: Mapping[tuple[str, str], int] = MappingProxyType({})
) -> list[str]:
    """What there is to say beside the time: the age of a cached result, counts, flaky tests, else the reason.

    `tries`: (job, test id) -> the number of the try that passed.
    """
    if record is None:
        return ["never started"]
    words = []
    if record.cached_from is not None and record.cached_wall_s is not None:
        words.append(f"same inputs as {age(now_s - record.cached_wall_s)}")
    counts = counts_of(record)
    words.append(counts)
    said = record.kind is not JobKind.TEST or any(record.measure(name) for name in (*_BAD, "collection_errors"))
    if record.outcome is not Outcome.PASSED and not (counts and said and record.outcome is Outcome.FAILED):
        words.append(sanitize.line(record.reason) or record.outcome.value.replace("_", " "))
    words += [left_behind(record.leaked)] if record.leaked else []
    if record.flaky:
        first = sanitize.line(record.flaky[0].rpartition("::")[2])
        more = f" and {len(record.flaky) - 1} more" if len(record.flaky) > 1 else ""
        number = tries.get((record.job, record.flaky[0]))
        words.append(f"{len(record.flaky)} flaky: {first}{f' (try {number})' if number else ''}{more}")
    if together := int(record.measure("together") or 0):
        words.append(f"{together} only pass{'es' * (together == 1)} behind those before: kept together")
    return [word for word in words if word]


def left_behind(processes: tuple[str, ...]) -> str:
    """`ended 1 process it left: sleep 600`."""
    more = f" and {len(processes) - 1} more" if len(processes) > 1 else ""
    word = "process" if len(processes) == 1 else "processes"
    return f"ended {len(processes)} {word} it left: {sanitize.line(processes[0])}{more}"


def counts_of(record: JobRecord) -> str:
    """`840 passed, 12 skipped`; `3 findings`; `1 sdist, 1 wheel`; "" where there is nothing to count."""
    if record.kind in _OWN_WORDS:
        return _OWN_WORDS[record.kind](record)
    findings = int(record.measure("findings") or 0)
    return plural(findings, "finding") if findings and record.kind.examines else ""


def _of_tests(record: JobRecord) -> str:
    return ", ".join(_counted(record, _COUNTS))


def _of_functions(record: JobRecord) -> str:
    functions = int(record.measure("functions") or 0)
    return f"{plural(functions, 'function')}, the worst {record.measure('worst') or 0:g}" if functions else ""


def _of_annotations(record: JobRecord) -> str:
    annotated, functions = (int(record.measure(name) or 0) for name in ("annotated", "functions"))
    return f"{annotated} of {plural(functions, 'function')} annotated" if functions else ""


def _of_build(record: JobRecord) -> str:
    numbers = [(int(record.measure(name) or 0), name[:-1]) for name in ("sdists", "wheels")]
    return ", ".join(plural(number, name) for number, name in numbers if number)


def _compared(record: JobRecord) -> str:
    names, breaks = int(record.measure("compared") or 0), int(record.measure("findings") or 0)
    told = f"{plural(names, 'public name')} compared" if names else ""
    return f"{told}, {plural(breaks, 'break')}" if breaks else told


def _counted(record: JobRecord, names: Iterable[str]) -> list[str]:
    return [f"{int(number)} {name.replace('_', ' ')}" for name in names if (number := record.measure(name))]


def _summed(record: JobRecord) -> str:
    """What a kind with a key of its own says of itself."""
    return sanitize.line(record.note("summary") or "")


_OWN_WORDS: Mapping[JobKind, Callable[[JobRecord], str]] = {
    JobKind.TEST: _of_tests,
    JobKind.COMPLEXITY: _of_functions,
    JobKind.ANNOTATIONS: _of_annotations,
    JobKind.API: _compared,
    JobKind.BUILD: _of_build,
    **dict.fromkeys(SPECIAL, _summed),
}
