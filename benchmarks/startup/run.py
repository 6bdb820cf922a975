"""What a start costs: CPU of the whole process tree (user + system), penstock beside nox and tox, in one run.

    python benchmarks/startup/run.py [--python PATH] [--rounds 15] [--files 1000] [--legs 10000] [--json FILE]

penstock is built and installed from this checkout, with its own dependencies only; nox and tox into an environment of
their own; all of them by uv, with compiled files, on the same interpreter. Each round runs every command once, in
random order, in a generated project with git; printed are medians, the smallest values, and the median ratios to
`python -c pass` of the same round. A start in which something has changed is measured, too: it is the dear one.
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
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).resolve().parents[2]
PEERS = ("nox", "tox")

PYPROJECT = """
[project]
name = "demo"
version = "1"
requires-python = ">=3.11"

[tool.penstock]
python = ["{minor}"]

[tool.penstock.jobs]
one = {{ run = ["python", "-c", "print(1)"] }}
two = {{ run = ["python", "-c", "print(2)"], needs = ["one"] }}
three = {{ run = ["python", "-c", "print(3)"], inputs = ["src/**"] }}
"""
NOXFILE = """
import nox

@nox.session
def one(session):
    session.run("python", "-c", "print(1)")
"""
TOX = """
[tox]
env_list = one, two, three
no_package = true

[testenv]
commands = python -c "print(1)"
"""
LEGS = """
[project]
name = "legs"
version = "1"

[tool.penstock]
python = ["{minor}"]

