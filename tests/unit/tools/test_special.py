"""What is believed of the report of a guest that a kind with a key of its own has."""

from __future__ import annotations

import json
from typing import Any

import pytest

from penstock.model.events import Outcome
from penstock.model.pipeline import JobKind
from penstock.model.records import JobRecord, Reading
from penstock.report.jobs import counts_of
from penstock.tools import TOOLS
from tests import builders

JOB = builders.job("tools", kind=JobKind.SCRIPTS, commands=(builders.command("x", tool="scripts", listed=2),))


def read(report: dict[str, Any] | None, exit_code: int = 0) -> Reading:
    reports = {} if report is None else {"scripts.json": json.dumps(report).encode()}
    return TOOLS["scripts"].read(builders.ended(exit_code), reports, JOB)


GOOD = {"measures": {"files": 2}, "notes": {"summary": "2 of 2 scripts good"}}


def test_a_pass_needs_the_report_the_end_and_every_file() -> None:
    passed = read(GOOD)
    assert (passed.outcome, passed.reason) == (Outcome.PASSED, "2 of 2 scripts good")
    assert read(GOOD, exit_code=1).outcome is Outcome.ERRORED
    assert read(None).outcome is Outcome.ERRORED
    fewer = read({**GOOD, "measures": {"files": 1}})
    assert (fewer.outcome, fewer.problem) == (Outcome.ERRORED, "it examined 1 of 2 files")
    assert read({}).outcome is Outcome.ERRORED


@pytest.mark.parametrize(
    ("more", "outcome"), [({"failed": "no"}, Outcome.FAILED), ({"problem": "not asked"}, Outcome.ERRORED)]
)
def test_a_no_and_what_could_not_be_asked_are_two_things(more: dict[str, str], outcome: Outcome) -> None:
    reading = read({**GOOD, **more, "remedy": "do it"})
    assert (reading.outcome, reading.reason, reading.remedy) == (outcome, *more.values(), "do it")


def test_what_is_only_told_blocks_nothing() -> None:
    reading = read({**GOOD, "told": [["a.py", 3, "no-main-guard", "it was not imported"]]})
    assert reading.outcome is Outcome.PASSED
    (finding,) = reading.findings
    assert (finding.path, finding.line, finding.severity) == ("a.py", 3, "warning")
    assert reading.measures["findings"] == 0


def test_the_line_of_the_job_is_what_it_says_of_itself() -> None:
    record = JobRecord(
        job="tools", kind=JobKind.SCRIPTS, outcome=Outcome.PASSED, notes={"summary": "2 of 2\x1b[2J good"}
    )
    assert counts_of(record) == "2 of 2\\x1b[2J good"
