"""Tells the test sessions of a run how many processors no job is using: one budget over jobs and test workers.

A session starts with the processors of its job and claims more while there are any (`penstock.guest.penstock_pool` says
how); when a job becomes ready, it gives them back at the end of the tests at hand.
"""

from __future__ import annotations

import contextlib
import os
from pathlib import Path

VARIABLE = "PENSTOCK_POOL"  # the file's path, for the jobs that can use it


class Spare:
    """The supervisor's end of the file."""

    def __init__(self, path: Path, cpus: int) -> None:
        self.path = path
        self._cpus = cpus
        self._offered = -1

    def offer(self, free: int) -> None:
        """So many are free now. A file that cannot be written offers nothing: the tests then run on what they have."""
        if free == self._offered:
            return
        self._offered = free
        from penstock.guest.penstock_pool import HEADER  # a run that starts nothing offers nothing

        with contextlib.suppress(OSError):
            descriptor = os.open(self.path, os.O_WRONLY | os.O_CREAT | os.O_CLOEXEC, 0o644)
            try:
                os.pwrite(descriptor, HEADER.pack(self._cpus, max(0, free)), 0)
            finally:
                os.close(descriptor)
