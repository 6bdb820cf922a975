"""What the processes of one session share: the queue of units, where each worker is, and what became of each test.

PYTEST_DONT_REWRITE

A file in shared memory. The next unit is taken under a record lock that the system gives back when its holder dies,
and everything else has one writer a field, so that a worker may die anywhere. When the queue is empty, a worker with
nothing to do takes the later part of what another one has: from then on each test is begun under the lock, and the
first one of a span always is, so that nobody sees the place of one span with the number of another. Fields are aligned
numbers, each written at once (`struct` fills with zeros first and then writes byte by byte, which others would read).
Tests close descriptors that they do not know, use all that there are, and empty the folder for temporary files: so the
one for the lock stays open at a high number, and is opened anew where it is not ours any more.
Standard library only, Python >= 3.9.
"""

from __future__ import annotations

import contextlib
import fcntl
import mmap
import os
import resource
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

# Places in numbers of four bytes. The header, whose last place is free; what a slot holds, and what a span.
_STOPPED, _FRONT, _BACK, _SPANS, _WORKERS, _HEADER = 0, 1, 2, 3, 4, 6
_SLOT_NUMBERS, _TIMES_AT, _RETIRED_AT = 20, 8, 19
_SPAN_NUMBERS, _END_AT = 3, 2

NOBODY = -1  # no test is running
OVER = -2  # the worker has told everything and ends
_PROMISED = 2  # tests from a worker's place on that are its own: the one there, and what it believes to come next
_HIGH = 200  # where the file is opened if nothing is known of the limit

UNTOUCHED, BEGUN, DONE = 0, 1, 2  # what became of a test


class Span(NamedTuple):
    """What one worker has of a unit: the tests at the places from `begin` until before `end`."""

    unit: int
    begin: int
    end: int


class Slot(NamedTuple):
    """Where a worker is. `current`: the test's number, `NOBODY` or `OVER`. `span`: what it runs, and the `position` in
    the span's unit; `following`: the span that it has taken ahead. Of the tests that it has begun in its span: when the
    first began (`span_since_s`), how long all were predicted to last, and the longest set-up of one, in seconds.
    """

    current: int
    span: int
    position: int
    following: int
    begun: int
    events: int
    pid: int
    since_s: float = 0.0
    span_since_s: float = 0.0
    predicted_s: float = 0.0
    setup_s: float = 0.0


_NOWHERE = Slot(NOBODY, NOBODY, 0, NOBODY, 0, 0, 0)  # of a worker that has not begun a test
_WHOLE, _TIMES = 7, 4  # the fields of a slot that are whole numbers, and those after them, of two places each


class Offer(NamedTuple):
    """What could be taken from a worker: of a span, the tests at the places from `first` on."""

    number: int  # of the span
    span: Span
    first: int
    holder: Slot


