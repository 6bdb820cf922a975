from __future__ import annotations

import pytest

from penstock.judge.alone import proved
from penstock.judge.checks import CHECKS
from penstock.model.events import JobFinished, Outcome
from penstock.model.pipeline import CheckSpec, JobKind, Tolerance
from penstock.model.plan import Job
from penstock.model.records import Reading
from tests.builders import job, plan
from tests.verdicts import job_record, rows

UNIT = job("unit@3.12", needs=("lint",), expected_tests=2)


def told(planned: Job, outcome: str = "passed", *, lost: int = 0, **measures: float) -> bool:
    record = job_record(planned, outcome)
    if measures:
        record = job_record(planned, outcome, measures=measures)
    finished = JobFinished(
        job=planned.id,
        outcome=Outcome(outcome),
        reason="",
        at_s=1.0,
        duration_s=1.0,
        measures=record.measures,
        notes=record.notes,
    )
    tests = rows(record)[lost:]
    whole = plan(job("lint"), planned, gates=(CheckSpec(name="tests", limits=(("min", 99.0),)),))
    return proved(whole, planned, finished, Reading(outcome=Outcome.PASSED, tests=tests), CHECKS)


def test_a_clean_pass_may_stand_for_a_later_run_whatever_the_gates_ask() -> None:
    assert told(UNIT)
    assert told(job("docs", kind=JobKind.RUN))
    assert told(job("coverage", kind=JobKind.COVERAGE, needs=("unit",)))
    assert told(job("annotations", kind=JobKind.ANNOTATIONS), files=3, expected=3, functions=2, annotated=1)


@pytest.mark.parametrize("outcome", [outcome for outcome in Outcome if outcome is not Outcome.PASSED])
def test_anything_but_a_pass_may_not(outcome: Outcome) -> None:
    assert not told(UNIT, outcome)
    assert not told(job("coverage", kind=JobKind.COVERAGE), outcome)
    assert not told(job("annotations", kind=JobKind.ANNOTATIONS), outcome)


def test_a_pass_that_the_judge_does_not_believe_may_not() -> None:
    assert not told(UNIT, lost=1)
    assert not told(UNIT, collected=2, skipped=2)
    assert not told(UNIT, collected=4, passed=2, skipped=2, skipped_missing=2)
    assert not told(job("unit@3.12", expected_tests=9))
    assert not told(job("lint", kind=JobKind.LINT), files=0)


def test_what_the_verdict_forgives_is_no_reason_to_keep() -> None:
    lenient = job("unit@3.12", required=False, tolerance=Tolerance(reason="r", until="2099-01-01"))
    assert told(lenient)
    assert not told(lenient, "failed")
    assert not told(lenient, collected=2, skipped=2)
