"""The count of annotated functions as measures and findings, and which files no type checker looks at."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from penstock.model.events import Outcome
from penstock.model.pipeline import JobKind
from penstock.model.records import Reading
from penstock.model.snapshot import Package, ToolUse
from penstock.ports import Ended, ToolContext
from penstock.tools import TOOLS
from tests import builders

FILES = ("pkg/a.py", "pkg/old/b.py", "tests/test_a.py")


def commands(*uses: ToolUse) -> Any:
    context = ToolContext(
        project=builders.project(tools=uses, packages=(Package(name="pkg", path="pkg"),)),
        spec=builders.job_spec("annotations", kind=JobKind.ANNOTATIONS),
        files=FILES,
    )
    return TOOLS["annotations"].commands(context)


def read(report: object, *uses: ToolUse, code: int = 0) -> Reading:
    job = builders.job("annotations", kind=JobKind.ANNOTATIONS, commands=commands(*uses))
    ended = Ended(task="x", exit_code=code, signal=None, cause="", duration_s=1.0, cpu_s=1.0, memory_bytes=1)
    return TOOLS["annotations"].read(ended, {"annotations.json": msgspec.json.encode(report)}, job)


def report(*files: tuple[Any, ...], unread: tuple[Any, ...] = ()) -> dict[str, Any]:
    return {"python": "3.12.1", "files": files, "unread": unread}


WHOLE = report(("pkg/a.py", 3, 1, [(4, "f"), (9, "K.m")]), ("pkg/old/b.py", 2, 2, []))


def test_functions_of_the_packages_are_counted() -> None:
    reading = read(WHOLE)
    assert reading.outcome is Outcome.PASSED
    assert (reading.measures["functions"], reading.measures["annotated"], reading.measures["files"]) == (5, 3, 2)
    assert [(each.path, each.line, each.anchor) for each in reading.findings] == [
        ("pkg/a.py", 4, "f"),
        ("pkg/a.py", 9, "K.m"),
    ]


@pytest.mark.parametrize(
    "use",
    [
        ToolUse(tool="mypy", excludes=("^pkg/old/",)),
        ToolUse(tool="mypy", excludes=("old",)),
        ToolUse(tool="mypy", silenced=(r"(?:^|/)pkg/old(?:/|\.pyi?$)",)),
        ToolUse(tool="pyright", excludes=("pkg/old",)),
        ToolUse(tool="ty", excludes=("**/old/**",)),
    ],
)
def test_what_the_checker_leaves_out_is_not_checked(use: ToolUse) -> None:
    reading = read(WHOLE, use)
    assert (reading.measures["functions"], reading.measures["annotated"], reading.measures["left_out"]) == (5, 1, 1)
    assert reading.findings[-1].message.startswith("2 functions of it are not checked")


def test_what_one_checker_leaves_out_and_another_checks_is_checked() -> None:
    reading = read(WHOLE, ToolUse(tool="mypy", excludes=("old", "(")), ToolUse(tool="pyright", excludes=("",)))
    assert reading.measures["annotated"] == 3


@pytest.mark.parametrize(
    ("found", "code", "said"),
    [
        (report(("pkg/a.py", 1, 1, []), unread=(("pkg/old/b.py", 3, "invalid syntax"),)), 0, "pkg/old/b.py:3: invalid"),
        (report(("pkg/a.py", 1, 1, [])), 0, "1 of the 2 Python files that git lists"),
        (report(), 0, "examined no file"),
        (WHOLE, 1, "exit code 1"),
        ({}, 0, "cannot be read"),
    ],
)
def test_what_was_not_read_is_not_counted(found: object, code: int, said: str) -> None:
    reading = read(found, code=code)
    assert reading.outcome is Outcome.ERRORED
    assert said in reading.reason
