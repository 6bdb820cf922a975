"""Signals: while a run goes on they are counted, and the engine looks at the count; before and after it they end us."""

from __future__ import annotations

import contextlib
import signal
from collections.abc import Callable, Iterable, Iterator
from types import FrameType

_INTERRUPTS = {signal.SIGINT: "SIGINT", signal.SIGTERM: "SIGTERM", signal.SIGHUP: "SIGTERM"}


class Terminated(BaseException):
    """SIGTERM or SIGHUP has come."""


@contextlib.contextmanager
def raised() -> Iterator[None]:
    """While inside: SIGTERM and SIGHUP raise Terminated, as SIGINT raises KeyboardInterrupt; so all is put away."""

    def stop(_number: int, _frame: FrameType | None) -> None:
        raise Terminated

    with _handled(stop, (signal.SIGTERM, signal.SIGHUP)):
        yield


@contextlib.contextmanager
def noted() -> Iterator[Callable[[], tuple[str, ...]]]:
    """While inside: SIGINT, SIGTERM and SIGHUP (as SIGTERM) are only noted. Gives what has come so far."""
    seen: list[str] = []

    def note(number: int, _frame: FrameType | None) -> None:
        seen.append(_INTERRUPTS[signal.Signals(number)])

    with _handled(note, _INTERRUPTS):
        yield lambda: tuple(seen)


@contextlib.contextmanager
def left_to_others() -> Iterator[Callable[[], int]]:
    """While inside, SIGINT is the business of the process that has the terminal. Gives how often it has come."""
    seen: list[int] = []

    def note(number: int, _frame: FrameType | None) -> None:
        seen.append(number)

    with _handled(note, (signal.SIGINT,)):
        yield lambda: len(seen)


@contextlib.contextmanager
def _handled(handler: Callable[[int, FrameType | None], None], numbers: Iterable[signal.Signals]) -> Iterator[None]:
    """Handle these signals, but for a SIGHUP that is ignored: then somebody said `nohup`."""
    ignored = {signal.SIGHUP} if signal.getsignal(signal.SIGHUP) is signal.SIG_IGN else set()
    before = {number: signal.signal(number, handler) for number in numbers if number not in ignored}
    try:
        yield
    finally:
        for number, earlier in before.items():
            signal.signal(number, earlier)
