"""What is installed, and what uv 0.13.9 says is newer, as measures, notes and findings."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from penstock.model.events import Outcome
from penstock.model.pipeline import JobKind
from penstock.model.records import Reading
from penstock.ports import ToolContext
from penstock.tools import TOOLS
from tests import builders

INSTALLED: dict[str, Any] = {
    "distributions": [
        {"name": "attrs", "version": "23.1.0", "license": "MIT", "how": "expression", "runtime": True, "direct": True},
        {"name": "idna", "version": "3.20", "license": "MIT", "how": "field", "runtime": True, "direct": False},
        {"name": "docutils", "version": "0.23", "license": "BSD License", "how": "unknown", "direct": True},
        {"name": "silent", "version": "1", "runtime": True, "direct": True},
    ],
    "known": True,
}
# Recorded from `uv pip list --outdated --format json`, uv 0.13.9.
NEWER = (
    b'[{"name":"attrs","version":"23.1.0","latest_version":"26.1.0","latest_filetype":"wheel"},'
    b'{"name":"idna","version":"3.20","latest_version":"3.21","latest_filetype":"wheel"}]'
)
UNREACHED = (
    b"error: Request failed after 3 retries in 6.4s\n"
    b"  cause: Failed to fetch: http://127.0.0.1:9/simple/packaging/\n"
    b"  cause: Connection refused (os error 111)\n"
)


def read(tool: str, installed: Any = INSTALLED, newer: bytes | None = NEWER, **fields: Any) -> Reading:
    log = fields.pop("log", b"")
    ended = builders.ended(fields.pop("exit_code", 0), log=log)
    reports = {"installed.json": msgspec.json.encode(installed)} if installed is not None else {}
    reports |= {} if newer is None else {"outdated.json": newer}
    return TOOLS[tool].read(ended, reports, builders.job("x"))


def test_licences_are_notes_by_who_gets_them() -> None:
    reading = read("licenses")
    assert reading.notes == {
        "license:MIT": "attrs 23.1.0, idna 3.20",
        "license-development:unknown: BSD License": "docutils 0.23",
        "license:unknown": "silent 1",
    }
    assert reading.measures == {"distributions": 4, "runtime": 3, "unknown": 2}


def test_direct_dependencies_that_are_behind_are_findings() -> None:
    reading = read("uv-outdated")
    (found,) = reading.findings
    assert (found.rule, found.message, found.anchor) == ("behind-major", "attrs 23.1.0: 26.1.0 is there", "attrs")
    assert (reading.measures["direct"], reading.measures["behind"], reading.measures["all_behind"]) == (3, 1, 2)
    assert read("uv-outdated", newer=b"[]").measures["behind"] == 0
    unknown = read("uv-outdated", INSTALLED | {"known": False})
    assert "direct" in unknown.notes
    assert "pip" in read("uv-outdated", INSTALLED | {"absent": ["pip"]}).notes["direct"]


@pytest.mark.parametrize(
    ("was", "now", "step"),
    [("1.2.3", "2.0", "major"), ("1.2.3", "1.3", "minor"), ("1.2.3", "1.2.4", "patch"), ("1.2rc1", "1.2", "patch")],
)
def test_how_far_it_is_behind(was: str, now: str, step: str) -> None:
    one = {"name": "a", "version": was, "direct": True}
    newer = msgspec.json.encode([{"name": "A", "version": was, "latest_version": now}])
    assert read("uv-outdated", {"distributions": [one]}, newer).findings[0].rule == f"behind-{step}"


@pytest.mark.parametrize(
    ("tool", "fields", "said"),
    [
        ("uv-outdated", {"exit_code": 2, "log": UNREACHED, "newer": b""}, "Connection refused"),
        ("uv-outdated", {"newer": None}, "no report outdated.json"),
        ("uv-outdated", {"newer": b"{"}, "cannot be read"),
        ("uv-outdated", {"installed": None}, "could not be listed"),
        ("licenses", {"installed": None, "exit_code": 1, "log": b"ModuleNotFoundError: x\n"}, "ModuleNotFoundError"),
        ("licenses", {"installed": {"distributions": []}}, "holds no dependency"),
        ("licenses", {"installed": INSTALLED | {"absent": ["pip"]}}, "lacks pip, which the project needs"),
    ],
)
def test_what_could_not_be_asked_is_not_verified(tool: str, fields: dict[str, Any], said: str) -> None:
    reading = read(tool, **fields)
    assert reading.outcome is Outcome.ERRORED
    assert said in reading.reason


def test_the_index_is_asked_and_not_its_cache() -> None:
    spec = builders.job_spec("freshness", kind=JobKind.FRESHNESS)
    listing, newer = TOOLS["uv-outdated"].commands(ToolContext(project=builders.project(), spec=spec))
    assert listing.tool == "licenses"
    assert "--no-cache" in newer.argv
