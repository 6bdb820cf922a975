from __future__ import annotations

from typing import Any

import pytest

from penstock.judge.checks.tests import TestsCheck as Check
from penstock.model.change import Facts
from penstock.model.pipeline import CheckSpec, JobKind
from penstock.model.plan import Job, LeftOut, Rule, Scope
from penstock.model.tested import Before, Tested
from penstock.model.verdict import CheckResult, Status
from tests.builders import dependency_set, environment, job, plan
from tests.verdicts import attempt, evidence, job_record, records

UNIT = job("unit@3.12")


def answer(unit: Job = UNIT, outcome: str = "passed", **fields: Any) -> CheckResult:
    (result,) = Check().answer(evidence(plan(unit), records(job_record(unit, outcome, **fields))))
    return result


def counts(**numbers: float) -> dict[str, Any]:
    collected = sum(number for name, number in numbers.items() if name not in ("deselected", "skipped_files"))
    return {"measures": {"collected": collected, **numbers}}


def test_all_collected_tests_ran() -> None:
    result = answer(**counts(passed=840, skipped=12, deselected=3))
    assert (result.status, result.number, result.examined, result.expected) == (Status.PASSED, 840, 852, 852)
    assert result.summary == "840 passed, 12 skipped, 3 deselected"


@pytest.mark.parametrize("bad", ["failed", "errored", "crashed", "timed_out"])
def test_a_bad_test_fails_even_if_the_job_says_it_passed(bad: str) -> None:
    assert answer(**counts(passed=1, **{bad: 1})).status is Status.FAILED


def test_collection_errors_fail() -> None:
    assert answer(measures={"collected": 1, "passed": 1, "collection_errors": 1}).status is Status.FAILED


@pytest.mark.parametrize(
    ("measures", "told"),
    [
        ({}, "no finish record"),
        ({"passed": 3}, "no finish record"),
        ({"collected": 0}, "no test was collected"),
        ({"collected": 5, "passed": 3}, "2 tests unaccounted for"),
        ({"collected": 3, "passed": 5}, "2 tests unaccounted for"),
        ({"collected": 3, "passed": 2, "not_run": 1}, "1 of 3 tests not run"),
        ({"collected": 3, "skipped": 3}, "all 3 tests were skipped"),
    ],
)
def test_what_is_no_evidence(measures: dict[str, float], told: str) -> None:
    result = answer(measures=measures)
    assert result.status is Status.MISSING
    assert told in result.summary


@pytest.mark.parametrize("outcome", ["errored", "cancelled", "skipped"])
def test_a_job_without_an_answer_is_missing(outcome: str) -> None:
    assert answer(outcome=outcome).status is Status.MISSING


def test_results_that_were_lost_are_noticed() -> None:
    kept = records(job_record(UNIT), tests=(attempt(UNIT, "a"),))
    (result,) = Check().answer(evidence(plan(UNIT), kept))
    assert (result.status, result.summary) == (Status.MISSING, "1 result for 2 collected tests")


def test_a_cached_result_keeps_its_rows_elsewhere() -> None:
    kept = records(job_record(UNIT, cached_from="r0"), tests=())
    (result,) = Check().answer(evidence(plan(UNIT), kept))
    assert result.status is Status.PASSED


@pytest.mark.parametrize(
    ("leg", "notes", "status"),
    [
        ("3.12", {"python": "3.12.1", "implementation": "CPython"}, Status.PASSED),
        ("3.12", {"python": "3.12.1"}, Status.PASSED),
        ("3.13t", {"python": "3.13.0", "implementation": "CPython"}, Status.PASSED),
        ("pypy3.10", {"python": "3.10.14", "implementation": "PyPy"}, Status.PASSED),
        ("3.12", {}, Status.MISSING),
        ("3.12", {"python": "3.11.7", "implementation": "CPython"}, Status.MISSING),
        ("3.1", {"python": "3.12.1", "implementation": "CPython"}, Status.MISSING),
        ("3.10", {"python": "3.10.14", "implementation": "PyPy"}, Status.MISSING),
        ("pypy3.10", {"python": "3.10.14", "implementation": "CPython"}, Status.MISSING),
        ("", {}, Status.PASSED),
    ],
)
def test_the_interpreter_is_proved(leg: str, notes: dict[str, str], status: Status) -> None:
    assert answer(job(f"unit@{leg}" if leg else "unit"), notes=notes).status is status


