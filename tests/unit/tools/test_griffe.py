"""What griffe's comparison leaves, as findings; and what keeps it from being believed."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import msgspec
import pytest

from penstock.model.events import Outcome
from penstock.model.pipeline import JobKind
from penstock.model.records import Reading
from penstock.model.scales import OPAQUE
from penstock.ports import ToolContext
from penstock.tools import TOOLS
from tests import builders

RECORDED = (Path(__file__).parent / "recorded" / "griffe-2.4.1.json").read_bytes()
NOTHING: dict[str, Any] = {"griffe": "2.4.1", "compared": 3, "files": 4, "expected": 4}
BROKEN = {"path": "src/pkg/a.py", "line": 3, "message": "invalid syntax", "side": "head", "syntax": True}


def read(report: bytes | dict[str, Any] | None, *, exit_code: int = 0, log: bytes = b"") -> Reading:
    ended = builders.ended(exit_code, log=log, directory="/project")
    content = msgspec.json.encode(report) if isinstance(report, dict) else report
    return TOOLS["griffe"].read(ended, {} if content is None else {"api.json": content}, builders.job("api"))


def test_breaks_and_names_that_cannot_be_compared_are_findings_of_a_job_that_passed() -> None:
    reading = read(RECORDED)
    assert reading.outcome is Outcome.PASSED
    assert (reading.measures["compared"], reading.measures["findings"], reading.measures["opaque"]) == (16, 12, 1)
    assert reading.measures["files"] == reading.measures["expected"] == 9
    assert reading.notes == {"version:griffe": "2.4.1"}
    told = {(each.rule, each.path, each.line): each for each in reading.findings}
    assert {each.rule for each in reading.findings} == {
        *("parameter-moved", "parameter-removed", "parameter-changed-default", "parameter-added-required"),
        *("object-removed", "object-changed-kind", "class-removed-base", OPAQUE),
    }
    private = told["parameter-removed", "src/pkg/_impl.py", 1]
    assert private.anchor == "pkg.run(c) in src/pkg/__init__.py", "by the name that users have"
    assert private.message == "pkg.run(c): parameter was removed: optional, 2 by default -> none"
    assert told["object-removed", "src/pkg/sub/__init__.py", 3].anchor.startswith("pkg.K.gone")
    assert told[OPAQUE, "src/pkg/__init__.py", 2].severity == "note"


def test_the_call_names_the_commit_and_imports_nothing() -> None:
    spec = builders.job_spec("api", kind=JobKind.API)
    (command,) = TOOLS["griffe"].commands(ToolContext(project=builders.project(), spec=spec, base="b" * 40))
    assert command.argv[0] == "${penstock:bin:griffelib}/python"
    assert "b" * 40 in command.argv
    assert command.argv[-1] == '[["demo","src/demo"]]'


@pytest.mark.parametrize(
    ("report", "fields", "said"),
    [
        (None, {"exit_code": 1, "log": b"git ls-tree: not a tree object\n"}, "not a tree object"),
        (None, {}, "left no report"),
        (b"{", {}, "cannot be read"),
        (NOTHING, {"exit_code": 1}, "exit code 1"),
        (NOTHING | {"files": 0, "expected": 0}, {}, "no file of a package was read"),
        (NOTHING | {"files": 3, "unread": [BROKEN]}, {}, "src/pkg/a.py:3: invalid syntax"),
        (NOTHING | {"files": 2, "unread": [BROKEN, BROKEN | {"side": "base"}]}, {}, "and 1 more"),
        (
            NOTHING | {"files": 3, "unread": [BROKEN | {"side": "base", "syntax": False}]},
            {},
            "the base's src/pkg/a.py:3",
        ),
    ],
)
def test_what_was_not_read_is_not_verified(report: Any, fields: dict[str, Any], said: str) -> None:
    reading = read(report, **fields)
    assert reading.outcome is Outcome.ERRORED
    assert said in reading.reason


def test_a_change_that_mends_a_file_of_the_base_is_not_held_up_by_it() -> None:
    reading = read(NOTHING | {"files": 3, "unread": [BROKEN | {"side": "base"}]})
    assert reading.outcome is Outcome.PASSED
    assert reading.measures["expected"] == 3
