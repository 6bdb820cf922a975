"""A generated suite of 100,000 tests: wall, CPU, time to the first result and peak memory, beside pytest-xdist.

    python benchmarks/vs_xdist/large.py [--tests 100000] [--rounds 3] [--write]

1,000 files; every tenth file's tests are one parametrised function, the others are functions and methods with a module
fixture. The first result is the first report that the process which the user started hears of: it writes the time into
a file. Memory (the peak of the sum of the tree's proportional set sizes) is from a round of its own.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE))
import run  # noqa: E402 - lies beside this file
import suites  # noqa: E402 - lies beside this file

FILES = 1000
FIRST = "FIRST_RESULT"
WAYS = ("sequential", "load", "worksteal", "loadfile", "penstock", "known")

CONFTEST = f"""
import os, time
import pytest

@pytest.hookimpl(trylast=True)
def pytest_runtest_logreport(report):
    if "PYTEST_XDIST_WORKER" in os.environ:
        return
    try:
        file = os.open(os.environ["{FIRST}"], os.O_WRONLY | os.O_CREAT | os.O_EXCL)
    except FileExistsError:
        return
    os.write(file, str(time.monotonic()).encode())
    os.close(file)

@pytest.fixture(scope="module")
def basin():
    return []
"""

PARAMETRISED = """
import pytest

@pytest.mark.parametrize("i", range({number}))
def test_parameter(i):
    assert i >= 0
"""


def generate(folder: Path, tests: int) -> None:
    """Write the suite."""
    (folder / "conftest.py").write_text(CONFTEST)
    each = tests // FILES
    for number in range(FILES):
        if number % 10 == 0:
            text = PARAMETRISED.format(number=each)
        else:
            half = each // 2
            functions = "".join(f"def test_{i}(basin):\n    basin.append({i})\n\n" for i in range(half))
            method = "    def test_{i}(self, basin):\n        assert basin is not None\n\n"
            methods = "".join(method.format(i=i) for i in range(half, each))
            text = f"{functions}class TestMore:\n{methods}"
        (folder / f"test_{number:04}.py").write_text(text)


def measured(suite: suites.Suite, way: str, kind: str) -> dict:
    """One run; `first_s`: from its start until the first result."""
    with tempfile.TemporaryDirectory() as folder:
        first = Path(folder, "first")
        os.environ[FIRST] = str(first)
        told = run.measured(suite, way, kind)
        told["first_s"] = float(first.read_text()) - told["started_s"] if first.exists() else float("nan")
        told["counts"] = run.counted(told.pop("output"))
    return told


def environment(folder: Path) -> Path:
    """The interpreter of an environment with the suites' plugins."""
    plugins = suites.plugins()
    python = folder / "environment" / "bin" / "python"
    if not python.exists():
        suites.uv("venv", "-q", "-p", suites.interpreter(), str(folder / "environment"))
        suites.uv("pip", "install", "-q", "-p", str(python), *plugins)
    return python


def main() -> int:
    """Measure and print."""
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--tests", type=int, default=100_000)
    options.add_argument("--rounds", type=int, default=3)
    options.add_argument("--ways", default=",".join(WAYS))
    options.add_argument("--write", action="store_true")
    chosen = options.parse_args()
    folder = Path(tempfile.gettempdir()) / "penstock-vs-xdist" / f"large-{chosen.tests}"
    root = folder / "suite"
    if not root.exists():
        root.mkdir(parents=True)
        generate(root, chosen.tests)
        (root / "pytest.ini").write_text("[pytest]\n")
    suite = suites.Suite("large", root, environment(folder), (), spawned=False)
    run.measured(suite, "collection")  # leaves the files' bytecode
    told: dict[str, list[dict]] = {}
    for turn in range(chosen.rounds + 1):  # the last one is looked at
        for way in chosen.ways.split(","):
            one = measured(suite, way, "memory" if turn == chosen.rounds else "time")
            told.setdefault(way, []).append(one)
            print(turn, way, json.dumps(one), flush=True)
    text = table(told)
    print(text)
    if chosen.write:
        run.write(text, "large")
    return 0


def table(told: dict[str, list[dict]]) -> str:
    """Medians of the timed rounds; memory of the last one."""
    lines = ["| | wall, s | CPU, s | first result after, s | peak memory, MB | tests |", "|---|---|---|---|---|---|"]
    for way, runs in told.items():
        figures = [statistics.median(one[name] for one in runs[:-1]) for name in ("wall_s", "cpu_s", "first_s")]
        cells = [*(f"{figure:.1f}" for figure in figures), f"{runs[-1]['peak_bytes'] / 1e6:.0f}", runs[0]["counts"]]
        lines.append(f"| {way} | {' | '.join(cells)} |")
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    try:
        sys.exit(main())
    except subprocess.CalledProcessError as error:
        sys.exit(str(error))