@pytest.mark.parametrize(("expected", "status"), [(0, Status.PASSED), (4, Status.PASSED), (5, Status.MISSING)])
def test_guard_g2_counts_the_functions_in_the_files(expected: int, status: Status) -> None:
    assert answer(job("unit@3.12", expected_tests=expected)).status is status


def test_parameters_are_no_functions_of_their_own() -> None:
    unit = job("unit@3.12", expected_tests=10)
    rows = tuple(attempt(unit, f"test_a[{number}]") for number in range(20))
    kept = records(job_record(unit, **counts(passed=20)), tests=rows)
    (result,) = Check().answer(evidence(plan(unit), kept))
    assert (result.status, result.summary) == (Status.MISSING, "1 test function collected, 10 counted in the files")


def skips(passed: int, skipped: int, message: str) -> CheckResult:
    rows = tuple(attempt(UNIT, f"p{number}") for number in range(passed))
    rows += tuple(attempt(UNIT, f"s{number}", "skipped", message=message) for number in range(skipped))
    unit = counts(passed=passed, skipped=skipped)
    unit["measures"]["skipped_missing"] = skipped
    kept = records(job_record(UNIT, **unit), tests=rows)
    (result,) = Check().answer(evidence(plan(UNIT), kept))
    return result


def test_guard_g3_half_of_the_tests_lost_to_a_missing_module() -> None:
    result = skips(40, 41, "could not import 'pytz': No module named 'pytz'")
    assert result.status is Status.MISSING
    assert result.summary == "41 of 81 tests skipped: pytz not installed"


@pytest.mark.parametrize("missing", [{"skipped_missing": 41.0}, {}])
def test_guard_g3_holds_for_a_cached_result_too(missing: dict[str, float]) -> None:
    measures = {"collected": 81, "passed": 40, "skipped": 41, **missing}
    notes = {"python": "3.12.1", "skipped_for": "pytz"}
    kept = records(job_record(UNIT, cached_from="r0", measures=measures, notes=notes), tests=())
    (result,) = Check().answer(evidence(plan(UNIT), kept))
    assert (result.status, result.summary) == (Status.MISSING, "41 of 81 tests skipped: pytz not installed")


def test_fewer_are_told() -> None:
    result = skips(80, 1, "No module named 'yaml.cyaml'")
    assert (result.status, result.details) == (Status.PASSED, ("1 skipped: the module yaml.cyaml is missing",))


def test_files_that_skipped_themselves_are_told() -> None:
    result = answer(
        measures={"collected": 1, "passed": 1, "skipped_files": 2}, notes={"python": "3.12.1", "skipped_for": "numpy"}
    )
    assert result.details == ("2 files skipped whole, for want of numpy",)


def test_an_environment_that_lacks_a_part_is_no_evidence() -> None:
    unit = job("unit@3.12", environment="3.12/test")
    lacking = environment("3.12/test", dependencies=dependency_set(unfetchable=("hypercorn @ git+https://x",)))
    (result,) = Check().answer(evidence(plan(unit, environments=(lacking,))))
    assert result.status is Status.MISSING
    assert "hypercorn" in result.summary


BEFORE = Before(run="r0", commit="0123456789", of_base=True, ran=100)


def floor(
    minimum: float | str, ran: int, tested: Tested | None = None, why: str = "", **fields: Any
) -> list[CheckResult]:
    spec = CheckSpec(
        name="tests",
        limits=(("min", minimum),) if isinstance(minimum, float) else (),
        options=(("min", minimum),) if isinstance(minimum, str) else (),
    )
    legs = (job("unit@3.12"), job("unit@3.13"))
    kept = records(*(job_record(leg, **counts(passed=ran, skipped=1)) for leg in legs))
    facts = Facts(tested=tested, why=why)
    answers = Check().answer(evidence(plan(*legs, gates=(spec,), **fields), kept, facts=facts))
    return [result for result in answers if result.name == "tests.min"]


