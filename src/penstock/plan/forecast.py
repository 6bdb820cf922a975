"""How long shards will take by the durations that are pinned, and how many of them a target needs."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence

from penstock.guest import penstock_shards
from penstock.value import Value

DEFAULT_COUNT = 4  # of `shards = "auto"` while no duration is known
DEFAULT_TARGET_S = 180.0
_FEWEST_ERRORS = 5  # METHODS §3.4: under these, a prediction is taken to be a tenth short
_FIRST_ERROR = 1.10
_MOST = 256  # shards that "auto" chooses


class Past(Value, frozen=True, kw_only=True):
    """What earlier shards have shown. `errors`: of runs, seconds of the longest shard's tests over the predicted ones;
    `startups`: leg -> seconds that a job of it takes beside its tests.
    """

    errors: tuple[float, ...] = ()
    startups: Mapping[str, float] = {}

    @property
    def margin(self) -> float:
        """What a prediction is multiplied by: the 90th percentile of the errors."""
        if len(self.errors) < _FEWEST_ERRORS:
            return _FIRST_ERROR
        ordered = sorted(self.errors)
        return ordered[math.ceil(0.9 * len(ordered)) - 1]

    def startup_s(self, leg: str) -> float:
        """Of the leg, else the mean of all, else two seconds: a Python, pytest, and the collection of a few files."""
        known = self.startups.get(leg)
        if known is None:
            known = math.fsum(self.startups.values()) / len(self.startups) if self.startups else 2.0
        return known


class Forecast(Value, frozen=True, kw_only=True):
    """What so many shards would take. `loads_s`: seconds of each shard's tests; `longest_s`: wall of the longest, with
    the margin and the start; `billed_minutes`: each shard's wall, rounded up.
    """

    count: int
    loads_s: tuple[float, ...]
    longest_s: float
    billed_minutes: int


class Choice(Value, frozen=True, kw_only=True):
    """The number of shards, and why. `beside`: one less, this one, and one more."""

    count: int
    reason: str
    beside: tuple[Forecast, ...] = ()


def forecast(tests: Mapping[str, Sequence[float]], count: int, past: Past, startup_s: float) -> Forecast:
    """The prediction for `count` shards of these tests."""
    loads = penstock_shards.split(_ids(tests), tests, count).loads_us
    return _forecast([load / 1e6 for load in loads], past, startup_s)


def settled(tests: Mapping[str, Sequence[float]], parts: Sequence[Iterable[str]]) -> tuple[float, ...]:
    """Seconds of each shard of a split that is settled."""
    ids = [name for part in parts for name in part]
    return tuple(load / 1e6 for load in penstock_shards.extended(ids, tests, parts).loads_us)


def choose(tests: Mapping[str, Sequence[float]], target_s: float, past: Past, startup_s: float) -> Choice:
    """The smallest number of shards that meets the target; where none does, the smallest that comes as near."""
    if not tests:
        reason = f'shards = "auto": no durations are known yet, so {DEFAULT_COUNT}; the next run chooses by this one\'s'
        return Choice(count=DEFAULT_COUNT, reason=reason)
    cost = penstock_shards.costs(_ids(tests), tests)
    room_s = (target_s - startup_s) / past.margin
    floor_s = max(cost.tests) / 1e6 * past.margin + startup_s
    enough_s = target_s if floor_s <= target_s else floor_s * 1.05
    least = math.ceil(sum(cost.tests) / 1e6 / room_s) if floor_s <= target_s else 1
    tried: dict[int, Forecast] = {}
    for count in range(min(max(least, 1), _MOST), _MOST + 1):
        tried[count] = forecast(tests, count, past, startup_s)
        if tried[count].longest_s <= enough_s:
            break
    count = max(tried)
    near = tuple(
        tried.get(number) or forecast(tests, number, past, startup_s) for number in range(max(1, count - 1), count + 2)
    )
    met = tried[count].longest_s <= target_s
    return Choice(count=count, reason=_told(near, count, target_s, met=met, floor_s=floor_s), beside=near)


def _forecast(loads_s: list[float], past: Past, startup_s: float) -> Forecast:
    walls = [load * past.margin + startup_s for load in loads_s]
    return Forecast(
        count=len(loads_s),
        loads_s=tuple(loads_s),
        longest_s=max(walls),
        billed_minutes=sum(max(1, math.ceil(wall / 60)) for wall in walls),
    )


def _ids(tests: Mapping[str, Sequence[float]]) -> list[str]:
    """In an order that keeps files together; the collection's is not known before it."""
    return sorted(tests)


def _told(near: Iterable[Forecast], count: int, target_s: float, *, met: bool, floor_s: float) -> str:
    listed = ", ".join(
        f"{one.count}{'*' * (one.count == count)}: {_spoken(one.longest_s)} and {one.billed_minutes} billed min"
        for one in near
    )
    miss = "" if met else f" (cannot be met: the longest test alone takes {_spoken(floor_s)})"
    return f'shards = "auto" for {_spoken(target_s)}{miss}: {listed}'


def _spoken(seconds: float) -> str:
    whole = math.ceil(round(seconds, 3))
    return f"{whole // 60}m{whole % 60:02d}s" if whole >= 60 else f"{whole}s"
