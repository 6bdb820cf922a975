"""The starter configuration parses back to the jobs that it was written from."""

from __future__ import annotations

import tomllib
from typing import Any

import msgspec
import pytest
from hypothesis import given

from penstock.load.locate import Locator
from penstock.load.parse import parse
from penstock.load.render import starter
from penstock.model.pipeline import SPECIAL, JobKind, JobSpec, Mode
from penstock.model.snapshot import Decision, Project, ToolUse
from tests.fakes.configurations import documents

PROJECT = Project(
    name="x",
    tools=(ToolUse(tool="mypy"), ToolUse(tool="ruff", blocking=False), ToolUse(tool="ruff-format", blocking=False)),
    decisions=(
        Decision(subject="tests", choice="pytest", why="a\nline\x00", runner_up="unittest", setting="jobs.unit"),
    ),
)


def parsed(text: str, prefix: tuple[str, ...] = ("tool", "penstock")) -> tuple[JobSpec, ...]:
    table: Any = tomllib.loads(text)
    for part in prefix:
        table = table[part]
    jobs = parse(table, Locator(text, "x", prefix)).jobs or ()
    return tuple(msgspec.structs.replace(job, place=None) for job in jobs)


@given(documents())
def test_any_jobs_come_back(document: dict[str, Any]) -> None:
    document.pop("gates", None)
    jobs = parse(document, Locator("", "x")).jobs or ()
    # Special kinds are never detected, so that nothing writes them.
    bare = tuple(msgspec.structs.replace(job, place=None) for job in jobs if job.kind not in SPECIAL)
    assert not bare or parsed(starter(PROJECT, (), bare, table=""), ()) == bare


@pytest.mark.parametrize("table", ["tool.penstock", ""])
def test_detected_jobs_come_back_with_their_reasons(table: str) -> None:
    jobs = (
        JobSpec(name="lint", kind=JobKind.LINT),
        JobSpec(name="unit", kind=JobKind.TEST, python=("*",), paths=("tests",)),
        JobSpec(name="pytest-2", kind=JobKind.TEST, python=("*",)),
        JobSpec(name="coverage", kind=JobKind.COVERAGE, needs=("unit", "pytest-2")),
        JobSpec(name="build", kind=JobKind.BUILD),
    )
    text = starter(PROJECT, ("3.12", "3.13"), jobs, table=table)
    assert parsed(text, tuple(part for part in table.split(".") if part)) == jobs
    assert "# tests: pytest: a line ; else unittest; overruled by `jobs.unit`" in text
    assert 'python = ["3.12", "3.13"]' in text


def test_jobs_of_tools_name_their_tool() -> None:
    jobs = (
        JobSpec(name="types-mypy", kind=JobKind.TYPES),
        JobSpec(name="lint-advice", kind=JobKind.LINT, mode=Mode.WARN),
    )
    types, advice = parsed(starter(PROJECT, (), jobs))
    assert (types.name, types.kind, types.tool) == ("types-mypy", JobKind.TYPES, "mypy")
    assert (advice.name, advice.kind, advice.tool, advice.mode) == ("lint-advice", JobKind.LINT, "ruff", Mode.WARN)
