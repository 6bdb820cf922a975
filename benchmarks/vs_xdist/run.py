"""Real suites by pytest alone, by pytest-xdist in three modes, and by penstock test: side by side in one run.

    python benchmarks/vs_xdist/run.py [SUITE …] [--rounds 7] [--samples FILE] [--memory] [--write]

The suites are those of suites.toml: one version each, one environment each (CPython 3.12, the same plugins for all).
Every round runs each suite in every way, the order of the ways drawn anew: *sequential*; xdist's *load*, *worksteal*
and *loadfile* with two workers; *penstock* (`penstock test -n 2`, nothing known of earlier runs) and *known* (again,
with the durations of its last run); *spawned* (`--start spawn`) where the suite asks for it; *collection* (stops before
the first test) and *crowd* (as many sequential runs at once as there are processors) for the lower bound. All of a
command's processes are counted (measured.py). Samples are appended to a file as they come; a run with the same file
goes on there. Before the rounds, each suite runs once by pytest with penstock's recorder and once by penstock: the
outcomes must be the same, test by test; what differs is listed. With --memory, one more run of each way is looked at
instead of timed. With --write, docs/explanation/test-engine-speed.md gets the tables.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

HERE = Path(__file__).parent
ROOT = HERE.parent.parent
sys.path.insert(0, str(HERE))
sys.path.insert(0, str(ROOT / "src"))
import figures  # noqa: E402 - lies beside this file
import suites  # noqa: E402 - lies beside this file

from penstock.model.testlog import TestLog, fold  # noqa: E402 - of this checkout
from penstock.util.eventlog import decode_lines  # noqa: E402 - of this checkout

PAGE = ROOT / "docs" / "explanation" / "test-engine-speed.md"
GUEST = ROOT / "src" / "penstock" / "guest"
PYTEST = ("-m", "pytest", "-q", "-p", "no:cacheprovider")
WAYS = ("collection", "sequential", *figures.PEERS, *figures.OURS, "spawned", "crowd")
CROWDS = 3  # rounds with a crowd: it costs as much as two sequential runs
LIMIT_S = 1200


def command(suite: suites.Suite, way: str) -> list[str]:
    """What is started."""
    pytest = [str(suite.python), *PYTEST]
    if way in ("sequential", "crowd"):
        return [*pytest, "-n0", *suite.args]
    if way == "collection":
        return [*pytest, "-n0", "--collect-only", "-qq", *suite.args]
    if way in figures.PEERS:
        return [*pytest, "-n", "2", "--dist", way, *suite.args]
    start = ["--start", "spawn"] if way == "spawned" else []
    ours = [sys.executable, "-m", "penstock", "test", "-q", "-n", "2", "--retries", "0", "--python", str(suite.python)]
    return [*ours, *start, "-p", "no:cacheprovider", *suite.args]


def measured(suite: suites.Suite, way: str, kind: str = "time") -> dict:
    """Run it once, alone; what measured.py tells, with `output`."""
    if way in ("penstock", "spawned"):
        shutil.rmtree(suite.root / ".penstock", ignore_errors=True)
    with tempfile.TemporaryDirectory() as folder:
        result = Path(folder, "result.json")
        argv = [sys.executable, "-I", str(HERE / "measured.py"), str(result), kind, *command(suite, way)]
        done = subprocess.run(
            argv,
            cwd=suite.root,
            env=surroundings(),
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            timeout=LIMIT_S,
            check=False,
        )
        return json.loads(result.read_text()) | {"output": done.stdout.decode(errors="replace")}


def surroundings() -> dict[str, str]:
    """The environment of every command."""
    left_out = ("PYTHONDONTWRITEBYTECODE", "PYTHONPATH", "PYTHONPYCACHEPREFIX", "PYTEST_ADDOPTS")
    return {name: value for name, value in os.environ.items() if name not in left_out} | {"NO_COLOR": "1"}


def sampled(suite: suites.Suite, way: str, turn: int) -> figures.Sample:
    """One sample; of a crowd, the mean of its members."""
    if way == "crowd":
        with ThreadPoolExecutor(cpus()) as pool:
            told = list(pool.map(lambda _: measured(suite, way), range(cpus())))
        wall_s, cpu_s = (statistics.mean(one[field] for one in told) for field in ("wall_s", "cpu_s"))
        return figures.Sample(suite.name, way, turn, wall_s, cpu_s)
    told = measured(suite, way)
    return figures.Sample(suite.name, way, turn, told["wall_s"], told["cpu_s"], counted(told["output"]))


def cpus() -> int:
    """Of this machine."""
    return len(os.sched_getaffinity(0))


def counted(output: str) -> str:
    """How many tests ended in which way, by the last line that says so: pytest's, or penstock's verdict."""
    for line in reversed(output.splitlines()):
        found = sorted(re.findall(r"\d+ (?:passed|failed|skipped|xfailed|xpassed|errors?|errored)", line))
        if found:
            return ", ".join(found)
    return "?"


def rounds(chosen: list[suites.Suite], number: int, file: Path, rng: random.Random) -> list[figures.Sample]:
    """Every way of every suite once a round; goes on where the file ends."""
    samples = [figures.Sample(*json.loads(line)) for line in file.read_text().splitlines()] if file.exists() else []
    have = {(one.suite, one.way, one.turn) for one in samples}
    for turn in range(number):
        for suite in chosen:
            ways = [way for way in WAYS if wanted(suite, way, turn) and way != "known"]
            rng.shuffle(ways)
            at = ways.index("penstock")
            ways[at:at] = ["penstock", "known"]
            del ways[at + 2]
            for way in ways:
                if (suite.name, way, turn) in have:
                    continue
                one = sampled(suite, way, turn)
                samples.append(one)
                with file.open("a") as stream:
                    stream.write(json.dumps(one) + "\n")
                told = f"{one.wall_s:7.2f} s wall {one.cpu_s:7.2f} s cpu  {one.counts}"
                print(f"round {turn + 1} {suite.name:12} {way:10} {told}", flush=True)
    return samples


def wanted(suite: suites.Suite, way: str, turn: int) -> bool:
    """Whether a way belongs into a round of a suite."""
    return (way != "spawned" or suite.spawned) and (way != "crowd" or turn < CROWDS)


# --- the same results ----------------------------------------------------------------------------------------------


def recorded(suite: suites.Suite) -> TestLog:
    """Plain pytest's outcomes, by the recorder alone."""
    with tempfile.TemporaryDirectory() as folder:
        events = Path(folder, "events.jsonl")
        environ = surroundings() | {"PYTHONPATH": str(GUEST), "PENSTOCK_EVENTS": str(events)}
        argv = [str(suite.python), "-m", "pytest", "-p", "penstock_pytest", *PYTEST[2:], *suite.args]
        done = subprocess.run(argv, cwd=suite.root, env=environ, capture_output=True, timeout=LIMIT_S, check=False)
        if not events.exists():
            sys.exit(f"{suite.name} cannot be run:\n{done.stdout.decode()[-3000:]}{done.stderr.decode()[-3000:]}")
        return read(events)


