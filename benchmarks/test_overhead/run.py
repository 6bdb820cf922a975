"""What `penstock test` costs beyond pytest itself, and beside pytest-xdist, on suites that do next to nothing.

    python benchmarks/test_overhead/run.py [--python PATH] [--rounds 15] [--tests 1000] [--json FILE]

penstock is built and installed from this checkout, with its own dependencies only; pytest and pytest-xdist into an
environment of their own, which all of them test in; by uv, with compiled files, on the same interpreter. Each round
runs every command once, in random order; printed are medians and the smallest values, and the median of the
differences to `python -m pytest` of the same round. CPU: user + system of the whole process tree.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).resolve().parents[2]
BASE = "python -m pytest"


class Case(NamedTuple):
    """One command, without and with its program's path."""

    name: str
    argv: tuple[str, ...]


class Spent(NamedTuple):
    """Milliseconds."""

    cpu_ms: float
    wall_ms: float


def main() -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--python", default=sys.executable, help="the interpreter to measure with")
    parser.add_argument("--rounds", type=int, default=15)
    parser.add_argument("--tests", type=int, default=1000, help="of the larger suite")
    parser.add_argument("--json", type=Path, metavar="FILE")
    options = parser.parse_args()
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    told: dict[str, dict[str, list[Spent]]] = {}
    with tempfile.TemporaryDirectory(prefix="overhead-") as place:
        folder = Path(place)
        ours = environment(folder / "ours", options.python, str(ROOT))
        theirs = environment(folder / "theirs", options.python, "pytest", "pytest-xdist")
        os.environ["VIRTUAL_ENV"] = str(theirs.parent)
        for tests in (1, options.tests):
            root = suite(folder / f"suite{tests}", tests)
            told[f"{tests} tests"] = measure(root, cases(ours, theirs), options.rounds)
    print(f"\n{os.cpu_count()} CPUs, load average {os.getloadavg()[0]:.1f}, {options.python}")
    for name, spent in told.items():
        table(name, spent)
    if options.json:
        options.json.write_text(json.dumps(told, indent=1))
    return 0


def environment(place: Path, python: str, *packages: str) -> Path:
    """A virtual environment with `packages`; its folder of scripts."""
    uv = str(Path(sys.executable).parent / "uv")
    uv = uv if Path(uv).exists() else "uv"
    subprocess.run([uv, "venv", "-q", "--python", python, str(place)], check=True)
    install = [uv, "pip", "install", "-q", "--compile-bytecode", "--python", str(place / "bin" / "python")]
    subprocess.run([*install, *packages], check=True)
    return place / "bin"


def suite(root: Path, tests: int) -> Path:
    """A project with that many tests that pass at once, a hundred a file."""
    root.mkdir()
    (root / "pyproject.toml").write_text('[project]\nname = "empty"\nversion = "1"\n')
    for file in range(0, tests, 100):
        names = range(file, min(tests, file + 100))
        (root / f"test_{file}.py").write_text("".join(f"def test_{name}():\n    pass\n\n" for name in names))
    return root


def cases(ours: Path, theirs: Path) -> list[Case]:
    """What is measured."""
    python, penstock = str(theirs / "python"), str(ours / "penstock")
    return [
        Case(BASE, (python, "-m", "pytest", "-q")),
        Case("pytest", (str(theirs / "pytest"), "-q")),
        Case("pytest -n 2", (str(theirs / "pytest"), "-q", "-n", "2")),
        Case("penstock test -n 0", (penstock, "test", "-n", "0")),
        Case("penstock test -n 2", (penstock, "test", "-n", "2")),
    ]


def measure(root: Path, every: list[Case], rounds: int) -> dict[str, list[Spent]]:
    """What each case spends in each round."""
    spent: dict[str, list[Spent]] = {case.name: [] for case in every}
    for number in range(rounds + 1):
        for case in random.sample(every, len(every)):
            one = spend(case.argv, root)
            if number:  # the first round fills the caches of the operating system
                spent[case.name].append(one)
    return spent


def spend(argv: tuple[str, ...], folder: Path) -> Spent:
    """What a command and all its children spend."""
    silent = [(os.POSIX_SPAWN_OPEN, number, os.devnull, os.O_RDWR, 0) for number in range(3)]
    before = Path.cwd()
    os.chdir(folder)
    started_s = time.perf_counter()
    try:
        pid = os.posix_spawn(argv[0], argv, os.environ, file_actions=silent)
    finally:
        os.chdir(before)
    _, status, usage = os.wait4(pid, 0)
    wall_s = time.perf_counter() - started_s
    if os.waitstatus_to_exitcode(status) != 0:
        raise SystemExit(f"{argv} failed: {os.waitstatus_to_exitcode(status)}")
    return Spent((usage.ru_utime + usage.ru_stime) * 1000, wall_s * 1000)


def table(name: str, spent: dict[str, list[Spent]]) -> None:
    """Print one suite's figures."""
    print(f"\n{name:24}{'CPU ms':>10}{'least':>8}{'more':>8}{'wall ms':>10}{'least':>8}{'more':>8}")
    for case, rounds in spent.items():
        columns = []
        for at in range(2):
            figures = [one[at] for one in rounds]
            more = statistics.median(one[at] - other[at] for one, other in zip(rounds, spent[BASE], strict=True))
            columns.append(f"{statistics.median(figures):10.0f}{min(figures):8.0f}{more:8.0f}")
        print(f"{case:24}{''.join(columns)}")


if __name__ == "__main__":
    raise SystemExit(main())
