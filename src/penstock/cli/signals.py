"""Signals while a run goes on: counted, never acted on here; the engine looks at the count."""

from __future__ import annotations

import contextlib
import signal
from collections.abc import Callable, Iterator
from types import FrameType

_INTERRUPTS = {signal.SIGINT: "SIGINT", signal.SIGTERM: "SIGTERM", signal.SIGHUP: "SIGTERM"}


@contextlib.contextmanager
def noted() -> Iterator[Callable[[], tuple[str, ...]]]:
    """While inside: SIGINT, SIGTERM and SIGHUP (as SIGTERM) are only noted. Gives what has come so far."""
    seen: list[str] = []

    def note(number: int, _frame: FrameType | None) -> None:
        seen.append(_INTERRUPTS[signal.Signals(number)])

    before = {number: signal.signal(number, note) for number in _INTERRUPTS}
    try:
        yield lambda: tuple(seen)
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
