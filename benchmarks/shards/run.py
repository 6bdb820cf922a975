"""How evenly shards end, beside pytest-split and xdist, and how well their number is chosen.

    uv run --with pytest-split==0.11.0 python benchmarks/shards/run.py [--write FILE.md] [--quick]

Simulated on the recorded durations of real suites (durations/, made by record.py). What a test really takes is its
recorded time times a log-normal error, half of whose variance a file's tests share; 5 or 20 % of the tests are unknown
to the splitters. A file's fixtures are paid by every shard that enters it. The same seed gives the same table.
"""

from __future__ import annotations

import argparse
import csv
import gzip
import math
import random
import sys
import time
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import NamedTuple

HERE = Path(__file__).parent
sys.path[:0] = [str(HERE), str(HERE.parents[1] / "src")]
import rivals  # noqa: E402 - lies beside this file

from penstock.guest import penstock_shards as shards  # noqa: E402 - of the tree this file lies in
from penstock.plan.forecast import Past, choose, forecast  # noqa: E402 - as above

SEED = 20261121
COUNTS = (2, 4, 8, 16, 32, 64)
SIGMAS = (0.0, 0.2, 0.4, 0.6, 0.8)
OURS = "penstock"
NAMES = (OURS, *rivals.SPLIT, *rivals.XDIST)


class Suite(NamedTuple):
    """A recorded suite. `rows`: id -> (call, setup, teardown) in seconds."""

    name: str
    ids: list[str]
    rows: dict[str, tuple[float, float, float]]


class World(NamedTuple):
    """What really happens: seconds of each test and of entering each file; and what the splitters know."""

    ids: list[str]
    paths: list[str]
    tests: list[float]
    entries: dict[str, float]
    known: dict[str, tuple[float, float, float]]

    def bound_s(self, count: int) -> float:
        """No split ends earlier: all work, each file entered once, over the shards; or the longest test."""
        whole = math.fsum(self.tests) + math.fsum(self.entries.values())
        longest = max(test + self.entries[path] for test, path in zip(self.tests, self.paths, strict=True))
        return max(whole / count, longest)

    def makespan_s(self, parts: Iterable[list[int]]) -> float:
        """When the last shard ends."""
        return max(
            math.fsum(self.tests[test] for test in part)
            + math.fsum(self.entries[path] for path in {self.paths[test] for test in part})
            for part in parts
        )


def suites() -> Iterator[Suite]:
    """All that are recorded."""
    for path in sorted((HERE / "durations").glob("*.csv.gz")):
        with gzip.open(path, "rt", encoding="utf-8", newline="") as stream:
            rows = {
                row["id"]: (float(row["call"]), float(row["setup"]), float(row["teardown"]))
                for row in csv.DictReader(stream)
            }
        yield Suite(path.name.partition(".")[0], list(rows), rows)


def world(suite: Suite, sigma: float, new: float, chance: random.Random) -> World:
    """One day: every duration off by its error, some tests new."""
    cost = shards.costs(suite.ids, suite.rows)
    paths = [shards.path_of(name) for name in suite.ids]
    share = sigma / math.sqrt(2)
    files = {path: chance.lognormvariate(0, share) for path in dict.fromkeys(paths)}
    tests = [
        us / 1e6 * files[path] * chance.lognormvariate(0, share) for us, path in zip(cost.tests, paths, strict=True)
    ]
    entries = {path: us / 1e6 * files[path] for path, us in cost.entries.items()}
    fresh = set(chance.sample(suite.ids, round(new * len(suite.ids))))
    known = {name: row for name, row in suite.rows.items() if name not in fresh}
    return World(suite.ids, paths, tests, entries, known)


