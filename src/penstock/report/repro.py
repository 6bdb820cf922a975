"""What a replay says: what it runs before it runs, and afterwards whether the failure showed again."""

from __future__ import annotations

from collections.abc import Sequence

from penstock.errors import ExitCode
from penstock.model.events import JobFinished, Outcome, TestOutcome
from penstock.model.records import FailureRecord, Reading, TestRecord, last_attempts
from penstock.report import sanitize
from penstock.report.causes import finding_line
from penstock.report.screen import Screen, own, paint
from penstock.util.plural import plural
from penstock.value import Value

_LISTED = 8
_FINDINGS = 20
_RAN_GOOD = frozenset({TestOutcome.PASSED, TestOutcome.XFAILED, TestOutcome.XPASSED})


class Order(Value, frozen=True, kw_only=True):
    """What a replay keeps of the first time. `before`: how many tests come first; None = the job runs whole."""

    before: int | None = None
    hashing_fixed: bool = True
    alone: bool = False
    changed: bool = False  # files are not what they were


class End(Value, frozen=True, kw_only=True):
    """How the replay ended. `reading`: None if the job was never started; `log`: its path, for people."""

    finished: JobFinished
    reading: Reading | None
    log: str
    interrupted: str = ""


class Answer(Value, frozen=True, kw_only=True):
    """The last lines, and the exit code."""

    text: str
    exit_code: ExitCode


def tokens(failures: Sequence[FailureRecord]) -> str:
    """The failures that can be named, a line each."""
    if not failures:
        return "this run has no failures"
    shown = [f"{each.token}  {each.job}  {each.test}".rstrip() for each in failures[:_LISTED]]
    more = [f"and {len(failures) - _LISTED} more, to {failures[-1].token}"] if len(failures) > _LISTED else []
    return "\n    ".join(["there are", *map(sanitize.line, shown), *more])


def heading(failure: FailureRecord, order: Order, screen: Screen) -> str:
    """What is about to be run, in one line."""
    what = sanitize.line(f"{failure.job}  {failure.test}".rstrip())
    if not failure.test:
        how = "its commands again"
    elif order.before is None:
        how = "the project's own runner decides what it runs: it runs whole"
    elif order.alone:
        how = "by itself"
    else:
        how = f"after the {plural(order.before, 'test')} that ran before it" if order.before else "it ran first"
    return own(screen, f"  {what}  ·  {how}")


def answer(failure: FailureRecord, first: Reading | None, end: End, order: Order, screen: Screen) -> Answer:
    """Whether the failure showed again. `first`: what the run itself had read."""
    if end.interrupted:
        code = ExitCode.INTERRUPTED if end.interrupted == "SIGINT" else ExitCode.TERMINATED
        return Answer(text=_text(screen, "INTERRUPTED", [], end), exit_code=code)
    unasked = _unasked(failure, end)
    if unasked:
        remedy = sanitize.line(end.finished.notes.get("remedy", ""))
        words = [f"it could not be asked: {sanitize.line(unasked)}"]
        text = _text(screen, "NOT VERIFIED", words, end, *([f"remedy  {remedy}"] if remedy else []))
        return Answer(text=text, exit_code=ExitCode.NOT_VERIFIED)
    test = _test(failure, end.reading)
    good = end.finished.outcome is Outcome.PASSED if test is None else test.outcome in _RAN_GOOD
    if good:
        passed = f"{sanitize.line(failure.test or failure.job)} passed this time"
        return Answer(
            text=_text(screen, "NOT REPRODUCED", [passed], end, *_doubts(failure, order)), exit_code=ExitCode.VERIFIED
        )
    now, then = _said(test, end.finished.reason), _said(_test(failure, first), "" if first is None else first.reason)
    differs = bool(then) and sanitize.without_addresses(now) != sanitize.without_addresses(then)
    told = ["it fails again, with another message" if differs else "the failure shows again", sanitize.line(now)]
    lines = [f"before  {sanitize.line(then)}"] if differs else []
    lines += _findings(end.reading) if end.reading is not None and test is None else []
    if order.before and not order.alone:
        lines.append(f"next    penstock repro {failure.token} --alone   does it fail without those before it?")
    return Answer(text=_text(screen, "FAIL", told, end, *lines), exit_code=ExitCode.GATE_FAILED)


def _unasked(failure: FailureRecord, end: End) -> str:
    """Why the question has no answer; "" if it has one."""
    told = end.finished
    if not failure.test:
        answered = told.outcome in {Outcome.PASSED, Outcome.FAILED, Outcome.TIMED_OUT}
        return "" if answered else told.reason or told.outcome.value
    test = _test(failure, end.reading)
    if test is None:
        return told.reason if told.outcome is Outcome.ERRORED else f"{failure.test} is not collected any more"
    if test.outcome is TestOutcome.NOT_RUN:
        return f"the process ended before it: {told.reason}"
    if test.outcome is TestOutcome.SKIPPED:
        return f"it was skipped: {test.message}"
    distrusted = told.outcome in {Outcome.ERRORED, Outcome.CANCELLED, Outcome.TIMED_OUT}
    return told.reason if distrusted and test.outcome in _RAN_GOOD else ""


def _test(failure: FailureRecord, reading: Reading | None) -> TestRecord | None:
    if reading is None or not failure.test:
        return None
    return next((test for test in last_attempts(reading.tests).values() if test.id == failure.test), None)


def _said(test: TestRecord | None, reason: str) -> str:
    """The words by which two failures are told apart."""
    if test is None:
        return reason
    told = test.message if test.message.startswith(test.kind) else f"{test.kind}: {test.message}"
    return told.strip(": ") or test.outcome.value


def _findings(reading: Reading) -> list[str]:
    """What a linter or type checker found, which it may have written into a file and not to the screen."""
    found = [f"        {sanitize.line(finding_line(finding))}" for finding in reading.findings[:_FINDINGS]]
    more = len(reading.findings) - _FINDINGS
    return [*found, *([f"        and {more} more, in reading.json beside the log"] if more > 0 else [])]


def _doubts(failure: FailureRecord, order: Order) -> list[str]:
    """What was not the same as the first time, where it did not show again."""
    if order.alone:
        return [f"next    penstock repro {failure.token}   with the tests that ran before it"]
    if order.changed:
        return ["note    files have changed since that run"]
    if failure.test and not order.hashing_fixed:
        return ["note    PYTHONHASHSEED was not set in that run: sets of strings may be in another order now"]
    return []


def _text(screen: Screen, word: str, told: Sequence[str], end: End, *lines: str) -> str:
    color = {"FAIL": "1;31", "NOT REPRODUCED": "1;32"}.get(word, "1;33")
    head = own(screen, "  ·  ").join(part for part in told if part)
    log = [f"log     {sanitize.line(end.log)}"] if end.reading is not None else []
    return "\n".join(["", f"{paint(screen, word, color)}  {head}".rstrip(), *lines, *log])
