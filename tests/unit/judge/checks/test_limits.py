"""A job's measures against its own limits."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from penstock.judge.checks.limits import LimitsCheck, spelled
from penstock.judge.decide import decide
from penstock.model.events import Outcome
from penstock.model.pipeline import JobKind, Limit, Mode
from penstock.model.verdict import CheckResult, Conclusion, Evidence, Status
from tests import builders, verdicts

FAST = Limit(measure="p95", key="http.p95", most=0.5, unit="s")
GOOD = Limit(measure="value", key="metric.min", least=40.0, unit="%")


def evidence(
    *limits: Limit, outcome: Outcome = Outcome.PASSED, mode: Mode = Mode.ERROR, measures: Mapping[str, float]
) -> Evidence:
    job = builders.job("score", kind=JobKind.METRIC, limits=limits, mode=mode)
    record = verdicts.job_record(job, outcome=outcome, measures=measures)
    return verdicts.evidence(builders.plan(job), verdicts.records(record))


def answer(limit: Limit, number: float | None = None) -> CheckResult:
    told = {} if number is None else {limit.measure: number}
    (result,) = LimitsCheck().answer(evidence(limit, measures=told))
    return result


@pytest.mark.parametrize(
    ("limit", "number", "status", "summary"),
    [
        (FAST, 0.5, Status.PASSED, "p95 500 ms, at most 500 ms"),
        (FAST, 0.5001, Status.FAILED, "p95 500.1 ms, at most 500 ms"),
        (GOOD, 40.0, Status.PASSED, "value 40 %, at least 40 %"),
        (GOOD, 39.99, Status.FAILED, "value 39.99 %, at least 40 %"),
    ],
)
def test_a_measure_is_within_its_limit_or_not(limit: Limit, number: float, status: Status, summary: str) -> None:
    told = answer(limit, number)
    assert (told.name, told.status, told.summary, told.number) == (limit.key, status, summary, number)
    assert (told.remedy is None) == (status is Status.PASSED)


def test_what_was_not_measured_is_missing_and_never_green() -> None:
    assert answer(FAST).status is Status.MISSING
    (failed,) = LimitsCheck().answer(evidence(FAST, outcome=Outcome.FAILED, measures={"p95": 0.1}))
    assert failed.status is Status.MISSING
    assert decide(evidence(FAST, measures={}), (LimitsCheck(),)).conclusion is Conclusion.INCOMPLETE


def test_a_target_only_advises() -> None:
    target = Limit(measure="p95", key="http.target", most=0.5, unit="s", advises=True)
    told = answer(target, 1.5)
    assert (told.status, told.mode) == (Status.FAILED, Mode.WARN)
    (of_advice,) = LimitsCheck().answer(evidence(FAST, mode=Mode.WARN, measures={"p95": 1.5}))
    assert of_advice.mode is Mode.WARN


@pytest.mark.parametrize(
    ("number", "unit", "words"),
    [
        (1.5, "s", "1.5 s"),
        (0.25, "s", "250 ms"),
        (3 << 29, "B", "1.5 GiB"),
        (900, "B", "900 bytes"),
        (12.5, "/s", "12.5/s"),
    ],
)
def test_numbers_are_spelled_as_people_write_them(number: float, unit: str, words: str) -> None:
    assert spelled(number, unit) == words


def told_with(limit: Limit, notes: Mapping[str, str], **measures: float) -> CheckResult:
    job = builders.job("load", kind=JobKind.HTTP, limits=(limit,))
    record = verdicts.job_record(job, outcome=Outcome.PASSED, measures=measures, notes=notes)
    (result,) = LimitsCheck().answer(verdicts.evidence(builders.plan(job), verdicts.records(record)))
    return result


def test_a_measure_that_a_job_could_not_tell_is_missing_with_its_reason() -> None:
    told = told_with(FAST, {"absent:p95": "not enough requests: 50, and p95 takes 100"})
    assert told.status is Status.MISSING
    assert told.summary == "not enough requests: 50, and p95 takes 100"


def test_a_measure_in_doubt_can_pass_and_cannot_fail() -> None:
    doubt = {"doubt:p95": "the load generator was at its limit"}
    assert told_with(FAST, doubt, p95=0.4).status is Status.PASSED
    told = told_with(FAST, doubt, p95=0.6)
    assert told.status is Status.MISSING
    assert told.summary == "p95 600 ms, at most 500 ms, but the load generator was at its limit"
