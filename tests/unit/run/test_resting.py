"""When an output is let wait."""

from __future__ import annotations

import os
import select
from collections.abc import Iterator

import pytest

from penstock.run.resting import REST_S, Rests


@pytest.fixture
def pipe() -> Iterator[tuple[int, int]]:
    ends = os.pipe()
    yield ends
    for end in ends:
        try:
            os.close(end)
        except OSError:  # a test has closed it
            continue


def ready(poll: select.poll) -> list[int]:
    return [descriptor for descriptor, _ in poll.poll(0)]


def test_what_said_little_is_not_heard_until_it_has_rested(pipe: tuple[int, int]) -> None:
    reading, writing = pipe
    poll = select.poll()
    poll.register(reading, select.POLLIN)
    rests = Rests(poll)
    os.write(writing, b".")
    assert ready(poll) == [reading]
    rests.taken(reading, 1, now_s=10.0)
    assert ready(poll) == []
    assert rests.wake(10.0 + REST_S / 2) == 10.0 + REST_S
    assert ready(poll) == []
    assert rests.wake(10.0 + REST_S) is None
    assert ready(poll) == [reading]


def test_the_end_of_what_rests_is_heard(pipe: tuple[int, int]) -> None:
    reading, writing = pipe
    poll = select.poll()
    poll.register(reading, select.POLLIN)
    Rests(poll).taken(reading, 1, now_s=10.0)
    os.close(writing)
    assert ready(poll) == [reading]


def test_a_flood_is_not_let_wait(pipe: tuple[int, int]) -> None:
    reading, writing = pipe
    poll = select.poll()
    poll.register(reading, select.POLLIN)
    rests = Rests(poll)
    os.write(writing, b".")
    rests.taken(reading, 64 << 10, now_s=10.0)
    rests.taken(reading, 10, now_s=10.5)
    assert ready(poll) == [reading]
    rests.taken(reading, 10, now_s=11.5)
    assert ready(poll) == []
    rests.forget(reading)
    assert rests.wake(20.0) is None
