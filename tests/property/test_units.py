"""Units of work: nothing is lost or doubled, what belongs together stays together, and workers end nearly at once."""

from __future__ import annotations

import heapq
import itertools
from collections.abc import Callable
from typing import NamedTuple

from hypothesis import given
from hypothesis import strategies as st

from penstock.guest.penstock_units import Test as Known  # not to be collected
from penstock.guest.penstock_units import Timing, costs, setups, units


class Suite(NamedTuple):
    """What was collected, and what is known of it."""

    tests: list[Known]
    known: dict[str, Timing]


seconds = st.floats(0, 20, allow_nan=False)
fixtures = st.lists(st.sampled_from(["base", "server", "A.each"]), unique=True, max_size=2)


@st.composite
def suites(draw: st.DrawFn) -> Suite:
    tests: list[Known] = []
    for path in draw(st.lists(st.sampled_from(["a.py", "b.py", "c.py", "d.py"]), min_size=1, max_size=5)):
        for _ in range(draw(st.integers(1, 15))):
            group = draw(st.sampled_from(["", "", "", "x", "y"]))
            scope = draw(st.sampled_from(["", "A", "B"]))
            tests.append(Known(f"{path}::test_{len(tests)}", path, scope, group, " ".join(draw(fixtures))))
    names = [test.id for test in tests]
    known = draw(st.lists(st.sampled_from(names), unique=True))
    return Suite(tests, {name: Timing(draw(seconds), draw(seconds) / 50) for name in known})


def made(suite: Suite, workers: int, dist: str = "") -> tuple[list[list[int]], list[float]]:
    cost = costs(suite.tests, suite.known)
    return units(suite.tests, cost, setups(suite.tests, suite.known), workers, dist), cost


modes = st.sampled_from(["", "loadfile", "loadscope", "loadgroup"])


@given(suites(), st.integers(1, 9), modes)
def test_every_test_is_in_one_unit_and_in_order(suite: Suite, workers: int, dist: str) -> None:
    cut, cost = made(suite, workers, dist)
    assert sorted(itertools.chain(*cut)) == list(range(len(suite.tests)))
    assert all(unit == sorted(unit) for unit in cut)
    lengths = [sum(cost[number] for number in unit) for unit in cut]
    assert lengths == sorted(lengths, reverse=True)
    assert cut == made(suite, workers, dist)[0]


@given(suites(), st.integers(1, 9))
def test_a_unit_is_a_contiguous_run_of_one_module(suite: Suite, workers: int) -> None:
    for unit in made(suite, workers)[0]:
        if not suite.tests[unit[0]].group:
            assert unit == list(range(unit[0], unit[-1] + 1))
            assert len({suite.tests[number].path for number in unit}) == 1


@given(suites(), st.integers(1, 9), modes)
def test_what_belongs_together_is_never_cut(suite: Suite, workers: int, dist: str) -> None:
    keys: dict[str, Callable[[Known], str]] = {
        "": lambda test: test.group,
        "loadgroup": lambda test: test.group,
        "loadfile": lambda test: test.path,
        "loadscope": lambda test: f"{test.path}::{test.scope}",
    }
    homes: dict[str, set[int]] = {}
    for place, unit in enumerate(made(suite, workers, dist)[0]):
        for number in unit:
            homes.setdefault(keys[dist](suite.tests[number]), set()).add(place)
    assert all(len(places) == 1 for key, places in homes.items() if key)


@given(suites(), st.integers(1, 9))
def test_no_cut_between_tests_that_share_a_fixture_but_in_too_long_a_run(suite: Suite, workers: int) -> None:
    tests = suite.tests
    cut, cost = made(Suite(tests, {}), workers)  # nothing is known to be cheap
    runs: dict[int, float] = {}  # first test of each contiguous run of a module without groups -> its length
    homes = {number: place for place, unit in enumerate(cut) for number in unit}
    first = 0
    for number, test in enumerate(tests):
        if number and (test.path != tests[number - 1].path or test.group or tests[number - 1].group):
            first = number
        runs[first] = runs.get(first, 0.0) + cost[number]
        shared = set(test.bound.split()) & set(tests[number - 1].bound.split())
        if number != first and shared and homes[number] != homes[number - 1]:
            length = sum(cost[each] for each in range(first, len(tests)) if _same_run(tests, first, each))
            assert length > sum(cost) / workers


def _same_run(tests: list[Known], first: int, number: int) -> bool:
    between = tests[first : number + 1]
    return all(each.path == tests[first].path and not each.group for each in between)


def makespan(cut: list[list[int]], cost: list[float], workers: int) -> float:
    """When the last worker ends: each takes its next unit when it begins the last test of the one that it has, and
    near the end a short one where that test is long (`penstock_worker.Worker._pull`).
    """
    queue = list(range(len(cut)))
    long_s = sum(cost) / (workers * 16)
    ends = [0.0] * workers
    takes: list[tuple[float, int, int]] = []  # (when, worker, the test that it begins then)

    def begin(worker: int, at_s: float, unit: list[int]) -> None:
        last_s = at_s + sum(cost[number] for number in unit[:-1])
        heapq.heappush(takes, (last_s, worker, unit[-1]))

    for worker in range(workers):
        if queue:
            begin(worker, 0.0, cut[queue.pop(0)])
    while takes:
        at_s, worker, test = heapq.heappop(takes)
        ends[worker] = at_s + cost[test]
        if queue:
            late = cost[test] > long_s and len(queue) <= 2 * workers
            begin(worker, ends[worker], cut[queue.pop(-1 if late else 0)])
    return max(ends)


@given(suites(), st.integers(1, 9))
def test_workers_end_within_four_thirds_of_the_best_and_the_longest_unit(suite: Suite, workers: int) -> None:
    cut, cost = made(suite, workers)
    longest = max(sum(cost[number] for number in unit) for unit in cut)
    bound = max(sum(cost) / workers, longest)
    assert makespan(cut, cost, workers) <= bound * 4 / 3 + longest + 1e-6


@given(suites())
def test_an_unknown_test_costs_the_mean_of_its_file(suite: Suite) -> None:
    cost = costs(suite.tests, suite.known)
    totals = {name: timing.total_s for name, timing in suite.known.items()}
    for number, test in enumerate(suite.tests):
        file = [totals[each.id] for each in suite.tests if each.path == test.path and each.id in totals]
        mean = sum(file) / len(file) if file else sum(totals.values()) / len(totals) if totals else cost[0]
        expected = max(totals.get(test.id, mean), 1e-5)
        assert abs(cost[number] - expected) < 1e-9 * max(1, expected)
    assert all(each > 0 for each in cost)