[tool.penstock.jobs]
one = {{ run = ["python", "-c", "print(1)"], matrix = {{ a = {a}, b = {b} }} }}
"""


class Case(NamedTuple):
    """One command. `before` is called, unmeasured, before each of its turns."""

    name: str
    argv: tuple[str, ...]
    folder: Path
    before: Callable[[], None] = lambda: None


def main() -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--python", default=sys.executable, help="the interpreter to measure with")
    parser.add_argument("--rounds", type=int, default=15)
    parser.add_argument("--files", type=int, default=1000)
    parser.add_argument("--legs", type=int, default=10_000)
    parser.add_argument("--json", type=Path, metavar="FILE")
    options = parser.parse_args()
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    with tempfile.TemporaryDirectory(prefix="startup-") as place:
        folder = Path(place)
        cases = prepare(folder, options)
        cpu_ms = measure(cases, options.rounds)
        legs_s = plan_of_legs(folder, options)
    print(f"\n{os.cpu_count()} CPUs, load average {os.getloadavg()[0]:.1f}, {version(options.python)}")
    for name, seconds in legs_s.items():
        print(f"plan of {options.legs:,} legs, {name}: {seconds:.2f} s CPU")
    if options.json:
        options.json.write_text(json.dumps({"cpu_ms": cpu_ms, "legs_s": legs_s}, indent=1))
    return 0


def prepare(folder: Path, options: argparse.Namespace) -> list[Case]:
    """The environments, the project, and what is measured in it."""
    ours, theirs = (
        environment(folder / "ours", options.python, str(ROOT)),
        environment(folder / "peers", options.python, *PEERS),
    )
    demo = project(folder / "demo", options)
    penstock = str(ours / "penstock")
    for _ in range(2):  # the first one runs the jobs, the second one plans with what they took
        subprocess.run([penstock, "run"], cwd=demo, check=True, capture_output=True)
    touched = demo / "src" / "demo" / "m0.py"
    return [
        Case("python -c pass", (str(ours / "python"), "-c", "pass"), demo),
        Case("python -c 'import msgspec'", (str(ours / "python"), "-c", "import msgspec"), demo),
        Case("penstock --version", (penstock, "--version"), demo),
        Case("penstock --help", (penstock, "--help"), demo),
        Case("penstock plan", (penstock, "plan"), demo),
        Case("penstock plan, a file edited", (penstock, "plan"), demo, lambda: edit(touched)),
        Case("penstock run, all cached", (penstock, "run"), demo, lambda: settle(penstock, demo, touched)),
        Case("nox --version", (str(theirs / "nox"), "--version"), demo),
        Case("nox -l", (str(theirs / "nox"), "-l"), demo),
        Case("tox --version", (str(theirs / "tox"), "--version"), demo),
        Case("tox -l", (str(theirs / "tox"), "-l"), demo),
    ]


def environment(place: Path, python: str, *packages: str) -> Path:
    """A virtual environment with `packages`; its folder of scripts."""
    subprocess.run(["uv", "venv", "-q", "--python", python, str(place)], check=True)
    install = ["uv", "pip", "install", "-q", "--compile-bytecode", "--python", str(place / "bin" / "python")]
    subprocess.run([*install, *packages], check=True)
    return place / "bin"


def project(root: Path, options: argparse.Namespace) -> Path:
    """A committed project of `files` files, a quarter of them tests."""
    files = {
        "pyproject.toml": PYPROJECT.format(minor=minor(options.python)),
        "noxfile.py": NOXFILE,
        "tox.ini": TOX,
        ".gitignore": ".nox\n.tox\n",
        "src/demo/__init__.py": "",
    }
    for number in range(options.files - len(files)):
        if number % 4:
            files[f"src/demo/p{number % 20}/m{number}.py"] = f"def f():\n    return {number}\n"
        else:
            files[f"tests/t{number % 10}/test_{number}.py"] = f"def test_f():\n    assert {number} >= 0\n"
    files["src/demo/m0.py"] = ""
    write(root, files)
    return root


def write(root: Path, files: dict[str, str]) -> None:
    """Make a repository with these files."""
    for name, text in files.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text)
    for words in (["init", "-q"], ["add", "."], ["-c", "user.name=a", "-c", "user.email=a@b", "commit", "-qm", "x"]):
        subprocess.run(["git", *words], cwd=root, check=True)


def edit(path: Path) -> None:
    """Give a file a content that it never had."""
    path.write_text(f"made = {time.time_ns()}\n")


def settle(penstock: str, demo: Path, touched: Path) -> None:
    """The tree as it was committed, and one start that remembers it."""
    touched.write_text("")
    time.sleep(0.15)  # else its time is too near for the memory of digests to trust it
    for _ in range(2):
        subprocess.run([penstock, "run"], cwd=demo, check=True, capture_output=True)


def measure(cases: list[Case], rounds: int) -> dict[str, list[float]]:
    """CPU milliseconds of each case in each round; prints the table."""
    cpu_ms: dict[str, list[float]] = {case.name: [] for case in cases}
    for number in range(rounds + 1):
        for case in random.sample(cases, len(cases)):
            if case.name == "penstock plan":
                subprocess.run(case.argv, cwd=case.folder, check=True, capture_output=True)
            case.before()
            spent = cpu_of(case.argv, case.folder)
            if number:  # the first round fills the caches of the operating system
                cpu_ms[case.name].append(spent * 1000)
    base = cpu_ms[cases[0].name]
    print(f"{'CPU, user + system, ms':32}{'median':>9}{'least':>9}{'÷ python -c pass':>19}")
    for name, spent in cpu_ms.items():
        ratio = statistics.median(one / other for one, other in zip(spent, base, strict=True))
        print(f"{name:32}{statistics.median(spent):9.1f}{min(spent):9.1f}{ratio:19.1f}")
    return cpu_ms


def cpu_of(argv: tuple[str, ...], folder: Path) -> float:
    """User and system seconds of a command and of all its children."""
    silent = [(os.POSIX_SPAWN_OPEN, number, os.devnull, os.O_RDWR, 0) for number in range(3)]
    before = Path.cwd()
    os.chdir(folder)
    try:
        pid = os.posix_spawn(argv[0], argv, os.environ, file_actions=silent)
    finally:
        os.chdir(before)
    _, status, usage = os.wait4(pid, 0)
    if os.waitstatus_to_exitcode(status) != 0:
        raise SystemExit(f"{argv} failed: {os.waitstatus_to_exitcode(status)}")
    return usage.ru_utime + usage.ru_stime


def plan_of_legs(folder: Path, options: argparse.Namespace) -> dict[str, float]:
    """CPU seconds of a plan with a matrix of that many legs: new, and unchanged."""
    side = round(options.legs**0.5)
    axis = json.dumps([str(number) for number in range(side)])
    other = json.dumps([str(number) for number in range(options.legs // side)])
    root = folder / "legs"
    write(root, {"pyproject.toml": LEGS.format(minor=minor(options.python), a=axis, b=other)})
    argv = (str(folder / "ours" / "bin" / "penstock"), "plan")
    return {state: cpu_of(argv, root) for state in ("new", "unchanged")}


def minor(python: str) -> str:
    """The interpreter's version as users name it."""
    return ".".join(version(python).split()[1].split(".")[:2])


def version(python: str) -> str:
    """What the interpreter says of itself."""
    return subprocess.run([python, "-V"], check=True, capture_output=True, text=True).stdout.strip()


if __name__ == "__main__":
    raise SystemExit(main())
