"""Limits of single flags beside that of the total."""

from __future__ import annotations

from penstock.judge.checks.coverage import CoverageCheck
from penstock.model.pipeline import CheckSpec, JobKind
from penstock.model.verdict import CheckResult, Status
from tests import builders, verdicts

JOB = builders.job("coverage", kind=JobKind.COVERAGE)
SUMS = {
    "statements": 30.0,
    "covered": 20.0,
    "files": 3.0,
    "expected": 3.0,
    "flag.python.statements": 10.0,
    "flag.python.covered": 9.0,
    "flag.python.files": 1.0,
    "flag.rust.statements": 20.0,
    "flag.rust.covered": 11.0,
    "flag.rust.files": 2.0,
}


def answers(**limits: float) -> dict[str, CheckResult]:
    gate = CheckSpec(name="coverage", limits=tuple((name.replace("__", "."), limit) for name, limit in limits.items()))
    kept = verdicts.records(verdicts.job_record(JOB, measures=SUMS))
    every = CoverageCheck().answer(verdicts.evidence(builders.plan(JOB, gates=(gate,)), kept))
    return {each.name: each for each in every}


def test_each_flag_has_its_limit_and_the_total_tells_of_all() -> None:
    told = answers(total=66, flags__python=90, flags__rust=56)
    assert {name: each.status for name, each in told.items()} == {
        "coverage.total": Status.PASSED,
        "coverage.python": Status.PASSED,
        "coverage.rust": Status.FAILED,
    }
    assert told["coverage.total"].summary == "66.66 % (20/30), of 66 % · python 90.00 %, rust 55.00 %"
    assert (told["coverage.rust"].number, told["coverage.rust"].remedy) == (55.0, "cover 1 more line or branch")


def test_a_flag_that_is_declared_and_not_measured_is_missing() -> None:
    told = answers(flags__go=10)
    assert (told["coverage.go"].status, told["coverage.go"].limit) == (Status.MISSING, 10)
    assert told["coverage.python"].status is Status.PASSED, "a flag without a limit is told"
