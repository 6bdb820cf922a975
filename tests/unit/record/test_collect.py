from __future__ import annotations

from typing import Any

import pytest

from penstock.model.events import (
    CommandFinished,
    Event,
    JobFinished,
    JobStarted,
    Outcome,
    PreparationFinished,
    RunFinished,
    RunStarted,
)
from penstock.model.pipeline import JobKind
from penstock.model.records import CoverageRecord, Reading
from penstock.record.collect import NEVER_ENDED, collect
from penstock.util.eventlog import Log
from tests.builders import job, plan
from tests.verdicts import attempt

UNIT = job("unit@3.12")
LINT = job("lint", kind=JobKind.LINT)
PLAN = plan(UNIT, LINT)


def start(**fields: Any) -> RunStarted:
    defaults: dict[str, Any] = {
        "run": "20261121-145200-7f3b9c",
        "plan": PLAN.digest,
        "obligations": ("unit@3.12", "lint"),
        "at_s": 100.0,
        "wall_s": 5000.0,
        "penstock": "0.1.0",
    }
    return RunStarted(**(defaults | fields))


def begun(name: str, at_s: float = 101.0) -> JobStarted:
    return JobStarted(job=name, attempt=1, at_s=at_s)


def ended(name: str, outcome: Outcome = Outcome.PASSED, **fields: Any) -> JobFinished:
    defaults: dict[str, Any] = {"job": name, "outcome": outcome, "reason": "", "at_s": 110.0, "duration_s": 9.0}
    return JobFinished(**(defaults | fields))


def command(name: str, **fields: Any) -> CommandFinished:
    defaults: dict[str, Any] = {
        "attempt": 1,
        "command": 0,
        "argv": ("x",),
        "exit_code": 0,
        "signal": None,
        "cause": "",
        "at_s": 105.0,
        "duration_s": 4.0,
        "cpu_s": 3.0,
        "memory_bytes": 1000,
    }
    return CommandFinished(job=name, **(defaults | fields))


CLOSE = RunFinished(run="20261121-145200-7f3b9c", at_s=118.4, wall_s=5018.4)


def log(*events: Event, **fields: Any) -> Log:
    return Log(events=events, **fields)


def test_a_whole_run() -> None:
    records = collect(
        PLAN,
        log(
            start(),
            PreparationFinished(id="3.12/test", outcome=Outcome.PASSED, reason="", at_s=101.0, duration_s=1.0),
            begun("unit@3.12", 101.5),
            command("unit@3.12", cpu_s=2.0, memory_bytes=7),
            command("unit@3.12", cpu_s=1.5, memory_bytes=9, leaked=("sleep 9",)),
            ended("unit@3.12", measures={"passed": 2}),
            ended("lint", cached_from="r0", cached_wall_s=1.0),
            CLOSE,
        ),
        {},
    )
    unit, lint = records.jobs
    assert (unit.job, unit.kind, unit.outcome, unit.started_s, unit.duration_s) == (
        "unit@3.12",
        JobKind.TEST,
        Outcome.PASSED,
        1.5,
        9.0,
    )
    assert (unit.cpu_s, unit.memory_bytes, unit.leaked, unit.measure("passed")) == (3.5, 9, ("sleep 9",), 2)
    assert (lint.cached_from, lint.cached_wall_s) == ("r0", 1.0)
    assert records.run.finished
    assert records.run.duration_s == pytest.approx(18.4)
    assert [made.id for made in records.preparations] == ["3.12/test"]
    assert records.damaged == ()


def test_a_job_that_never_started_has_no_record() -> None:
    assert collect(PLAN, log(start(), CLOSE), {}).jobs == ()


def test_a_job_that_was_cut_off_is_cancelled() -> None:
    (record,) = collect(PLAN, log(start(), begun("unit@3.12"), command("unit@3.12")), {}).jobs
    assert (record.outcome, record.reason, record.duration_s) == (Outcome.CANCELLED, NEVER_ENDED, 4.0)


