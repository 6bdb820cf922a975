"""Try penstock, without a word of configuration, on real projects, and hold it against their own test commands.

    python benchmarks/real_projects/run.py [NAME …] [--python 3.11 --python 3.13] [--write FILE.md]
    python benchmarks/real_projects/run.py --sample [NAME …] [--python 3.12] [--write FILE.md]

For each project of commands.toml and each Python: the source distribution is fetched from the package index, `penstock
run unit@PYTHON` runs in it, then the project's own command (written down in commands.toml before penstock was run) runs
in an environment with the same versions; outcomes are compared test by test. With `--sample` the same for the many of
sample.toml, on one Python, with a tally of how often penstock was right.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import shutil
import subprocess
import sys
import tarfile
import tempfile
import time
import tomllib
from collections import Counter
from pathlib import Path
from typing import NamedTuple

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE))
import outcomes  # noqa: E402 - lies beside this file


def fetch(name: str, version: str, folder: Path) -> Path:
    """The unpacked source distribution, freshly."""
    folder.mkdir(parents=True, exist_ok=True)
    pattern = f"{name.replace('-', '[-_]')}-{version}.tar.gz"
    if not list(folder.glob(pattern)):
        pip = [sys.executable, "-m", "pip", "download", "-q", "--no-deps", "--no-binary", ":all:"]
        subprocess.run([*pip, f"{name}=={version}"], cwd=folder, check=True)
    (archive,) = folder.glob(pattern)
    target = folder / "tree" / archive.name.removesuffix(".tar.gz")
    shutil.rmtree(target, ignore_errors=True)
    with tarfile.open(archive) as stream:
        stream.extractall(folder / "tree", filter="data")
    return target


def penstock(tree: Path, python: str) -> Told:
    """Run penstock's test jobs on one Python; without one, everything."""
    started = time.monotonic()
    argv = [sys.executable, "-m", "penstock", "run", "-q", "-C", str(tree), *([f"*@{python}"] if python else [])]
    done = subprocess.run(argv, capture_output=True, text=True, errors="replace", timeout=1800, check=False)
    wall_s = time.monotonic() - started
    outcomes: dict[str, str] = {}
    environment = None
    for run in sorted((tree / ".penstock" / "runs").glob("*-*"))[-1:]:
        for reading in run.glob("jobs/*/reading.json"):
            told = json.loads(reading.read_bytes())
            outcomes |= {test["id"]: test["outcome"] for test in told.get("tests", ())}
        for result in run.glob(f"preparations/{python}-*.json"):
            made = json.loads(result.read_bytes())
            if made.get("environment", {}).get("mode", "none") != "none" and ".spec" not in result.name:
                environment = Path(made["environment"]["scripts"]).parent, made.get("workspace")
    return Told(done.returncode, wall_s, outcomes, done.stdout + done.stderr, environment)


class Told(NamedTuple):
    """What one run of penstock ended with. `environment`: its folder, and the copy of the tree it worked in."""

    exit_code: int
    wall_s: float
    outcomes: dict[str, str]
    text: str
    environment: tuple[Path, str | None] | None


def own(tree: Path, entry: dict, told: Told) -> tuple[int, dict[str, str]]:
    """The project's own command, in penstock's environment (the same versions); exit code and outcomes by test."""
    if told.environment is None or not entry["list"]:
        return -1, {}
    environment, workspace = told.environment
    scripts = environment / "bin"
    (packages,) = (environment / "lib").glob("python*/site-packages")
    place = Path(workspace) if workspace else tree
    installed = packages if (packages / entry.get("module", "*")).exists() else place / entry.get("lies_in", "")
    words = {"{python}": str(scripts / "python"), "{packages}": str(installed), "{root}": str(place)}
    variables = {"PATH": f"{scripts}:{os.environ['PATH']}", "VIRTUAL_ENV": str(environment), "COLUMNS": "500"}
    variables |= {name: filled(text, words) for name, text in entry.get("environment", {}).items()}
    argv = [filled(part, words) for part in entry["list"]]
    done = subprocess.run(
        argv,
        cwd=place,
        env=os.environ | variables,
        capture_output=True,
        text=True,
        errors="replace",
        timeout=1800,
        check=False,
    )
    (tree.parent / f"{tree.name}-own.log").write_text(done.stdout + done.stderr)
    plain = re.sub(r"\x1b\[[0-9;]*m", "", done.stdout + "\n" + done.stderr)
    return done.returncode, READERS[entry["reads"]](plain)


