"""How far the tests are, in words: for the live line of a terminal, and for a log that nobody can draw in."""

from __future__ import annotations

from collections.abc import Iterable

from penstock.report import sanitize
from penstock.report.screen import Mark, Screen, cells, fit, mark, own, paint, seconds
from penstock.util.plural import noun, plural
from penstock.value import Value

# A test that takes longer than this is named while it runs, in seconds.
SLOW_S = 2.0
_BAR_CELLS = 24
_MOST_NAMED = 8


class Slow(Value, frozen=True, kw_only=True):
    """A test that runs, and since when. `worker`: "" where there is only one process."""

    worker: str
    test: str
    since_s: float


class Progress(Value, frozen=True, kw_only=True):
    """Counts of tests. `left_s`: predicted seconds, None if nothing is known to go by."""

    tests: int = 0
    done: int = 0
    failed: int = 0
    flaky: int = 0
    elapsed_s: float = 0.0
    left_s: float | None = None
    running: tuple[Slow, ...] = ()


def engine(tests: int, how: str, screen: Screen) -> str:
    """`7,815 tests  ·  2 forked workers`."""
    words = [f"{tests:,} {noun(tests, 'test')}", *([sanitize.line(how)] if how else [])]
    return own(screen, "  " + "  ·  ".join(words))


def words(progress: Progress) -> str:
    """`3,204/7,815 tests, 2 failed, 1 flaky, 8.1s left`; "" before the first."""
    if not progress.tests and not progress.done:
        return ""
    told = [
        f"{progress.done:,}/{progress.tests:,} {noun(progress.tests, 'test')}"
        if progress.tests
        else plural(progress.done, "test")
    ]
    told += [f"{progress.failed:,} failed"] if progress.failed else []
    told += [f"{progress.flaky:,} flaky"] if progress.flaky else []
    told += [f"{seconds(progress.left_s)} left"] if progress.left_s is not None else []
    return ", ".join(told)


def line(progress: Progress, screen: Screen) -> str:
    """A sign of life for a log: what there is to say, and the time."""
    told = words(progress) or "collecting"
    return own(screen, f"  {told}  ·  {seconds(progress.elapsed_s)}")


def rows(progress: Progress, screen: Screen) -> list[str]:
    """The live lines: a bar with the counts, then the tests that take long. Each is shorter than the screen."""
    width = screen.width - 1
    told = fit(
        screen, f"  {words(progress) or 'collecting'}  {seconds(progress.elapsed_s)}", max(width - _BAR_CELLS - 2, 20)
    )
    drawn = [f"  {_bar(progress, screen)}{told}" if width > _BAR_CELLS + 40 else told]
    slow = sorted((each for each in progress.running if each.since_s >= SLOW_S), key=lambda each: -each.since_s)
    for each in slow[:_MOST_NAMED]:
        start = f"  {sanitize.line(each.worker)}  {seconds(each.since_s)}  ".replace("    ", "  ")
        drawn.append(paint(screen, start + fit(screen, sanitize.line(each.test), width - cells(start)), "2"))
    return drawn


def failure(test: str, outcome: str, reason: str, screen: Screen) -> str:
    """`✗ tests/test_a.py::test_x  AssertionError: assert 1 == 2`, as soon as it is known."""
    told = sanitize.line(test) + (f"  {outcome.replace('_', ' ')}" if outcome != "failed" else "")
    start = f"  {mark(screen, Mark.BAD)} "
    return start + fit(screen, f"{told}  {sanitize.line(reason)}".rstrip(), max(screen.width - 4, 20))


def reason_of(kind: str, message: str) -> str:
    """`AssertionError: assert 1 == 2`, each part once."""
    return message if not kind or message.startswith(kind) else f"{kind}: {message}".removesuffix(": ")


def _bar(progress: Progress, screen: Screen) -> str:
    full, rest = ("━", "─") if screen.unicode else ("#", "-")
    done = _BAR_CELLS * progress.done // progress.tests if progress.tests else 0
    done = min(done, _BAR_CELLS)
    return paint(screen, full * done, "31" if progress.failed else "32") + paint(
        screen, rest * (_BAR_CELLS - done), "2"
    )


def of_running(running: Iterable[tuple[str, tuple[str, float]]], now_s: float) -> tuple[Slow, ...]:
    """What runs: (worker, (test, when it began)) for each worker."""
    return tuple(Slow(worker=worker, test=test, since_s=now_s - at_s) for worker, (test, at_s) in running)