@pytest.mark.parametrize("bad", [outcome for outcome in Outcome if outcome is not Outcome.PASSED])
@pytest.mark.parametrize("step", [1, -1])
def test_of_two_ends_the_bad_one_counts(bad: Outcome, step: int) -> None:
    ends = [ended("lint"), ended("lint", bad, reason="no")]
    (record,) = collect(PLAN, log(start(), *ends[::step]), {}).jobs
    assert (record.outcome, record.reason) == (bad, "no")


def test_of_event_and_reading_the_bad_one_counts() -> None:
    said_no = {"lint": Reading(outcome=Outcome.FAILED, reason="3 findings")}
    (record,) = collect(PLAN, log(start(), ended("lint")), said_no).jobs
    assert (record.outcome, record.reason) == (Outcome.FAILED, "3 findings")
    said_yes = {"lint": Reading(outcome=Outcome.PASSED)}
    (record,) = collect(PLAN, log(start(), ended("lint", Outcome.ERRORED, reason="no tool")), said_yes).jobs
    assert (record.outcome, record.reason) == (Outcome.ERRORED, "no tool")


def test_the_log_of_another_plan_is_refused() -> None:
    records = collect(PLAN, log(start(plan="other"), ended("lint"), CLOSE), {"lint": Reading(outcome=Outcome.PASSED)})
    assert records.jobs == ()
    assert not records.run.finished
    assert "another plan" in records.damaged[0]


def test_two_plans_in_one_log_are_refused() -> None:
    assert collect(PLAN, log(start(), start(plan="other"), ended("lint")), {}).damaged


def test_a_log_without_its_beginning_is_refused() -> None:
    records = collect(PLAN, log(ended("lint"), CLOSE), {})
    assert records.jobs == ()
    assert "begin" in records.damaged[0]


def test_an_empty_log_says_nothing() -> None:
    records = collect(PLAN, log(), {})
    assert (records.jobs, records.damaged, records.run.finished) == ((), (), False)


def test_a_stranger_in_the_log_is_damage() -> None:
    assert "stranger" in collect(PLAN, log(start(), ended("stranger")), {}).damaged[0]
    assert "stranger" in collect(PLAN, log(start(obligations=("stranger",))), {}).damaged[0]


def test_damaged_lines_are_kept() -> None:
    assert collect(PLAN, log(start(), damaged=("line 2: x",)), {}).damaged == ("line 2: x",)


def test_the_interruption_is_kept() -> None:
    closing = RunFinished(run="r", at_s=1.0, wall_s=1.0, interrupted="SIGTERM")
    assert collect(PLAN, log(start(), closing), {}).run.interrupted == "SIGTERM"


def test_tests_and_coverage_come_from_the_readings_even_of_a_job_that_was_cut() -> None:
    fast = CoverageRecord(path="a.py", statements=4, covered=3)
    slow = CoverageRecord(path="a.py", statements=4, covered=1)
    test = attempt(UNIT, "t")
    readings = {
        "unit@3.12": Reading(outcome=Outcome.ERRORED, tests=(test,), coverage=(fast,)),
        "lint": Reading(outcome=Outcome.PASSED, coverage=(slow,)),
    }
    records = collect(PLAN, log(start(), begun("unit@3.12")), readings)
    assert records.tests == (test,)
    assert records.coverage == (slow,)


def test_flaky_tests_are_found_in_the_attempts() -> None:
    tests = tuple(
        attempt(UNIT, name, outcome, attempt=number)
        for name, number, outcome in [("a", 1, "failed"), ("a", 2, "passed"), ("b", 1, "failed"), ("b", 2, "failed")]
    )
    reading = Reading(outcome=Outcome.PASSED, tests=tests)
    (record,) = collect(PLAN, log(start(), ended("unit@3.12", flaky=("c",))), {"unit@3.12": reading}).jobs
    assert record.flaky == ("a", "c")