@pytest.mark.parametrize(("ran", "status"), [(300, Status.PASSED), (299, Status.FAILED)])
def test_the_floor_counts_each_test_once_and_no_skip(ran: int, status: Status) -> None:
    (result,) = floor(300.0, ran)
    assert (result.status, result.number, result.limit) == (status, ran, 300.0)


def test_an_automatic_floor_without_a_record_says_so_and_does_not_fail() -> None:
    (result,) = floor("auto", 300)
    assert result.status is Status.PASSED
    assert result.summary == "300 tests ran; there is no record of the base to set a floor by"


@pytest.mark.parametrize(("ran", "status"), [(95, Status.PASSED), (94, Status.FAILED)])
def test_an_automatic_floor_is_95_percent_of_what_ran_before(ran: int, status: Status) -> None:
    (result,) = floor("auto", ran, Tested(before=BEFORE))
    assert (result.status, result.limit) == (status, 95)
    assert "95 % of the 100 of the base, 0123456" in result.summary


def test_an_automatic_floor_is_passed_by_a_reason_and_a_declared_one_is_not() -> None:
    (result,) = floor("auto", 1, Tested(before=BEFORE), why="the old format is gone")
    assert (result.status, result.remedy) == (Status.PASSED, None)
    (declared,) = floor(95.0, 1, Tested(before=BEFORE), why="the old format is gone")
    assert declared.status is Status.FAILED


def test_a_record_that_cannot_be_read_is_missing() -> None:
    (result,) = floor("auto", 300, Tested(unread="rows/x is not what was written"))
    assert result.status is Status.MISSING
    assert result.summary.endswith("cannot be read: rows/x is not what was written")


def test_the_floor_of_cached_jobs_is_held_against_their_counts() -> None:
    spec = CheckSpec(name="tests", limits=(("min", 300.0),))
    legs = (job("unit@3.12"), job("unit@3.13"))
    kept = records(*(job_record(leg, **counts(passed=300), cached_from="r0") for leg in legs), tests=())
    *_, result = Check().answer(evidence(plan(*legs, gates=(spec,)), kept))
    assert (result.status, result.number) == (Status.PASSED, 300)


def test_too_few_because_a_job_did_not_run_is_missing_not_failed() -> None:
    spec = CheckSpec(name="tests", limits=(("min", 3.0),))
    legs = (job("unit@3.12"), job("integ@3.12"))
    kept = records(job_record(legs[0]), job_record(legs[1], "errored"))
    *_, result = Check().answer(evidence(plan(*legs, gates=(spec,)), kept))
    assert result.status is Status.MISSING
    assert result.summary == "2 tests ran of at least 3; not run to an end: integ@3.12"


def test_a_part_is_not_held_to_the_floor_of_the_whole() -> None:
    assert floor(300.0, 1, scope=Scope.PARTIAL) == []


def test_nor_a_plan_from_which_a_rule_left_a_whole_job_out() -> None:
    def left(name: str) -> LeftOut:
        return LeftOut(id=name, reason="r", declared=True, kind=JobKind.TEST)

    assert floor(300.0, 1, left_out=(left("integ@3.12"),)) == []
    assert floor(300.0, 1, left_out=(left("unit@3.11"),))[0].status is Status.FAILED


def test_what_is_for_other_runs_is_no_part_of_the_floor() -> None:
    slow = LeftOut(id="slow@3.12", reason="only nightly", declared=True, rule=Rule.RUNS, kind=JobKind.TEST)
    assert floor(300.0, 1, left_out=(slow,))[0].status is Status.FAILED, "the tests that are for this run are asked"
    nothing = plan(gates=(CheckSpec(name="tests", limits=(("min", 3.0),)),), left_out=(slow,))
    assert list(Check().answer(evidence(nothing))) == [], "where all are for other runs, there is nothing to count"


def test_a_plan_without_tests_is_not_asked() -> None:
    assert list(Check().answer(evidence(plan(job("lint", kind=JobKind.LINT))))) == []
