from __future__ import annotations

from typing import Any

import pytest
from msgspec.structs import replace

from penstock.errors import ExitCode
from penstock.judge.alone import proved
from penstock.judge.checks import CHECKS
from penstock.judge.checks.quarantine import QuarantineCheck, passing
from penstock.judge.decide import decide
from penstock.model.events import JobFinished, Outcome
from penstock.model.pipeline import JobKind, Quarantine
from penstock.model.plan import Scope
from penstock.model.records import Reading
from penstock.model.verdict import Evidence, Status
from tests import builders, verdicts

ENTRY = Quarantine(test="t.py::test_shaky", owner="ops", reason="issue 12", until="2027-03-01")
SHAKY = "t.py::test_shaky"


def evidence(*outcomes: str, today: str = "2027-03-01", entry: Quarantine = ENTRY, **fields: Any) -> Evidence:
    """A leg an outcome of the test in quarantine, beside a test that passes."""
    jobs, records, tests = [], [], []
    for number, outcome in enumerate(outcomes):
        job = replace(builders.job(f"unit@3.{number}", kind=JobKind.TEST), quarantine=(entry,))
        bad = outcome not in {"passed", "skipped"}
        measures = {"collected": 2, "ran": 2, "passed": 1, "quarantined" if bad else outcome: 1}
        measures["passed"] += outcome == "passed"
        jobs.append(job)
        records.append(verdicts.job_record(job, measures=measures, **fields))
        tests += [verdicts.attempt(job, "t.py::test_a"), verdicts.attempt(job, SHAKY, outcome)]
    plan = replace(builders.plan(*jobs), quarantine=(entry,))
    return Evidence(plan=plan, records=verdicts.records(*records, tests=tuple(tests)), today=today)


def test_a_failure_is_shown_with_its_owner_reason_and_day_and_does_not_block() -> None:
    told = evidence("failed", "failed", "passed")
    (answer,) = QuarantineCheck().answer(told)
    assert answer.status is Status.PASSED
    assert answer.summary == "1 failing test in quarantine: not blocking"
    assert answer.details == ("t.py::test_shaky fails in unit@3.0, unit@3.1 (owner: ops, until 2027-03-01: issue 12)",)
    assert decide(told, CHECKS).exit_code is ExitCode.VERIFIED


@pytest.mark.parametrize("outcome", ["failed", "passed", "skipped"])
@pytest.mark.parametrize("today", ["2027-03-02", "someday"])
def test_the_day_after_its_last_day_the_entry_itself_blocks(outcome: str, today: str) -> None:
    verdict = decide(evidence(outcome, today=today), CHECKS)
    assert verdict.exit_code is ExitCode.GATE_FAILED
    assert "the quarantine of t.py::test_shaky ended on 2027-03-01 (owner: ops)" in " ".join(verdict.reasons)


@pytest.mark.parametrize(("before", "leaves"), [({}, False), ({SHAKY: 28}, False), ({SHAKY: 29}, True)])
def test_a_test_can_leave_after_thirty_recorded_runs_and_not_after_one(before: dict[str, int], *, leaves: bool) -> None:
    told = replace(evidence("passed", "passed"), passed_before=before)
    (answer,) = QuarantineCheck().answer(told)
    said = "t.py::test_shaky passed in its last 30 runs: it can leave quarantine"
    assert [said in line for line in answer.details] == [True] * leaves
    assert passing(told.plan, told.records) == {SHAKY}


def test_a_test_that_fails_in_one_leg_cannot_leave() -> None:
    told = replace(evidence("passed", "failed"), passed_before={SHAKY: 200})
    (answer,) = QuarantineCheck().answer(told)
    assert not any("can leave" in line for line in answer.details)
    assert passing(told.plan, told.records) == frozenset()


def test_a_run_of_tests_alone_answers_for_the_entries_of_its_tests() -> None:
    told = evidence("passed", entry=replace(ENTRY, test="t.py::test_elsewhere"), today="2030-01-01")
    assert not list(QuarantineCheck().answer(replace(told, plan=replace(told.plan, command="test"))))
    here = evidence("passed", today="2030-01-01")
    (answer,) = QuarantineCheck().answer(replace(here, plan=replace(here.plan, command="test")))
    assert answer.status is Status.FAILED


def test_an_entry_of_no_collected_test_is_told_where_all_were_collected() -> None:
    other = replace(ENTRY, test="t.py::test_gone")
    told = evidence("passed", entry=other)
    assert "is no test that was collected" in next(iter(QuarantineCheck().answer(told))).details[0]
    partial = replace(told, plan=replace(told.plan, scope=Scope.PARTIAL))
    assert next(iter(QuarantineCheck().answer(partial))).details == ()
    cached = evidence("passed", entry=other, cached_from="earlier")
    assert next(iter(QuarantineCheck().answer(cached))).details == ()


def test_a_failing_test_that_no_entry_covers_blocks_whatever_the_job_says() -> None:
    told = evidence("failed")
    bare = replace(told, plan=replace(told.plan, jobs=tuple(replace(job, quarantine=()) for job in told.plan.jobs)))
    assert decide(bare, CHECKS).exit_code is ExitCode.GATE_FAILED


def test_without_entries_or_tests_nothing_is_asked() -> None:
    told = evidence("passed")
    assert not list(QuarantineCheck().answer(replace(told, plan=replace(told.plan, quarantine=()))))
    assert not list(QuarantineCheck().answer(replace(told, plan=replace(told.plan, jobs=()))))


@pytest.mark.parametrize(("outcome", "kept"), [("failed", False), ("passed", True)])
def test_a_result_with_a_failure_in_quarantine_is_never_kept(outcome: str, *, kept: bool) -> None:
    told = evidence(outcome)
    (job,), (record,) = told.plan.jobs, told.records.jobs
    finished = JobFinished(
        job=job.id, outcome=Outcome.PASSED, reason="", at_s=1.0, duration_s=1.0, measures=record.measures,
        notes=record.notes,
    )  # fmt: skip
    reading = Reading(outcome=Outcome.PASSED, measures=record.measures, tests=told.records.tests)
    assert proved(told.plan, job, finished, reading, CHECKS) is kept