class Board:
    """`sizes`: how many tests each unit has, in the order in which they are taken. `slots`: how many workers there may
    be.
    """

    def __init__(self, path: str, sizes: list[int], slots: int) -> None:
        self._path = path
        self._fstat, self._lockf = os.fstat, fcntl.lockf
        tests = sum(sizes)
        self._spans_at = _HEADER + slots * _SLOT_NUMBERS
        self._tests_at = 4 * (self._spans_at + (len(sizes) + tests) * _SPAN_NUMBERS)  # no more spans can be made
        size = (self._tests_at + tests) // 8 * 8 + 8
        with open(path, "r+b") as stream:
            is_new = os.fstat(stream.fileno()).st_size < size
            if is_new:
                stream.truncate(size)
            self._memory = mmap.mmap(stream.fileno(), size)
            self._identity = _identity(os.fstat(stream.fileno()))
        self._numbers = memoryview(self._memory).cast("i")
        self._times = memoryview(self._memory).cast("d")
        self._tests = tests
        self._descriptor = _opened(path)
        if is_new:
            self._numbers[_BACK] = self._numbers[_SPANS] = len(sizes)
            for worker in range(slots):
                self.settle(worker, _NOWHERE)
            for unit, length in enumerate(sizes):
                self._put_span(unit, Span(unit, 0, length))

    @property
    def lasting_path(self) -> str:
        """Where other processes find the file even if its folder is emptied, while this one lives."""
        path = f"/proc/{os.getpid()}/fd/{self._descriptor}"
        return path if os.path.exists(path) else self._path

    # --- the queue -------------------------------------------------------------------------------------------------

    @property
    def stopped(self) -> bool:
        """Whether nothing more is to be started."""
        return self._numbers[_STOPPED] != 0

    def stop(self) -> None:
        """Nothing more is to be started."""
        self._numbers[_STOPPED] = 1

    @property
    def left(self) -> int:
        """How many units nobody has taken."""
        return self._numbers[_BACK] - self._numbers[_FRONT]

    def span(self, number: int) -> Span:
        """What the span is now: its end comes nearer when another worker takes a part of it."""
        at = self._spans_at + number * _SPAN_NUMBERS
        return Span(*self._numbers[at : at + _SPAN_NUMBERS])

    def take(self, *, shortest: bool = False) -> int:
        """The span of the next unit, the longest or the shortest that is left; `NOBODY` if none is."""
        with self.locked():
            front, back = self._numbers[_FRONT], self._numbers[_BACK]
            if front >= back:
                return NOBODY
            place = back - 1 if shortest else front
            self._numbers[_BACK if shortest else _FRONT] = place if shortest else front + 1
        return place

    def take_over(self, choose: Callable[[list[Offer]], tuple[int, int] | None]) -> int:
        """A span of its own for the later part of what another worker has; `NOBODY` if there is nothing to take.

        `choose`: among the offers, the number of a span and the place from which on it is taken.
        """
        with self.locked():
            chosen = choose(list(self._offers()))
            if chosen is None:
                return NOBODY
            number, place = chosen
            span = self.span(number)
            new = self._numbers[_SPANS]
            self._put_span(new, Span(span.unit, place, span.end))
            self._numbers[_SPANS] = new + 1
            self._numbers[self._spans_at + number * _SPAN_NUMBERS + _END_AT] = place
        return new

    def refill(self, spans: list[Span]) -> None:
        """Put these into the queue, and nothing else. Only while no worker runs: all spans get new numbers."""
        with self.locked():
            for number, span in enumerate(spans):
                self._put_span(number, span)
            self._numbers[_FRONT] = 0
            self._numbers[_BACK] = self._numbers[_SPANS] = len(spans)

    @property
    def has_offers(self) -> bool:
        """Whether any worker has what another one could take, now or later."""
        return any(offer.first < offer.span.end for offer in self._offers())

    def _offers(self) -> Iterator[Offer]:
        """What the workers have not begun, and do not count on.

        While there was a queue they began tests without the lock; one may be about to, at the place that it shows.
        """
        for slot in map(self.slot, range(self._numbers[_WORKERS])):
            if slot.span != NOBODY:
                yield Offer(slot.span, self.span(slot.span), slot.position + _PROMISED, slot)
            if slot.following != NOBODY:
                span = self.span(slot.following)
                yield Offer(slot.following, span, span.begin + _PROMISED, slot)

    @contextlib.contextmanager
    def locked(self) -> Iterator[None]:
        """Nobody else takes anything. Raises OSError where that cannot be had any more."""
        lock = self._held()
        self._lockf(lock, fcntl.LOCK_EX)
        try:
            yield
        finally:
            self._lockf(lock, fcntl.LOCK_UN)

    def _put_span(self, number: int, span: Span) -> None:
        for at, field in enumerate(span, self._spans_at + number * _SPAN_NUMBERS):
            self._numbers[at] = field

    def _held(self) -> int:
        """The descriptor of the file. Raises OSError where it was closed, and cannot be opened any more."""
        try:
            ours = _identity(self._fstat(self._descriptor)) == self._identity
        except OSError:
            ours = False
        if not ours:
            self._descriptor = _opened(self._path)
            if _identity(self._fstat(self._descriptor)) != self._identity:
                raise FileNotFoundError(self._path)
        return self._descriptor

    # --- the workers -----------------------------------------------------------------------------------------------

    def slot(self, worker: int) -> Slot:
        """Where the worker is, or was when it died."""
        at = self._at(worker)
        times = (at + _TIMES_AT) // 2
        return Slot(*self._numbers[at : at + _WHOLE], *self._times[times : times + _TIMES])

    def settle(self, worker: int, slot: Slot) -> None:
        """Say where the worker is; the test last, which is read first: nobody sees it with the time of an older one."""
        at = self._at(worker)
        for place, time_s in enumerate(slot[_WHOLE:], (at + _TIMES_AT) // 2):
            self._times[place] = time_s
        whole = (slot.current, slot.span, slot.position, slot.following, slot.begun, slot.events, slot.pid)
        for place in range(_WHOLE - 1, -1, -1):
            self._numbers[at + place] = whole[place]

    def expect(self, workers: int) -> None:
        """Say how many workers were started so far."""
        self._numbers[_WORKERS] = workers

    def vacate(self, worker: int) -> None:
        """The worker is dead: what it had is given to another one, and is not for all."""
        with self.locked():
            self.settle(worker, self.slot(worker)._replace(span=NOBODY, following=NOBODY))

    def retire(self, worker: int) -> None:
        """The worker is to end after its unit."""
        self._numbers[self._at(worker) + _RETIRED_AT] = 1

    def is_retired(self, worker: int) -> bool:
        """Whether the worker is to take no further unit."""
        return self._numbers[self._at(worker) + _RETIRED_AT] != 0

    def _at(self, worker: int) -> int:
        return _HEADER + worker * _SLOT_NUMBERS

    # --- the tests -------------------------------------------------------------------------------------------------

    def mark(self, test: int, state: int) -> None:
        """Say what became of a test."""
        self._memory[self._tests_at + test] = state

    def state(self, test: int) -> int:
        """What became of one test."""
        return self._memory[self._tests_at + test]

    def states(self) -> bytes:
        """What became of each test: one byte each."""
        return self._memory[self._tests_at : self._tests_at + self._tests]


def _identity(status: os.stat_result) -> tuple[int, int]:
    return status.st_dev, status.st_ino


def _opened(path: str) -> int:
    """Open the file at a number so high that a test's own files hardly come to stand there."""
    low = os.open(path, os.O_RDWR | os.O_CLOEXEC)
    allowed = resource.getrlimit(resource.RLIMIT_NOFILE)[0]
    try:
        high = fcntl.fcntl(low, fcntl.F_DUPFD_CLOEXEC, min(allowed, 1024) - 16 if allowed > 16 else _HIGH)
    except OSError:  # it is taken, and no higher one is allowed
        return low
    os.close(low)
    return high
