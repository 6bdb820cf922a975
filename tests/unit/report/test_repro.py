"""What a replay says, and what it ends with."""

from __future__ import annotations

from typing import Any

import pytest

from penstock.errors import ExitCode
from penstock.model import events, records
from penstock.model.events import JobFinished, Outcome
from penstock.model.records import FailureRecord, FindingRecord, Reading
from penstock.report import repro
from penstock.report.screen import Screen

TEST = FailureRecord(token="7f3b9c.1", job="unit@3.12", test="tests/test_a.py::test_x")
JOB = FailureRecord(token="7f3b9c.2", job="lint")
ORDER = repro.Order(before=3, hashing_fixed=True)


def end(outcome: str, test: str | None = None, *, message: str = "no", **fields: Any) -> repro.End:
    tests = () if test is None else (record(test, message),)
    reason = fields.pop("reason", "")
    finished = JobFinished(job="unit@3.12", outcome=Outcome(outcome), reason=reason, at_s=1.0, duration_s=1.0)
    reading = Reading(outcome=Outcome(outcome), tests=tests, findings=fields.pop("findings", ()))
    return repro.End(finished=finished, reading=reading, log="output.log", **fields)


def record(outcome: str, message: str = "no") -> records.TestRecord:
    return records.TestRecord(
        job="unit@3.12", id=TEST.test, outcome=events.TestOutcome(outcome), kind="AssertionError", message=message
    )


FIRST = Reading(outcome=Outcome.FAILED, tests=(record("failed"),))


@pytest.mark.parametrize(
    ("failure", "ended", "code", "word"),
    [
        (TEST, end("failed", "failed"), ExitCode.GATE_FAILED, "the failure shows again"),
        (TEST, end("failed", "crashed"), ExitCode.GATE_FAILED, "FAIL"),
        (TEST, end("passed", "passed"), ExitCode.VERIFIED, "NOT REPRODUCED"),
        (TEST, end("failed", "passed", reason="another test failed"), ExitCode.VERIFIED, "NOT REPRODUCED"),
        (TEST, end("passed", "skipped", message="no net"), ExitCode.NOT_VERIFIED, "it was skipped: no net"),
        (TEST, end("errored", "passed", reason="damaged log"), ExitCode.NOT_VERIFIED, "damaged log"),
        (TEST, end("failed", "not_run", reason="killed by SIGSEGV"), ExitCode.NOT_VERIFIED, "killed by SIGSEGV"),
        (TEST, end("errored", reason="no environment"), ExitCode.NOT_VERIFIED, "no environment"),
        (TEST, end("passed"), ExitCode.NOT_VERIFIED, "not collected any more"),
        (TEST, end("cancelled", interrupted="SIGINT"), ExitCode.INTERRUPTED, "INTERRUPTED"),
        (TEST, end("cancelled", interrupted="SIGTERM"), ExitCode.TERMINATED, "INTERRUPTED"),
        (JOB, end("failed", reason="1 finding"), ExitCode.GATE_FAILED, "1 finding"),
        (JOB, end("timed_out", reason="too long"), ExitCode.GATE_FAILED, "too long"),
        (JOB, end("passed"), ExitCode.VERIFIED, "NOT REPRODUCED  lint passed this time"),
        (JOB, end("errored", reason="no ruff"), ExitCode.NOT_VERIFIED, "it could not be asked: no ruff"),
    ],
)
def test_how_a_replay_ends(failure: FailureRecord, ended: repro.End, code: ExitCode, word: str) -> None:
    answer = repro.answer(failure, FIRST, ended, ORDER, Screen())
    assert answer.exit_code is code
    assert word in answer.text


def test_another_failure_is_told_from_the_same_one() -> None:
    text = repro.answer(TEST, FIRST, end("failed", "failed", message="yes"), ORDER, Screen()).text
    assert "it fails again, with another message" in text
    assert "before  AssertionError: no" in text


def test_addresses_of_objects_make_no_difference() -> None:
    first = Reading(outcome=Outcome.FAILED, tests=(record("failed", "assert <A at 0x7fb59f667ce0>"),))
    ended = end("failed", "failed", message="assert <A at 0x7f8012a36200>")
    assert "the failure shows again" in repro.answer(TEST, first, ended, ORDER, Screen()).text


def test_findings_are_shown_because_the_tool_wrote_them_into_a_file() -> None:
    found = tuple(
        FindingRecord(job="lint", tool="ruff", rule="F401", message=f"no {n}", path="a.py", line=n + 1)
        for n in range(25)
    )
    text = repro.answer(JOB, None, end("failed", findings=found), ORDER, Screen()).text
    assert "a.py:1  F401  no 0" in text
    assert "and 5 more" in text


def test_what_was_not_the_same_is_told_where_it_did_not_show() -> None:
    ended = end("passed", "passed")
    assert "with the tests that ran before" in _text(ended, repro.Order(before=0, alone=True))
    assert "files have changed" in _text(ended, repro.Order(before=3, changed=True))
    assert "PYTHONHASHSEED" in _text(ended, repro.Order(before=3, hashing_fixed=False))
    assert "note" not in _text(ended, ORDER)


def _text(ended: repro.End, order: repro.Order) -> str:
    return repro.answer(TEST, FIRST, ended, order, Screen()).text


def test_the_heading_says_what_comes_before() -> None:
    assert repro.heading(TEST, ORDER, Screen()).endswith("after the 3 tests that ran before it")
    assert repro.heading(TEST, repro.Order(before=0), Screen()).endswith("it ran first")
    assert repro.heading(TEST, repro.Order(before=None), Screen()).endswith("it runs whole")
    assert repro.heading(JOB, repro.Order(), Screen()).endswith("its commands again")


def test_the_tokens_there_are() -> None:
    many = tuple(FailureRecord(token=f"a.{n}", job="unit") for n in range(1, 12))
    assert repro.tokens(many).splitlines()[-1].strip() == "and 3 more, to a.11"
    assert repro.tokens(()) == "this run has no failures"
