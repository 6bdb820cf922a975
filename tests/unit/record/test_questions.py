from __future__ import annotations

from pathlib import Path

import pytest

from penstock.record import questions
from penstock.record.store import History
from penstock.record.tables import ALONE, Row
from tests.fakes.history import (
    DAY_S,
    NOON_S,
    add,
    answers,
    attempt,
    coverage_row,
    job_row,
    run_row,
)


@pytest.fixture
def history(tmp_path: Path) -> History:
    return History(tmp_path / "history")


def days_ago(number: float) -> float:
    return NOON_S - number * DAY_S


def test_the_slowest_tests_with_median_and_95th_percentile(history: History) -> None:
    for number, call_s in enumerate((1.0, 2.0, 9.0)):
        run = f"r{number}"
        add(
            history,
            attempt(run, "t.py::slow", call_s=call_s, setup_s=1.0),
            attempt(run, "t.py::fast", call_s=0.1),
            attempt(run, "t.py::skipped", outcome="skipped", call_s=50.0),
            attempt(run, "t.py::hung", outcome="timed_out", call_s=60.0),
            run=run,
        )
    assert answers(history, questions.SLOWEST) == [
        (3.0, pytest.approx(9.3), 3, "unit@3.12", "t.py::slow"),
        (0.1, 0.1, 3, "unit@3.12", "t.py::fast"),
    ]
    assert answers(history, questions.SLOWEST, job="other") == []
    assert len(answers(history, questions.SLOWEST, job="unit")) == 2
    assert len(answers(history, questions.SLOWEST, job="unit@3.12", most=1)) == 1
    assert answers(history, questions.SLOWEST, since_s=NOON_S + 1) == []


def test_the_slowest_files_are_the_sum_of_their_tests(history: History) -> None:
    tests = (("a.py::x", 1.0), ("a.py::T::y", 2.0), ("b.py::z", 2.5))
    add(history, *(attempt("r1", name, call_s=call_s) for name, call_s in tests))
    assert answers(history, questions.FILES) == [
        (3.0, 2, 2.0, "unit@3.12", "a.py"),
        (2.5, 1, 2.5, "unit@3.12", "b.py"),
    ]


def test_trends_a_line_a_day(history: History) -> None:
    for number, (days, conclusion, covered) in enumerate(((1, "passed", 6), (0, "passed", 7), (0, "failed", 9))):
        run, wall_s = f"r{number}", days_ago(days) + number
        measures = job_row().measures | {"passed": 3.0, "failed": 1.0 if conclusion == "failed" else 0.0}
        history.add(
            run,
            wall_s,
            {
                "runs": [run_row(run, wall_s=wall_s, conclusion=conclusion, duration_s=10.0 * (number + 1))],
                "jobs": [job_row(run, wall_s=wall_s, duration_s=4.0 + number, measures=measures)],
                "coverage": [
                    coverage_row(run, wall_s=wall_s, covered=covered),
                    coverage_row(
                        run, "src/b.py", wall_s=wall_s, statements=8, covered=6, branches=2, covered_branches=1
                    ),
                ],
            },
        )
    assert answers(history, questions.TRENDS) == [
        ("2026-11-21", 2, 50.0, 25.0, 4, pytest.approx(600 / 7), 5.5, 80.0),
        ("2026-11-20", 1, 100.0, 10.0, 3, 100.0, 4.0, 65.0),
    ]
    assert [row[0] for row in answers(history, questions.TRENDS, since_s=days_ago(0.5))] == ["2026-11-21"]
    assert answers(history, questions.TRENDS, job="lint") == []


def test_the_last_runs(history: History) -> None:
    for number in range(3):
        add(history, attempt(f"r{number}"), run=f"r{number}", wall_s=NOON_S + number)
    rows = answers(history, questions.RUNS, most=2)
    assert [row[:3] for row in rows] == [
        ("2026-11-21 12:00:02", "r2", "passed"),
        ("2026-11-21 12:00:01", "r1", "passed"),
    ]
    assert rows[0][4:] == (1, 2, "run", "full", "main", "c0ffee")


def test_one_test_by_its_id_or_the_end_of_it(history: History) -> None:
    add(
        history,
        attempt("r1", "a.py::test_x", outcome="failed", message="AssertionError: no"),
        attempt("r1", "a.py::test_x", attempt=2),
        attempt("r1", "a.py::test_xy"),
    )
    rows = answers(history, questions.TEST, test="::test_x")
    assert [(row[3], row[4], row[8]) for row in rows] == [("failed", 1, "AssertionError: no"), ("passed", 2, "")]
    assert answers(history, questions.TEST, test="a.py::test_x") == rows
    assert answers(history, questions.TEST, test="test_") == []


