"""The run in Markdown: a pull request's comment, a job's summary. What is cut is counted.

A comment begins with a mark that only penstock writes, by which the next run finds and edits it. Most important first;
where the bytes do not reach, the last items of a part give way to their number.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from penstock.errors import ExitCode
from penstock.model.events import Outcome
from penstock.model.verdict import CheckResult, Conclusion, Status
from penstock.report import causes, checks, flaky, jobs
from penstock.report.inert import block, span
from penstock.report.screen import seconds
from penstock.report.story import Story
from penstock.util.plural import plural
from penstock.value import Value

COMMENT_BYTES = 60_000  # GitHub takes 65,536 characters
SUMMARY_BYTES = 900_000  # of the 1 MiB that a step's summary may have
MARK = "<!-- penstock: verdict -->"
_FIRST_PARTS = 3  # tests and gates named in the head
_SIGNS = {ExitCode.VERIFIED: "✅", ExitCode.GATE_FAILED: "❌"}
_LINES_A_CAUSE = 30


class Part(Value, frozen=True, kw_only=True):
    """A part of the page: what stands above its items (a heading, the head of a table), and the items, the most
    important first. `noun`: of what has no room. `share`: how much of the room that is left it may take.
    """

    head: tuple[str, ...]
    items: tuple[str, ...]
    noun: str = "line"
    share: float = 1.0


def text(story: Story, most_bytes: int = COMMENT_BYTES) -> str:
    """The page, with a newline at its end, in at most so many bytes of UTF-8."""
    lines = [MARK, *_head(story), ""]
    ran = f" · run {span(story.run)} · plan {span(story.plan.digest[:12])}" if story.run else ""
    foot = ["", f"<sub>penstock{ran}</sub>", ""]
    left = most_bytes - _bytes(lines) - _bytes(foot)
    for part in _parts(story):
        made = _fitted(part, int(left * part.share))
        left -= _bytes(made)
        lines += made
    return "\n".join([*lines, *foot])


def _bytes(lines: Sequence[str]) -> int:
    return sum(len(line.encode("utf-8", "replace")) + 1 for line in lines)


def _fitted(part: Part, room: int) -> list[str]:
    """The part with as many items as there is room for; nothing where not even its head has any."""
    if not part.items:
        return []
    lines = [*part.head]
    left = room - _bytes(lines) - 64  # for the line that counts the others
    if left < 0:
        return []
    shown = 0
    for item in part.items:
        size = _bytes([item])
        if size > left:
            break
        left -= size
        lines.append(item)
        shown += 1
    more = len(part.items) - shown
    lines = lines if shown else lines[:1]
    return [*lines, *(["", f"*{plural(more, part.noun)} more*"] if more else []), ""]


def _head(story: Story) -> Iterator[str]:
    verdict = story.verdict
    sign = _SIGNS.get(verdict.exit_code, "⚠️")
    passed = verdict.exit_code is ExitCode.VERIFIED and verdict.conclusion is Conclusion.PASSED
    word = "PASS" if passed else "FAIL" if verdict.conclusion is Conclusion.FAILED else "NOT VERIFIED"
    word += "" if story.run else " (the pull request alone)"
    bad = list(
        dict.fromkeys((*verdict.failed_jobs, *(each.name for each in _blocking(story)), *verdict.unfinished_jobs))
    )
    named = ", ".join(span(name) for name in bad[:_FIRST_PARTS])
    more = f" and {len(bad) - _FIRST_PARTS} more" if len(bad) > _FIRST_PARTS else ""
    yield f"## {sign} {word}{f': {named}{more}' if bad else ''}"
    good = sum(record.outcome is Outcome.PASSED for record in story.records.jobs)
    jobs_passed = f"{good} of {plural(len(story.plan.jobs), 'job')} passed"
    facts = (
        [jobs_passed, seconds(story.records.run.duration_s)] if story.run else ["no run of this commit is judged here"]
    )
    facts += story.plan.reach if story.run else ()
    facts += [f"commit {span(story.plan.commit[:12])}"] if story.plan.commit else []
    yield " · ".join(facts)
    if not passed and verdict.reasons and not bad:
        yield ""
        yield f"**Why** {span(verdict.reasons[0], 400)}"


def _blocking(story: Story) -> list[CheckResult]:
    told = {*story.verdict.failed_jobs, *story.verdict.unfinished_jobs}
    every = (each for each in story.verdict.checks if each.name != "jobs" and each.job not in told)
    return [each for each in every if checks.blocked(each, story)]


def _parts(story: Story) -> Iterator[Part]:
    """The parts, as they stand on the page."""
    blocking, forgiven = causes.parted(story)
    yield Part(head=("### Failures",), items=tuple(map(_cause, blocking)), noun="failure", share=0.6)
    rows = tuple(_gate(each, story) for each in sorted(_asked(story), key=lambda each: _rank(each, story)))
    yield Part(
        head=("### Gates", "", "| gate | | number | limit | |", "|---|---|---|---|---|"), items=rows, noun="gate"
    )
    yield Part(head=("### Jobs", "", "| job | | time | |", "|---|---|---|---|"), items=tuple(_jobs(story)), noun="job")
    yield Part(head=("### Failures that do not block",), items=tuple(map(_cause, forgiven)), noun="failure", share=0.6)
    yield Part(head=("### Flaky tests",), items=tuple(_flaky(story)), noun="test")
    yield Part(
        head=("### Not in this run",),
        items=tuple(f"- {span(each.id)}: {span(each.reason)}" for each in story.plan.left_out),
        noun="job",
    )


def _cause(cause: causes.Cause) -> str:
    legs = ", ".join(span(failure.job) for failure in cause.failures[:_FIRST_PARTS])
    more = f" and {len(cause.failures) - _FIRST_PARTS} more" if len(cause.failures) > _FIRST_PARTS else ""
    title = f" {span(cause.title, 300)}" if cause.title else ""
    lines = [f"#### {legs}{more}{title}", *block(cause.excerpt, _LINES_A_CAUSE, first=cause.listed)]
    if cause.known:
        lines += ["", causes.before(cause)]
    told = [("Remedy", cause.remedy)] if cause.remedy else []
    told += [("Hint", cause.hint)] if cause.hint else []
    advice = [f"{word}: {span(text, 400)}" for word, text in told]
    if advice and cause.code:
        advice[-1] += f" ({span(f'penstock explain {cause.code}')})"
    lines += [part for line in advice for part in ("", line)]
    return "\n".join([*lines, "", f"Replay: {span(f'penstock repro {cause.failures[0].token}')}"])


def _asked(story: Story) -> list[CheckResult]:
    return [each for each in story.verdict.checks if each.name != "jobs"]


def _rank(result: CheckResult, story: Story) -> tuple[int, str, str]:
    blocked = checks.blocked(result, story)
    return (0 if blocked else 1 if result.status is not Status.PASSED else 2, result.name, result.job or "")


def _gate(result: CheckResult, story: Story) -> str:
    bad = result.status is not Status.PASSED
    sign = "❌" if checks.blocked(result, story) else "⚠️" if bad else "✅"
    numbers = ["" if number is None else f"{number:g}" for number in (_rounded(result.number), result.limit)]
    words = span(result.summary, 300, cell=True)
    words += f"<br>{span(result.remedy, 300, cell=True)}" if bad and result.remedy else ""
    return f"| {span(checks.titled(result), cell=True)} | {sign} | {' | '.join(numbers)} | {words} |"


def _rounded(number: float | None) -> float | None:
    """Two decimals, rounded down: nobody sees a limit reached that is not. What is under one stays as it is."""
    return number if number is None or abs(number) < 1 else int(number * 100) / 100


def _jobs(story: Story) -> Iterator[str]:
    records = {record.job: record for record in story.records.jobs}
    forgiven = {*story.verdict.warned_jobs, *(job for job, _ in story.verdict.tolerated_jobs)}

    def rank(name: str) -> int:
        record = records.get(name)
        return 2 if record is not None and record.outcome is Outcome.PASSED else 1 if name in forgiven else 0

    tries = flaky.passed_on(story)
    for job in sorted(story.plan.jobs, key=lambda job: rank(job.id)):
        record = records.get(job.id)
        sign = ("❌", "⚠️", "✅")[rank(job.id)]
        words = "  ".join(jobs.words_of(record, now_s=story.now_s, tries=tries))
        told = f"{jobs.time_of(record)} | {span(words, 300, cell=True)}"
        yield f"| {span(job.id, cell=True)} | {sign} | {told} |"


def _flaky(story: Story) -> Iterator[str]:
    for one in flaky.of(story):
        why = f": {span(one.passed.why, 300)}" if one.passed.why else ""
        yield f"- {span(one.passed.id)} passed on try {one.passed.attempt} in {span(one.passed.job)}{why}"
