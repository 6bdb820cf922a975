"""Figures of imported coverage, by flag; what is missing makes the whole figure missing."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from penstock.model.events import Outcome
from penstock.model.pipeline import JobKind, Measured
from penstock.model.plan import Command
from penstock.model.records import CoverageRecord, Reading
from penstock.model.snapshot import Package
from penstock.ports import Ended, ToolContext
from penstock.run import readings
from penstock.tools import TOOLS
from tests import builders

RUST = Measured(file="r.lcov", flag="rust", job="rust")
FILE = CoverageRecord(path="src/lib.rs", statements=3, covered=2, missing=(3,), ran=((1, 2),), flag="rust")
OWN = CoverageRecord(path="pkg/a.py", statements=4, covered=4, ran=((1, 4),))
ENDED = Ended(task="x", exit_code=0, signal=None, cause="", duration_s=1.0, cpu_s=1.0, memory_bytes=1)


def commands(*needs: str, measured: tuple[Measured, ...] = (RUST,)) -> tuple[Command, ...]:
    spec = builders.job_spec("coverage", kind=JobKind.COVERAGE, needs=needs, measured=measured)
    return TOOLS["coverage"].commands(
        ToolContext(project=builders.project(packages=(Package(name="pkg", path="pkg"),)), spec=spec)
    )


def reports(*files: CoverageRecord, problem: str = "", own: tuple[CoverageRecord, ...] = (OWN,)) -> dict[str, bytes]:
    source = {"job": "rust", "file": "r.lcov", "flag": "rust", "problem": problem}
    legs = [{"job": "unit", "files": 1}, {"job": "rust", "problem": "it left no coverage data"}]
    merged: dict[str, Any] = {"version": "7.17.3", "legs": legs, "files": own}
    whole = {"imported.json": {"sources": [source], "files": files}, "coverage.json": merged}
    return {name: msgspec.json.encode(content) for name, content in whole.items()}


def read(found: dict[str, bytes], *needs: str) -> Reading:
    made = commands(*needs)
    job = builders.job("coverage", kind=JobKind.COVERAGE, needs=needs, commands=made)
    return readings.combine(TOOLS[command.tool].read(ENDED, found, job) for command in made)


def test_flags_are_counted_apart_and_together() -> None:
    reading = read(reports(FILE), "rust", "unit")
    assert reading.outcome is Outcome.PASSED, reading.reason
    wanted = {"statements": 7, "covered": 6, "files": 2, "flag.rust.covered": 2, "flag.python.covered": 4}
    assert {name: reading.measures[name] for name in wanted} == wanted
    assert [(each.path, each.flag) for each in reading.coverage] == [("pkg/a.py", "python"), ("src/lib.rs", "rust")]


def test_without_imports_nothing_has_a_flag() -> None:
    assert [command.tool for command in commands("unit", measured=())] == ["coverage"]


def test_native_code_alone_needs_no_tests() -> None:
    assert [command.tool for command in commands("rust")] == ["coverage-import"]
    assert read(reports(FILE), "rust").measures["statements"] == 3


@pytest.mark.parametrize(
    ("found", "said"),
    [
        (reports(FILE, problem="it is cut"), "r.lcov of rust: it is cut"),
        (reports(msgspec.structs.replace(FILE, covered=3)), "impossible"),
        (reports(msgspec.structs.replace(FILE, path="pkg/a.py")), "pkg/a.py is measured twice"),
        ({**reports(FILE), "imported.json": b"{}"}, "cannot be read"),
        ({"coverage.json": reports()["coverage.json"]}, "it left no report"),
        ({**reports(), "imported.json": b'{"sources": [], "files": []}'}, "it was not read"),
    ],
)
def test_a_flag_that_is_missing_makes_the_figure_missing(found: dict[str, bytes], said: str) -> None:
    reading = read(found, "rust", "unit")
    assert reading.outcome is Outcome.ERRORED
    assert said in reading.reason
