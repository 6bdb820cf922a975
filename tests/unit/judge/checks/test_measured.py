"""Complexity and security against their gates: grades, severities, permissions with a last day."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest
from msgspec.structs import replace

from penstock.errors import ExitCode
from penstock.judge import ratchet
from penstock.judge.checks import CHECKS
from penstock.judge.checks.measured import ComplexityCheck, SecurityCheck
from penstock.judge.decide import decide
from penstock.model.change import Facts
from penstock.model.pipeline import CheckSpec, Ignored, JobKind, Mode
from penstock.model.records import FindingRecord
from penstock.model.verdict import CheckResult, Evidence, Status
from tests import builders, verdicts

COMPLEXITY = builders.job("complexity", kind=JobKind.COMPLEXITY)
SECURITY = builders.job("security", kind=JobKind.SECURITY)
FILES = {"files": 3.0, "expected": 3.0}


def found(job: str, rule: str, severity: str = "note", path: str = "pkg/a.py") -> FindingRecord:
    return FindingRecord(job=job, tool="ruff", rule=rule, message=f"it is {rule}", path=path, line=3, severity=severity)


def complexity(gate: dict[str, Any] | None = None, **grades: int) -> Evidence:
    """`grades`: grade -> how many functions have it."""
    measures = FILES | {f"grade_{name}": float(number) for name, number in grades.items()}
    measures |= {"functions": float(sum(grades.values())), "worst": 12.0}
    findings = tuple(found("complexity", name) for name, number in grades.items() for _ in range(number) if name != "A")
    record = verdicts.job_record(COMPLEXITY, measures=measures)
    return evidence(COMPLEXITY, record, findings, "complexity", gate)


def security(*findings: FindingRecord, gate: dict[str, Any] | None = None, today: str = "2026-11-22") -> Evidence:
    record = verdicts.job_record(SECURITY, measures=FILES | {"findings": float(len(findings))})
    return evidence(SECURITY, record, findings, "security", gate, today=today)


def evidence(
    job: Any, record: Any, findings: tuple[FindingRecord, ...], name: str, gate: dict[str, Any] | None, **fields: Any
) -> Evidence:
    gates: tuple[CheckSpec, ...] = ()
    if gate is not None:
        ignored = tuple(gate.pop("ignore", ()))
        spec = CheckSpec(name=name, mode=gate.pop("mode", Mode.ERROR), options=tuple(gate.items()), ignored=ignored)
        gates = (spec,)
    kept = verdicts.records(record, findings=findings)
    return verdicts.evidence(builders.plan(job, gates=gates), kept, **fields)


def answer(asked: Evidence, check: Any) -> CheckResult:
    (result,) = check.answer(asked)
    assert isinstance(result, CheckResult)
    return result


@pytest.mark.parametrize(
    ("most", "grades", "status"),
    [
        ("B", {"A": 9, "B": 3}, Status.PASSED),
        ("B", {"A": 9, "C": 1}, Status.FAILED),
        ("A", {"A": 9, "B": 1}, Status.FAILED),
        ("E", {"E": 1}, Status.PASSED),
        ("E", {"F": 1}, Status.FAILED),
        ("B", {}, Status.PASSED),
    ],
)
def test_no_function_may_be_worse_than_the_gate_allows(most: str, grades: dict[str, int], status: Status) -> None:
    result = answer(complexity({"max": most.lower()}, **grades), ComplexityCheck())
    assert result.status is status
    assert (result.remedy is not None) == bool(result.details) == (status is Status.FAILED)


def test_what_was_cut_from_the_list_counts_all_the_same() -> None:
    asked = complexity({"max": "B"}, A=1)
    record = verdicts.job_record(COMPLEXITY, measures=FILES | {"functions": 5000.0, "grade_C": 2500.0, "worst": 12.0})
    kept = verdicts.records(record)
    result = answer(verdicts.evidence(asked.plan, kept), ComplexityCheck())
    assert (result.status, result.summary) == (
        Status.FAILED,
        "2500 of 5000 functions worse than grade B, the worst 12",
    )


@pytest.mark.parametrize(
    ("gate", "severity", "status"),
    [
        ({}, "high", Status.FAILED),
        ({}, "medium", Status.FAILED),
        ({}, "low", Status.PASSED),
        ({"severity": "low"}, "low", Status.FAILED),
        ({"severity": "high"}, "medium", Status.PASSED),
        ({"severity": "high"}, "high", Status.FAILED),
    ],
)
def test_findings_count_from_the_gates_severity_on(gate: dict[str, Any], severity: str, status: Status) -> None:
    assert answer(security(found("security", "S602", severity), gate=gate), SecurityCheck()).status is status


ENTRY = Ignored(id="B602", reason="our own command", until="2026-11-22")


def test_a_permission_forgives_its_rule_until_its_last_day() -> None:
    shell, loader = found("security", "S602", "high"), found("security", "S506", "medium")
    assert answer(security(shell, gate={"ignore": (ENTRY,)}), SecurityCheck()).status is Status.PASSED
    both = answer(security(shell, loader, gate={"ignore": (ENTRY,)}), SecurityCheck())
    assert (both.status, both.summary) == (Status.FAILED, "0 high, 1 medium, 1 ignored in 3 files")
    late = answer(security(shell, gate={"ignore": (ENTRY,)}, today="2026-11-23"), SecurityCheck())
    assert late.status is Status.FAILED
    assert "the permission for B602 ended on 2026-11-22" in late.details


def test_a_permission_without_a_finding_is_void_after_its_day_too() -> None:
    assert answer(security(gate={"ignore": (ENTRY,)}, today="2027-01-01"), SecurityCheck()).status is Status.FAILED


def test_a_permission_may_be_for_some_paths() -> None:
    entry = Ignored(id="S602", reason="r", until="2030-01-01", paths=("scripts/**",))
    here = security(found("security", "S602", "high"), gate={"ignore": (entry,)})
    there = security(found("security", "S602", "high", path="scripts/run.py"), gate={"ignore": (entry,)})
    assert answer(here, SecurityCheck()).status is Status.FAILED
    assert answer(there, SecurityCheck()).status is Status.PASSED


@pytest.mark.parametrize(
    "make", [lambda gate: complexity(gate, F=1), lambda gate: security(found("security", "S1", "high"), gate=gate)]
)
def test_a_gate_blocks_and_advice_does_not(make: Any) -> None:
    assert decide(make({}), CHECKS).exit_code is ExitCode.GATE_FAILED
    assert decide(make({"mode": Mode.WARN}), CHECKS).exit_code is ExitCode.VERIFIED


@pytest.mark.parametrize(("job", "check"), [(COMPLEXITY, ComplexityCheck()), (SECURITY, SecurityCheck())])
@pytest.mark.parametrize("outcome", ["errored", "timed_out", "skipped", None])
def test_what_did_not_run_to_an_end_is_missing(job: Any, check: Any, outcome: str | None) -> None:
    kept = verdicts.records(*([verdicts.job_record(job, outcome)] if outcome else []))
    asked = verdicts.evidence(builders.plan(job, gates=(CheckSpec(name=job.id),)), kept)
    assert answer(asked, check).status is Status.MISSING
    assert decide(asked, CHECKS).exit_code is not ExitCode.VERIFIED


@pytest.mark.parametrize(("job", "check"), [(COMPLEXITY, ComplexityCheck()), (SECURITY, SecurityCheck())])
def test_nothing_examined_is_no_pass(job: Any, check: Any) -> None:
    kept = verdicts.records(verdicts.job_record(job, measures={"files": 2.0, "expected": 3.0}))
    asked = verdicts.evidence(builders.plan(job, gates=(CheckSpec(name=job.id),)), kept)
    assert decide(asked, CHECKS).exit_code is not ExitCode.VERIFIED


def test_more_findings_than_are_kept_count_whatever_is_permitted() -> None:
    asked = security(found("security", "S602", "high"), gate={"ignore": (ENTRY,)})
    measures = FILES | {"findings": 2_500.0, "severity_high": 2_500.0}
    kept = verdicts.records(verdicts.job_record(SECURITY, measures=measures), findings=asked.records.findings)
    result = answer(verdicts.evidence(asked.plan, kept), SecurityCheck())
    assert (result.status, result.number) == (Status.FAILED, 2_499)


def index(least: float | None, *rules: str, limit: int = 20, mode: Mode = Mode.ERROR, **fields: Any) -> CheckResult:
    measures = FILES | {"findings": float(len(rules))} | ({} if least is None else {"index": least})
    made = (found("complexity", rule, path=f"{number}.py") for number, rule in enumerate(rules))
    findings = tuple(replace(each, anchor="module") for each in made)
    gate = CheckSpec(name="complexity", mode=mode, limits=(("index", float(limit)),))
    plan = builders.plan(COMPLEXITY, gates=(gate,))
    kept = verdicts.records(verdicts.job_record(COMPLEXITY, measures=measures), findings=findings)
    _, result = ComplexityCheck().answer(verdicts.evidence(plan, kept, **fields))
    return result


def test_a_file_below_the_maintainability_index_is_named() -> None:
    assert index(20.0, "MI20", "MI40").status is Status.PASSED
    bad = index(19.9, "MI19", "MI40")
    assert (bad.name, bad.status, bad.number, bad.limit) == ("complexity.index", Status.FAILED, 19.9, 20)
    assert bad.summary == "1 of 3 files below 20, the least 19.9"
    assert bad.details[0].startswith("0.py:3 MI19")


def test_an_index_that_nothing_measured_is_missing_and_a_cached_one_names_no_file() -> None:
    missing = index(None)
    assert (missing.status, missing.remedy) == (Status.MISSING, 'radon measures it: jobs.complexity.tool = "radon"')
    assert index(3.0).status is Status.FAILED


def test_a_ratchet_forgives_what_got_better_and_nothing_that_got_worse() -> None:
    def at(rule: str) -> Facts:
        return Facts(baseline=(ratchet.fingerprint(replace(found("complexity", rule, path="0.py"), anchor="module")),))

    assert index(9.0, "MI9", mode=Mode.RATCHET, facts=at("MI9")).status is Status.PASSED
    assert index(9.0, "MI9", mode=Mode.RATCHET, facts=at("MI3")).status is Status.PASSED
    assert index(9.0, "MI9", mode=Mode.RATCHET, facts=at("MI12")).status is Status.FAILED
    c, d = (replace(found("x", grade), anchor="K.f") for grade in "CD")
    told = ratchet.split([c], Counter([ratchet.fingerprint(d)]), ["ruff"])
    assert ([each.rule for each in told.better], told.new, told.slack) == (["C"], (), ())
    told = ratchet.split([d], Counter([ratchet.fingerprint(c)]), ["ruff"])
    assert [each.rule for each in told.new] == ["D"]


@pytest.mark.parametrize(("declared", "rule"), [("S602", "B602"), ("B602", "S602"), ("B602", "B602")])
def test_a_permission_names_a_rule_in_either_spelling(declared: str, rule: str) -> None:
    entry = Ignored(id=declared, reason="ours", until="2027-01-01")
    assert answer(security(found("security", rule, "high"), gate={"ignore": (entry,)}), SecurityCheck()).number == 0
    other = security(found("security", "X602", "high"), gate={"ignore": (entry,)})
    assert answer(other, SecurityCheck()).number == 1
