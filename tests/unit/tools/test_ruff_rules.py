"""What ruff says of complexity and of security, as numbers and findings; nothing is read as clean that was not read."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from penstock.model.events import Outcome
from penstock.model.pipeline import JobKind
from penstock.model.records import Reading
from penstock.model.scales import SEVERITIES
from penstock.ports import ToolContext
from penstock.tools import TOOLS, grades
from tests import builders

FILES = b"/project/pkg/a.py\n/project/pkg/b.py\n/project/pyproject.toml\n"


def entry(code: str | None, message: str, path: str = "pkg/a.py", row: int = 3) -> dict[str, Any]:
    place = {"row": row, "column": 5}
    return {"code": code, "message": message, "filename": f"/project/{path}", "location": place}


def tangled(name: str, number: int, **fields: Any) -> dict[str, Any]:
    return entry("C901", f"`{name}` is too complex ({number} > 0)", **fields)


def read(
    tool: str, *entries: dict[str, Any], exit_code: int = 0, files: bytes = FILES, report: bytes | None = None
) -> Reading:
    content = msgspec.json.encode(list(entries)) if report is None else report
    ended = builders.ended(exit_code, directory="/project")
    return TOOLS[tool].read(ended, {f"{tool}.json": content, "ruff-files.txt": files}, builders.job("x"))


@pytest.mark.parametrize("tool", ["ruff-complexity", "ruff-security"])
def test_what_is_called_can_write_nothing_and_hides_nothing(tool: str) -> None:
    context = ToolContext(project=builders.project(), spec=builders.job_spec("security", kind=JobKind.SECURITY))
    listing, check = TOOLS[tool].commands(context)
    assert listing.argv[1:3] == ("check", "--show-files")
    assert "--select" in check.argv
    assert not {"--fix", "--ignore", "--no-cache"} & set(check.argv)


def test_functions_are_counted_by_grade_and_those_worse_than_a_are_found_the_worst_first() -> None:
    reading = read(
        "ruff-complexity",
        tangled("a", 1),
        tangled("b", 5),
        tangled("c", 6),
        tangled("K.d", 41, path="pkg/b.py"),
        entry("E501", "a rule that the project adds by itself"),
    )
    assert reading.outcome is Outcome.PASSED, "how much is too much is the gate's to say"
    assert (reading.measures["functions"], reading.measures["worst"], reading.measures["files"]) == (4, 41, 2)
    assert [reading.measures[f"grade_{grade}"] for grade in "ABCDEF"] == [2, 1, 0, 0, 0, 1]
    assert [(each.rule, each.anchor, each.path) for each in reading.findings] == [
        ("F", "K.d", "pkg/b.py"),
        ("B", "c", "pkg/a.py"),
    ]
    assert reading.findings[0].message == "K.d has complexity 41 (grade F)"


@pytest.mark.parametrize(
    ("number", "grade"), [(1, "A"), (5, "A"), (6, "B"), (10, "B"), (20, "C"), (40, "E"), (41, "F")]
)
def test_grades_are_radons(number: int, grade: str) -> None:
    assert grades.grade(number) == grade


def test_security_findings_have_bandits_severity_and_the_worst_come_first() -> None:
    reading = read(
        "ruff-security",
        entry("S101", "Use of `assert` detected"),
        entry("S602", "`subprocess` call with `shell=True` identified, security issue"),
        entry("S602", "`subprocess` call with `shell=True` seems safe, but may be changed in the future"),
        entry("S506", "Probable use of unsafe loader"),
        entry("S999", "A rule of tomorrow"),
    )
    assert [(each.rule, each.severity) for each in reading.findings] == [
        ("S602", "high"),
        ("S506", "medium"),
        ("S999", "medium"),
        ("S101", "low"),
        ("S602", "low"),
    ]
    assert [reading.measures[f"severity_{name}"] for name in SEVERITIES] == [2, 2, 1]


@pytest.mark.parametrize("tool", ["ruff-complexity", "ruff-security"])
@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"exit_code": 2, "report": b""}, "ruff could not be asked"),
        ({"report": b"[{"}, "cannot be read"),
        ({"files": b""}, "examined no file"),
        ({"files": b"/project/pyproject.toml\n"}, "examined no file"),
        ({"exit_code": 101}, "ended with exit code 101"),
    ],
)
def test_what_was_not_read_is_not_clean(tool: str, given: dict[str, Any], said: str) -> None:
    reading = read(tool, **given)
    assert reading.outcome is Outcome.ERRORED
    assert said in reading.reason


@pytest.mark.parametrize("tool", ["ruff-complexity", "ruff-security"])
def test_a_file_that_cannot_be_parsed_is_not_clean(tool: str) -> None:
    reading = read(tool, entry(None, "SyntaxError: Expected an indented block", row=7))
    assert reading.outcome is Outcome.ERRORED
    assert "pkg/a.py:7:5" in reading.reason
