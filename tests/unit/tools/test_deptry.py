"""What deptry says of dependencies. Recorded with deptry 0.25.1."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from penstock.model.events import Outcome
from penstock.model.pipeline import JobKind
from penstock.model.records import Reading
from penstock.model.snapshot import Package, ToolUse
from penstock.ports import ToolContext
from penstock.tools import TOOLS
from tests import builders

UNUSED = {
    "error": {"code": "DEP002", "message": "'iniconfig' defined as a dependency but not used in the codebase"},
    "module": "iniconfig",
    "location": {"file": "pyproject.toml", "line": None, "column": None},
}
MISSING = {
    "error": {"code": "DEP001", "message": "'nothere' imported but missing from the dependency definitions"},
    "module": "nothere",
    "location": {"file": "src/demo/__init__.py", "line": 3, "column": 8},
}
LOG = (
    b"Assuming the corresponding module name of package 'iniconfig' is 'iniconfig'. Install the package or configure "
    b"a package_module_name_map entry to override this behaviour.\nScanning 3 files...\n"
)
UNREAD = (
    b"Warning: Skipping processing of src/demo/broken.py because of the following error: "
    b'"SyntaxError: Expected an identifier at byte range 4..5".\n'
)


def read(*issues: dict[str, Any], log: bytes = LOG, exit_code: int | None = None, left: bool = True) -> Reading:
    ended = builders.ended(int(bool(issues)) if exit_code is None else exit_code, log=log)
    reports = {"deptry.json": msgspec.json.encode(issues)} if left else {}
    return TOOLS["deptry"].read(ended, reports, builders.job("dependencies"))


def test_findings_have_the_line_that_deptry_tells_or_the_name_to_find_it_by() -> None:
    reading = read(UNUSED, MISSING)
    assert (reading.outcome, reading.reason) == (Outcome.PASSED, "3 files")
    unused, missing = reading.findings
    assert (unused.rule, unused.path, unused.line, unused.anchor) == ("DEP002", "pyproject.toml", 0, "iniconfig")
    assert "not installed here" in unused.message
    assert (missing.rule, missing.line, missing.column, missing.anchor) == ("DEP001", 3, 8, "")
    assert "not installed here" not in missing.message
    assert read().outcome is Outcome.PASSED


@pytest.mark.parametrize(
    ("issues", "changed", "reason"),
    [
        ((), {"log": LOG + UNREAD}, "deptry could not parse 1 of 3 files: src/demo/broken.py"),
        ((MISSING,), {"log": LOG + UNREAD}, "deptry could not parse 1 of 3 files"),
        ((), {"log": b"Scanning 0 file...\n"}, "deptry looked at no file"),
        ((), {"log": b""}, "deptry did not say how many files"),
        ((), {"left": False}, "deptry: it left no report"),
        ((), {"exit_code": 1}, "deptry ended with exit code 1, and told 0 issues"),
        ((MISSING,), {"exit_code": 0}, "deptry ended with exit code 0, and told 1 issues"),
        (
            (),
            {"exit_code": 2, "log": b"Usage: deptry\n\nError: '[tool.deptry]' contains invalid"},
            "deptry could not be",
        ),
        ((), {"exit_code": -9}, "deptry could not be asked"),
    ],
)
def test_what_was_not_looked_at_is_not_verified(
    issues: tuple[dict[str, Any], ...], changed: dict[str, Any], reason: str
) -> None:
    reading = read(*issues, **changed)
    assert reading.outcome is Outcome.ERRORED
    assert reading.reason.startswith(reason)


@pytest.mark.parametrize(
    ("packages", "roots"),
    [
        (("src/demo", "src/other"), ("src",)),
        (("demo",), (".",)),
        (("src/demo", "tool.py"), (".",)),
        ((), (".",)),
    ],
)
def test_its_roots_are_the_folders_that_hold_the_packages(packages: tuple[str, ...], roots: tuple[str, ...]) -> None:
    project = builders.project(packages=tuple(Package(name=path, path=path) for path in packages))
    spec = builders.job_spec("dependencies", kind=JobKind.DEPENDENCIES)
    context = ToolContext(project=project, spec=spec, use=ToolUse(tool="deptry", dependencies="test"))
    (command,) = TOOLS["deptry"].commands(context)
    assert command.argv[1 : 1 + len(roots)] == roots
    assert command.argv[0] == "${penstock:bin}/deptry", "beside what the tests need"
