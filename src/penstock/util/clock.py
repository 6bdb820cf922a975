"""The one owner of clocks and randomness."""

from __future__ import annotations

import os
import time


class SystemClock:
    """The machine's clocks. See `ports.Clock`."""

    def monotonic_s(self) -> float:
        """Seconds on a clock that never goes back; equal in all processes of this machine."""
        return time.monotonic()

    def wall_s(self) -> float:
        """Seconds since the epoch, UTC."""
        return time.time()

    def sleep(self, seconds: float) -> None:
        """Do nothing for so long."""
        time.sleep(seconds)


def random_hex(characters: int) -> str:
    """Random hexadecimal characters from the operating system, for names that must not collide."""
    return os.urandom((characters + 1) // 2).hex()[:characters]