def filled(text: str, words: dict[str, str]) -> str:
    """`text` with its placeholders replaced."""
    for word, value in words.items():
        text = text.replace(word, value)
    return text


READERS = {
    "pytest": outcomes.of_pytest,
    "unittest": outcomes.of_unittest,
    "virtue": outcomes.of_virtue,
    "exit": lambda _: {},  # an own runner that names no tests: only its exit code can be compared
}


def compare(ours: dict[str, str], theirs: dict[str, str]) -> tuple[int, list[str]]:
    """How many tests agree, and which do not, in words."""
    same = sum(1 for test, outcome in theirs.items() if ours.get(test) == outcome)
    wrong = [f"{t}: {theirs.get(t, 'absent')} there, {ours.get(t, 'absent')} here" for t in {*ours, *theirs}]
    return same, sorted(line for line in wrong if not agree(line))


def agree(line: str) -> bool:
    """Whether a line of `compare` says twice the same."""
    there, here = line.rpartition(": ")[2].split(", ")
    return there.removesuffix(" there") == here.removesuffix(" here")


def judged(told: Told, entry: dict, code: int, theirs: dict[str, str]) -> str:
    """What penstock's answer was worth: the last column of the sample's table."""
    if told.exit_code == 3 or not entry["list"]:
        return "right: there is nothing to run" if told.exit_code == 3 and not entry["list"] else "not verified"
    if told.exit_code == 0 and (code != 0 or len(told.outcomes) < len(theirs)):
        return "FALSE GREEN"
    if told.exit_code == 1 and code == 0:
        return "false red"
    return "right" if told.exit_code in (0, 1) else "broken off"


def row(name: str, entry: dict, python: str, folder: Path) -> tuple[str, str]:
    """One line of the table, and what the answer was worth."""
    tree = fetch(name, entry["version"], folder)
    told = penstock(tree, python)
    if told.exit_code == 2 and "[P200]" in told.text and "python" in entry:  # releases that name no newer Python
        python = entry["python"]
        told = penstock(tree, python)
    code, theirs = own(tree, entry, told)
    same, wrong = compare(told.outcomes, theirs)
    verdict = next((line for line in told.text.splitlines() if line.startswith(VERDICTS)), "?").partition("  ·")[0]
    for line in wrong[:10]:
        print(f"    {line}")
    counts = ", ".join(f"{number} {what}" for what, number in Counter(told.outcomes.values()).most_common())
    equal = f"{same} of {len(theirs)}" + (f", {len(wrong)} differ" if wrong else "")
    equal = equal if theirs else "nothing to compare"
    worth = judged(told, entry, code, theirs)
    ours = f"| {name} {entry['version']} | {python} | {told.exit_code} {verdict} | {counts} |"
    command = " ".join(entry.get("command", entry["list"]))
    return f"{ours} {equal} | {code} | `{command}` | {told.wall_s:.0f} s | {worth} |", worth


VERDICTS = ("PASS", "FAIL", "NOT VERIFIED", "INTERRUPTED", "penstock:")
HEAD = """| project | Python | penstock | tests | equal to its own | its exit | its own command | wall | penstock was |
|---|---|---|---|---|---|---|---|---|
"""


def main() -> int:
    """Print the table, and write it where asked."""
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("names", nargs="*")
    options.add_argument("--python", action="append")
    options.add_argument("--folder", type=Path, default=Path(tempfile.gettempdir()) / "penstock-real-projects")
    options.add_argument("--write", type=Path)
    options.add_argument("--sample", action="store_true", help="the projects of sample.toml")
    chosen = options.parse_args()
    entries = tomllib.loads((HERE / ("sample.toml" if chosen.sample else "commands.toml")).read_text())
    rows, worths = [], []
    for name in chosen.names or entries:
        for python in chosen.python or (["3.12"] if chosen.sample else ["3.11", "3.13"]):
            try:
                line, worth = row(name, entries[name], python, chosen.folder)
            except (OSError, ValueError, subprocess.SubprocessError) as error:
                print(f"{name} on {python} could not be tried: {error}", flush=True)
                continue
            rows.append(line)
            worths.append(worth)
            print(line, flush=True)
    tally = ", ".join(f"{number} {worth}" for worth, number in Counter(worths).most_common())
    print(f"{len(rows)} tried: {tally}")
    if chosen.write:
        chosen.write.write_text(f"{HEAD}" + "\n".join(rows) + f"\n\n{len(rows)} tried: {tally}.\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
