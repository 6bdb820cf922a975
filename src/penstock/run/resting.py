"""Outputs that say little and often (a dot a test) are listened to now and then: each wakeup costs more than its bytes.

A rest ends by its time or with the end of the output, which is heard all the same. Where much has come meanwhile the
output is no longer let wait for a while, so that a flood is held up by a twentieth at most.
"""

from __future__ import annotations

import select

REST_S = 0.05
_LITTLE_BYTES = 16 << 10  # a pipe holds four times as much
_BUSY_S = 1.0


class Rests:
    """The rests of the descriptors of one poll. Times are of the caller's monotonic clock."""

    def __init__(self, poll: select.poll) -> None:
        self._poll = poll
        self._until_s: dict[int, float] = {}
        self._busy_s: dict[int, float] = {}

    def taken(self, descriptor: int, count: int, now_s: float) -> None:
        """So much was read of it: it rests, or it does not."""
        if count >= _LITTLE_BYTES:
            self._busy_s[descriptor] = now_s + _BUSY_S
        elif now_s >= self._busy_s.get(descriptor, 0.0):
            self._until_s[descriptor] = now_s + REST_S
            self._poll.modify(descriptor, 0)  # its end is told without being asked for

    def wake(self, now_s: float) -> float | None:
        """Listen again to those that have rested; gives when the next one will have, None without any."""
        for descriptor in [one for one, until_s in self._until_s.items() if now_s >= until_s]:
            del self._until_s[descriptor]
            self._poll.modify(descriptor, select.POLLIN)
        return min(self._until_s.values(), default=None)

    def forget(self, descriptor: int) -> None:
        """It is closed."""
        self._until_s.pop(descriptor, None)
        self._busy_s.pop(descriptor, None)
