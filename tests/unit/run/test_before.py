"""Commands over the base: kept apart from the job's answer, which they can only excuse and never make."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from penstock.model import plan
from penstock.model.events import Outcome
from penstock.model.pipeline import JobKind
from penstock.model.plan import Command, Job
from penstock.model.records import FindingRecord, Reading
from penstock.ports import Ended, Launch
from penstock.run.attempt import Attempt
from tests.builders import job
from tests.unit.run.test_attempt import Tool, attempt, ended

FOUND = FindingRecord(job="lint", tool="tool", rule="F401", message="x is unused", path="a.py", line=1)
REFUSED = Reading(outcome=Outcome.FAILED, reason="1 finding", findings=(FOUND,), measures={"findings": 1.0})
FINE = Reading(outcome=Outcome.PASSED)
BASE = "c0ffee"
OWN = Command(argv=("ruff",), tool="tool", package="ruff")
EXPORT = Command(argv=("export", plan.BASE), tool="tool", base=BASE)
THERE = Command(argv=("ruff",), tool="tool", package="ruff", base=BASE, directory=plan.BASE)


class Saying(Tool):
    """Says one reading after another."""

    def __init__(self, *readings: Reading) -> None:
        super().__init__()
        self._left = list(readings)

    def read(self, ended: Ended, reports: Mapping[str, bytes], job: Job) -> Reading:
        self.said = self._left.pop(0)
        return super().read(ended, reports, job)


def run(one: Attempt, *ends: dict[str, Any]) -> list[Launch]:
    """What is started, each with its end."""
    launches = []
    for fields in ends:
        launch = one.next_launch(elapsed_s=0.0)
        assert launch is not None
        launches.append(launch)
        one.read(ended(**({"task": "lint"} | fields)))
    assert one.next_launch(elapsed_s=0.0) is None, "nothing more is to be run"
    return launches


def made(folder: Path, *readings: Reading) -> tuple[Attempt, Saying]:
    tool = Saying(*readings)
    return attempt(folder, job("lint", kind=JobKind.LINT, commands=(OWN, EXPORT, THERE)), tool=tool), tool


def test_without_a_finding_nothing_is_asked_of_the_base(tmp_path: Path) -> None:
    one, _ = made(tmp_path, FINE)
    run(one, {})
    assert one.result().outcome is Outcome.PASSED


def test_what_is_found_there_is_kept_apart(tmp_path: Path) -> None:
    one, _ = made(tmp_path, REFUSED, FINE, REFUSED)
    _, export, there = run(one, {}, {}, {})
    assert export.argv == ("export", f"{tmp_path}/temporary/base")
    assert there.directory == f"{tmp_path}/temporary/base"
    result = one.result()
    assert (result.outcome, len(result.findings), len(result.before)) == (Outcome.FAILED, 1, 1)
    assert (dict(result.measures), dict(result.notes)) == ({"findings": 1.0}, {"base:tool": BASE})


@pytest.mark.parametrize(
    ("said", "end", "why"),
    [
        (Reading(outcome=Outcome.ERRORED, problem="unknown rule"), {"exit_code": 2}, "unknown rule"),
        (REFUSED, {"cause": "timeout", "exit_code": None}, "the job's time was over before the base was looked at"),
    ],
    ids=["it could not be asked there", "no time"],
)
def test_a_base_that_cannot_be_looked_at_changes_no_answer(
    tmp_path: Path, said: Reading, end: dict[str, Any], why: str
) -> None:
    one, _ = made(tmp_path, REFUSED, FINE, said)
    run(one, {}, {}, end)
    result = one.result()
    assert (result.outcome, result.before, result.notes["no_base:tool"]) == (Outcome.FAILED, (), why)


def test_without_its_tree_no_tool_looks_there(tmp_path: Path) -> None:
    one, _ = made(tmp_path, REFUSED, Reading(outcome=Outcome.ERRORED, problem="its tree cannot be had"))
    run(one, {}, {"exit_code": 1})
    assert dict(one.result().notes) == {"no_base:tool": "its tree cannot be had"}


def test_an_interrupt_there_is_an_interrupt(tmp_path: Path) -> None:
    one, _ = made(tmp_path, REFUSED)
    run(one, {}, {"cause": "interrupt", "exit_code": None, "signal": 2})
    assert "interrupted" in one.result().reason


def test_each_side_reads_its_own_reports(tmp_path: Path) -> None:
    one, tool = made(tmp_path, REFUSED, FINE, FINE)
    (one.reports / "x").write_bytes(b"here")
    (one.reports / "at-base/x").write_bytes(b"there")
    run(one, {}, {}, {})
    assert tool.given == [{"x": b"here"}, {"x": b"there"}, {"x": b"there"}]
