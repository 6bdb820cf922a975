"""The live board's rows: what runs now, for how long, and how far its tests are."""

from __future__ import annotations

from collections.abc import Iterable

from penstock.report import sanitize
from penstock.report.progress import SLOW_S, Progress, Slow, words
from penstock.report.screen import Screen, cells, fit, pad, paint, seconds
from penstock.util.plural import plural
from penstock.value import Value


class Going(Value, frozen=True, kw_only=True):
    """One thing that runs: a job, or (`building`) an environment. `progress`: of its tests."""

    name: str
    elapsed_s: float
    building: bool = False
    progress: Progress = Progress()


def rows(going: Iterable[Going], screen: Screen, *, waiting: int, width: int, height: int) -> list[str]:
    """At most `height` lines, each shorter than the screen: the terminal wraps none. `waiting`: jobs to come."""
    running = list(going)
    shown = running if len(running) < height else running[: height - 2]
    lines = [_row(each, screen, width) for each in shown]
    rest = [f"{len(running) - len(shown)} more running"] if len(shown) < len(running) else []
    rest += [f"{plural(waiting, 'job')} to come"] if waiting else []
    return [*lines, *([paint(screen, fit(screen, f"  {', '.join(rest)}", screen.width - 1), "2")] if rest else [])]


def _row(each: Going, screen: Screen, width: int) -> str:
    sign = ("…" if screen.unicode else ".", "36")
    start = f"  {pad(sanitize.line(each.name), width)}  "
    told = f"  {pad(seconds(each.elapsed_s), 9)}  {_words(each)}".rstrip()
    return start + paint(screen, *sign) + fit(screen, told, max(screen.width - cells(start) - 2, 10))


def _words(each: Going) -> str:
    if each.building:
        return "building the environment"
    told = words(each.progress)
    slow = max((one for one in each.progress.running if one.since_s >= SLOW_S), key=_since_s, default=None)
    if slow is None:
        return told
    return f"{told}  {sanitize.line(slow.test.rpartition('/')[2])} {seconds(slow.since_s)}".strip()


def _since_s(slow: Slow) -> float:
    return slow.since_s