def ratios(day: World, count: int) -> dict[str, float]:
    """Makespan over the bound, by splitter."""
    bound_s = day.bound_s(count)
    known_s = {name: sum(row) for name, row in day.known.items()}
    found = {OURS: day.makespan_s(shards.split(day.ids, day.known, count).parts)}
    for name in rivals.SPLIT:
        found[name] = day.makespan_s(rivals.pytest_split(name, day.ids, known_s, count))
    for name, schedule in rivals.XDIST.items():
        entered: list[set[str]] = [set() for _ in range(count)]

        def lasts(worker: int, test: int, entered: list[set[str]] = entered) -> float:
            path = day.paths[test]
            price = 0.0 if path in entered[worker] else day.entries[path]
            entered[worker].add(path)
            return day.tests[test] + price

        found[name] = schedule(day.paths, count, lasts)
    return {name: seconds / bound_s for name, seconds in found.items()}


def mean(values: Iterable[float]) -> float:
    """Geometric."""
    logs = [math.log(value) for value in values]
    return math.exp(math.fsum(logs) / len(logs))


def balance(known: list[Suite], repeats: int) -> list[str]:
    """The table of makespans."""
    found: dict[tuple[float, int], dict[str, list[float]]] = {}
    worst: dict[str, float] = dict.fromkeys(NAMES, 1.0)
    for suite in known:
        for sigma in SIGMAS:
            for new in (0.0,) if sigma == 0 else (0.05, 0.2):
                for repeat in range(1 if sigma == 0 else repeats):
                    chance = random.Random(f"{SEED} {suite.name} {sigma} {new} {repeat}")
                    day = world(suite, sigma, new, chance)
                    for count in COUNTS:
                        for name, ratio in ratios(day, count).items():
                            found.setdefault((sigma, count), {}).setdefault(name, []).append(ratio)
                            worst[name] = max(worst[name], ratio)
    lines = ["| error | shards | " + " | ".join(NAMES) + " |", "|---|---|" + "---|" * len(NAMES)]
    for (sigma, count), by in sorted(found.items()):
        lines.append(f"| {sigma:.1f} | {count} | " + " | ".join(f"{mean(by[name]):.3f}" for name in NAMES) + " |")
    every = {name: [ratio for by in found.values() for ratio in by[name]] for name in NAMES}
    lines.append("| all | all | " + " | ".join(f"**{mean(every[name]):.3f}**" for name in NAMES) + " |")
    lines.append("| worst | | " + " | ".join(f"{worst[name]:.2f}" for name in NAMES) + " |")
    return lines


TARGETS_S = (120.0, 180.0, 300.0)
STARTUP_S = 30.0
WHOLE_S = 1800.0  # suites are made half an hour long, by copies of their files first: shorter ones need no shards
COPIES = 3
MOST_TESTS = 3000
SPEED = 0.1  # log-normal sigma of one runner's speed


def counts(known: list[Suite], repeats: int) -> list[str]:
    """The table of the chosen number of shards."""
    policies = ("p90 of 10 errors", "1.10, none known", "total / target")
    lines = [
        "| error | policy | target met | shards | billed min | least billed that meets it |",
        "|---|---|---|---|---|---|",
    ]
    for sigma in SIGMAS[1:]:
        met: dict[str, list[bool]] = {name: [] for name in policies}
        number: dict[str, list[int]] = {name: [] for name in policies}
        billed: dict[str, list[int]] = {name: [] for name in policies}
        least: list[int] = []
        for suite in (suite for suite in known if len(suite.ids) <= MOST_TESTS):
            stretched = _stretched(suite)
            for repeat in range(repeats):
                chance = random.Random(f"{SEED} count {suite.name} {sigma} {repeat}")
                past = Past(errors=_errors(stretched, sigma, chance))
                for target_s in TARGETS_S:
                    day = world(stretched, sigma, 0.05, chance)
                    if max(day.tests) * 1.3 > target_s - STARTUP_S:
                        continue  # no number of shards meets it on a slow runner
                    total_s = sum(map(sum, day.known.values()))
                    chosen = {
                        policies[0]: choose(day.known, target_s, past, STARTUP_S).count,
                        policies[1]: choose(day.known, target_s, Past(), STARTUP_S).count,
                        policies[2]: max(1, math.ceil(total_s / target_s)),
                    }
                    speeds = [chance.lognormvariate(0, SPEED) for _ in range(300)]
                    for name, count in chosen.items():
                        longest_s, minutes = _run(day, count, speeds)
                        met[name].append(longest_s <= target_s)
                        number[name].append(count)
                        billed[name].append(minutes)
                    least.append(_least(day, chosen[policies[2]], target_s, speeds))
        for name in policies:
            told = (f"{100 * sum(met[name]) / len(met[name]):.0f} %", f"{_average(number[name]):.1f}")
            lines.append(
                f"| {sigma:.1f} | {name} | {' | '.join(told)} | {_average(billed[name]):.1f} | {_average(least):.1f} |"
            )
    return lines


