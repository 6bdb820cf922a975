"""One block a distinct cause: what failed, on which legs, and where to read on."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator, Mapping
from typing import NamedTuple

from penstock.model.events import Outcome, TestOutcome
from penstock.model.plan import Job
from penstock.model.records import FailureRecord, FindingRecord, JobRecord, TestRecord, last_attempts
from penstock.model.verdict import Status
from penstock.report import sanitize
from penstock.report.jobs import never_ran, same
from penstock.report.screen import Screen, cells, fit, paint, take, wrap
from penstock.report.story import Story
from penstock.util.plural import plural
from penstock.value import Value

LINES_A_BLOCK = 25
BLOCKS = 8
LISTED = 20


_RUNNER = r"[/\\](?:_pytest|pluggy)[/\\]"  # frames that are not the project's
_LONGEST = 4_000  # cells of one foreign line that are shown: a page of minified text is no cause


class Cause(Value, frozen=True, kw_only=True):
    """The same failure on one or more legs of one job. `passing`: legs on which that test passed.

    `excerpt` ends with the error, but for a list of findings (`listed`), of which the first ones count: the new ones
    where a ratchet judges. `remedy` is never left out. `hint`: a usual cause that it looks like; `code`: of the entry
    that explains the remedy or the hint.
    """

    job: str  # the name without the leg
    failures: tuple[FailureRecord, ...]
    title: str
    excerpt: str
    why: str = ""  # what its further tries came to, or why there were none
    passing: tuple[str, ...] = ()
    listed: bool = False
    known: int = 0  # findings beside these that were there before
    remedy: str = ""
    hint: str = ""
    code: str = ""


class _Index(NamedTuple):
    """The story's tables, by the keys that failures name."""

    jobs: Mapping[str, Job]
    records: Mapping[str, JobRecord]
    tests: Mapping[tuple[str, str], TestRecord]


def causes(story: Story) -> tuple[Cause, ...]:
    """All failures, the same ones of several legs together, in the order of their numbers."""
    index = _Index(
        jobs={job.id: job for job in story.plan.jobs},
        records={record.job: record for record in story.records.jobs},
        tests=last_attempts(story.records.tests),
    )
    groups: dict[tuple[str, ...], list[FailureRecord]] = {}
    for failure in story.failures:
        if failure.job in index.jobs:
            groups.setdefault(_key(index, failure), []).append(failure)
    passed = _passed_on(story, index)
    return tuple(_cause(story, index, tuple(group), passed) for group in groups.values())


def _key(index: _Index, failure: FailureRecord) -> tuple[str, ...]:
    name = index.jobs[failure.job].name
    test = index.tests.get((failure.job, failure.test))
    if test is not None:
        return (name, failure.test, test.kind, sanitize.without_addresses(test.message))
    record = index.records.get(failure.job)
    reason = "" if record is None else record.reason
    if record is None or record.outcome is not Outcome.ERRORED:
        return (name, "", "", reason)
    # What could not be asked has its cause outside the job: often an environment, named by its interpreter.
    return ("", "", "", same(reason))


def _passed_on(story: Story, index: _Index) -> dict[tuple[str, str], tuple[str, ...]]:
    """(job name, test id) -> the legs that it passed on, for the tests that failed somewhere."""
    failed = {failure.test for failure in story.failures}
    legs: dict[tuple[str, str], tuple[str, ...]] = {}
    for (job_id, test_id), test in index.tests.items():
        if test_id in failed and test.outcome is TestOutcome.PASSED and job_id in index.jobs:
            key = (index.jobs[job_id].name, test_id)
            legs[key] = (*legs.get(key, ()), job_id.partition("@")[2])
    return legs


def _cause(
    story: Story,
    index: _Index,
    failures: tuple[FailureRecord, ...],
    passed: Mapping[tuple[str, str], tuple[str, ...]],
) -> Cause:
    first = failures[0]
    job, test = index.jobs[first.job], index.tests.get((first.job, first.test))
    if test is not None:
        legs = passed.get((job.name, first.test), ())
        hint, code = _hint(story, index, job, test)
        return Cause(
            job=job.name,
            failures=failures,
            title=first.test,
            excerpt=_said(test),
            why=test.why,
            passing=legs,
            hint=hint,
            code=code,
        )
    record = index.records.get(first.job)
    found, known = _found(story, job)
    remedy = job.remedy or (record.note("remedy") if record is not None else None) or ""
    hint, code = _hint(story, index, job, None)
    said, of_remedy = _explained(job, record, remedy)
    return Cause(
        job=job.name,
        failures=failures,
        title=_title(record),
        excerpt="\n".join(found) or _job_excerpt(story, job, record),
        listed=bool(found),
        known=known,
        remedy=said,
        hint=hint,
        code=code or of_remedy,
    )


