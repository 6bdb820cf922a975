"""Which files were looked at for secrets; what was found, without it."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from penstock.model.events import Outcome
from penstock.model.pipeline import JobKind
from penstock.model.records import Reading
from penstock.ports import Ended, ToolContext
from penstock.tools import TOOLS
from tests import builders

FOUND = {"path": "conf.py", "line": 2, "kind": "aws-access-key", "mark": "c5f8"}
FILES = b"a.py\0conf.py\0logo.png\0a.py\0.penstock/x\0.secrets.baseline\0"


def read(files: bytes = FILES, exit_code: int = 0, **report: Any) -> Reading:
    whole = {"version": "1.5.0", "scanned": 2, "left": [["logo.png", "no text"]], "unread": [], "found": [FOUND]}
    ended = Ended(task="x", exit_code=exit_code, signal=None, cause="", duration_s=1.0, cpu_s=1.0, memory_bytes=1)
    content = {"git-files": files, "secrets.json": msgspec.json.encode({**whole, **report})}
    return TOOLS["detect-secrets"].read(ended, content, builders.job("secrets"))


def test_a_finding_has_a_kind_and_a_place_and_its_anchor_is_not_the_line() -> None:
    reading = read()
    assert (reading.outcome, reading.reason) == (Outcome.PASSED, "2 files, 1 without text left out")
    (found,) = reading.findings
    assert (found.rule, found.path, found.line, found.anchor) == ("aws-access-key", "conf.py", 2, "c5f8")
    assert found.message == "what looks like a secret stands here; it is not shown"
    assert (reading.measures["files"], reading.measures["expected"]) == (2, 2)


def test_a_finding_without_a_mark_gets_no_line_as_its_anchor_either() -> None:
    (found,) = read(found=[{**FOUND, "mark": ""}]).findings
    assert found.anchor


@pytest.mark.parametrize(
    ("changed", "reason"),
    [
        ({"scanned": 1}, "1 of 2 files looked at"),
        ({"scanned": 0, "left": [[name, "no text"] for name in ("a.py", "conf.py", "logo.png")]}, "no file was looked"),
        ({"scanned": 1, "unread": [["a.py", "PermissionError"]]}, "1 of 2 files could not be read: a.py (Permission"),
        ({"exit_code": 1}, "detect-secrets could not look: exit code 1"),
        ({"found": "nonsense"}, "detect-secrets could not look: its report"),
        ({"files": b"", "scanned": 0, "left": []}, "no file was looked at"),
    ],
)
def test_less_than_git_lists_is_not_verified(changed: dict[str, Any], reason: str) -> None:
    reading = read(**changed)
    assert reading.outcome is Outcome.ERRORED
    assert reading.reason.startswith(reason)


def test_without_a_repository_it_says_what_to_do() -> None:
    ended = Ended(task="x", exit_code=128, signal=None, cause="", duration_s=1.0, cpu_s=1.0, memory_bytes=1)
    reading = TOOLS["git-files"].read(ended, {}, builders.job("secrets"))
    assert (reading.outcome, "make a repository" in str(reading.remedy)) == (Outcome.ERRORED, True)


def test_the_search_runs_in_its_own_environment_over_gits_list() -> None:
    spec = builders.job_spec("secrets", kind=JobKind.SECRETS)
    listing, look = TOOLS["detect-secrets"].commands(ToolContext(project=builders.project(), spec=spec))
    assert listing.argv[:2] == ("git", "ls-files")
    assert look.argv[0] == "${penstock:bin:detect-secrets}/python"
