"""Stages against their budgets."""

from __future__ import annotations

from typing import Any

import pytest

from penstock.judge.checks import CHECKS
from penstock.judge.checks.budget import BudgetCheck
from penstock.judge.decide import decide
from penstock.model.events import Outcome
from penstock.model.pipeline import CheckSpec, Mode, Stage
from penstock.model.plan import Job
from penstock.model.records import JobRecord
from penstock.model.verdict import CheckResult, Evidence, Status
from tests import builders, verdicts

A = builders.job("a", stage="fast")
B = builders.job("b", stage="fast", needs=("a",))


def record(job: Job, started_s: float, duration_s: float, **fields: Any) -> JobRecord:
    return verdicts.job_record(job, started_s=started_s, duration_s=duration_s, **fields)


def evidence(
    *records: JobRecord, gate: bool = True, mode: Mode = Mode.ERROR, jobs: tuple[Job, ...] = (A, B)
) -> Evidence:
    gates = (CheckSpec(name="budget", mode=mode),) if gate else ()
    plan = builders.plan(*jobs, stages=(Stage(name="fast", budget_s=60.0), Stage(name="free")), gates=gates)
    return verdicts.evidence(plan, verdicts.records(*records))


def answer(*records: JobRecord, **fields: Any) -> CheckResult:
    (result,) = BudgetCheck().answer(evidence(*records, **fields))
    return result


def test_a_stage_counts_from_the_runs_start_to_its_last_jobs_end() -> None:
    good = answer(record(A, 1.0, 20.0), record(B, 21.0, 39.0))
    assert (good.name, good.status, good.number, good.limit) == ("budget.fast", Status.PASSED, 60.0, 60.0)
    bad = answer(record(A, 1.0, 20.0), record(B, 21.0, 69.0), mode=Mode.WARN)
    assert (bad.status, bad.mode, bad.number) == (Status.FAILED, Mode.WARN, 90.0)
    assert bad.summary == "1 min 30 s of 1 min, b was the last to end"
    assert bad.remedy is not None
    assert bad.remedy.startswith("b took 1 min 9 s: make it shorter")
    assert bad.details == ("b 1 min 9 s", "a 20.0 s")


def test_a_cached_job_counts_as_it_took_behind_what_it_needs() -> None:
    cached = {"cached_from": "earlier"}
    both = answer(record(A, 0.1, 40.0, **cached), record(B, 0.1, 30.0, **cached))
    assert (both.status, both.number) == (Status.FAILED, 70.0), "the second try says what the first one said"
    one = answer(record(A, 0.1, 40.0, **cached), record(B, 0.2, 30.0))
    assert one.number == 70.0
    free = (A, builders.job("b", stage="fast"))
    side = answer(record(A, 0.1, 40.0, **cached), record(free[1], 0.2, 30.0), jobs=free)
    assert (side.status, side.number) == (Status.PASSED, 40.0)
    assert "1 of 2 jobs cached, counted as they took then" in side.summary


@pytest.mark.parametrize("outcome", [Outcome.ERRORED, Outcome.CANCELLED, Outcome.SKIPPED])
def test_a_job_that_did_not_end_leaves_the_answer_open(outcome: Outcome) -> None:
    assert answer(record(A, 0.0, 1.0)).status is Status.MISSING
    assert answer(record(A, 0.0, 1.0), record(B, 1.0, 1.0, outcome=outcome)).status is Status.MISSING
    assert answer(record(A, 0.0, 61.0), record(B, 61.0, 1.0, outcome=outcome)).status is Status.FAILED, "over already"


def test_without_the_gate_budgets_are_only_told_and_a_gate_without_a_budget_is_not_verified() -> None:
    assert list(BudgetCheck().answer(evidence(record(A, 0.0, 99.0), gate=False))) == []
    plan = builders.plan(A, gates=(CheckSpec(name="budget"),))
    verdict = decide(verdicts.evidence(plan, verdicts.records(record(A, 0.0, 1.0))), CHECKS)
    assert [(each.name, each.status) for each in verdict.checks if each.name == "budget"] == [
        ("budget", Status.MISSING)
    ]
