"""Percentiles are told only where enough was measured."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from penstock.guest.penstock_percentiles import needed, told

NAMES = ("p50", "p95", "p99")


@pytest.mark.parametrize(
    ("name", "beside", "least"), [("p50", 5, 10), ("p95", 5, 100), ("p99", 5, 500), ("p95", 1, 20)]
)
def test_so_many_measurements_are_needed(name: str, beside: int, least: int) -> None:
    assert needed(name, beside) == least


def test_of_a_hundred_numbers_the_percentiles_are_known() -> None:
    measures, absent = told([float(each) for each in range(100, 0, -1)], NAMES, beside=1, noun="requests")
    assert measures == {"p50": 50.0, "p95": 95.0, "p99": 99.0, "max": 100.0}
    assert absent == {}


def test_too_few_are_told_as_too_few() -> None:
    measures, absent = told([0.1] * 50, NAMES, beside=5, noun="requests")
    assert set(measures) == {"p50", "max"}
    assert absent["p99"] == "not enough requests: 50, and p99 takes 500"
    assert told([], NAMES, beside=5, noun="requests")[1]["max"] == "no requests"


def test_what_failed_took_longer_than_all_else() -> None:
    measures, absent = told([0.1] * 96 + [math.inf] * 4, NAMES, beside=1, noun="requests")
    assert measures == {"p50": 0.1, "p95": 0.1}
    assert absent == {"p99": "more than 1 of 100 requests failed", "max": "some requests failed"}


@given(st.lists(st.floats(0, 1e6), min_size=20, max_size=300), st.sampled_from(NAMES))
def test_a_percentile_is_one_of_the_measurements_and_enough_of_them_lie_at_or_below_it(
    times: list[float], name: str
) -> None:
    measures, absent = told(times, (name,), beside=1, noun="runs")
    if name in absent:
        assert len(times) < needed(name, 1)
        return
    found = measures[name]
    assert found in times
    below = sum(each <= found for each in times)
    assert 100 * below >= int(name[1:]) * len(times)
    assert 100 * sum(each < found for each in times) < int(name[1:]) * len(times)
