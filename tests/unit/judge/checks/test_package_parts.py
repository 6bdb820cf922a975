"""The parts of the package gate: what blocks where it is declared, what advises, what was not looked at."""

from __future__ import annotations

from typing import Any

import pytest

from penstock.errors import ExitCode
from penstock.judge.checks import CHECKS
from penstock.judge.checks.package import PackageCheck
from penstock.judge.decide import decide
from penstock.model.change import Facts
from penstock.model.pipeline import CheckSpec, JobKind, Mode
from penstock.model.records import FindingRecord
from penstock.model.verdict import CheckResult, Evidence, Status
from tests import builders, verdicts

BUILD = builders.job("build", kind=JobKind.BUILD)
MEASURES = {"sdists": 1.0, "wheels": 1.0, "checked": 2.0, "metadata": 2.0, "contents": 1.0}
NOTES = {
    "version:twine": "7.0.0",
    "package:version": "1.5",
    "package:requires": ">=3.12",
    "package:allowed": "3.12 3.13",
    "package:named": "3.12 3.13",
    "package:typed": "yes",
}


def found(tool: str, rule: str, severity: str = "error") -> FindingRecord:
    return FindingRecord(job="build", tool=tool, rule=rule, message="m", path="demo.whl", severity=severity)


def asked(
    *findings: FindingRecord,
    gate: dict[str, str] | None = None,
    measures: Any = None,
    notes: Any = None,
    tested: tuple[str, ...] = (),
    facts: Facts | None = None,
) -> Evidence:
    tests = [builders.job(f"unit@{minor}") for minor in tested]
    record = verdicts.job_record(BUILD, measures=MEASURES | (measures or {}), notes=NOTES | (notes or {}))
    gates = () if gate is None else (CheckSpec(name="package", options=tuple(gate.items())),)
    kept = verdicts.records(record, *(verdicts.job_record(job) for job in tests), findings=findings)
    return verdicts.evidence(builders.plan(BUILD, *tests, gates=gates), kept, facts=facts or Facts())


def part(name: str, evidence: Evidence) -> CheckResult | None:
    return next((each for each in PackageCheck().answer(evidence) if each.name == f"package.{name}"), None)


def sure(name: str, evidence: Evidence) -> CheckResult:
    result = part(name, evidence)
    assert result is not None
    return result


@pytest.mark.parametrize(
    ("finding", "name", "blocks"),
    [
        (found("check-wheel-contents", "W005"), "contents", True),
        (found("validate-pyproject", "metadata-pyproject"), "metadata", True),
        (found("packaging", "license-file"), "license", False),
        (found("packaging", "pythons-excluded"), "pythons", False),
        (found("packaging", "typed-no-marker"), "typed", False),
    ],
)
def test_each_finding_fails_its_part_and_no_other(finding: FindingRecord, name: str, *, blocks: bool) -> None:
    for gate, mode in (({}, Mode.ERROR if blocks else Mode.WARN), (None, Mode.WARN), ({name: "error"}, Mode.ERROR)):
        evidence = asked(finding, gate=gate)
        result = sure(name, evidence)
        assert (result.status, result.mode) == (Status.FAILED, mode)
        others = [each for each in PackageCheck().answer(evidence) if each.name != f"package.{name}"]
        assert {each.status for each in others} == {Status.PASSED}
        red = mode is Mode.ERROR
        assert decide(evidence, CHECKS).exit_code is (ExitCode.GATE_FAILED if red else ExitCode.VERIFIED)
    assert part(name, asked(finding, gate={name: "off"})) is None


def test_advice_is_told_where_the_gate_is_declared_and_fails_nothing_that_blocks() -> None:
    advice = found("check-wheel-contents", "W002", "note")
    result = sure("contents", asked(advice, gate={}))
    assert (result.status, result.summary) == (Status.PASSED, "no problems, 1 to think of in 1 distribution")
    assert result.details == ("demo.whl W002 m",)
    assert sure("contents", asked(advice)).details == ()


@pytest.mark.parametrize(
    ("measures", "notes", "name"),
    [
        ({"contents": 0.0}, {"unasked:contents": "check-wheel-contents: it crashed"}, "contents"),
        ({"metadata": 0.0}, {"unasked:metadata": "no distribution was read"}, "metadata"),
        ({}, {"unasked:metadata": "validate-pyproject could not be asked"}, "metadata"),
        ({"metadata": 0.0}, {}, "license"),
    ],
)
def test_what_nobody_looked_at_is_missing(measures: dict[str, float], notes: dict[str, str], name: str) -> None:
    evidence = asked(gate={"license": "error"}, measures=measures, notes=notes)
    result = sure(name, evidence)
    assert result.status is Status.MISSING
    assert result.summary == next(iter(notes.values()), "nobody looked")
    assert decide(evidence, CHECKS).exit_code is ExitCode.NOT_VERIFIED


@pytest.mark.parametrize(
    ("tested", "notes", "said"),
    [
        (("3.12", "3.13"), {}, ()),
        (("3.12",), {}, ("a classifier names Python 3.13, and no job tests on it",)),
        (("3.11", "3.12", "3.13"), {}, ("Python 3.11 is tested, and `requires-python` excludes it",)),
        (
            ("3.12", "3.13"),
            {"package:allowed": "3.10 3.11 3.12 3.13", "package:requires": ">=3.10"},
            ("`requires-python` allows 3.10 to 3.11, and the oldest that is tested is 3.12",),
        ),
        (
            ("3.12", "3.13", "3.14"),
            {"package:allowed": "3.12 3.13 3.14"},
            ("Python 3.14 is tested, and no classifier",),
        ),
        ((), {}, ()),
    ],
)
def test_the_tested_pythons_are_those_that_are_promised(
    tested: tuple[str, ...], notes: dict[str, str], said: tuple[str, ...]
) -> None:
    result = sure("pythons", asked(gate={}, notes=notes, tested=tested))
    assert result.status is (Status.FAILED if said else Status.PASSED)
    for told in said:
        assert any(each.startswith(told) for each in result.details), result.details


@pytest.mark.parametrize(
    ("released", "status"),
    [("1.4", Status.PASSED), ("1.5", Status.PASSED), ("1.10", Status.FAILED), ("1.5rc1", Status.PASSED), ("", None)],
)
def test_the_version_does_not_go_back(released: str, status: Status | None) -> None:
    result = part("version", asked(gate={}, facts=Facts(released=(released, f"v{released}"))))
    assert (result.status if result else None) is status


def test_type_checked_code_without_a_marker_is_told() -> None:
    types = builders.job("types", kind=JobKind.TYPES)
    evidence = asked(gate={}, notes={"package:typed": "no"})
    assert sure("typed", evidence).status is Status.PASSED
    plan = builders.plan(BUILD, types, gates=evidence.plan.gates)
    assert sure("typed", verdicts.evidence(plan, evidence.records)).status is Status.FAILED
