"""The gates on real projects, with the tools' own output beside what penstock counted.

    python benchmarks/real_gates/run.py [NAME …] [--folder FOLDER] [--write FILE.md]

Each project of ../real_projects/commands.toml is fetched as its source distribution, made a git repository, and given a
penstock.toml with the jobs below; `penstock run` runs all of them at once, as advice, so that each comes to its end.
Then every tool is called as its own documentation says, in a copy of its own, at the same version, and its own report
is counted here, by code that shares nothing with penstock's. Measures have the names that `penstock run --json` tells.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import tomllib
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

HERE = Path(__file__).parent
ROOT = HERE.parent.parent
REAL = HERE.parent / "real_projects"
sys.path[:0] = [str(REAL), str(ROOT / "src")]
import run as real_projects  # noqa: E402 - ../real_projects/run.py

from penstock.tools import versions  # noqa: E402 - of this checkout

UV = str(Path(sys.executable).with_name("uv"))
LIMIT_S = 1800
PYTHON = "3.12"
# Every job advises: what is compared is how much each tool found, not whether that is too much.
JOBS = """\
[jobs]
ruff = {{ tool = "ruff", paths = ["."], mode = "warn" }}
types = {{ tool = "mypy", paths = {packages}, mode = "warn" }}
functions = {{ tool = "radon", paths = {packages}, mode = "warn" }}
flaws = {{ tool = "bandit", paths = {packages}, mode = "warn" }}
secrets = {{ mode = "warn" }}
dependencies = {{ mode = "warn" }}
unit = {{ test = true, mode = "warn" }}
coverage = {{ mode = "warn" }}
"""


class Place(NamedTuple):
    """A project's two trees, and the environment that penstock made for its tests."""

    tree: Path  # penstock's
    own: Path  # the tools'
    scripts: Path
    packages: tuple[str, ...]
    pytest: tuple[str, ...]  # the arguments of the project's own test command; () where that is not pytest


Counts = dict[str, float]


def shell(argv: list[str], place: Path, **variables: str) -> subprocess.CompletedProcess[str]:
    """Run to the end, whatever the exit code."""
    environ = {name: text for name, text in os.environ.items() if name not in {"PYTHONPATH", "VIRTUAL_ENV"}}
    return subprocess.run(
        argv, cwd=place, env=environ | variables, capture_output=True, text=True, errors="replace", timeout=LIMIT_S,
        check=False,
    )  # fmt: skip


def program() -> str:
    """That Python on this machine: one of pyenv's, whose shims do not always lead to it, else on PATH."""
    kept = sorted(Path("~/.pyenv/versions").expanduser().glob(f"{PYTHON}.*/bin/python"))
    return str(kept[-1]) if kept else shutil.which(f"python{PYTHON}") or PYTHON


def tool(pin: str, *argv: str, place: Path) -> subprocess.CompletedProcess[str]:
    """A tool from the index, in an environment of its own, on the Python that penstock takes: they read the syntax."""
    return shell([UV, "tool", "run", "--quiet", "--python", program(), "--from", pin, *argv], place)


def parsed(done: subprocess.CompletedProcess[str]) -> Any:
    """Its standard output as JSON; the end of what it said where that is none."""
    try:
        return json.loads(done.stdout)
    except ValueError:
        sys.exit(f"{done.args} gave no JSON:\n{done.stdout[-1000:]}{done.stderr[-1000:]}")


# --- each tool by itself -------------------------------------------------------------------------------------------


def ruff(place: Place) -> Counts:
    """`ruff check`, with the project's configuration where it has one."""
    found = parsed(tool(versions.RUFF, "ruff", "check", "--output-format", "json", ".", place=place.own))
    return {"findings": len(found)}


def mypy(place: Place) -> Counts:
    """`mypy PACKAGES` in the tests' environment."""
    python = str(place.scripts / "python")
    done = shell([UV, "tool", "run", "--quiet", "--from", versions.MYPY, "mypy", "--python-executable", python,
                  "--no-incremental", *place.packages], place.own)  # fmt: skip
    found = re.search(r"Found (\d+) errors? in \d+ files? \(.*?(\d+) source files?\)", done.stdout)
    clean = re.search(r"no issues found in (\d+) source file", done.stdout)
    if clean:
        return {"findings": 0, "files": int(clean[1])}
    return {"findings": int(found[1]), "files": int(found[2])} if found else {"crashed": 1}


