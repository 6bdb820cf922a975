"""The end of `penstock test` on a terminal: failures as `penstock run` shows them, then what the tests add up to."""

from __future__ import annotations

from collections.abc import Iterator

from penstock.errors import ExitCode
from penstock.model.records import JobRecord, TestRecord, last_attempts
from penstock.model.verdict import Conclusion
from penstock.report import causes, checks, flaky, sanitize
from penstock.report.jobs import counts_of, left_behind
from penstock.report.screen import Screen, fit, own, pad, paint, seconds, wrap
from penstock.report.story import Story

_TOKENS = 20
_COLORS = {"PASS": "1;32", "FAIL": "1;31"}


def text(story: Story, screen: Screen, *, durations: int | None = None, shown: bool = False) -> str:
    """The whole report. `durations`: how many of the slowest tests are listed, 0 = all, None = none. `shown`: pytest's
    own report stands above, so that of each failure only its token is left to be told.
    """
    record = next(iter(story.records.jobs), None)
    lines = [*flaky.lines(story, screen), *_failures(story, record, screen, shown=shown)]
    lines += [""] if lines else []
    if quarantine := checks.lines(story, screen, only="quarantine"):
        lines += [*quarantine, ""]
    if durations is not None:
        lines += [*_slowest(story, screen, durations), ""]
    return "\n".join([*lines, *footer(story, record, screen)])


def _failures(story: Story, record: JobRecord | None, screen: Screen, *, shown: bool) -> list[str]:
    if record is not None and not record.measure("collected") and record.measure("collection_errors") == 0:
        return []  # pytest ran, and had nothing to run: that it says so in many words is no cause
    if not shown:
        return causes.blocks(story, screen)
    lines = [f"  penstock repro {each.token}  {sanitize.line(each.test)}" for each in story.failures if each.test]
    more = [f"  and {len(lines) - _TOKENS} more"] if len(lines) > _TOKENS else []
    return [fit(screen, line, screen.width) for line in lines[:_TOKENS] + more]


def footer(story: Story, record: JobRecord | None, screen: Screen) -> list[str]:
    """The verdict with its numbers, why it is not green, what to do next."""
    word = _word(story)
    counts = "" if record is None else counts_of(record)
    facts = [*([counts] if counts else []), seconds(story.records.run.duration_s), f"run {sanitize.line(story.run)}"]
    lines = [f"{paint(screen, word, _COLORS.get(word, '1;33'))}  {own(screen, '  ·  '.join(facts))}"]
    if record is not None and record.leaked:
        lines.append(fit(screen, f"note  {left_behind(record.leaked)}", screen.width))
    why = _why(story)
    lines += wrap(f"why   {why}", screen.width, indent=6) if why else []
    following = _next(story, record)
    return [*lines, *(wrap(f"next  {following}", screen.width, indent=6) if following else [])]


def _word(story: Story) -> str:
    verdict = story.verdict
    if verdict.exit_code in {ExitCode.INTERRUPTED, ExitCode.TERMINATED}:
        return "INTERRUPTED"
    if verdict.exit_code is ExitCode.VERIFIED:
        return "PASS"
    return "FAIL" if verdict.conclusion is Conclusion.FAILED else "NOT VERIFIED"


def _why(story: Story) -> str:
    """The first reason, where the failures above do not say it."""
    failed = story.verdict.conclusion is Conclusion.FAILED and any(failure.test for failure in story.failures)
    if failed or story.verdict.exit_code in {ExitCode.VERIFIED, ExitCode.INTERRUPTED, ExitCode.TERMINATED}:
        return ""
    reason = next(iter(story.verdict.reasons), "")
    job = next((job.id for job in story.plan.jobs), "")
    return sanitize.line(reason.removeprefix(f"tests of {job}: ").removeprefix(f"{job}: "))


def _next(story: Story, record: JobRecord | None) -> str:
    if story.verdict.exit_code is ExitCode.VERIFIED:
        return ""
    if any(failure.test for failure in story.failures):
        return "penstock test --lf"
    remedies = (result.remedy for result in story.verdict.checks if result.remedy)
    remedy = (record.note("remedy") if record is not None else None) or next(remedies, "")
    return "" if "jobs." in remedy else sanitize.line(remedy)  # there is no job whose configuration could be changed


def _slowest(story: Story, screen: Screen, most: int) -> Iterator[str]:
    """The slowest tests, setup and teardown with them, longest first."""
    tests = sorted(last_attempts(story.records.tests).values(), key=lambda test: -_took_s(test))
    for test in tests[: most or None]:
        parts = (("setup", test.setup_s), ("call", test.call_s), ("teardown", test.teardown_s))
        told = ", ".join(f"{name} {seconds(took_s)}" for name, took_s in parts if took_s >= 0.01)
        beside = f"  ({told})" if "," in told else ""
        yield fit(screen, f"  {pad(seconds(_took_s(test)), 7)} {sanitize.line(test.id)}{beside}", screen.width)


def _took_s(test: TestRecord) -> float:
    return test.setup_s + test.call_s + test.teardown_s