def _hint(story: Story, index: _Index, job: Job, test: TestRecord | None) -> tuple[str, str]:
    """What the failure looks like, and the code that explains it; twice "" where it looks like nothing usual."""
    from penstock.report import hints  # its patterns are read where something failed, and at no other end

    record = index.records.get(job.id)
    if test is not None:
        hint = hints.of_test(test, job, story.grounds, (record.note("withheld") if record else None) or "")
    else:
        hint = hints.of_job(record, job, story.grounds) if record is not None else None
    return (hint.text, hint.code) if hint is not None else ("", "")


def _explained(job: Job, record: JobRecord | None, remedy: str) -> tuple[str, str]:
    """The remedy, and the code of the entry that explains more; where there is no remedy, that of the entry."""
    from penstock.report.troubles import known

    trouble = known.of_reason(record.reason if record is not None else job.blocked_by, remedy)
    return (remedy, "") if trouble is None else (remedy or known.plain(trouble.remedy), trouble.code)


def _found(story: Story, job: Job) -> tuple[list[str], int]:
    """A line for each finding of the job, and how many more the baseline knows: those are not what it failed for.

    Where it knows all of them, something else is wrong, and they are told.
    """
    every = [(place, each) for place, each in enumerate(story.records.findings) if each.job == job.id]
    new = [(place, each) for place, each in every if not story.known.get(place)] or every
    return [sanitize.line(finding_line(each)) for _, each in new], len(every) - len(new)


def _said(test: TestRecord) -> str:
    """What it put out; of one that did not come to its end, where it was (the latest call comes first), and why."""
    if test.outcome in {TestOutcome.CRASHED, TestOutcome.TIMED_OUT}:
        own = itertools.takewhile(lambda line: not re.search(_RUNNER, line), test.text.splitlines())
        ended = f"{test.outcome.value.replace('_', ' ')}: {test.message}".removesuffix(": ")
        return "\n".join([*own, ended])
    return test.text or f"{test.kind}: {test.message}".strip(": ") or test.outcome.value


def _title(record: JobRecord | None) -> str:
    if record is None or record.outcome is Outcome.FAILED:
        return ""
    return {Outcome.ERRORED: "could not be asked", Outcome.TIMED_OUT: "timed out"}.get(record.outcome, "")


def _job_excerpt(story: Story, job: Job, record: JobRecord | None) -> str:
    """The end of the output, then the reason."""
    told = story.tails.get(job.id, "").splitlines()
    told += [record.reason] if record is not None and record.reason else []
    return "\n".join(told)


def finding_line(finding: FindingRecord) -> str:
    """`src/a.py:3:1  F401  os imported but unused`."""
    place = ":".join(str(part) for part in (finding.path, finding.line, finding.column) if part)
    return f"{place}  {finding.rule}  {finding.message}"


def blocks(story: Story, screen: Screen) -> list[str]:
    """What is forgiven in one line each, then a block each, then what is too many in one line each."""
    told, forgiven = parted(story)
    lines = _listed(forgiven, "not blocking", screen)
    for cause in told[:BLOCKS]:
        lines += ["", *block(story, cause, screen)]
    return lines + _listed(told[BLOCKS:], "further", screen)


def parted(story: Story) -> tuple[list[Cause], list[Cause]]:
    """The causes that block, and those that are forgiven."""
    jobs = {*story.verdict.warned_jobs, *(job for job, _ in story.verdict.tolerated_jobs)}
    told: list[Cause] = []
    forgiven: list[Cause] = []
    for cause in causes(story):
        (forgiven if all(_forgiven(story, each, jobs) for each in cause.failures) else told).append(cause)
    return told, forgiven


def _forgiven(story: Story, failure: FailureRecord, jobs: set[str]) -> bool:
    """Whether the failure does not block: its job may fail, or the test is in a quarantine that is in force."""
    if failure.job in jobs:
        return True
    over = any(result.name == "quarantine" and result.status is Status.FAILED for result in story.verdict.checks)
    entries = () if over or not failure.test else story.plan.quarantine
    return any(entry.covers(failure.test) for entry in entries)


def before(cause: Cause) -> str:
    """What is said of findings that were there before."""
    return f"and {plural(cause.known, 'finding')} that the baseline knows"


def _listed(told: list[Cause], what: str, screen: Screen) -> list[str]:
    if not told:
        return []
    more = [f"  and {len(told) - LISTED} more"] if len(told) > LISTED else []
    bars = "━━" if screen.unicode else "=="
    return ["", f"{bars} {what}: {plural(len(told), 'failure')}", *(_short(c, screen) for c in told[:LISTED]), *more]


def block(story: Story, cause: Cause, screen: Screen) -> list[str]:
    """One cause in at most LINES_A_BLOCK lines."""
    bars = "━━" if screen.unicode else "=="
    legs = ", ".join(sanitize.line(failure.job) for failure in cause.failures)
    note = f"   (passes on {', '.join(map(sanitize.line, cause.passing))})" if cause.passing else ""
    head = wrap(f"{bars} {legs} {bars} {sanitize.line(cause.title)}".rstrip() + note, screen.width, indent=3)
    feet = [f"  ({before(cause)})"] if cause.known else []
    feet += _advice(cause, screen) + _tries(cause.why, screen) + list(_feet(story, cause, screen))
    room = max(LINES_A_BLOCK - len(head) - len(feet), 3)
    body = _beginning(cause.excerpt, screen, room) if cause.listed else _ending(cause.excerpt, screen, room)
    return [*(paint(screen, line, "1") for line in head), *body, *feet]


