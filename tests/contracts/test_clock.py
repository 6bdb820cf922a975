"""ports.Clock: what both the machine's clock and the fake keep."""

from __future__ import annotations

import pytest

from penstock.ports import Clock
from penstock.util.clock import SystemClock
from tests.fakes.clock import FakeClock


@pytest.fixture(params=[SystemClock, FakeClock], ids=["real", "fake"])
def clock(request: pytest.FixtureRequest) -> Clock:
    made: Clock = request.param()
    return made


def test_monotonic_time_never_goes_back(clock: Clock) -> None:
    readings = [clock.monotonic_s() for _ in range(100)]
    assert readings == sorted(readings)


def test_wall_time_is_an_epoch_of_this_century(clock: Clock) -> None:
    assert 1_600_000_000 < clock.wall_s() < 4_100_000_000


def test_time_passes_while_nothing_is_done(clock: Clock) -> None:
    before_s = clock.monotonic_s()
    clock.sleep(0.01)
    assert clock.monotonic_s() >= before_s + 0.01
