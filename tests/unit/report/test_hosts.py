"""What CI hosts and badges read: SARIF, workflow commands, shields.io."""

from __future__ import annotations

import json
import re
import xml.etree.ElementTree as ET
from typing import Any

import pytest
from msgspec.structs import replace

from penstock.model.records import FindingRecord
from penstock.report import annotations as workflow_commands
from penstock.report import badge, sarif
from penstock.report.story import Story
from tests import stories
from tests.fakes.payloads import PAYLOADS


def with_findings(*found: FindingRecord) -> Story:
    told = stories.red()
    return replace(told, records=replace(told.records, findings=found))


def finding(**fields: Any) -> FindingRecord:
    known: dict[str, Any] = {
        "job": "lint",
        "tool": "ruff",
        "rule": "F401",
        "message": "`os` is unused",
        "path": "src/a.py",
        "line": 3,
    }
    return FindingRecord(**(known | fields))


# --- SARIF -----------------------------------------------------------------------------------------------------------


def test_each_tool_has_a_run_with_its_rules_and_places() -> None:
    told = sarif.document(
        with_findings(finding(column=8), finding(rule="E1", line=0), finding(tool="mypy", severity="note"))
    )
    assert [run["tool"]["driver"]["name"] for run in told["runs"]] == ["mypy", "ruff"]
    ruff = told["runs"][1]
    assert [rule["id"] for rule in ruff["tool"]["driver"]["rules"]] == ["E1", "F401"]
    whole, placed = ruff["results"]
    assert "region" not in whole["locations"][0]["physicalLocation"]
    assert placed["locations"][0]["physicalLocation"]["region"] == {"startLine": 3, "startColumn": 8}
    assert [result["ruleIndex"] for result in ruff["results"]] == [0, 1]
    assert told["runs"][0]["results"][0]["level"] == "note"


def test_a_fingerprint_outlives_moved_lines_and_tells_equals_apart() -> None:
    def prints(*found: FindingRecord) -> list[str]:
        (run,) = sarif.document(with_findings(*found))["runs"]
        return [result["partialFingerprints"]["penstock/v1"] for result in run["results"]]

    assert prints(finding(line=3), finding(line=9)) == prints(finding(line=5), finding(line=70))
    assert len(set(prints(finding(line=3), finding(line=9)))) == 2


def test_a_scan_that_found_nothing_is_told_as_one() -> None:
    (run,) = sarif.document(stories.green())["runs"]
    assert run["results"] == []


def test_no_more_results_than_the_host_takes() -> None:
    told = sarif.document(with_findings(*(finding(line=n) for n in range(1, sarif.MOST + 10))))
    assert len(told["runs"][0]["results"]) == sarif.MOST


@pytest.mark.parametrize("payload", PAYLOADS, ids=range(len(PAYLOADS)))
def test_any_name_is_a_relative_reference(payload: str) -> None:
    content = json.loads(sarif.encode(with_findings(finding(path=f"a{payload}z", message=payload, rule=payload))))
    (result,) = content["runs"][0]["results"]
    uri = result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"]
    assert re.fullmatch(r"(?:[A-Za-z0-9._~/-]|%[0-9A-F]{2})+", uri)
    assert result["message"]["text"]


# --- workflow commands -----------------------------------------------------------------------------------------------


def test_failures_stand_at_their_lines_and_advice_is_a_notice() -> None:
    told = workflow_commands.lines(stories.red())
    assert "::error file=src/a.py,line=3,col=8,title=ruff F401::`os` is unused" in told
    assert any(line.startswith("::error file=tests/unit/test_pool.py,title=tests/unit/test_pool.py") for line in told)


def test_what_the_baseline_knows_is_not_pointed_at() -> None:
    told = with_findings(finding(line=3), finding(line=9))
    assert sum("title=ruff" in line for line in workflow_commands.lines(told)) == 2
    (line,) = [
        line for line in workflow_commands.lines(replace(told, known={0: True, 1: False})) if "title=ruff" in line
    ]
    assert "line=9" in line


def test_a_failure_in_quarantine_is_a_warning() -> None:
    told = workflow_commands.lines(stories.flaky())
    (quarantined,) = [line for line in told if "test_close" in line]
    assert quarantined.startswith("::warning ")


def test_no_more_of_a_level_than_are_shown() -> None:
    told = workflow_commands.lines(with_findings(*(finding(line=n) for n in range(1, 50))))
    assert sum(line.startswith("::error") for line in told) == workflow_commands.MOST


@pytest.mark.parametrize("payload", PAYLOADS, ids=range(len(PAYLOADS)))
def test_foreign_text_is_no_command(payload: str) -> None:
    told = workflow_commands.lines(stories.hostile(f"a{payload}z"))
    assert len(told) == len(workflow_commands.lines(stories.hostile("benign")))
    for line in told:
        assert re.fullmatch(r"::(?:error|warning|notice) [^\r\n]*::[^\r\n]*", line)
        properties = line.split("::")[1].partition(" ")[2].split(",")  # as the host takes it apart
        assert {each.partition("=")[0] for each in properties} <= {"file", "line", "col", "title"}


# --- badges ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "kind", "message"),
    [
        ("green", "verdict", "verified"),
        ("red", "verdict", "failed"),
        ("unverified", "verdict", "not verified"),
        ("interrupted", "verdict", "not verified"),
        ("empty", "verdict", "not verified"),
        ("green", "coverage", "87 %"),
        ("red", "coverage", "unknown"),
        ("green", "tests", "840 passed"),
        ("empty", "tests", "none"),
    ],
)
def test_badges_say_what_is_proved(name: str, kind: str, message: str) -> None:
    made = badge.of(stories.STORIES[name](), kind)
    assert made.message == message
    told = json.loads(badge.endpoint(made))
    assert told == {"schemaVersion": 1, "label": made.label, "message": message, "color": made.color}
    root = ET.fromstring(badge.svg(made))
    assert root.attrib["aria-label"] == f"{made.label}: {message}"