STEADY = [1.0, 1.02, 0.98, 1.01, 0.99] * 4
SLOWER = {
    "three": (STEADY, [1.5] * 3, "suspected"),
    "ten": (STEADY, [1.5] * 10, "confirmed"),
    "more": (STEADY, [1.5] * 14, "confirmed"),
    "too few to tell": (STEADY, [1.5] * 2, None),
    "under 4 %": (STEADY, [1.03] * 10, None),
    "faster": (STEADY, [0.5] * 10, None),
    "within its noise": ([0.5, 1.5] * 10, [1.4] * 4, None),
    "nothing to compare with": ([1.0] * 4, [2.0] * 5, None),
    "the last twenty count": ([9.0] * 10 + STEADY, [1.5] * 3, "suspected"),
    "two milliseconds": ([s / 1000 for s in STEADY], [0.002] * 10, None),
}


def test_slower_by_the_median_rule(history: History) -> None:
    for hour in range(-30, 14):  # the first run after the change begins at noon
        run, wall_s = f"r{hour + 30:02}", NOON_S + 3600.0 * hour
        seconds = {
            name: (before + after)[len(before) + hour]
            for name, (before, after, _) in SLOWER.items()
            if -len(before) <= hour < len(after)
        }
        tests = (attempt(run, name, wall_s=wall_s, call_s=call_s) for name, call_s in seconds.items())
        add(history, *tests, run=run, wall_s=wall_s)
    rows = answers(history, questions.REGRESSED, since_s=NOON_S)
    assert {row[6]: row[4] for row in rows} == {name: status for name, (*_, status) in SLOWER.items() if status}
    assert {row[6]: (row[0], row[3]) for row in rows} == {
        "three": (pytest.approx(1.5), 3),
        "ten": (pytest.approx(1.5), 10),
        "more": (pytest.approx(1.5), 10),
        "the last twenty count": (pytest.approx(1.5), 3),
    }


def runs_of(
    history: History, *runs: tuple[str, list[str]], test: str, job: str = "unit@3.12", prefix: str = ""
) -> None:
    """Runs of one test, as (key, outcomes of its attempts), an hour apart."""
    for number, (key, outcomes) in enumerate(runs):
        run, wall_s = f"{prefix or job[-2:] + test[6:]}{number:03}", NOON_S + 3600.0 * number
        tries = (
            attempt(run, test, wall_s=wall_s, outcome=outcome, attempt=turn, key=key, job=job, message=outcome)
            for turn, outcome in enumerate(outcomes, start=1)
        )
        add(history, *tries, run=run, wall_s=wall_s)


def flaky(history: History, **parameters: object) -> dict[str, tuple[object, ...]]:
    """Test -> (failures, runs, tries, contradictions, jobs)."""
    rows = answers(history, questions.FLAKY, **parameters)
    return {row[7]: (row[1], row[2], row[3], row[4], row[6]) for row in rows}


CONTRADICTIONS = {
    "in one run": ([("k", ["failed", "passed"])], (1, 1, 2, 1, "unit@3.12")),
    "in two": ([("k", ["failed"]), ("k", ["passed"])], (1, 2, 2, 1, "unit@3.12")),
    "the other way round": ([("k", ["passed"]), ("k", ["crashed"])], (1, 2, 2, 1, "unit@3.12")),
    "broken and mended": ([("k1", ["failed"]), ("k2", ["passed"])], None),
    "broken twice": ([("k1", ["passed"]), ("k2", ["failed"]), ("k3", ["passed"]), ("k4", ["failed"])], None),
    "unknown code": ([("", ["failed"]), ("", ["passed"])], None),  # is not the same code
    "unknown code in one run": ([("", ["failed", "passed"])], (1, 1, 2, 1, "unit@3.12")),
    "a skip is no pass": ([("k", ["failed"]), ("k", ["skipped"])], None),
    # Failures on a broken commit count for nothing; runs on good ones do.
    "and broken": ([("k1", ["failed", "passed"]), ("k2", ["failed"]), ("k3", ["passed"])], (1, 2, 3, 1, "unit@3.12")),
}


def test_flaky_is_a_pass_and_a_failure_of_the_same_code(history: History) -> None:
    for number, (name, (runs, _)) in enumerate(CONTRADICTIONS.items()):
        runs_of(history, *runs, test=name, prefix=f"{number}x")
    assert flaky(history) == {name: found for name, (_, found) in CONTRADICTIONS.items() if found}


