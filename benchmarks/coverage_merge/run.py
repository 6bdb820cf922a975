"""What merging costs: `penstock_merge.py` beside `coverage combine` and `coverage json` or `report`, in one run.

    python benchmarks/coverage_merge/run.py [--python PATH] [--shards 64] [--lines 120000] [--modules 600] [--branch]
                                            [--rounds 5] [--write docs/explanation/speed.md]

Generates a project and what the shards of its suite measured: each has imported every module and run a part of the
functions. penstock_merge.py is the whole of the coverage job: it checks that the data is there and sound, merges,
counts, and writes the report. Beside it `coverage combine --keep`, and then `coverage json` (a report for machines) or
`coverage report` (that for people), each a process of its own as in a project's CI. Rounds alternate, in random order;
files are in the page cache. The totals have to be equal, or nothing is printed. `--python`: one that has coverage.py.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import resource
import statistics
import subprocess
import sys
import tempfile
import time
import zlib
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "benchmarks"))
import page  # noqa: E402 - ../page.py

MERGE = ROOT / "src" / "penstock" / "guest" / "penstock_merge.py"
SEED = 20261124
OURS = "penstock"
_LINES_A_FUNCTION = 10  # with what stands between two
FUNCTION = '''
def f{number}(first, second):
    """One of many."""
    total = {number}
    for each in range(first):
        if each > second:
            total += each
        else:
            total -= 1
    return total
'''
# As coverage.py is given them: what importing runs, and what a call runs with and without its rarer branch, by offset.
WRITER = """
import json, sys, coverage
for path, parts in json.load(open(sys.argv[1])).items():
    data = coverage.CoverageData(basename=path, suffix=False)
    if sys.argv[2] == "branch":
        data.add_arcs({name: [tuple(arc) for arc in arcs] for name, arcs in parts.items()})
    else:
        data.add_lines({name: {line for arc in arcs for line in arc if line > 0} for name, arcs in parts.items()})
    data.write()
    data.close()
"""


class Figures(NamedTuple):
    """What one process tree took, in seconds."""

    wall_s: float
    cpu_s: float


def main() -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--python", default=sys.executable)
    parser.add_argument("--shards", type=int, default=64)
    parser.add_argument("--lines", type=int, default=120_000)
    parser.add_argument("--modules", type=int, default=600)
    parser.add_argument("--branch", action="store_true", help="measured with branches")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--write", type=Path, metavar="FILE", help="put the table between its markers in this file")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="coverage-merge-") as place:
        bench = Bench(Path(place), options)
        bench.generate()
        taken = bench.measure()
    lines = list(table(taken, options, bench.totals))
    print("\n".join(lines))
    if options.write:
        page.put(options.write, "coverage_merge_branch" if options.branch else "coverage_merge", "\n".join(lines))
    return 0


class Bench:
    """The generated project, and the three ways to a figure."""

    def __init__(self, place: Path, options: argparse.Namespace) -> None:
        self.project = place / "project"
        self.needs = place / "needs"
        self.out = place / "out"
        self.options = options
        self.totals: dict[str, tuple[int, ...]] = {}

    def generate(self) -> None:
        """Modules, and what each shard measured of them."""
        chance = random.Random(SEED)
        functions = max(1, self.options.lines // self.options.modules // _LINES_A_FUNCTION)
        package = self.project / "src" / "demo"
        package.mkdir(parents=True)
        self.out.mkdir()
        names = []
        for number in range(self.options.modules):
            path = package / f"m{number}.py"
            path.write_text("".join(FUNCTION.format(number=each) for each in range(functions)), encoding="utf-8")
            names.append(str(path))
        (package / "__init__.py").write_text("", encoding="utf-8")
        told = {}
        for shard in range(1, self.options.shards + 1):
            folder = self.needs / f"unit@3.13#{shard}%2F{self.options.shards}" / "reports"
            folder.mkdir(parents=True)
            told[str(folder / "coverage.data")] = {name: arcs(functions, chance) for name in names}
            finish(folder / "tests.jsonl")
        answers = self.out / "measured.json"
        answers.write_text(json.dumps(told), encoding="utf-8")
        mode = "branch" if self.options.branch else "lines"
        subprocess.run([self.options.python, "-c", WRITER, str(answers), mode], check=True)

    def measure(self) -> dict[str, list[Figures]]:
        """By way, one figure a round."""
        ways = {OURS: self.ours, "combine + json": self.json, "combine + report": self.report}
        taken: dict[str, list[Figures]] = {name: [] for name in ways}
        chance = random.Random(SEED)
        for number in range(self.options.rounds + 1):
            for name in chance.sample(list(ways), len(ways)):
                figures = ways[name]()
                if number:  # the first one warms
                    taken[name].append(figures)
        if len(set(self.totals.values())) != 1:
            raise SystemExit(f"the totals differ: {self.totals}")
        return taken

    def ours(self) -> Figures:
        """The coverage job's own process."""
        settings = {"config": None, "source": ["demo"], "packages": [["demo", "src/demo"]]}
        target = self.out / "ours.json"
        words = [str(MERGE), str(self.needs), str(target), str(self.project), json.dumps(settings)]
        figures = timed([self.options.python, "-I", *words], self.project)
        report = json.loads(target.read_text())
        if any(leg["problem"] for leg in report["legs"]) or len(report["legs"]) != self.options.shards:
            raise SystemExit(f"not merged: {report['legs']}")
        counts = ("statements", "covered", "branches", "covered_branches")
        self.totals[OURS] = tuple(sum(file[name] for file in report["files"]) for name in counts)
        return figures

    def json(self) -> Figures:
        """As a CI that reads the figure."""
        target = self.out / "theirs.json"
        figures = self._combined(["json", "-q", "-o", str(target)])
        totals = json.loads(target.read_text())["totals"]
        named = ("num_statements", "covered_lines", "num_branches", "covered_branches")
        self.totals["combine + json"] = tuple(totals.get(name, 0) for name in named)
        return figures

    def report(self) -> Figures:
        """As a CI that shows it."""
        return self._combined(["report"])

    def _combined(self, words: list[str]) -> Figures:
        begin = [self.options.python, "-m", "coverage"]
        data = self.out / "combined"
        data.unlink(missing_ok=True)
        parts = sorted(map(str, self.needs.glob("*/reports/coverage.data")))
        first = timed([*begin, "combine", "-q", "--keep", f"--data-file={data}", *parts], self.project)
        second = timed([*begin, *words[:1], f"--data-file={data}", "--include=src/demo/*", *words[1:]], self.project)
        return Figures(first.wall_s + second.wall_s, first.cpu_s + second.cpu_s)