def _stretched(suite: Suite) -> Suite:
    factor = WHOLE_S / COPIES / sum(map(sum, suite.rows.values()))
    rows = {f"{copy}/{name}": _times(row, factor) for copy in range(COPIES) for name, row in suite.rows.items()}
    return Suite(suite.name, list(rows), rows)


def _times(row: tuple[float, float, float], factor: float) -> tuple[float, float, float]:
    return row[0] * factor, row[1] * factor, row[2] * factor


def _errors(suite: Suite, sigma: float, chance: random.Random) -> tuple[float, ...]:
    """What ten earlier runs have shown: the longest shard, over the one predicted to be the longest."""
    errors = []
    for _ in range(10):
        day = world(suite, sigma, 0.05, chance)
        foreseen = shards.split(day.ids, day.known, 8)
        longest_s = max(day.makespan_s([part]) * chance.lognormvariate(0, SPEED) for part in foreseen.parts)
        errors.append(longest_s / (max(foreseen.loads_us) / 1e6))
    return tuple(errors)


def _run(day: World, count: int, speeds: list[float]) -> tuple[float, int]:
    """Wall of the longest shard in seconds, and the billed minutes of all."""
    parts = shards.split(day.ids, day.known, count).parts
    walls = [day.makespan_s([part]) * speed + STARTUP_S for part, speed in zip(parts, speeds, strict=False)]
    return max(walls), sum(max(1, math.ceil(wall / 60)) for wall in walls)


def _least(day: World, first: int, target_s: float, speeds: list[float]) -> int:
    """The billed minutes of the smallest number of shards that really meets the target, as one knows afterwards."""
    for count in range(first, 64):
        longest_s, minutes = _run(day, count, speeds)
        if longest_s <= target_s:
            return minutes
    return minutes


def _average(values: list[int]) -> float:
    return sum(values) / len(values)


def main() -> int:
    """Print both tables."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--write", type=Path, metavar="FILE", help="the tables as Markdown")
    parser.add_argument("--quick", action="store_true", help="one repeat")
    parser.add_argument("--table", choices=("balance", "counts"), help="this one alone")
    options = parser.parse_args()
    started_s = time.monotonic()
    known = list(suites())
    repeats = 1 if options.quick else 3
    lines = ["Suites: " + ", ".join(_told(suite) for suite in known) + ".", ""]
    if options.table != "counts":
        lines += ["Makespan over the lower bound (geometric means over the suites):", "", *balance(known, repeats), ""]
    if options.table != "balance":
        lines += [f"Number of shards, suites of {WHOLE_S / 60:.0f} min, start-up {STARTUP_S:.0f} s:", ""]
        lines += counts(known, repeats)
    print("\n".join(lines))
    print(f"\n{time.monotonic() - started_s:.0f} s", file=sys.stderr)
    if options.write:
        options.write.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return 0


def _told(suite: Suite) -> str:
    seconds = sum(map(sum, suite.rows.values()))
    one = forecast(suite.rows, 1, Past(), 0.0).loads_s[0]
    longest = max(map(sum, suite.rows.values()))
    assert abs(one - seconds) < 1 + seconds / 50
    return f"{suite.name} ({len(suite.ids)} tests, {seconds:.0f} s, longest {longest:.1f} s)"


if __name__ == "__main__":
    sys.exit(main())