def radon(place: Place) -> Counts:
    """`radon cc -j`: functions and methods by grade; `radon mi -j`: the least index."""
    blocks = parsed(tool(versions.RADON, "radon", "cc", "--json", "--min", "A", *place.packages, place=place.own))
    grades = Counter(f"grade_{block['rank']}" for each in blocks.values() for block in each if block["type"] != "class")
    index = parsed(tool(versions.RADON, "radon", "mi", "--json", *place.packages, place=place.own))
    return {
        **grades,
        "functions": sum(grades.values()),
        "files": len(index),
        "index": min(e["mi"] for e in index.values()),
    }


def bandit(place: Place) -> Counts:
    """`bandit -r -f json`: results by severity, files by its metrics."""
    told = parsed(tool(versions.BANDIT, "bandit", "-r", "-q", "-f", "json", *place.packages, place=place.own))
    severities = Counter(f"severity_{each['issue_severity'].lower()}" for each in told["results"])
    return {**severities, "findings": len(told["results"]), "files": len(told["metrics"]) - 1}


def detect_secrets(place: Place) -> Counts:
    """`detect-secrets scan`, which goes by git, and passes over what is not UTF-8: penstock looks there, too."""
    told = parsed(tool(versions.DETECT_SECRETS, "detect-secrets", "scan", "--no-verify", place=place.own))
    return {"findings": sum(len(each) for each in told["results"].values())}


def deptry(place: Place) -> Counts:
    """`deptry ROOTS` in the environment that has the dependencies, with its JSON."""
    program = next(Path(place.tree, ".penstock").glob("envs/*/bin/deptry"), None)
    if program is None:
        return {"crashed": 1}
    roots = sorted({str(Path(name).parent) for name in place.packages})
    with tempfile.TemporaryDirectory() as folder:
        report = Path(folder, "report.json")
        shell([str(program), *roots, "--json-output", str(report)], place.own)
        return {"findings": len(json.loads(report.read_text()))} if report.exists() else {"crashed": 1}


def coverage(place: Place) -> Counts:
    """`coverage run -m pytest`, then `coverage json`: statements, and those that ran."""
    with tempfile.TemporaryDirectory() as folder:
        layer = Path(folder, "layer")
        python = str(place.scripts / "python")
        shell(
            [UV, "pip", "install", "--quiet", "--target", str(layer), "--python", python, versions.COVERAGE], place.own
        )
        names = ",".join(Path(name).stem for name in place.packages)
        variables = {
            "PYTHONPATH": str(layer),
            "COVERAGE_FILE": f"{folder}/data",
            "PATH": f"{place.scripts}:{os.environ['PATH']}",
        }
        run = [python, "-m", "coverage"]
        shell([*run, "run", f"--source={names}", "-m", "pytest", *place.pytest], place.own, **variables)
        shell([*run, "combine"], place.own, **variables)
        shell([*run, "json", "-o", f"{folder}/report.json"], place.own, **variables)
        totals = json.loads(Path(folder, "report.json").read_text())["totals"]
    return {"statements": totals["num_statements"], "covered": totals["covered_lines"]}


OWN: dict[str, Callable[[Place], Counts]] = {
    "ruff": ruff,
    "types": mypy,
    "functions": radon,
    "flaws": bandit,
    "secrets": detect_secrets,
    "dependencies": deptry,
    "coverage": coverage,
}


# --- penstock, and both beside each other --------------------------------------------------------------------------


def repository(tree: Path) -> None:
    """The tree as a git repository with one commit: secrets are sought in what git knows."""
    git = ["git", "-c", "user.name=n", "-c", "user.email=n@example.org", "-c", "commit.gpgsign=false"]
    for argv in (["init", "-q"], ["add", "-A", "-f"], ["commit", "-q", "-m", "release"]):
        shell([*git, *argv], tree)


