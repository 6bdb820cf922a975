"""How a run goes, told while it goes: a line for each end, and on a terminal a board of what runs, below the lines.

The board is drawn with rich (the extra `live`), which is imported when the first process starts; without it, in a CI
log or with `-s` there are only the lines. Nothing that has been written is ever replaced but the board itself.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from penstock.cli.places import Wishes
from penstock.cli.planning import Planned
from penstock.cli.surroundings import Surroundings
from penstock.model.events import Event, JobFinished, JobStarted, PreparationFinished
from penstock.ports import Launch
from penstock.report import decisions, live
from penstock.report.jobs import Reasons
from penstock.report.screen import Screen
from penstock.run.folder import RunFolder
from penstock.run.grounds import TASK

_DRAW_EVERY_S = 0.25


class Teller:
    """Writes a line an end, as `report.live` has it. With `echo` the jobs' output is shown: their starts are told."""

    def __init__(self, surroundings: Surroundings, planned: Planned, screen: Screen, *, echo: bool = False) -> None:
        self._surroundings = surroundings
        self._echo = echo
        self._jobs = {job.id: job for job in planned.plan.jobs}
        self._screen = screen
        self._width = live.name_cells(self._jobs)
        self._reasons = Reasons()
        if planned.plan.decisions:
            self._write("\n".join(decisions.lines(planned.plan.decisions, screen)) + "\n\n")

    def notify(self, event: Event) -> None:
        """Take in an event that is in the log."""
        now_s = self._surroundings.clock.wall_s()
        told = live.line(event, self._jobs, self._screen, width=self._width, now_s=now_s, reasons=self._reasons)
        if told:
            self._write(told)

    def launched(self, launch: Launch) -> None:
        """Take in that a process is about to start."""
        if self._echo and launch.echo:
            self._write(f"  {live.starting(launch.task, self._screen)}")

    def tick(self) -> None:
        """Called several times a second."""

    def close(self) -> None:
        """The run is over."""

    def _write(self, text: str) -> None:
        self._surroundings.out.progress(text)


class Board(Teller):
    """The lines, and below them what runs. Whatever goes wrong with the drawing ends the board and nothing else."""

    def __init__(self, surroundings: Surroundings, planned: Planned, screen: Screen, folder: RunFolder) -> None:
        self._drawing: Any = None  # rich.live.Live, once it is needed
        self._given_up = False
        self._drawn_s = 0.0
        self._folder = folder
        self._started: dict[str, float] = {}
        self._tallies: dict[str, Any] = {}
        super().__init__(surroundings, planned, screen)
        self._waiting = set(self._jobs)

    def notify(self, event: Event) -> None:
        """See Teller."""
        if isinstance(event, JobStarted):
            self._waiting.discard(event.job)
            self._started.setdefault(event.job, event.at_s)
        elif isinstance(event, JobFinished):
            self._waiting.discard(event.job)
            self._started.pop(event.job, None)
        elif isinstance(event, PreparationFinished):
            self._started.pop(event.id, None)
        super().notify(event)

    def launched(self, launch: Launch) -> None:
        """See Teller. Services are no rows of their own: their jobs are."""
        if launch.task.startswith(TASK):
            return
        self._started.setdefault(launch.task, self._surroundings.clock.monotonic_s())
        self._safely(self._begin)

    def tick(self) -> None:
        """Draw, at most four times a second."""
        now_s = self._surroundings.clock.monotonic_s()
        if self._drawing is not None and now_s - self._drawn_s >= _DRAW_EVERY_S:
            self._drawn_s = now_s
            self._safely(lambda: self._draw(now_s))

    def close(self) -> None:
        """Take the board away."""
        drawing, self._drawing = self._drawing, None
        if drawing is not None:
            self._safely(drawing.stop)

    def _begin(self) -> None:
        if self._drawing is not None or self._given_up:
            return
        from rich.console import Console
        from rich.live import Live

        out = self._surroundings.out
        console = Console(file=sys.stderr, highlight=False, markup=False, no_color=not out.color)
        self._drawing = Live(console=console, auto_refresh=False, transient=True, redirect_stdout=False)
        self._drawing.start()
        console.show_cursor(True)  # noqa: FBT003 - rich's own signature; a run that is killed leaves no hidden cursor

    def _draw(self, now_s: float) -> None:
        from rich.text import Text

        from penstock.report import board

        size = self._drawing.console.size
        screen = Screen(width=size.width, color=self._screen.color, unicode=self._screen.unicode)
        going = [self._going(name, now_s - since_s) for name, since_s in self._started.items()]
        width = max(self._width, live.name_cells(self._started))
        rows = board.rows(going, screen, waiting=len(self._waiting), width=width, height=max(size.height // 2, 4))
        self._drawing.update(Text.from_ansi("\n".join(rows)), refresh=True)

    def _going(self, name: str, elapsed_s: float) -> Any:
        from penstock.cli.progress import progress_of
        from penstock.report.board import Going
        from penstock.run.folder import safe_name
        from penstock.run.tally import Tally, expected
        from penstock.tools.recorded import EVENTS

        if name not in self._jobs:
            return Going(name=name, elapsed_s=elapsed_s, building=True)
        if name not in self._tallies:
            pinned = self._folder.path / "timings" / f"{safe_name(name)}.json"
            log = self._folder.job(name) / "reports" / EVENTS
            self._tallies[name] = Tally(log, lambda: expected(pinned))
        tally = self._tallies[name]
        tally.look()
        now_s = self._surroundings.clock.monotonic_s()
        return Going(name=name, elapsed_s=elapsed_s, progress=progress_of(tally, elapsed_s, now_s))

    def _write(self, text: str) -> None:
        if self._drawing is None:
            super()._write(text)
        else:
            self._safely(lambda: self._print(text))

    def _print(self, text: str) -> None:
        from rich.text import Text

        self._drawing.console.print(Text.from_ansi(text), soft_wrap=True)

    def _safely(self, action: Callable[[], object]) -> None:
        try:
            action()
        except Exception:  # noqa: BLE001 - a terminal or a rich that fails costs the board, never the run
            self._drawing, self._given_up = None, True


@contextmanager
def teller(surroundings: Surroundings, planned: Planned, wishes: Wishes, folder: RunFolder) -> Iterator[Teller]:
    """The teller that fits the surroundings."""
    out = surroundings.out
    screen = Screen(width=out.width, color=out.color, unicode=out.unicode)
    told = (
        Board(surroundings, planned, screen, folder)
        if surroundings.out.draws(surroundings.environ) and not wishes.echo
        else Teller(surroundings, planned, screen, echo=wishes.echo)
    )
    try:
        yield told
    finally:
        told.close()
