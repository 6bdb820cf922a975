import itertools
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from penstock.guest import penstock_retry as retry
from penstock.guest.penstock_retry import Attempt, Decision, History, Policy

TEST = "tests/test_a.py::test_x"


def tries(word: str) -> list[Attempt]:
    """`F aP bF`: the first run, then one alone, then one behind its predecessors."""
    modes = {"a": retry.ALONE, "b": retry.BEHIND}
    return [Attempt(each[-1] == "P", modes.get(each[0], retry.FIRST)) for each in word.split()]


def after(word: str, history: History | None = None, **settings: object) -> Decision:
    return Policy(settings, {} if history is None else {TEST: history}).after(TEST, tries(word))


def test_an_unknown_test_is_tried_alone_and_behind_its_predecessors_in_turn() -> None:
    assert [after(word).action for word in ("F", "F aP", "F aP bF")] == ["retry_alone", "retry_behind", "retry_alone"]


def test_without_predecessors_it_is_tried_alone_only() -> None:
    assert Policy({}, {}).after(TEST, tries("F aP"), behind=False).action == "retry_alone"


def test_a_test_that_fails_always_is_red_after_few_tries() -> None:
    decision = after("F aF bF", History(200, 0))
    assert (decision.action, decision.reason) == ("red", "failed 2 of 2 times: it failed each time")


def test_a_test_that_failed_before_is_excused_by_one_pass() -> None:
    decision = after("F aP", History(200, 10))
    assert (decision.action, decision.reason) == ("excused", "failed 1 of 2 times: flaky, 10 of 200 runs before")


def test_a_test_that_never_failed_before_and_now_does_is_suspect() -> None:
    assert after("F aP bF", History(2000, 0)).action == "suspect"


def test_an_unknown_flaky_test_is_excused_when_it_passes_all_further_tries() -> None:
    assert after("F aP bP aP bP aP").action == "excused"


def test_what_is_decided_stays_decided() -> None:
    known = History(200, 10)
    assert after("F aP bF aF bF", known) == after("F aP", known)


@pytest.mark.parametrize(
    ("settings", "why"),
    [
        ({"edited": ["tests/test_a.py"]}, "this change added or edited it"),
        ({"edited": [TEST]}, "this change added or edited it"),
        ({"retries": 0}, "retries = 0"),
        ({"quarantined": ["tests/test_a.py::*"]}, "it is in quarantine"),
    ],
)
def test_some_tests_have_no_budget(settings: dict[str, Any], why: str) -> None:
    assert after("F", History(200, 100), **settings) == Decision("red", f"not tried again: {why}")


def test_tests_of_other_files_keep_their_budget() -> None:
    assert after("F", edited=["tests/test_b.py", "tests/test_a.py::test_y"]).again


def test_a_fixed_number_of_retries_ends_with_the_first_pass() -> None:
    assert after("F aF", retries=2).action == "retry_behind"
    assert after("F aF bP", retries=2).action == "excused"
    assert after("F aF bF", retries=2).action == "red"


def test_passing_alone_and_failing_behind_others_is_order_dependence() -> None:
    assert after("F aP bF aP bF").reason.startswith("order-dependent")
    assert not after("F aP bF aF bF").reason.startswith("order-dependent")


@pytest.mark.parametrize(
    ("failures", "history", "base", "action", "why"),
    [
        (5, History(200, 0), (0, 0), "red", "made flaky by this change"),
        (1, History(200, 0), (0, 0), "excused", "flaky"),
        (5, History(200, 80), (0, 0), "excused", "flaky"),
        (8, History(), (0, 10), "red", "made flaky by this change"),
        (3, History(), (2, 10), "excused", "flaky"),
        (3, History(), (0, 10), "red", "it cannot be told"),  # it never failed there: nothing says that it was flaky
        (3, History(50, 0), (0, 10), "red", "made flaky by this change"),
        (2, History(50, 0), (1, 10), "excused", "flaky"),
        (1, History(50, 0), (0, 10), "excused", "flaky"),
        (3, History(), (0, 0), "red", "it cannot be told"),
    ],
)
def test_a_suspect_is_held_against_the_base(
    failures: int, history: History, base: tuple[int, int], action: str, why: str
) -> None:
    policy = Policy({}, {TEST: history})
    decision = policy.settle(TEST, failures, base_failures=base[0], base_runs=base[1])
    assert decision.action == action
    assert decision.reason.startswith(why)


