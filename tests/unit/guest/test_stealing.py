"""What an idle worker takes: the later half of what lasts longest, cut where it costs least, and nothing that is not
worth it.
"""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

import tests.fakes.guest_path  # noqa: F401 - for its effect: guests find one another
from penstock.guest.penstock_board import NOBODY, Offer, Slot, Span
from penstock.guest.penstock_stealing import choose
from penstock.guest.penstock_units import COSTLY, JOINT, NEVER, cuts
from penstock.guest.penstock_units import Test as Known  # not to be collected


def holder(span: int, *, since_s: float = 0.0, predicted_s: float = 0.0, setup_s: float = 0.0) -> Slot:
    """A worker that began its span at a time."""
    return Slot(0, span, 0, NOBODY, 1, 0, 1, since_s, since_s, predicted_s, setup_s)


def offer(number: int, span: Span, first: int, by: Slot | None = None) -> Offer:
    return Offer(number, span, first, by or holder(99))


def test_the_later_half_of_the_longest_is_taken() -> None:
    units = [list(range(10)), list(range(10, 30))]
    offers = [offer(0, Span(0, 0, 10), 2), offer(1, Span(1, 0, 20), 2)]
    assert choose(offers, units, [1.0] * 30, COSTLY * 30, 0.0) == (1, 11)


def test_only_what_the_span_still_has_counts() -> None:
    units = [list(range(100)), list(range(100, 110))]
    offers = [offer(7, Span(0, 90, 94), 92), offer(1, Span(1, 0, 10), 2)]
    assert choose(offers, units, [1.0] * 110, COSTLY * 110, 0.0) == (1, 6)


def test_a_joint_near_the_middle_is_better_than_the_middle() -> None:
    row = [COSTLY] * 12
    row[8] = JOINT
    assert choose([offer(0, Span(0, 0, 12), 2)], [list(range(12))], [1.0] * 12, "".join(row), 0.0) == (0, 8)
    row[8], row[11] = COSTLY, JOINT
    assert choose([offer(0, Span(0, 0, 12), 2)], [list(range(12))], [1.0] * 12, "".join(row), 0.0) == (0, 7)


def test_a_far_joint_is_taken_where_another_cut_would_repeat_a_long_set_up() -> None:
    row = COSTLY * 11 + JOINT
    slow = holder(0, setup_s=60.0)
    assert choose([offer(0, Span(0, 0, 12), 2, slow)], [list(range(12))], [1.0] * 12, row, 0.0) == (0, 11)
    assert choose([offer(0, Span(0, 0, 12), 2, slow)], [list(range(12))], [1.0] * 12, COSTLY * 12, 0.0) is None


def test_what_must_stay_together_is_not_cut() -> None:
    assert choose([offer(0, Span(0, 0, 12), 2)], [list(range(12))], [1.0] * 12, NEVER * 12, 0.0) is None


def test_what_lasts_no_time_stays() -> None:
    assert choose([offer(0, Span(0, 0, 12), 2)], [list(range(12))], [1e-4] * 12, JOINT * 12, 0.0) is None


def test_tests_that_last_longer_than_was_predicted_are_believed_to_go_on_so() -> None:
    units = [list(range(10)), list(range(10, 30))]
    slow = holder(0, since_s=100.0, predicted_s=0.01)
    offers = [offer(0, Span(0, 0, 10), 2, slow), offer(1, Span(1, 0, 20), 3)]
    assert choose(offers, units, [0.01] * 30, JOINT * 30, 100.0) == (1, 11), "nothing was seen yet"
    assert choose(offers, units, [0.01] * 30, JOINT * 30, 103.0) == (0, 6)


def test_a_class_is_not_parted_for_little() -> None:
    assert choose([offer(0, Span(0, 0, 12), 2)], [list(range(12))], [0.02] * 12, COSTLY * 12, 0.0) is None
    assert choose([offer(0, Span(0, 0, 12), 2)], [list(range(12))], [0.1] * 12, COSTLY * 12, 0.0) == (0, 7)


@given(st.data())
def test_what_is_chosen_may_be_taken(data: st.DataObject) -> None:
    sizes = data.draw(st.lists(st.integers(1, 12), min_size=1, max_size=4))
    total = sum(sizes)
    cost = data.draw(st.lists(st.floats(1e-5, 5), min_size=total, max_size=total))
    row = "".join(data.draw(st.lists(st.sampled_from([NEVER, COSTLY, JOINT]), min_size=total, max_size=total)))
    units, begin = [], 0
    for size in sizes:
        units.append(list(range(begin, begin + size)))
        begin += size
    offers = []
    for number, unit in enumerate(units):
        first = data.draw(st.integers(2, len(unit) + 2))
        offers.append(offer(number, Span(number, 0, len(unit)), first))
    chosen = choose(offers, units, cost, row, 1.0)
    if chosen is None:
        return
    number, place = chosen
    assert offers[number].first <= place < offers[number].span.end
    assert row[units[number][place]] != NEVER


@pytest.mark.parametrize("dist", ["loadfile", "loadscope"])
def test_what_xdist_would_keep_together_is_never_cut(dist: str) -> None:
    assert cuts([Known("a", "a.py"), Known("b", "a.py")], dist) == NEVER * 2


def test_a_cut_is_a_joint_where_no_set_up_is_shared() -> None:
    tests = [
        Known("a", "a.py", bound="db"),
        Known("b", "a.py", bound="db"),
        Known("c", "a.py"),
        Known("d", "a.py", group="g"),
    ]
    assert cuts(tests) == COSTLY + COSTLY + JOINT + NEVER
