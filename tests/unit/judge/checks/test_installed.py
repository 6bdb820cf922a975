"""Licences against what is allowed and denied; freshness, which never blocks."""

from __future__ import annotations

from typing import Any

import pytest

from penstock.errors import ExitCode
from penstock.judge.checks import CHECKS
from penstock.judge.checks.installed import FreshnessCheck, LicensesCheck
from penstock.judge.decide import decide
from penstock.model.pipeline import CheckSpec, Ignored, JobKind, Mode
from penstock.model.records import FindingRecord
from penstock.model.verdict import CheckResult, Evidence, Status
from tests import builders, verdicts

UNIT = builders.job("unit@3.12")
NOTES = {
    "license:MIT": "attrs 23.1.0, idna 3.10",
    "license:MIT OR Apache-2.0": "dual 1.0",
    "license-development:GPL-3.0-only": "tool 2.0",
}
BSD = {"license:unknown: BSD License": "docs 1.0"}
NOTHING = {"license:unknown": "silent 1.0"}


def number(told: dict[str, str], kind: str) -> float:
    return float(sum(len(text.split(", ")) for name, text in told.items() if name.startswith(kind)))


def licenses(
    notes: dict[str, str] | None = None, *, ignore: tuple[Ignored, ...] = (), gate: dict[str, str] | None = None
) -> Evidence:
    told, gate = NOTES | (notes or {}), gate or {}
    measures = {"distributions": number(told, "license"), "runtime": number(told, "license:")}
    asks = bool({"allow", "deny"} & gate.keys())
    job = builders.job("licenses", kind=JobKind.LICENSES, mode=Mode.ERROR if asks else Mode.WARN, required=asks)
    record = verdicts.job_record(job, measures=measures, notes=told)
    spec = CheckSpec(name="licenses", options=tuple(gate.items()), ignored=ignore)
    unit = verdicts.job_record(UNIT)
    kept = verdicts.records(record, unit, findings=(), tests=verdicts.rows(unit))
    return verdicts.evidence(builders.plan(UNIT, job, gates=(spec,)), kept, today="2026-11-22")


def one(evidence: Evidence, check: Any = None) -> CheckResult:
    (result,) = (check or LicensesCheck()).answer(evidence)
    assert isinstance(result, CheckResult)
    return result


def test_without_a_wish_it_is_a_list_and_advice() -> None:
    result = one(licenses(BSD))
    assert (result.status, result.mode, result.examined) == (Status.PASSED, Mode.WARN, 4)
    assert result.summary == "1 unknown, of 4 of the project's own dependencies: 2 MIT, 1 MIT OR Apache-2.0"
    assert "MIT: attrs 23.1.0, idna 3.10" in result.details
    assert not any("tool" in each for each in result.details)
    assert any("tool 2.0" in each for each in one(licenses(gate={"scope": "all"})).details)


@pytest.mark.parametrize(
    ("notes", "gate", "status"),
    [
        ({}, {"allow": "MIT"}, Status.PASSED),
        ({}, {"allow": "Apache-2.0"}, Status.FAILED),
        ({}, {"deny": "GPL-*"}, Status.PASSED),
        ({}, {"deny": "GPL-*", "scope": "all"}, Status.FAILED),
        ({"license:GPL-3.0-only": "x 1"}, {"deny": "GPL-*"}, Status.FAILED),
        (BSD, {"allow": "MIT"}, Status.MISSING),
        (BSD, {"deny": "GPL-*"}, Status.MISSING),
        (BSD, {"allow": "MIT,BSD License"}, Status.PASSED),
        (NOTHING, {"allow": "MIT"}, Status.MISSING),
        (NOTHING, {"allow": "*"}, Status.MISSING),
        (NOTHING | {"license:GPL-3.0-only": "x 1"}, {"allow": "MIT"}, Status.FAILED),
    ],
)
def test_with_a_wish_it_is_a_gate_and_an_unknown_licence_is_not_green(
    notes: dict[str, str], gate: dict[str, str], status: Status
) -> None:
    evidence = licenses(notes, gate=gate)
    assert one(evidence).status is status
    codes = {Status.PASSED: 0, Status.FAILED: 1, Status.MISSING: 3}
    assert decide(evidence, CHECKS).exit_code == codes[status]


@pytest.mark.parametrize("notes", [NOTHING, {"license:GPL-3.0-only": "silent 1.0"}])
def test_a_permission_names_a_distribution_and_has_a_last_day(notes: dict[str, str]) -> None:
    def entry(until: str) -> tuple[Ignored, ...]:
        return (Ignored(id="Silent", reason="asked its author", until=until),)

    assert one(licenses(notes, gate={"allow": "MIT"}, ignore=entry("2026-11-22"))).status is Status.PASSED
    void = one(licenses(notes, gate={"allow": "MIT"}, ignore=entry("2026-11-21")))
    assert void.status is Status.FAILED
    assert "ended on 2026-11-21" in void.details[0]


def test_what_was_not_listed_whole_is_missing() -> None:
    evidence = licenses(gate={"allow": "MIT"})
    job = evidence.plan.jobs[1]
    record = verdicts.job_record(job, measures={"runtime": 9.0}, notes=NOTES)
    lost = verdicts.evidence(evidence.plan, verdicts.records(record, verdicts.job_record(UNIT)))
    assert {each.status for each in decide(lost, CHECKS).checks if each.name == "licenses"} == {Status.MISSING}


def freshness(outcome: str = "passed", **measures: float) -> Evidence:
    job = builders.job("freshness", kind=JobKind.FRESHNESS, mode=Mode.WARN, required=False)
    found = FindingRecord(job="freshness", tool="uv-outdated", rule="behind-major", message="attrs 23: 26 is there")
    record = verdicts.job_record(job, outcome, measures=measures)
    tests = verdicts.rows(verdicts.job_record(UNIT))
    kept = verdicts.records(record, verdicts.job_record(UNIT), findings=(found,), tests=tests)
    return verdicts.evidence(builders.plan(UNIT, job, gates=(CheckSpec(name="freshness"),)), kept)


def test_freshness_tells_how_many_and_by_how_much_and_never_blocks() -> None:
    behind = freshness(direct=6.0, behind=2.0, behind_major=1.0, behind_patch=1.0)
    result = one(behind, FreshnessCheck())
    assert (result.status, result.mode) == (Status.FAILED, Mode.WARN)
    assert result.summary == "2 of 6 direct dependencies behind: 1 by a major version, 1 by a patch version"
    unreached = freshness("errored")
    assert one(unreached, FreshnessCheck()).status is Status.MISSING
    for evidence in (behind, unreached):
        assert decide(evidence, CHECKS).exit_code is ExitCode.VERIFIED
    assert one(freshness(direct=6.0), FreshnessCheck()).status is Status.PASSED
