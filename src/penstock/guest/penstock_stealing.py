"""What a worker with nothing to do takes from one that has more than it can do in time: pure.

PYTEST_DONT_REWRITE

With durations known the queue levels the ends by itself. Without, a few slow tests may stand in one unit: when the
queue is empty, the later half of what the slowest worker has left is taken (Blumofe and Leiserson 1999, work stealing),
at a joint near the middle, or elsewhere if a second set-up costs less than it gains.
Standard library only, Python >= 3.9.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from penstock.guest.penstock_board import Offer
    from penstock.guest.penstock_units import JOINT, NEVER
else:
    from penstock_units import JOINT, NEVER

_LEAST_S = 0.005  # what lasts no longer is not worth a second set-up of anything
_DEAR_S = 0.25  # what lasts no longer is not worth parting a class, or tests that share a fixture
_TRUST_S = 0.1  # so much of what is predicted weighs as much as so much of what is seen
_NEAR = 0.5  # a joint may lie so far from the middle, as a part of the half


def choose(
    offers: list[Offer], units: list[list[int]], cost: list[float], cuts: str, now_s: float
) -> tuple[int, int] | None:
    """The span's number and the place from which on it is taken; None if nothing is worth it.

    `units`: numbers of tests. `cost` and `cuts`: of each test, predicted seconds and whether one may cut before it.
    """
    longest_s, found = _LEAST_S, None
    for offer in offers:
        numbers = units[offer.span.unit][offer.first - 1 : offer.span.end]
        pace = _pace(offer, now_s)
        costs = [cost[number] * pace for number in numbers]
        place = _cut(numbers, costs, cuts, offer.holder.setup_s)
        if place is not None and sum(costs[place:]) > longest_s:
            longest_s, found = sum(costs[place:]), (offer.number, offer.first - 1 + place)
    return found


def _pace(offer: Offer, now_s: float) -> float:
    """How long its tests take, over what was predicted."""
    holder = offer.holder
    if offer.number != holder.span:
        return 1.0
    lasted_s = max(now_s - holder.span_since_s - holder.setup_s, 0.0)
    return (lasted_s + _TRUST_S) / (holder.predicted_s + _TRUST_S)


def _cut(numbers: list[int], costs: list[float], cuts: str, setup_s: float) -> int | None:
    """Where to cut: the first test stays, and the later part should be half of all."""
    half_s = sum(costs) / 2
    later_s = 0.0
    best: tuple[float, int] | None = None
    joint: tuple[float, int] | None = None
    for place in range(len(numbers) - 1, 0, -1):
        later_s += costs[place]
        off = abs(later_s - half_s)
        cut = cuts[numbers[place]]
        if cut == JOINT and (joint is None or off < joint[0]):
            joint = (off, place)
        elif cut != NEVER and later_s > max(setup_s, _DEAR_S) and (best is None or off < best[0]):
            best = (off, place)
    if joint is not None and (best is None or joint[0] <= half_s * _NEAR):
        return joint[1]
    return best[1] if best is not None else None