def test_the_likeliest_to_fail_again_comes_first_with_when_it_was_seen_last(history: History) -> None:
    runs_of(history, *[("k", ["passed"])] * 9, ("k", ["failed", "passed"]), test="t.py::rare")
    runs_of(history, ("k", ["failed", "passed"]), ("k", ["failed", "passed"]), test="t.py::often")
    runs_of(history, ("k", ["failed", "passed"]), test="t.py::often", job="unit@3.13")
    rows = answers(history, questions.FLAKY)
    assert [row[7] for row in rows] == ["t.py::often", "t.py::rare"]
    assert [row[0] for row in rows] == [pytest.approx(3.2 / 23.2), pytest.approx(1.2 / 30.2)]
    assert rows[0][5:7] == ("2026-11-21 13:00:00", "unit@3.12, unit@3.13")
    assert rows[0][8] == "failed"
    assert list(flaky(history, job="unit@3.13")) == ["t.py::often"]


def test_flips_from_run_to_run(history: History) -> None:
    runs_of(history, *[("k", [end]) for end in ("passed", "failed", "passed", "passed", "passed")], test="t.py::flips")
    runs_of(history, *[("k", ["failed"])] * 5, test="t.py::broken")
    assert answers(history, questions.FLIPS) == [(0.5, 5, "unit@3.12", "t.py::flips")]


def test_the_last_runs_are_found_by_when_they_began(history: History) -> None:
    for number in range(5):
        add(history, run=f"r{number}", wall_s=NOON_S + number)
    assert answers(history, questions.LAST_RUNS, runs=2) == [(NOON_S + 3,)]
    assert answers(history, questions.LAST_RUNS, runs=50) == [(NOON_S,)]
    assert answers(history, questions.LAST_RUNS, runs=50, since_s=NOON_S + 9) == [(0.0,)]


def alone(history: History, run: str, *outcomes: str, at_s: float, call_s: float = 1.0) -> None:
    """A run of `penstock test`, of one test."""
    tries = [
        attempt(run, "t.py::t", wall_s=at_s, job=ALONE, outcome=outcome, attempt=turn, key="", call_s=call_s)
        for turn, outcome in enumerate(outcomes, start=1)
    ]
    rows: dict[str, list[Row]] = {
        "runs": [run_row(run, wall_s=at_s, command="test", scope="partial", conclusion="failed")],
        "jobs": [job_row(run, ALONE, wall_s=at_s)],
        "tests": [*tries],
    }
    history.add(run, at_s, rows)


def test_what_somebody_tried_alone_is_held_against_nothing(history: History) -> None:
    add(history, attempt("whole"), run="whole")
    for number in range(12):
        end, slow = ("failed" if number % 2 else "passed"), (2.0 if number >= 6 else 1.0)
        alone(history, f"a{number:02}", end, at_s=NOON_S + number, call_s=slow)
    (day,) = answers(history, questions.TRENDS)
    assert day[1:5] == (1, 100.0, 60.0, 2)
    assert answers(history, questions.FLIPS) == []
    assert answers(history, questions.REGRESSED, since_s=NOON_S + 6) == []
    assert flaky(history) == {}, "failures of other code"
    assert answers(history, questions.RUNS, most=1)[0][6:8] == ("test", "partial")
    # Unless it is asked for.
    (day,) = answers(history, questions.TRENDS, job=ALONE)
    assert day[1:3] == (12, 0.0)
    assert [row[2:] for row in answers(history, questions.FLIPS, job=ALONE)] == [(ALONE, "t.py::t")]
    assert {row[2] for row in answers(history, questions.SLOWEST)} == {1, 12}


def test_a_contradiction_within_one_run_alone_is_flaky(history: History) -> None:
    alone(history, "a", "failed", "passed", at_s=NOON_S)
    assert flaky(history) == {"t.py::t": (1, 1, 2, 1, ALONE)}


def test_runs_alone_do_not_push_the_pipelines_out(history: History) -> None:
    for number in range(3):
        alone(history, f"a{number}", "passed", at_s=NOON_S + 10 + number)
    assert answers(history, questions.LAST_RUNS, runs=2) == [(NOON_S + 11,)]  # there are no others
    add(history, run="r0", wall_s=NOON_S)
    add(history, run="r1", wall_s=NOON_S + 5)
    assert answers(history, questions.LAST_RUNS, runs=2) == [(NOON_S,)]
    assert answers(history, questions.LAST_RUNS, runs=2, job=ALONE) == [(NOON_S + 11,)]
