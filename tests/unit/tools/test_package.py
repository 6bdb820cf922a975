"""What check-wheel-contents 0.6.3 and our own look leave, as findings; a look that was not taken is a note."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from penstock.model.events import Outcome
from penstock.model.records import Reading
from penstock.ports import ToolContext
from penstock.tools import TOOLS
from tests import builders

WHEEL = "/x/reports/dist/demo-1.0-py3-none-any.whl"
# Recorded from check-wheel-contents 0.6.3, but for the folder.
CONTENTS = f"""\
{WHEEL}: W002: Wheel contains duplicate files:
  demo/a.py
  demo/b.py
{WHEEL}: W005: Wheel contains common toplevel name in library:
  tests/
{WHEEL}: W101: Wheel library is missing files in package tree:
  demo/sub/__init__.py
  demo/tests/test_a.py
{WHEEL}: W102: Wheel library contains files not in package tree:
  tests/__init__.py
"""


def read(tool: str, reports: dict[str, bytes], *, exit_code: int = 0, log: bytes = b"") -> Reading:
    ended = builders.ended(exit_code, log=log)
    return TOOLS[tool].read(ended, reports, builders.job("build"))


def contents(text: str, exit_code: int = 1) -> Reading:
    return read("check-wheel-contents", {"contents.txt": text.encode()}, exit_code=exit_code)


def test_what_harms_is_an_error_and_the_rest_is_told() -> None:
    reading = contents(CONTENTS)
    assert [(each.rule, each.severity) for each in reading.findings] == [
        ("W002", "note"),
        ("W005", "error"),
        ("W101", "error"),
    ]
    assert reading.findings[2].message == "Wheel library is missing files in package tree: demo/sub/__init__.py"
    assert reading.findings[2].path == "demo-1.0-py3-none-any.whl"
    assert (reading.outcome, reading.measures["contents"]) == (Outcome.PASSED, 1)


def test_a_wheel_without_its_tests_and_data_is_no_error() -> None:
    missing = f"{WHEEL}: W101: Wheel library is missing files in package tree:\n"
    assert contents(f"{missing}  demo/tests/__init__.py\n  demo/test_a.py\n").findings == ()
    (found,) = contents(f"{missing}  demo/notes.txt\n").findings
    assert found.severity == "note"
    clean = contents(f"{WHEEL}: OK\n", 0)
    assert (clean.findings, clean.measures["contents"]) == ((), 1)


@pytest.mark.parametrize(("text", "exit_code"), [("", 0), ("", 1), (CONTENTS, 2), ("Traceback\n", 1)])
def test_a_look_that_was_not_taken_is_no_pass_of_its_part(text: str, exit_code: int) -> None:
    reading = contents(text, exit_code)
    assert "unasked:contents" in reading.notes
    assert "contents" not in reading.measures


def test_the_metadata_report_becomes_findings_and_notes() -> None:
    report: dict[str, Any] = {
        "checked": 2,
        "version": "1.0",
        "requires": ">=3.12",
        "allowed": ["3.12", "3.13"],
        "named": ["3.12"],
        "typed": True,
        "validated": True,
        "findings": [
            {"rule": "license-none", "message": "it names no licence", "path": "demo.whl", "bad": False},
            {"rule": "metadata-pyproject", "message": "`x` must be y", "path": "pyproject.toml", "bad": True},
        ],
    }
    reading = read("package-metadata", {"package.json": msgspec.json.encode(report)})
    assert [(each.tool, each.rule, each.severity) for each in reading.findings] == [
        ("packaging", "license-none", "note"),
        ("validate-pyproject", "metadata-pyproject", "error"),
    ]
    assert (reading.measures["metadata"], reading.notes["package:allowed"]) == (2, "3.12 3.13")
    unvalidated = read("package-metadata", {"package.json": msgspec.json.encode(report | {"validated": False})})
    assert "unasked:metadata" in unvalidated.notes
    for lost in (read("package-metadata", {}), read("package-metadata", {"package.json": b'{"checked": 0}'})):
        assert ("unasked:metadata" in lost.notes, "metadata" in lost.measures) == (True, False)


def test_the_build_job_takes_all_looks() -> None:
    context = ToolContext(project=builders.project(), spec=builders.job_spec("build", "build"))
    commands = TOOLS["build"].commands(context)
    assert [each.tool for each in commands] == ["build", "twine", "check-wheel-contents", "package-metadata"]
    assert commands[2].argv[1:3] == ("--package", "src/demo")