def arcs(functions: int, chance: random.Random) -> list[tuple[int, int]]:
    """What one shard ran of one module: the definitions, and a twentieth of the functions on one of their ways."""
    starts = [2 + number * _LINES_A_FUNCTION for number in range(functions)]
    taken = list(zip([-1, *starts], [*starts, -1], strict=True))
    for start in chance.sample(starts, max(1, functions // 20)):
        first, loop, test = start + 2, start + 3, start + 4
        taken += [(-start, first), (first, loop), (loop, test)]
        branch = start + chance.choice((5, 7))
        taken += [(test, branch), (branch, loop), (loop, start + 8), (start + 8, -start)]
    return taken


def finish(path: Path) -> None:
    """The log of a session that has saved what it measured."""
    with path.open("wb") as stream:
        for event in (
            {"event": "SessionStarted", "pid": 1},
            {"event": "SessionFinished", "coverage": "saved", "coverage_files": ["coverage.data"]},
        ):
            line = json.dumps(event, separators=(",", ":")).encode()
            stream.write(b"%08x %b\n" % (zlib.crc32(line), line))


def timed(argv: list[str], folder: Path) -> Figures:
    """Run it; raises CalledProcessError."""
    environ = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ} | {"LANG": "C.UTF-8"}
    before, started_s = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    subprocess.run(argv, cwd=folder, env=environ, stdout=subprocess.DEVNULL, check=True)
    wall_s, after = time.perf_counter() - started_s, resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu_s = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return Figures(wall_s, cpu_s)


def table(
    taken: dict[str, list[Figures]], options: argparse.Namespace, totals: dict[str, tuple[int, ...]]
) -> list[str]:
    """Medians, and the median of each round's ratio."""
    statements, covered, branches, covered_branches = totals[OURS]
    version = subprocess.run(
        [options.python, "-c", "import coverage, platform; print(coverage.__version__, platform.python_version())"],
        capture_output=True, text=True, check=True,
    ).stdout.split()  # fmt: skip
    of_branches = f", {covered_branches:,} of {branches:,} branches" if options.branch else ""
    sizes = f"{options.shards} shards, {options.modules} modules, {options.lines:,} lines"
    figures = f"{covered:,} of {statements:,} statements{of_branches}"
    lines = [
        f"{sizes}, {figures}; coverage.py {version[0]}, CPython {version[1]}, {options.rounds} rounds",
        "",
        "| | wall, s | CPU, s | wall ÷ penstock | CPU ÷ penstock |",
        "|---|---|---|---|---|",
    ]
    for name, each in taken.items():
        pairs = list(zip(each, taken[OURS], strict=True))
        walls = statistics.median(one.wall_s / our.wall_s for one, our in pairs)
        cpus = statistics.median(one.cpu_s / our.cpu_s for one, our in pairs)
        wall_s, cpu_s = (statistics.median(one[place] for one in each) for place in (0, 1))
        lines.append(f"| {name} | {wall_s:.2f} | {cpu_s:.2f} | {walls:.2f} | {cpus:.2f} |")
    return lines


if __name__ == "__main__":
    sys.exit(main())
