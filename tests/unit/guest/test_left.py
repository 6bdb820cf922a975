"""What workers that died have left: from their slots, and from the tests that nobody has begun."""

from __future__ import annotations

from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

import tests.fakes.guest_path  # noqa: F401 - for its effect: guests find one another
from penstock.guest.penstock_board import BEGUN, DONE, NOBODY, UNTOUCHED, Board, Slot
from penstock.guest.penstock_left import left_behind, never_begun


def test_a_successor_gets_what_the_slot_names(tmp_path: Path) -> None:
    (tmp_path / "board").touch()
    board = Board(str(tmp_path / "board"), [3, 2], 1)
    slot = Slot(1, 0, 1, 1, 2, 0, 0)
    assert left_behind(board, slot, in_test=True) == ((0, 2), (1, 0))
    assert left_behind(board, slot, in_test=False) == ((0, 1), (1, 0))
    assert left_behind(board, slot._replace(position=2), in_test=True) == ((1, 0),)
    assert left_behind(board, slot._replace(span=NOBODY, following=NOBODY), in_test=True) == ()


@given(st.lists(st.lists(st.sampled_from((UNTOUCHED, BEGUN, DONE)), max_size=6), max_size=5))
def test_each_test_that_nobody_has_begun_is_in_one_span_and_no_other_is(states: list[list[int]]) -> None:
    numbers = iter(range(99))
    units = [[next(numbers) for _ in each] for each in states]
    found = never_begun(units, bytes(state for each in states for state in each))
    covered = [units[span.unit][place] for span in found for place in range(span.begin, span.end)]
    untouched = [
        number
        for unit, each in zip(units, states, strict=True)
        for number, state in zip(unit, each, strict=True)
        if state == UNTOUCHED
    ]
    assert covered == untouched
    assert len(found) <= len(untouched)