def packages(tree: Path, entry: dict[str, Any]) -> tuple[str, ...]:
    """Where the project's own code lies: the package of commands.toml."""
    name = Path(entry.get("lies_in", ""), entry["module"])
    there = [name] if (tree / name).exists() else [name.with_suffix(".py")]
    return tuple(str(each) for each in there)


def ours(tree: Path, python: str) -> tuple[dict[str, dict[str, Any]], Path]:
    """Every job's reading, by name; and the scripts of the tests' environment."""
    argv = [sys.executable, "-m", "penstock", "run", "-q", "-C", str(tree)]
    done = shell(argv, tree, PYTHONPATH=str(ROOT / "src"))
    runs = sorted((tree / ".penstock" / "runs").glob("*-*"))
    if not runs:
        sys.exit(f"penstock did not run:\n{done.stdout[-3000:]}{done.stderr[-3000:]}")
    readings = {}
    for file in runs[-1].glob("jobs/*/reading.json"):
        readings[file.parent.name.partition("@")[0]] = json.loads(file.read_bytes())
    scripts = next(
        (
            Path(made["environment"]["scripts"])
            for made in map(_made, sorted(runs[-1].glob(f"preparations/{python}-test*.json")))
            if made
        ),
        Path(sys.executable).parent,
    )
    return readings, scripts


def _made(file: Path) -> dict[str, Any]:
    made = json.loads(file.read_bytes()) if ".spec" not in file.name else {}
    return made if made.get("environment") else {}


def rows(name: str, entry: dict[str, Any], python: str, folder: Path) -> tuple[list[str], int, int]:
    """The lines of one project; how many measures were compared, and how many of them differ."""
    tree = real_projects.fetch(name, entry["version"], folder)
    own = folder / "own" / tree.name
    shutil.rmtree(own, ignore_errors=True)
    shutil.copytree(tree, own)
    where = packages(tree, entry)
    (tree / "penstock.toml").write_text(f'python = ["{python}"]\n' + JOBS.format(packages=json.dumps(where)))
    for each in (tree, own):
        repository(each)
    readings, scripts = ours(tree, python)
    words = {"{packages}": str(own / entry.get("lies_in", "")), "{root}": str(own)}
    command = [real_projects.filled(word, words) for word in entry["list"]]
    place = Place(tree, own, scripts, where, tuple(command[1:]) if command[:1] == ["pytest"] else ())
    lines, compared, differing = [], 0, 0
    for job, count in OWN.items():
        reading = readings.get(job)
        if reading is None or reading["outcome"] not in ("passed", "failed"):
            lines.append(f"| {name} | {job} | not verified: {(reading or {}).get('reason', 'no reading')} | | |")
            continue
        if job == "coverage" and not place.pytest:
            lines.append(f"| {name} | {job} | its own command is not pytest's | | |")
            continue
        theirs = count(place)
        mine = reading["measures"]
        wrong = [key for key, number in theirs.items() if abs(mine.get(key, 0) - number) > 0.005]
        compared, differing = compared + len(theirs), differing + len(wrong)
        told = [", ".join(f"{key} {source.get(key, 0):g}" for key in sorted(theirs)) for source in (mine, theirs)]
        lines.append(f"| {name} | {job} | {told[0]} | {told[1]} | {', '.join(wrong) or 'equal'} |")
        print(lines[-1], flush=True)
    return lines, compared, differing


HEAD = "| project | job | penstock | the tool alone | differs |\n| --- | --- | --- | --- | --- |\n"


def main() -> int:
    """Print the table, and write it where asked."""
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("names", nargs="*")
    options.add_argument("--folder", type=Path, default=Path(tempfile.gettempdir()) / "penstock-real-gates")
    options.add_argument("--write", type=Path)
    chosen = options.parse_args()
    entries = tomllib.loads((REAL / "commands.toml").read_text())
    lines, compared, differing = [], 0, 0
    for name in chosen.names or entries:
        made, number, wrong = rows(name, entries[name], PYTHON, chosen.folder)
        lines += made
        compared, differing = compared + number, differing + wrong
    tally = f"{compared} numbers compared, {differing} differ."
    print(tally)
    if chosen.write:
        chosen.write.write_text(HEAD + "\n".join(lines) + f"\n\n{tally}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
