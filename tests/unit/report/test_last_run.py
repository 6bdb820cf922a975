"""What `explain` says of the last run."""

from __future__ import annotations

import pytest

from penstock.model import records
from penstock.model.records import last_attempts
from penstock.report.last_run import LastRun, named, of_plan, of_test
from penstock.report.run_json import document
from tests import stories, verdicts
from tests.builders import job

CLOSE = "tests/unit/test_pool.py::test_close_twice"


def red() -> LastRun:
    story = stories.red()
    tests: dict[str, list[records.TestRecord]] = {}
    for record in story.records.tests:
        tests.setdefault(record.job, []).append(record)
    return LastRun(document=document(story), now_s=stories.NOW_S, tests=tests)


def test_a_test_is_told_by_leg_with_its_message_and_its_token() -> None:
    lines = of_test(red(), CLOSE)
    assert lines[0] == f"{CLOSE}, in the last run (20261121-145200-7f3b9c, 2h ago):"
    assert [line.split()[:2] for line in lines if " passed" in line] == [
        ["unit@3.10", "passed,"],
        ["unit@3.11", "passed,"],
    ]
    at = next(number for number, line in enumerate(lines) if "unit@3.12" in line)
    assert "failed" in lines[at]
    assert "RuntimeError: event loop is closed" in lines[at + 1]
    assert lines[at + 2].split()[:2] == ["penstock", "repro"]


def test_a_test_is_found_by_the_end_of_its_id() -> None:
    assert of_test(red(), "test_close_twice") == of_test(red(), CLOSE)
    assert of_test(red(), "test_pool.py::test_close_twice") == of_test(red(), CLOSE)
    assert of_test(red(), "close_twice") == []


def test_several_that_are_called_so_are_listed() -> None:
    ids = [f"a.py::test_x[{number}]" for number in range(30)]
    assert named("test_x", ids) == ids
    assert named("a.py::test_x", ids) == ids
    assert named("a.py::test_x[3]", ids) == ["a.py::test_x[3]"]
    leg = job("unit@3.12")
    last = LastRun(
        document=document(stories.red()), now_s=0, tests={leg.id: [verdicts.attempt(leg, name) for name in ids]}
    )
    lines = of_test(last, "test_x")
    assert lines[0].startswith("30 tests of the last run")
    assert lines[-1] == "  and 10 more"


def test_a_flaky_test_says_so() -> None:
    leg = job("unit@3.12")
    tries = [verdicts.attempt(leg, "t", "failed"), verdicts.attempt(leg, "t", attempt=2)]
    assert list(last_attempts(tries).values()) == tries[1:]
    told = of_test(LastRun(document=document(stories.red()), now_s=0, tests={leg.id: tries}), "t")
    assert "passed, in try 2 (flaky)" in told[1]


@pytest.mark.parametrize(
    ("subject", "said"),
    [
        ("lint", "  lint: failed, 0.2s: 1 finding"),
        ("docs", "  docs: failed, 4.0s: mkdocs ended with 1"),
        ("integ", "  integ@3.12: skipped, 0.0s: needs unit@3.12"),
        ("3.12/test", "  3.12/test: passed, made in 3.0s"),
    ],
)
def test_a_job_and_an_environment_are_told_as_they_ended(subject: str, said: str) -> None:
    lines = of_plan(red(), subject)
    assert lines[0].startswith("in the last run (")
    assert said in lines


def test_a_gate_is_told_with_what_it_rests_on() -> None:
    green = LastRun(document=document(stories.green()), now_s=stories.NOW_S)
    lines = of_plan(green, "coverage")
    assert any(line.startswith("  coverage.total of coverage: passed: ") for line in lines), lines
    assert any(line.startswith("    it rests on ") for line in lines)


def test_what_the_run_does_not_know_is_nothing() -> None:
    assert of_plan(red(), "nonsense") == []
    assert of_test(red(), "nonsense") == []


def test_a_job_is_told_with_its_limits_and_with_what_it_noted_beside_its_measures() -> None:
    last = LastRun(document=document(stories.measured()), now_s=stories.NOW_S)
    lines = [line.strip() for line in of_plan(last, "api")]
    assert "call POST /predict: 200 requests, p50 320 ms, p95 612 ms" in lines
    assert "http.p95 of api: failed: p95 612 ms, at most 500 ms" in lines
    assert "http.p99 of api: missing: not enough requests: 200, and p99 takes 500" in lines
    assert not any("down" in line or "metric" in line for line in lines)
