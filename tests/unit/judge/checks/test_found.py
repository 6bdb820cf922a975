"""Secrets and dependency issues against their gates."""

from __future__ import annotations

from typing import Any

import pytest

from penstock.judge import ratchet
from penstock.judge.checks.found import DependenciesCheck, SecretsCheck
from penstock.model.change import Facts
from penstock.model.pipeline import CheckSpec, Ignored, JobKind, Mode
from penstock.model.records import FindingRecord
from penstock.model.verdict import CheckResult, Status
from penstock.ports import Check
from tests import builders, verdicts

CHECKS: dict[str, Check] = {"secrets": SecretsCheck(), "dependencies": DependenciesCheck()}
both = pytest.mark.parametrize("name", CHECKS)


def found(name: str, rule: str = "aws-access-key", path: str = "tests/a.py", anchor: str = "c5f8") -> FindingRecord:
    return FindingRecord(job=name, tool="x", rule=rule, message="it is not shown", path=path, line=3, anchor=anchor)


def answer(
    name: str,
    *findings: FindingRecord,
    ignore: tuple[Ignored, ...] = (),
    mode: Mode = Mode.ERROR,
    baseline: tuple[str, ...] = (),
    **record: Any,
) -> CheckResult:
    job = builders.job(name, kind=JobKind(name))
    measures = {"files": 4.0, "expected": 4.0, "findings": float(len(findings))}
    kept = verdicts.records(verdicts.job_record(job, **{"measures": measures, **record}), findings=findings)
    plan = builders.plan(job, gates=(CheckSpec(name=name, mode=mode, ignored=ignore),))
    asked = verdicts.evidence(plan, kept, today="2026-11-22", facts=Facts(baseline=baseline))
    (result,) = CHECKS[name].answer(asked)
    return result


@both
def test_one_finding_blocks_none_passes(name: str) -> None:
    assert answer(name).status is Status.PASSED
    result = answer(name, found(name))
    assert (result.status, result.number, result.examined) == (Status.FAILED, 1, 4)
    assert result.details == ("tests/a.py:3 aws-access-key it is not shown",)
    assert result.remedy


@both
def test_a_job_that_did_not_look_at_all_is_missing(name: str) -> None:
    result = answer(name, outcome="errored", reason="3 of 4 files looked at")
    assert (result.status, result.summary) == (Status.MISSING, "3 of 4 files looked at")


@both
def test_a_ratchet_counts_what_is_new(name: str) -> None:
    known = (ratchet.fingerprint(found(name)),)
    assert answer(name, found(name), mode=Mode.RATCHET, baseline=known).status is Status.PASSED
    other = answer(name, found(name), found(name, anchor="ffff"), mode=Mode.RATCHET, baseline=known)
    assert (other.status, other.number) == (Status.FAILED, 1)


def test_a_permission_is_for_a_kind_in_places_until_a_day() -> None:
    def permit(label: str, until: str = "2027-01-01") -> tuple[Ignored, ...]:
        return (Ignored(id=label, reason="an example", until=until, paths=("tests/**",)),)

    secret = found("secrets")
    assert answer("secrets", secret, ignore=permit("aws-access-key")).status is Status.PASSED
    elsewhere = answer("secrets", found("secrets", path="src/a.py"), ignore=permit("aws-access-key"))
    assert elsewhere.status is Status.FAILED
    assert "fits nothing" in elsewhere.details[0]
    assert answer("secrets", secret, ignore=permit("secret-keyword")).status is Status.FAILED
    late = answer("secrets", ignore=permit("aws-access-key", "2026-11-21"))
    assert (late.status, late.details) == (
        Status.FAILED,
        ("the permission for aws-access-key ended on 2026-11-21 (an example)",),
    )


@both
def test_more_than_is_kept_blocks(name: str) -> None:
    result = answer(name, measures={"files": 4.0, "expected": 4.0, "findings": 2.0})
    assert (result.status, result.number) == (Status.FAILED, 2)
