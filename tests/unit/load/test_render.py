"""The starter configuration parses back to the jobs that it was written from."""

from __future__ import annotations

import re
import tomllib
from typing import Any

import msgspec
import pytest
from hypothesis import given

from penstock.load.file import declared
from penstock.load.locate import Locator
from penstock.load.parse import parse
from penstock.load.starter import starter
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
    assert "# tests: pytest: a line ; else unittest" in text
    assert text.index("# tests: ") < text.index("unit = ")
    assert 'python = ["3.12", "3.13"]' in text


def test_jobs_of_tools_name_their_tool() -> None:
    jobs = (
        JobSpec(name="types-mypy", kind=JobKind.TYPES),
        JobSpec(name="lint-advice", kind=JobKind.LINT, mode=Mode.WARN),
    )
    types, advice = parsed(starter(PROJECT, (), jobs))
    assert (types.name, types.kind, types.tool) == ("types-mypy", JobKind.TYPES, "mypy")
    assert (advice.name, advice.kind, advice.tool, advice.mode) == ("lint-advice", JobKind.LINT, "ruff", Mode.WARN)


LONG = Decision(subject="packages", choice="x (src layout)", why="word " * 60)


def test_comments_are_lines_of_comments_and_what_is_about_no_job_stands_first() -> None:
    project = msgspec.structs.replace(PROJECT, decisions=(*PROJECT.decisions, LONG))
    text = starter(project, (), (JobSpec(name="unit", kind=JobKind.TEST),))
    assert max(map(len, text.splitlines())) <= 120
    lines = text.splitlines()
    assert [line for line in lines if line and not line.startswith(("#", "["))] == ["unit = { test = true }"]
    assert text.index("# packages: x (src layout)") < text.index("# tests: pytest") < text.index("\nunit = ")


@pytest.mark.parametrize("table", ["tool.penstock", ""])
@pytest.mark.parametrize("kinds", [(), (JobKind.LINT, JobKind.TYPES, JobKind.COVERAGE)])
def test_advice_can_be_taken_by_taking_the_mark_away(table: str, kinds: tuple[JobKind, ...]) -> None:
    project = msgspec.structs.replace(PROJECT, declared_pythons=("3.12", "3.13"))
    specs = [JobSpec(name=kind.value, kind=kind) for kind in kinds]
    specs.append(JobSpec(name="unit", kind=JobKind.TEST))
    text = starter(project, (), specs, table=table)
    taken = re.sub(r"^# (?=\w+ += |\[)", "", text, flags=re.MULTILINE)
    pipeline = declared(taken, None) if table else declared(None, taken)
    assert pipeline.python == ("3.12", "3.13")
    assert {gate.name for gate in pipeline.gates} == {"coverage", "tests"}
    names = [job.name for job in pipeline.jobs or ()]
    assert len(names) == len(set(names))
    assert {"lint", "types", "security", "dependencies", "secrets", "audit", "coverage", "unit"} == set(names)


@pytest.mark.parametrize("kind", [JobKind.LINT, JobKind.TYPES, JobKind.TEST])
def test_what_else_could_stand_there_is_configuration(kind: JobKind) -> None:
    text = starter(PROJECT, (), (JobSpec(name="it", kind=kind),))
    said = "".join(line.removeprefix("#").strip() + " " for line in text.splitlines() if line.startswith("#"))
    (shown,) = re.findall(r"(?:Or|Also): (.*?)\. (?:More jobs|And limits)", said) or [""]
    pieces = re.findall(r"`([^`]+)`", shown)
    assert pieces
    base = {JobKind.TEST: "test = true"}.get(kind, "")
    for piece in pieces:
        value = piece if piece in ("true", "false") else piece if piece[0] == "{" else f"{{ {base}, {piece} }}"
        name = "it" if kind is JobKind.TEST else kind.value
        stages = 'stages = { fast = "5m" }\n' if "stage" in piece else ""
        declared(None, f'{stages}[jobs]\nother = {{ run = "true" }}\n{name} = {value}\n')