def _advice(cause: Cause, screen: Screen) -> list[str]:
    """What to do, or what it looks like, and where more of it stands."""
    more = f" (penstock explain {cause.code})" if cause.code else ""
    told = [("remedy", cause.remedy)] if cause.remedy else []
    told += [("hint", cause.hint)] if cause.hint else []
    lines = [f"  {word:<7} {sanitize.line(text)}" for word, text in told]
    return [
        part
        for line in (*lines[:-1], *(f"{last}{more}" for last in lines[-1:]))
        for part in wrap(line, screen.width, indent=10)
    ]


def _tries(why: str, screen: Screen) -> list[str]:
    return wrap(f"  tries   {sanitize.line(why)}", screen.width, indent=10) if why else []


def _beginning(findings: str, screen: Screen, room: int) -> list[str]:
    """The first findings that there is room for; the others are counted."""
    lines = findings.split("\n")
    told: list[str] = []
    for number, line in enumerate(lines):
        parts = wrap(fit(screen, sanitize.line(line), _LONGEST), screen.width, indent=4)
        last = number == len(lines) - 1
        if len(told) + len(parts) + (not last) > room:
            return [*told, f"  ({len(lines) - number} more, in the log)"]
        told += parts
    return told


def _ending(excerpt: str, screen: Screen, room: int) -> list[str]:
    """The end of the text, where the error stands; what was cut is counted."""
    lines = [line for line in excerpt.rstrip().split("\n") if line.strip()]
    shown = [part for line in lines[-room:] for part in _wrapped(line, screen)]
    cut = len(lines) - room + 1 if len(lines) > room else max(0, len(shown) - room + 1) if len(shown) > room else 0
    told = [f"  ({plural(cut, 'line')} more above, in the log)"] if cut else []
    return told + (shown[-(room - 1) :] if cut else shown)


def _wrapped(line: str, screen: Screen) -> list[str]:
    """A foreign line on lines of the screen. One with colours of its own is left to the terminal."""
    if screen.color and "\x1b[" in line:
        return [sanitize.text(line[:_LONGEST], color=True)]
    plain = sanitize.text(line)
    if cells(plain) > _LONGEST:
        half = take(plain, _LONGEST // 2)
        plain = f"{half} ... {len(plain) - 2 * len(half)} characters left out ... {plain[-len(half) :]}"
    return wrap(plain, screen.width)


def _feet(story: Story, cause: Cause, screen: Screen) -> Iterator[str]:
    """How to replay it and where the whole log lies: never cut, they are to be copied. Further legs: their tokens.

    What was never tried has neither.
    """
    first, *others = cause.failures
    if any(record.job == first.job and never_ran(record) for record in story.records.jobs):
        return
    repro, log = f"  repro  penstock repro {sanitize.line(first.token)}", sanitize.line(story.logs.get(first.job, ""))
    one_line = log and len(repro) + len(log) + 11 <= screen.width
    yield paint(screen, f"{repro}      log  {log}" if one_line else repro, "2")
    if log and not one_line:
        yield paint(screen, f"  log    {log}", "2")
    yield from _services(story, first, screen)
    if others:
        tokens = ", ".join(f"{sanitize.line(other.token)} ({sanitize.line(other.job)})" for other in others)
        yield from (paint(screen, line, "2") for line in wrap(f"  also   {tokens}", screen.width, indent=9))


def _services(story: Story, failure: FailureRecord, screen: Screen) -> Iterator[str]:
    """What served the job, and what it said last: once a job, with its first failure."""
    if next((each for each in story.failures if each.job == failure.job), None) is not failure:
        return
    record = next((record for record in story.records.jobs if record.job == failure.job), None)
    notes = record.notes if record is not None else {}
    for note, told in sorted(notes.items()):
        kind, _, name = note.partition(":")
        if kind == "service":
            lines = [
                f"service {name}: {told}",
                *(f"  {line}" for line in notes.get(f"service log:{name}", "").split("\n")),
            ]
            yield from (
                paint(screen, fit(screen, f"  {sanitize.line(line)}", screen.width), "2")
                for line in lines
                if line.strip()
            )


def _short(cause: Cause, screen: Screen) -> str:
    first = cause.failures[0]
    lines = [line for line in cause.excerpt.split("\n") if line.strip()] or [""]
    new = "new " if cause.known else ""
    reason = f"{plural(len(lines), f'{new}finding')}: {lines[0]}" if cause.listed else lines[-1]
    parts = (first.token, first.job, cause.title, reason.strip())
    return fit(screen, "  " + "  ".join(sanitize.line(part) for part in parts if part), screen.width)
