"""bandit 1.9.4 and radon 6.0.1: what they say becomes numbers and findings, and nothing unread is clean."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from penstock.model.events import Outcome
from penstock.model.plan import Command
from penstock.model.records import Reading
from penstock.ports import Ended, ToolContext
from penstock.tools import TOOLS
from tests import builders

SECURITY = builders.job("security", commands=(Command(argv=("bandit",), tool="bandit", listed=2),))
COMPLEXITY = builders.job("complexity", commands=(Command(argv=("radon",), tool="radon", listed=2),))


def ended(code: int = 0, log: bytes = b"") -> Ended:
    return builders.ended(code, log=log, directory="/project")


def result(rule: str, severity: str, path: str = "./pkg/a.py", line: int = 3) -> dict[str, Any]:
    return {
        "test_id": rule,
        "issue_severity": severity,
        "filename": path,
        "issue_text": f"{rule} found",
        "line_number": line,
        "col_offset": 4,
    }


def bandit(*results: dict[str, Any], files: tuple[str, ...] = ("./pkg/a.py", "./pkg/b.py"), **given: Any) -> Reading:
    metrics = {name: {"loc": 1, "nosec": 0} for name in files} | {"_totals": {"loc": 2, "nosec": 1}}
    report = {"errors": given.pop("errors", []), "results": list(results), "metrics": metrics}
    code = given.pop("code", 1 if results or report["errors"] else 0)
    return TOOLS["bandit"].read(ended(code, **given), {"bandit.json": msgspec.json.encode(report)}, SECURITY)


def test_bandits_findings_have_its_severities_the_worst_first() -> None:
    reading = bandit(result("B101", "LOW"), result("B602", "HIGH"), result("X1", "UNDEFINED"))
    assert reading.outcome is Outcome.PASSED
    assert [(each.rule, each.severity, each.path, each.line, each.column) for each in reading.findings] == [
        ("B602", "high", "pkg/a.py", 3, 5),
        ("X1", "medium", "pkg/a.py", 3, 5),
        ("B101", "low", "pkg/a.py", 3, 5),
    ]
    wanted = {"severity_low": 1, "severity_medium": 1, "severity_high": 1, "findings": 3, "files": 2, "nosec": 1}
    assert {name: reading.measures[name] for name in wanted} == wanted


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"files": ()}, "examined no file"),
        ({"files": ("./pkg/a.py",)}, "1 of the 2 Python files that git lists"),
        ({"errors": [{"filename": "./pkg/a.py", "reason": "syntax error"}]}, "could not parse pkg/a.py: syntax error"),
        ({"errors": [{"filename": "./pkg/a.py", "reason": "exception while scanning file"}]}, "exception while"),
        ({"code": 1}, "exit code 1, and without a finding"),
        ({"code": 2}, "exit code 2"),
        (
            {"log": b"[tester]\tERROR\tBandit internal error running: x on file ./pkg/a.py at line 1: yTraceback\n"},
            "Bandit internal error running: x on file ./pkg/a.py at line 1: y",
        ),
        ({"log": b"[extension_loader]\tWARNING\tUnknown test found in profile: B999\n"}, "Unknown test found"),
    ],
)
def test_what_bandit_did_not_look_at_is_not_clean(given: dict[str, Any], said: str) -> None:
    reading = bandit(**given)
    assert reading.outcome is Outcome.ERRORED
    assert said in reading.reason


def test_a_finding_beside_a_file_that_could_not_be_parsed_is_not_verified() -> None:
    reading = bandit(result("B602", "HIGH"), errors=[{"filename": "./pkg/b.py", "reason": "syntax error"}])
    assert reading.outcome is Outcome.ERRORED


def test_a_crash_without_a_report_is_no_pass() -> None:
    reading = TOOLS["bandit"].read(ended(2, b"[main]\tERROR\tpyproject.toml : no such file\n"), {}, SECURITY)
    assert reading.outcome is Outcome.ERRORED
    assert "no such file" in reading.reason


def functions(*blocks: tuple[str, str, int]) -> Reading:
    made = [{"type": kind, "name": name, "complexity": number, "lineno": 2} for kind, name, number in blocks]
    report = {"pkg/a.py": made, "pkg/b.py": {"error": "invalid syntax"}}
    return TOOLS["radon-functions"].read(ended(), {"radon-cc.json": msgspec.json.encode(report)}, COMPLEXITY)


def test_a_class_is_no_function_and_grades_are_radons_own() -> None:
    reading = functions(("class", "K", 40), ("method", "m", 11), ("function", "f", 1))
    assert (reading.measures["functions"], reading.measures["worst"], reading.measures["grade_C"]) == (2, 11, 1)
    assert [(each.rule, each.anchor, each.tool) for each in reading.findings] == [("C", "m", "radon")]


def index(report: object, code: int = 0) -> Reading:
    return TOOLS["radon"].read(ended(code), {"radon-mi.json": msgspec.json.encode(report)}, COMPLEXITY)


def test_files_below_a_good_index_are_told_the_worst_first_and_counted() -> None:
    reading = index({"a.py": {"mi": 49.9, "rank": "A"}, "b.py": {"mi": 9.25, "rank": "B"}, "c.py": {"mi": 50.0}})
    assert (reading.outcome, reading.measures["index"], reading.measures["files"]) == (Outcome.PASSED, 9.25, 3)
    assert [(each.path, each.rule) for each in reading.findings] == [("b.py", "MI9"), ("a.py", "MI49")]


@pytest.mark.parametrize(
    ("report", "code", "said"),
    [
        ({}, 0, "examined no file"),
        ({"a.py": {"mi": 60.0}}, 0, "1 of the 2 Python files that git lists"),
        ({"a.py": {"error": "invalid syntax"}, "b.py": {"mi": 60.0}}, 0, "could not parse a.py: invalid syntax"),
        ({"a.py": {"mi": 60.0}, "b.py": {"mi": 60.0}}, 1, "exit code 1"),
        ([], 0, "could not be asked"),
    ],
)
def test_what_radon_did_not_read_is_not_clean(report: object, code: int, said: str) -> None:
    reading = index(report, code)
    assert reading.outcome is Outcome.ERRORED
    assert said in reading.reason


@pytest.mark.parametrize(
    ("tool", "given", "kept"),
    [
        ("bandit", ("-ll", "-f", "csv", "-o", "x", "-x", "tests", "--exit-zero", "-c", "b.yml"), "-x tests -c b.yml"),
        ("radon", ("--min", "B", "-e", "tests/*", "-s", "--no-assert", "-O", "x"), "-e tests/* --no-assert"),
    ],
)
def test_only_options_that_say_what_is_measured_are_taken_over(tool: str, given: tuple[str, ...], kept: str) -> None:
    use = builders.tool_use(tool, args=given)
    context = ToolContext(project=builders.project(), spec=builders.job_spec("x"), use=use, files=("pkg/a.py",))
    command = TOOLS[tool].commands(context)[-1]
    assert " ".join((*kept.split(), "pkg")) in " ".join(command.argv)
    assert not {"-ll", "csv", "--exit-zero", "-s", "-O"} & set(command.argv)
    assert command.excludes