def test_fishers_exact_test_gives_the_textbook_figures() -> None:
    # The lady tasting tea: all four cups told, 1 in 70; three of four, 17 in 70 (Fisher 1935).
    assert retry.fisher(History(4, 4), History(4, 0)) == pytest.approx(1 / 70)
    assert retry.fisher(History(4, 3), History(4, 1)) == pytest.approx(17 / 70)
    assert retry.fisher(History(10, 0), History(10, 0)) == 1


def test_the_numbers_of_both_sides_are_told() -> None:
    policy = Policy({}, {TEST: History(50, 0)})
    told = policy.settle(TEST, 4, base_failures=0, base_runs=10).reason
    assert (
        told == "made flaky by this change: failed 4 of 10 times here, 0 of 10 at the base, 0 of 50 before, p = 0.00023"
    )


@given(st.integers(0, 5), st.integers(1, 5), st.integers(0, 6), st.integers(0, 6))
def test_fishers_exact_test_is_the_share_of_all_ways_to_deal_the_failures_out(
    failed: int, runs: int, failed_there: int, runs_there: int
) -> None:
    """Counted one by one: all runs stand in a row, and the failures are put on any of them."""
    failed, failed_there = min(failed, runs), min(failed_there, runs_there)
    ways = list(itertools.combinations(range(runs + runs_there), failed + failed_there))
    as_bad = sum(sum(place < runs for place in way) >= failed for way in ways)
    found = retry.fisher(History(runs, failed), History(runs_there, failed_there))
    assert found == pytest.approx(as_bad / len(ways))


@given(st.integers(0, 10), st.integers(0, 10), st.tuples(st.integers(0, 300), st.integers(0, 300)))
def test_runs_at_the_base_excuse_nothing_that_was_red_unless_it_failed_there(
    failures: int, base: int, known: tuple[int, int]
) -> None:
    policy = Policy({}, {TEST: History(max(known), min(known))})
    without = policy.settle(TEST, failures)
    compared = policy.settle(TEST, failures, base_failures=base, base_runs=10)
    if without.action == "red" and base == 0:
        assert compared.action == "red"


def test_the_histories_come_from_the_timings_file() -> None:
    table = {"version": 1, "tests": {TEST: [0.1, 0.0, 0.0, 212, 3], "short": [0.1]}}
    assert retry.tallies(table) == {TEST: History(212, 3)}


@pytest.mark.parametrize(
    ("pattern", "test", "meant"),
    [
        ("t.py::test_x", "t.py::test_x", True),
        ("t.py::test_x", "t.py::test_x[a-1]", True),
        ("t.py::test_x[a-1]", "t.py::test_x[a-1]", True),
        ("t.py::test_x[a-1]", "t.py::test_x[a-2]", False),
        ("t.py::test_x", "t.py::test_xy", False),
        ("t.py::TestA::*", "t.py::TestA::test_b[1]", True),
        ("t.py::test_x[?-1]", "t.py::test_x[a-1]", True),
        ("*test_x", "t.py::test_x", True),
        ("t.py", "t.py::test_x", False),
        ("t*.py::test_x", "tests\n.py::test_x", True),
    ],
)
def test_a_pattern_means_an_id_its_parameters_or_what_its_wildcards_stand_for(
    pattern: str, test: str, *, meant: bool
) -> None:
    assert retry.covers(pattern, test) is meant


def test_a_change_of_everything_leaves_no_budget() -> None:
    assert not after("F", edited=[retry.EVERYTHING]).again
