from __future__ import annotations

from typing import Any

import pytest

from penstock.judge.answer import sound
from penstock.judge.checks.jobs import JobsCheck
from penstock.judge.checks.package import PackageCheck
from penstock.judge.checks.scanned import LintCheck, TypesCheck
from penstock.model.pipeline import JobKind
from penstock.model.records import FindingRecord
from penstock.model.verdict import CheckResult, Status
from tests.builders import job, plan
from tests.verdicts import evidence, job_record, records

LINT, TYPES = job("lint", kind=JobKind.LINT), job("types", kind=JobKind.TYPES)
BUILD, DOCS = job("build", kind=JobKind.BUILD), job("docs", kind=JobKind.RUN)


def lint(outcome: str = "passed", **fields: Any) -> CheckResult:
    (result,) = LintCheck().answer(evidence(plan(LINT), records(job_record(LINT, outcome, **fields))))
    return sound(result)


def package(outcome: str = "passed", **fields: Any) -> CheckResult:
    (result,) = PackageCheck().answer(evidence(plan(BUILD), records(job_record(BUILD, outcome, **fields))))
    return sound(result)


def test_all_files_were_examined() -> None:
    result = lint(measures={"files": 12, "expected": 12})
    assert (result.status, result.summary, result.examined) == (Status.PASSED, "12 files", 12)


@pytest.mark.parametrize("measures", [{}, {"files": 0, "expected": 0}, {"files": 11, "expected": 12}])
def test_fewer_files_than_there_are_is_no_pass(measures: dict[str, float]) -> None:
    assert lint(measures=measures).status is Status.MISSING


def test_findings_fail_with_the_first_of_them() -> None:
    finding = FindingRecord(job="lint", tool="ruff", rule="F401", message="unused", path="a.py", line=3, column=1)
    kept = records(job_record(LINT, "failed", measures={"files": 2, "findings": 9}), findings=(finding,) * 9)
    (result,) = LintCheck().answer(evidence(plan(LINT), kept))
    assert (result.status, result.number, result.summary) == (Status.FAILED, 9, "9 findings in 2 files")
    assert result.details == ("a.py:3:1 F401 unused",) * 5


@pytest.mark.parametrize("outcome", ["errored", "timed_out", "skipped", "cancelled"])
def test_a_tool_without_an_answer_is_missing(outcome: str) -> None:
    assert lint(outcome, measures={"files": 3}).status is Status.MISSING


def test_types_are_asked_of_type_checkers_alone() -> None:
    assert [result.job for result in TypesCheck().answer(evidence(plan(LINT, TYPES)))] == ["types"]


def test_a_package_is_an_sdist_a_wheel_and_checked_metadata() -> None:
    result = package()
    assert (result.status, result.summary) == (Status.PASSED, "1 sdist, 1 wheel, metadata checked")
    by_version = package(measures={"sdists": 1, "wheels": 2}, notes={"version:twine": "6"})
    assert by_version.status is Status.PASSED


@pytest.mark.parametrize(
    ("measures", "told"),
    [
        ({"wheels": 1, "checked": 1}, "no source distribution"),
        ({"sdists": 1, "checked": 1}, "no wheel"),
        ({"sdists": 1, "wheels": 1}, "no metadata check"),
        ({"sdists": 1, "wheels": 1, "checked": 1}, "1 of 2 examined"),
    ],
)
def test_a_part_of_a_package_is_no_pass(measures: dict[str, float], told: str) -> None:
    result = package(measures=measures)
    assert result.status is Status.MISSING
    assert told in result.summary


def test_a_build_that_failed() -> None:
    assert package("failed", reason="no wheel for you").summary == "no wheel for you"
    assert package("errored").status is Status.MISSING


def test_jobs_counts_what_was_answered() -> None:
    other = job("other", kind=JobKind.RUN)
    kept = records(job_record(DOCS), job_record(other, "errored", reason="no tool"))
    (result,) = JobsCheck().answer(evidence(plan(DOCS, other), kept))
    assert (result.status, result.number, result.limit) == (Status.MISSING, 1, 2)
    assert (result.summary, result.details) == ("1 passed, 1 unfinished", ("other: no tool",))
    assert list(JobsCheck().answer(evidence(plan()))) == []
