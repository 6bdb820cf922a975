"""What the rounds add up to: medians, ratios paired by round with bootstrap intervals, bounds, and the table."""

from __future__ import annotations

import math
import random
import statistics
from collections.abc import Callable, Iterable
from typing import NamedTuple

PEERS = ("load", "worksteal", "loadfile")
OURS = ("penstock", "known")
DRAWS = 2000


class Sample(NamedTuple):
    """One run of one suite in one way. `counts`: pytest's last line, as far as it counts tests."""

    suite: str
    way: str
    turn: int
    wall_s: float
    cpu_s: float
    counts: str = ""


class Bound(NamedTuple):
    """The least wall time: what comes before the first test, then the tests on all processors."""

    collection_s: float
    longest_s: float
    work_s: float
    throughput: float

    @property
    def wall_s(self) -> float:
        """Seconds."""
        return self.collection_s + max(self.longest_s, self.work_s / self.throughput)


class Ratio(NamedTuple):
    """A median ratio and its 95 % interval."""

    middle: float
    low: float
    high: float

    def __str__(self) -> str:
        return f"{self.middle:.2f} ({self.low:.2f} to {self.high:.2f})"


class Rounds:
    """All samples. `processors`: how many runs a crowd has."""

    def __init__(self, samples: Iterable[Sample], processors: int) -> None:
        self.samples = list(samples)
        self.processors = processors

    def of(self, suite: str, way: str) -> dict[int, Sample]:
        """Round -> sample."""
        return {one.turn: one for one in self.samples if (one.suite, one.way) == (suite, way)}

    def ways(self, suite: str) -> list[str]:
        """The ways in which a suite was run."""
        return list(dict.fromkeys(one.way for one in self.samples if one.suite == suite))

    @property
    def suites(self) -> list[str]:
        """Their names."""
        return list(dict.fromkeys(one.suite for one in self.samples))

    def median(self, suite: str, way: str, field: str = "wall_s") -> float:
        """Over the rounds; NaN where there is none."""
        found = [getattr(one, field) for one in self.of(suite, way).values()]
        return statistics.median(found) if found else math.nan

    def best_peer(self, suite: str) -> str:
        """Xdist's fastest mode on a suite."""
        return min(PEERS, key=lambda way: self.median(suite, way))

    def ratios(self, suite: str, ours: str, theirs: str, field: str = "wall_s") -> list[float]:
        """Paired by round."""
        one, other = self.of(suite, ours), self.of(suite, theirs)
        return [getattr(one[turn], field) / getattr(other[turn], field) for turn in sorted({*one} & {*other})]

    def bound(self, suite: str, longest_s: float) -> Bound:
        """From the same rounds: `collection` is a run that stops after it, `crowd` as many sequential runs at once as
        there are processors. What a processor gives when all are busy is the CPU time of the same work alone over that
        in the crowd.
        """
        alone_s, crowd_s = self.median(suite, "sequential", "cpu_s"), self.median(suite, "crowd", "cpu_s")
        work_s = alone_s - self.median(suite, "collection", "cpu_s")
        return Bound(self.median(suite, "collection"), longest_s, work_s, self.processors * min(1.0, alone_s / crowd_s))


def interval(ratios: list[float], rng: random.Random) -> Ratio:
    """The median and its bootstrap interval."""
    medians = sorted(statistics.median(rng.choices(ratios, k=len(ratios))) for _ in range(DRAWS))
    return Ratio(statistics.median(ratios), medians[DRAWS // 40], medians[-DRAWS // 40 - 1])


def overall(groups: list[list[float]], rng: random.Random) -> Ratio:
    """The geometric mean of the suites' median ratios; rounds are drawn anew in each suite."""

    def mean(draw: Callable[[list[float]], list[float]]) -> float:
        return statistics.geometric_mean([statistics.median(draw(group)) for group in groups])

    means = sorted(mean(lambda group: rng.choices(group, k=len(group))) for _ in range(DRAWS))
    return Ratio(mean(list), means[DRAWS // 40], means[-DRAWS // 40 - 1])


HEAD = ("suite (tests)", "sequential", *PEERS, "penstock", "penstock, durations known")
RATIOS = ("÷ best xdist", "÷ sequential", "CPU ÷ sequential", "CPU ÷ crowd", "÷ bound")


def tables(rounds: Rounds, tests: dict[str, int], longest_s: dict[str, float], rng: random.Random) -> str:
    """Markdown: wall and CPU seconds; ratios; the bounds; spawned workers."""
    walls = [_row(HEAD), _row(["---"] * len(HEAD))]
    for suite in rounds.suites:
        cells = [
            f"{rounds.median(suite, way):.1f} ({rounds.median(suite, way, 'cpu_s'):.1f})"
            for way in ("sequential", *PEERS, *OURS)
        ]
        walls.append(_row([f"{suite} ({tests[suite]:,})", *cells]))
    parts = ["\n".join(walls)]
    parts += [_ratios(rounds, way, longest_s, rng) for way in OURS]
    parts.append(_bounds(rounds, longest_s))
    spawned = [suite for suite in rounds.suites if "spawned" in rounds.ways(suite)]
    if spawned:
        parts.append(_ratios(rounds, "spawned", longest_s, rng, spawned))
    return "\n\n".join(parts) + "\n"


_TITLES = {
    "penstock": "penstock without known durations",
    "known": "penstock with the durations of its last run",
    "spawned": "penstock with forking ruled out",
}


def _ratios(
    rounds: Rounds, way: str, longest_s: dict[str, float], rng: random.Random, suites: list[str] | None = None
) -> str:
    lines = [_row([_TITLES[way], "best xdist mode", *RATIOS]), _row(["---"] * (2 + len(RATIOS)))]
    columns: list[list[list[float]]] = [[], [], [], []]
    for suite in suites or rounds.suites:
        best = rounds.best_peer(suite)
        groups = [
            rounds.ratios(suite, way, best),
            rounds.ratios(suite, way, "sequential"),
            rounds.ratios(suite, way, "sequential", "cpu_s"),
            rounds.ratios(suite, way, "crowd", "cpu_s"),
        ]
        for column, group in zip(columns, groups, strict=True):
            column.append(group)
        over = rounds.median(suite, way) / rounds.bound(suite, longest_s[suite]).wall_s
        lines.append(_row([suite, best, *(str(interval(group, rng)) for group in groups), f"{over:.2f}"]))
    lines.append(_row(["**geometric mean**", "", *(str(overall(column, rng)) for column in columns), ""]))
    return "\n".join(lines)


def _bounds(rounds: Rounds, longest_s: dict[str, float]) -> str:
    titles = (
        "lower bound",
        "until the first test, s",
        "longest test, s",
        "tests, CPU s",
        "processors' worth",
        "bound, s",
    )
    lines = [_row(titles), _row(["---"] * len(titles))]
    for suite in rounds.suites:
        bound = rounds.bound(suite, longest_s[suite])
        figures = (bound.collection_s, bound.longest_s, bound.work_s, bound.throughput, bound.wall_s)
        lines.append(_row([suite, *(f"{figure:.2f}" for figure in figures)]))
    return "\n".join(lines)


def _row(cells: Iterable[str]) -> str:
    return f"| {' | '.join(cells)} |"
