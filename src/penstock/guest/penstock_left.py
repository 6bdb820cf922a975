"""What workers that died have left: pure.

PYTEST_DONT_REWRITE

What stands in a worker's slot goes to its successor. What stands nowhere is found at the end, by the tests that nobody
has begun: a worker may die between taking something and saying so.
Standard library only, Python >= 3.9.
"""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from penstock.guest.penstock_board import NOBODY, UNTOUCHED, Board, Slot, Span
else:
    from penstock_board import NOBODY, UNTOUCHED, Span


def left_behind(board: Board, slot: Slot, *, in_test: bool) -> tuple[tuple[int, int], ...]:
    """What a worker that has begun tests had taken and not run: spans, with the position in the unit of each.

    `in_test`: it was in the test that its slot names, which is over with it.
    """
    left = [] if slot.span == NOBODY else [(slot.span, slot.position + in_test)]
    if slot.following != NOBODY:
        left.append((slot.following, board.span(slot.following).begin))
    return tuple((span, at) for span, at in left if at < board.span(span).end)


def never_begun(units: list[list[int]], states: bytes) -> list[Span]:
    """Spans of the tests that are untouched. `units`: numbers of tests; `states`: a byte for each test."""
    found = []
    for unit, numbers in enumerate(units):
        end = 0
        for state, run in itertools.groupby(states[number] for number in numbers):
            begin, end = end, end + len(list(run))
            if state == UNTOUCHED:
                found.append(Span(unit, begin, end))
    return found
