"""How `penstock test` goes, told while it goes: on a terminal live lines, elsewhere a line now and then.

The live lines are drawn with a few escape sequences of our own: rich would cost more than many a suite. What has been
written above them is never replaced.
"""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

from penstock.cli.out import Out
from penstock.report import progress
from penstock.report.screen import Screen

if TYPE_CHECKING:
    from penstock.ports import Clock
    from penstock.run.tally import Tally

_LOOK_EVERY_S = 0.2
_LINE_EVERY_S = 10.0
_MOST_FAILURES = 20  # told while it runs; all are told at the end


class Telling:
    """Follows one job's tests. Where it is drawn, the lines go to standard error, like all progress.

    `begun_s`: on the clock's monotonic time. With `silent` nothing is told (`-q`), or the tests' own output is (`-s`).
    """

    def __init__(self, out: Out, clock: Clock, tally: Tally, *, draws: bool, silent: bool) -> None:
        self._out = out
        self._clock = clock
        self._tally = tally
        self._screen = Screen(width=out.width, color=out.color, unicode=out.unicode)
        self._drawing = _Drawing() if draws else None
        self._silent = silent
        self._begun_s = clock.monotonic_s()
        self._looked_s = self._begun_s
        self._told_s = self._begun_s
        self._told_engine = False
        self._failures = 0

    def tick(self) -> None:
        """Called several times a second: look, tell what is new."""
        now_s = self._clock.monotonic_s()
        if self._silent or now_s - self._looked_s < _LOOK_EVERY_S:
            return
        self._looked_s = now_s
        self._look(now_s)
        if self._drawing is not None:
            self._drawing.draw(
                progress.rows(progress_of(self._tally, now_s - self._begun_s, now_s), self._now_screen())
            )
        elif now_s - self._told_s >= _LINE_EVERY_S:
            self._told_s = now_s
            self._out.progress(progress.line(progress_of(self._tally, now_s - self._begun_s, now_s), self._screen))

    def close(self) -> None:
        """Take the live lines away."""
        if self._drawing is not None:
            self._drawing.clear()

    def _look(self, now_s: float) -> None:
        self._tally.look()
        told = []
        if not self._told_engine and self._tally.collected:
            self._told_engine = True
            told.append(progress.engine(self._tally.collected, self._tally.engine, self._screen))
        for failure in self._tally.news():
            self._failures += 1
            if self._failures <= _MOST_FAILURES:
                reason = progress.reason_of(failure.kind, failure.message)
                told.append(progress.failure(failure.id, failure.outcome, reason, self._screen))
            elif self._failures == _MOST_FAILURES + 1:
                told.append("  further failures are told at the end")
        if told:
            self._told_s = now_s
            if self._drawing is not None:
                self._drawing.clear()
            self._out.progress("\n".join(told))

    def _now_screen(self) -> Screen:
        """The screen as wide as it is now: a terminal may be resized."""
        try:
            width = os.get_terminal_size(sys.stderr.fileno()).columns
        except (OSError, ValueError):
            return self._screen
        return Screen(width=max(width, 20), color=self._screen.color, unicode=self._screen.unicode)


def progress_of(tally: Tally, elapsed_s: float, now_s: float) -> progress.Progress:
    """What a tally knows, after so many seconds. `now_s`: on the monotonic clock, as the tests' beginnings are."""
    share = tally.left_share
    return progress.Progress(
        tests=tally.collected,
        done=tally.finished,
        failed=tally.failed,
        flaky=tally.flaky,
        elapsed_s=elapsed_s,
        left_s=None if share is None else share * elapsed_s,
        running=progress.of_running(tally.running.items(), now_s),
    )


class _Drawing:
    """Lines at the bottom of the terminal that are drawn over, and gone at the end."""

    def __init__(self) -> None:
        self._rows = 0

    def draw(self, rows: list[str]) -> None:
        """These lines in place of the last ones."""
        self._write(self._erased() + "\n".join(rows))
        self._rows = len(rows)

    def clear(self) -> None:
        """Nothing in their place."""
        if self._rows:
            self._write(self._erased())
            self._rows = 0

    def _erased(self) -> str:
        up = f"\x1b[{self._rows - 1}A" if self._rows > 1 else ""
        return f"{up}\r\x1b[J" if self._rows else ""

    @staticmethod
    def _write(text: str) -> None:
        encoding = sys.stderr.encoding or "utf-8"
        try:
            sys.stderr.write(text.encode(encoding, "replace").decode(encoding))
            sys.stderr.flush()
        except OSError:  # the terminal is gone; the run goes on
            return
