"""What the pytest guest is told of retries, limits and quarantine."""

from __future__ import annotations

import json
from typing import Any

import pytest
from msgspec.structs import replace

from penstock.model.pipeline import JobKind, JobSpec, Quarantine
from penstock.model.snapshot import Package, Project, Suite
from penstock.ports import ToolContext
from penstock.tools import TOOLS, guests

ENTRY = Quarantine(test="tests/test_a.py::*", owner="ops", reason="issue 12", until="2027-03-01")


def context(spec: dict[str, Any] | None = None, **fields: Any) -> ToolContext:
    declared = JobSpec(name="unit", kind=JobKind.TEST, **(spec or {}))
    return ToolContext(**({"project": Project(name="p"), "spec": declared} | fields))


def told(given: ToolContext) -> dict[str, Any]:
    (command,) = TOOLS["pytest"].commands(given)
    settings: dict[str, Any] = json.loads(dict(command.environment)[guests.ENGINE])
    return settings


def test_by_default_the_policy_decides_and_there_is_no_limit() -> None:
    assert told(context()) == {"workers": 1}


def test_what_is_declared_reaches_the_guest() -> None:
    given = context({"retries": 0, "test_timeout_s": 60.0}, quarantine=(ENTRY,), edited=("tests/test_b.py",))
    assert told(given) == {
        "workers": 1, "timeout_s": 60.0, "retries": 0, "edited": ["tests/test_b.py"],
        "quarantined": ["tests/test_a.py::*"],
    }  # fmt: skip


def test_where_the_change_is_known_the_guest_is_told_its_base_and_the_packages() -> None:
    project = Project(name="p", packages=(Package(name="demo", path="src/demo"),))
    told_of = told(context(against="c0ffee", project=project))["against"]
    assert told_of == {"commit": "c0ffee", "root": "${penstock:workspace}", "packages": [["demo", "src/demo"]]}
    native = told(context(against="c0ffee", project=replace(project, native=True)))["against"]
    assert native == {"why": "the project has native code, which would have to be built for it"}


def test_files_are_named_as_the_suites_folder_sees_them() -> None:
    suite = Suite(runner="pytest", directory="sub")
    assert told(context(suite=suite, edited=("sub/tests/test_b.py", "other.py")))["edited"] == [
        "tests/test_b.py",
        "other.py",
    ]


def test_more_files_than_a_variable_holds_are_all() -> None:
    edited = tuple(f"tests/test_{number:050}.py" for number in range(2000))
    assert told(context(edited=edited))["edited"] == ["*"]


@pytest.mark.parametrize("tool", ["unittest", "own-runner"])
def test_other_runners_are_told_nothing(tool: str) -> None:
    suite = Suite(runner="unittest", argv=("-m", "unittest"))
    for command in TOOLS[tool].commands(context(suite=suite)):
        assert guests.ENGINE not in dict(command.environment)
