"""A project of 100,000 tests and 2,000 files, really run once; then how long its gate and its reports take as commands.

    python benchmarks/reports/commands.py [--tests 100000] [--files 2000] [--rounds 3] [--folder DIR]

The project is generated: packages of 20 modules, 1,000 files of tests that call every module, with branches of which
some are not taken; jobs: lint, tests with coverage. A command is timed with its start, its peak memory is the process's
own; the median of `--rounds` times. Needs a package registry (pytest, ruff, coverage) for the run.
"""

from __future__ import annotations

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

_CONFIGURATION = """\
[project]
name = "wide"
version = "1"
requires-python = ">=3.11"

[dependency-groups]
test = ["pytest"]

[tool.penstock]
python = ["3.11"]

[tool.penstock.jobs]
lint = true
unit = { test = "tests", groups = ["test"] }
coverage = true

[tool.penstock.gates]
coverage = { total = 20, branch = true }

[tool.coverage.run]
branch = true

[tool.ruff.lint]
select = ["E", "F"]

[tool.pytest.ini_options]
pythonpath = ["src"]
"""
_MODULE = '''\
"""Module {number}."""


def grade(points: int) -> str:
    """Name the points."""
    if points < 10:
        return "low"
    if points < {number}:
        return "middle"
    return "high"


def unused(points: int) -> int:
    """Nobody calls it."""
    if points:
        points += 1
    return points
'''
_TEST = '''\
"""Tests {number}."""

import pytest
{imports}

@pytest.mark.parametrize("points", range({each}))
def test_grade(points):
    for module in ({modules}):
        assert module.grade(points) in ("low", "middle", "high")
'''
_FILES_OF_TESTS = 1_000
_COMMANDS = (
    ("gate",),
    ("report", "--html", "report.html"),
    ("report", "--comment", "comment.md", "--summary", "summary.md"),
    ("report", "--junit", "junit.xml", "--json", "run.json", "--sarif", "findings.sarif"),
    ("report", "--cobertura", "coverage.xml", "--lcov", "coverage.info", "--badge", "coverage=coverage.svg"),
)


def main() -> None:
    """Generate, run, time."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--tests", type=int, default=100_000)
    parser.add_argument("--files", type=int, default=2_000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--folder", type=Path, help="keep the project there (default: a temporary folder)")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as place:
        root = (options.folder or Path(place)) / "wide"
        if not root.exists():
            generate(root, options.tests, options.files)
        if not (root / ".penstock").exists():
            seconds, _, memory = _timed(root, ("run",), 0)
            print(f"penstock run: {seconds:.0f} s, {memory:.0f} MB\n")
        print("command                                                       seconds   CPU, s   memory, MB")
        for command in _COMMANDS:
            costs = [_timed(root, command, 0) for _ in range(options.rounds)]
            seconds, worked = (statistics.median(cost[at] for cost in costs) for at in (0, 1))
            memory = max(cost[2] for cost in costs)
            name = " ".join(("penstock", *command))
            print(f"{name:60}  {seconds:7.2f}   {worked:6.2f}   {memory:10.0f}", flush=True)
        sizes = {path.name: path.stat().st_size / 1e6 for path in sorted(root.glob("*.*")) if path.stat().st_size > 1e5}
        print("\n" + ", ".join(f"{name} {size:.1f} MB" for name, size in sizes.items()))


def generate(root: Path, tests: int, files: int) -> None:
    """Write the project, and commit it."""
    (root / "tests").mkdir(parents=True)
    (root / "pyproject.toml").write_text(_CONFIGURATION)
    (root / ".gitignore").write_text("*.html\n*.md\n*.xml\n*.json\n*.sarif\n*.info\n*.svg\n__pycache__\n")
    names = [f"part{number // 20}.module{number}" for number in range(files)]
    for number, name in enumerate(names):
        file = root / "src" / "wide" / f"{name.replace('.', '/')}.py"
        file.parent.mkdir(parents=True, exist_ok=True)
        for package in (root / "src" / "wide", file.parent):
            (package / "__init__.py").write_text('"""A package."""\n')
        file.write_text(_MODULE.format(number=number))
    share = -(-files // _FILES_OF_TESTS)
    for number in range(_FILES_OF_TESTS):
        mine = names[number * share : (number + 1) * share] or names[:1]
        parted = [name.split(".") for name in mine]
        packages = {package: sorted(name for at, name in parted if at == package) for package, _ in sorted(parted)}
        imports = "".join(f"from wide.{package} import {', '.join(held)}\n" for package, held in packages.items())
        modules = "".join(f"{name}, " for _, name in parted)
        text = _TEST.format(number=number, imports=imports, modules=modules, each=tests // _FILES_OF_TESTS)
        (root / "tests" / f"test_{number:04}.py").write_text(text)
    git = ("git", "-c", "user.name=penstock", "-c", "user.email=penstock@example.org")
    for arguments in (("init", "-q", "-b", "main"), ("add", "-A"), ("commit", "-q", "-m", "generated")):
        subprocess.run((*git, *arguments), cwd=root, check=True)


def _timed(root: Path, command: tuple[str, ...], expected: int) -> tuple[float, float, float]:
    """Seconds, those of CPU, and MB of the process at its peak. Raises SystemExit for another end than is expected."""
    start = time.perf_counter()
    argv = (sys.executable, "-m", "penstock", *command)
    with tempfile.TemporaryFile() as told:
        process = subprocess.Popen(argv, cwd=root, stdout=told, stderr=subprocess.STDOUT)
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        spent = time.perf_counter() - start
        if process.returncode != expected:
            told.seek(0)
            raise SystemExit(f"{' '.join(command)} ended in {process.returncode}\n{told.read().decode()[-4000:]}")
    return spent, usage.ru_utime + usage.ru_stime, usage.ru_maxrss * 1024 / 1e6


if __name__ == "__main__":
    main()
