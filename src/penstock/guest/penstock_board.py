"""What the processes of one session share: the queue of units, where each worker is, and what became of each test.

PYTEST_DONT_REWRITE

A file in shared memory. The next unit is taken under a record lock that the system gives back when its holder dies, and
everything else has one writer a field, so that a worker may die anywhere. Tests close descriptors that they do not
know, use all that there are, and empty the folder for temporary files: so the one for the lock stays open at a high
number, and is opened anew where it is not ours any more.
Standard library only, Python >= 3.9.
"""

from __future__ import annotations

import fcntl
import mmap
import os
import resource
import struct
from typing import NamedTuple

_HEADER = struct.Struct("<IIIII")  # stopped, front, back, units, slots
_SLOT = struct.Struct("<iiiiidII")  # current, unit, position, following, begun, since_s, events, pid
_SLOT_BYTES = 64
_NUMBER = struct.Struct("<I")

NOBODY = -1  # no test is running
OVER = -2  # the worker has told everything and ends
_HIGH = 200  # where the file is opened if nothing is known of the limit

UNTOUCHED, BEGUN, DONE = 0, 1, 2  # what became of a test


class Slot(NamedTuple):
    """Where a worker is. `current`: the test's number, `NOBODY` or `OVER`. `following`: the unit it has taken ahead."""

    current: int
    unit: int
    position: int
    following: int
    begun: int
    since_s: float
    events: int
    pid: int


_NOWHERE = Slot(NOBODY, NOBODY, 0, NOBODY, 0, 0.0, 0, 0)  # of a worker that has not begun a test


class Board:
    """`order`: the units' numbers in the order in which they are taken. `slots`: how many workers there may be."""

    def __init__(self, path: str, tests: int, order: list[int], slots: int) -> None:
        self._path = path
        self._fstat, self._lockf = os.fstat, fcntl.lockf
        self._order_at = _HEADER.size + slots * _SLOT_BYTES
        self._tests_at = self._order_at + len(order) * _NUMBER.size
        size = self._tests_at + tests + 1
        with open(path, "r+b") as stream:
            if os.fstat(stream.fileno()).st_size < size:
                stream.truncate(size)
                stream.write(_HEADER.pack(0, 0, len(order), len(order), slots))
                stream.write(_SLOT.pack(*_NOWHERE).ljust(_SLOT_BYTES, b"\0") * slots)
                stream.write(b"".join(map(_NUMBER.pack, order)))
                stream.flush()
            self._memory = mmap.mmap(stream.fileno(), size)
            self._identity = _identity(os.fstat(stream.fileno()))
        self._descriptor = _opened(path)

    @property
    def lasting_path(self) -> str:
        """Where other processes find the file even if its folder is emptied, while this one lives."""
        path = f"/proc/{os.getpid()}/fd/{self._descriptor}"
        return path if os.path.exists(path) else self._path

    # --- the queue -------------------------------------------------------------------------------------------------

    @property
    def stopped(self) -> bool:
        """Whether nothing more is to be started."""
        return self._memory[0] != 0

    def stop(self) -> None:
        """Nothing more is to be started."""
        self._memory[0] = 1

    @property
    def left(self) -> int:
        """How many units nobody has taken."""
        _, front, back, _, _ = _HEADER.unpack_from(self._memory, 0)
        return int(back - front)

    def take(self, *, shortest: bool = False) -> int:
        """The next unit, the longest or the shortest that is left; `NOBODY` if none is."""
        lock = self._held()
        self._lockf(lock, fcntl.LOCK_EX)
        try:
            _, front, back, _, _ = _HEADER.unpack_from(self._memory, 0)
            if front >= back:
                return NOBODY
            place = back - 1 if shortest else front
            _NUMBER.pack_into(self._memory, 8 if shortest else 4, place if shortest else front + 1)
        finally:
            self._lockf(lock, fcntl.LOCK_UN)
        number: int = _NUMBER.unpack_from(self._memory, self._order_at + place * _NUMBER.size)[0]
        return number

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
        return Slot(*_SLOT.unpack_from(self._memory, self._at(worker)))

    def settle(self, worker: int, slot: Slot) -> None:
        """Say where the worker is."""
        _SLOT.pack_into(self._memory, self._at(worker), *slot)

    def retire(self, worker: int) -> None:
        """The worker is to end after its unit."""
        self._memory[self._at(worker) + _SLOT_BYTES - 1] = 1

    def is_retired(self, worker: int) -> bool:
        """Whether the worker is to take no further unit."""
        return self._memory[self._at(worker) + _SLOT_BYTES - 1] != 0

    def _at(self, worker: int) -> int:
        return _HEADER.size + worker * _SLOT_BYTES

    # --- the tests -------------------------------------------------------------------------------------------------

    def mark(self, test: int, state: int) -> None:
        """Say what became of a test."""
        self._memory[self._tests_at + test] = state

    def state(self, test: int) -> int:
        """What became of one test."""
        return self._memory[self._tests_at + test]

    def states(self) -> bytes:
        """What became of each test: one byte each."""
        return self._memory[self._tests_at :]


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
