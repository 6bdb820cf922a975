"""The audit against its gate: severities, permissions with a last day, what no database can be asked for."""

from __future__ import annotations

from typing import Any

import pytest

from penstock.errors import ExitCode
from penstock.judge import ratchet
from penstock.judge.checks import CHECKS
from penstock.judge.checks.audited import AuditCheck
from penstock.judge.decide import decide
from penstock.model.change import Facts
from penstock.model.pipeline import CheckSpec, Ignored, JobKind, Mode
from penstock.model.records import FindingRecord
from penstock.model.verdict import CheckResult, Evidence, Status
from tests import builders, verdicts

JOB = builders.job("audit", kind=JobKind.AUDIT)
NOTES = {"aliases:PYSEC-1": "CVE-2019-1 GHSA-1", "fixed:jinja2": "2.10.1"}


def found(rule: str = "PYSEC-1", severity: str = "unknown", name: str = "jinja2") -> FindingRecord:
    return FindingRecord(
        job="audit",
        tool="uv-audit",
        rule=rule,
        message=f"{name} 2.10: bad",
        path="uv.lock",
        line=3,
        severity=severity,
        anchor=name,
    )


SIX = found("unaudited", name="six")


def permit(label: str, until: str = "2027-01-01") -> Ignored:
    return Ignored(id=label, reason="not reached", until=until)


def evidence(
    *findings: FindingRecord,
    gate: dict[str, Any] | None = None,
    ignore: tuple[Ignored, ...] = (),
    mode: Mode = Mode.ERROR,
    facts: Facts | None = None,
    **record: Any,
) -> Evidence:
    skipped = sum(each.rule == "unaudited" for each in findings)
    measures = {"dependencies": 5.0 + skipped, "audited": 5.0, "findings": float(len(findings))}
    kept = verdicts.job_record(JOB, **{"measures": measures, "notes": NOTES, **record})
    spec = CheckSpec(name="audit", mode=mode, options=tuple((gate or {}).items()), ignored=ignore)
    plan = builders.plan(JOB, gates=(spec,))
    return verdicts.evidence(
        plan, verdicts.records(kept, findings=findings), today="2026-11-22", facts=facts or Facts()
    )


def answer(asked: Evidence) -> CheckResult:
    (result,) = AuditCheck().answer(asked)
    return result


def code(asked: Evidence) -> ExitCode:
    return decide(asked, CHECKS).exit_code


def test_clean_is_as_many_as_were_asked_for() -> None:
    result = answer(evidence())
    assert (result.status, result.examined, result.expected) == (Status.PASSED, 5, 5)
    assert result.summary == "0 known vulnerabilities in 5 of 5 dependencies"
    assert code(evidence()) is ExitCode.VERIFIED


def test_a_vulnerability_blocks_and_the_remedy_names_the_version() -> None:
    result = answer(evidence(found(severity="high"), found("PYSEC-9", "critical", "idna")))
    assert result.status is Status.FAILED
    assert result.summary == "2 known vulnerabilities (1 critical, 1 high) in 5 of 5 dependencies"
    assert str(result.remedy).startswith("raise jinja2 to 2.10.1; ")
    assert result.details[0] == "uv.lock:3 PYSEC-1 jinja2 2.10: bad"
    assert code(evidence(found())) is ExitCode.GATE_FAILED


@pytest.mark.parametrize(
    ("limit", "severity", "status"),
    [
        ("low", "low", Status.FAILED),
        ("high", "medium", Status.PASSED),
        ("high", "high", Status.FAILED),
        ("high", "critical", Status.FAILED),
        ("critical", "unknown", Status.FAILED),
    ],
)
def test_what_the_database_calls_less_than_the_limit_is_told_only(limit: str, severity: str, status: Status) -> None:
    result = answer(evidence(found(severity=severity), gate={"severity": limit}))
    assert result.status is status
    assert ("1 that do not count" in result.summary) is (status is Status.PASSED)


