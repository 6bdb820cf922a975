"""The processors that the run has to spare: one file, in which test sessions claim what no job is using.

PYTEST_DONT_REWRITE

The supervisor writes how many there are (`penstock.run.spare`). A claim is a record lock on one byte of the file, which
the system gives back when its holder dies: nothing is counted wrong after a crash. What is claimed beyond the number
that is written now is to be given back at the end of a unit: a job that waits comes before a session that could be
faster.
Standard library only, Python >= 3.9.
"""

from __future__ import annotations

import fcntl
import os
import struct

HEADER = struct.Struct("<II")  # processors of the run, how many of them are to spare
_MOST = 4096  # processors of one machine: more is no number that a supervisor wrote


class Pool:
    """One session's view of the file. It keeps the file open: closing it would give all claims back."""

    def __init__(self, path: str) -> None:
        self._descriptor = os.open(path, os.O_RDWR | os.O_CLOEXEC)
        self._claimed: set[int] = set()

    def _read(self) -> tuple[int, int]:
        """What the supervisor has written; nothing to spare where that makes no sense."""
        content = os.pread(self._descriptor, HEADER.size, 0)
        cpus, free = HEADER.unpack(content) if len(content) == HEADER.size else (1, 0)
        return (cpus, free) if free <= cpus <= _MOST else (1, 0)

    @property
    def cpus(self) -> int:
        """All processors of the run."""
        return self._read()[0]

    def claim(self) -> int | None:
        """Claim one that nobody uses; None if there is none."""
        for number in range(self._read()[1]):
            if number in self._claimed:
                continue
            try:
                fcntl.lockf(self._descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB, 1, HEADER.size + number)
            except OSError:
                continue
            self._claimed.add(number)
            return number
        return None

    def is_wanted_back(self, number: int) -> bool:
        """Whether a job needs what was claimed."""
        return number >= self._read()[1]

    def release(self, number: int) -> None:
        """Give one back."""
        if number in self._claimed:
            self._claimed.discard(number)
            fcntl.lockf(self._descriptor, fcntl.LOCK_UN, 1, HEADER.size + number)