def ours(suite: suites.Suite, way: str) -> TestLog:
    """Penstock's outcomes."""
    told = measured(suite, way)
    found = sorted((suite.root / ".penstock" / "runs").glob("*/jobs/*/reports/tests.jsonl"))
    if not found:
        sys.exit(f"penstock did not run {suite.name}:\n{told['output'][-3000:]}")
    return read(found[-1])


def read(events: Path) -> TestLog:
    """A log, folded."""
    log = decode_lines(events.read_bytes())
    return fold("unit", log.events, damaged=log.damaged, torn=log.torn)


def agreement(suite: suites.Suite) -> tuple[int, float, list[str]]:
    """How many tests there are, the longest one's seconds, and what differs, in words."""
    plain = recorded(suite)
    theirs = {one.id: one.outcome.value for one in plain.last}
    told = [f"pytest: {plain.problem or 'the session did not end'}"] if plain.problem or not plain.complete else []
    for way in ("penstock", *(["spawned"] if suite.spawned else [])):
        log = ours(suite, way)
        told += [f"{way}: {log.problem or 'the session did not end'}"] if log.problem or not log.complete else []
        mine = {one.id: one.outcome.value for one in log.last}
        told += [
            f"{way}: {test}: {theirs.get(test, 'absent')} by pytest, {mine.get(test, 'absent')} by penstock"
            for test in sorted({*theirs, *mine})
            if theirs.get(test) != mine.get(test)
        ]
    longest_s = max(one.setup_s + one.call_s + one.teardown_s for one in plain.last)
    return len(theirs), longest_s, told


# --- the command ---------------------------------------------------------------------------------------------------


def memory(chosen: list[suites.Suite]) -> str:
    """The peak memory of each way, by one run each that is looked at."""
    ways = ("sequential", *figures.PEERS, "penstock")
    lines = [f"| peak memory, MB | {' | '.join(ways)} |", "|---" * (len(ways) + 1) + "|"]
    for suite in chosen:
        peaks = [measured(suite, way, "memory")["peak_bytes"] / 1e6 for way in ways]
        lines.append(f"| {suite.name} | {' | '.join(f'{peak:.0f}' for peak in peaks)} |")
        print(lines[-1], flush=True)
    return "\n".join(lines) + "\n"


def write(text: str, name: str = "vs_xdist") -> None:
    """Put the tables between the page's markers."""
    page = PAGE.read_text()
    begin, end = f"<!-- {name}: begin -->", f"<!-- {name}: end -->"
    before, _, rest = page.partition(begin)
    PAGE.write_text(f"{before}{begin}\n\n{text}\n{end}{rest.partition(end)[2]}")


def main() -> int:
    """Measure and print."""
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("names", nargs="*")
    options.add_argument("--rounds", type=int, default=7, help="0: only hold the outcomes against plain pytest's")
    options.add_argument("--seed", type=int, default=1)
    options.add_argument("--folder", type=Path, default=Path(tempfile.gettempdir()) / "penstock-vs-xdist")
    options.add_argument("--samples", type=Path, help="where samples are kept, and gone on with")
    options.add_argument("--memory", action="store_true")
    options.add_argument("--write", action="store_true")
    chosen = options.parse_args()
    rng = random.Random(chosen.seed)
    made = suites.prepare(chosen.names, chosen.folder)
    differences, tests, longest_s = [], {}, {}
    for suite in made:
        tests[suite.name], longest_s[suite.name], told = agreement(suite)
        differences += [f"- {suite.name}: {line}" for line in told]
        print(f"{suite.name}: {tests[suite.name]} tests, {len(told)} differences", *told[:10], sep="\n  ", flush=True)
    if not chosen.rounds:
        return 1 if differences else 0
    file = chosen.samples or chosen.folder / f"samples-{time.strftime('%Y%m%d-%H%M%S')}.jsonl"
    found = figures.Rounds(rounds(made, chosen.rounds, file, rng), cpus())
    text = figures.tables(found, tests, longest_s, rng)
    text += "\n" + memory(made) if chosen.memory else ""
    text += "\nOutcomes that differ from plain pytest's: " + (
        "none.\n" if not differences else "\n\n" + "\n".join(differences) + "\n"
    )
    print(text)
    if chosen.write:
        write(text)
    return 0


if __name__ == "__main__":
    sys.exit(main())