@pytest.mark.parametrize("label", ["PYSEC-1", "CVE-2019-1", "GHSA-1"])
def test_a_permission_by_any_of_its_names_forgives_until_its_last_day(label: str) -> None:
    forgiven = answer(evidence(found(), ignore=(permit(label),)))
    assert (forgiven.status, forgiven.details) == (Status.PASSED, ())
    assert forgiven.summary.endswith(", 1 ignored")
    void = answer(evidence(found(), ignore=(permit(label, "2026-11-21"),)))
    assert void.status is Status.FAILED
    assert void.details[0] == f"the permission for {label} ended on 2026-11-21 (not reached)"


def test_an_expired_permission_blocks_even_where_nothing_is_found_and_an_idle_one_is_said() -> None:
    assert answer(evidence(ignore=(permit("CVE-1", "2026-11-21"),))).status is Status.FAILED
    idle = answer(evidence(ignore=(permit("CVE-1"),)))
    assert idle.status is Status.PASSED
    assert idle.details == ("the permission for CVE-1 fits nothing: take it out of gates.audit.ignore",)


def test_what_no_database_can_be_asked_for_is_not_verified_until_it_is_permitted_by_its_name() -> None:
    result = answer(evidence(SIX))
    assert (result.status, result.examined, result.expected) == (Status.MISSING, 5, 6)
    assert result.summary.endswith("in 5 of 6 dependencies; not audited: six")
    assert code(evidence(SIX)) is ExitCode.NOT_VERIFIED
    assert code(evidence(SIX, found())) is ExitCode.GATE_FAILED, "a plain no outweighs it"
    assert answer(evidence(SIX, ignore=(permit("six"),))).status is Status.PASSED


def test_a_ratchet_forgives_what_was_there_before_and_never_what_was_not_asked() -> None:
    facts = Facts(baseline=(ratchet.fingerprint(found()),))
    assert answer(evidence(found(), mode=Mode.RATCHET, facts=facts)).status is Status.PASSED
    assert answer(evidence(found("PYSEC-2"), mode=Mode.RATCHET, facts=facts)).status is Status.FAILED
    known = Facts(baseline=(ratchet.fingerprint(SIX),))
    assert answer(evidence(SIX, mode=Mode.RATCHET, facts=known)).status is Status.MISSING


def test_what_was_not_kept_blocks() -> None:
    more = {"dependencies": 5.0, "audited": 5.0, "findings": 3.0}
    assert answer(evidence(found(), ignore=(permit("PYSEC-1"),), measures=more)).status is Status.FAILED


def test_a_job_without_an_answer_is_missing_with_its_reason() -> None:
    asked = evidence(outcome="errored", reason="the database could not be asked")
    assert (answer(asked).status, answer(asked).summary) == (Status.MISSING, "the database could not be asked")
    assert code(asked) is ExitCode.NOT_VERIFIED


def test_as_advice_it_never_blocks() -> None:
    assert answer(evidence(found(), mode=Mode.WARN)).mode is Mode.WARN
    assert code(evidence(found(), mode=Mode.WARN)) is ExitCode.VERIFIED


@pytest.mark.parametrize(("mode", "expected"), [(Mode.WARN, ExitCode.VERIFIED), (Mode.ERROR, ExitCode.NOT_VERIFIED)])
def test_as_advice_it_does_not_block_where_the_database_is_not_reached(mode: Mode, expected: ExitCode) -> None:
    lint = builders.job("lint", kind=JobKind.LINT)
    plan = builders.plan(JOB, lint, gates=(CheckSpec(name="audit", mode=mode),))
    counted = verdicts.job_record(lint, measures={"files": 3.0, "expected": 3.0, "findings": 0.0})
    kept = verdicts.records(verdicts.job_record(JOB, "errored", reason="not reached"), counted)
    assert code(verdicts.evidence(plan, kept)) is expected
