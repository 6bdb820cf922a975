"""The gates on real projects, with the tools' own output beside what penstock counted.

    python benchmarks/real_gates/run.py [NAME …] [--folder FOLDER] [--write docs/explanation/real-gates.md]

Each project of ../real_projects/commands.toml is fetched as its source distribution, made a git repository, and given a
penstock.toml with the jobs below; `penstock run` runs all of them at once, as advice, so that each comes to its end.
Then every tool is called as its own documentation says, in a copy of its own, at the version that penstock took (a
project may pin one), and its own report is counted here, by code that shares nothing with penstock's. Measures have the
names that `penstock run --json` tells. What was found is kept in results.json, a project at a time; the page is made of
it. A difference that differences.toml does not explain ends in 1.
"""

from __future__ import annotations

import argparse
import json
import shutil
import sys
import tempfile
import tomllib
from pathlib import Path
from typing import Any, NamedTuple

HERE = Path(__file__).parent
ROOT = HERE.parent.parent
REAL = HERE.parent / "real_projects"
sys.path[:0] = [str(REAL), str(HERE.parent), str(ROOT / "src")]
import page  # noqa: E402 - ../page.py
import run as real_projects  # noqa: E402 - ../real_projects/run.py
from alone import OWN, PYTHON, Counts, CrashedError, Place, shell  # noqa: E402 - beside this file

RESULTS = HERE / "results.json"
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


def suite(command: list[str], own: Path) -> tuple[str, ...]:
    """The project's own test command, as `coverage run` takes it."""
    program, *words = command
    if not program.endswith("python"):
        return ("-m", program, *words)
    if words[0] != "-c":
        return tuple(words)
    file = own.parent / f"{own.name}-suite.py"
    file.write_text(words[1])
    return (str(file), *words[2:])


class Row(NamedTuple):
    """What one job counted, and what its tool alone did. `ours`, `theirs`: measures, or why there are none."""

    job: str
    version: str
    ours: Counts | str
    theirs: Counts | str

    @property
    def wrong(self) -> list[str]:
        """The measures that differ."""
        if isinstance(self.ours, str) or isinstance(self.theirs, str):
            return [] if isinstance(self.ours, str) and isinstance(self.theirs, str) else ["whether it can be asked"]
        return [key for key, number in self.theirs.items() if abs(self.ours.get(key, 0) - number) > 0.005]


def rows(name: str, entry: dict[str, Any], python: str, folder: Path) -> list[Row]:
    """What was counted in one project."""
    tree = real_projects.fetch(name, entry["version"], folder)
    own = folder / "own" / tree.name
    shutil.rmtree(own, ignore_errors=True)
    shutil.copytree(tree, own)
    where = packages(tree, entry)
    (tree / "penstock.toml").write_text(f'python = ["{python}"]\n' + JOBS.format(packages=json.dumps(where)))
    for each in (tree, own):
        repository(each)
    readings, scripts = ours(tree, python)
    words = {"{packages}": str(own / entry.get("lies_in", "")), "{root}": str(own), "{python}": str(scripts / "python")}
    command = [real_projects.filled(word, words) for word in entry["list"]]
    variables = {key: real_projects.filled(text, words) for key, text in entry.get("environment", {}).items()}
    taken = {
        note.partition(":")[2]: version
        for reading in readings.values()
        for note, version in reading.get("notes", {}).items()
        if note.startswith("version:")
    }
    place = Place(tree, own, scripts, where, suite(command, own), variables, taken)
    made = [_row(job, readings.get(job), place) for job in OWN]
    for row in made:
        print(line(name, row, {}), flush=True)
    return made


TOOLS = {
    "types": "mypy",
    "functions": "radon",
    "flaws": "bandit",
    "secrets": "detect-secrets",
    "dependencies": "deptry",
}


def _row(job: str, reading: dict[str, Any] | None, place: Place) -> Row:
    ours: Counts | str = (reading or {}).get("reason") or "no reading"
    if reading is not None and reading["outcome"] in ("passed", "failed"):
        ours = reading["measures"]
    try:
        theirs: Counts | str = OWN[job](place)
    except CrashedError as error:
        theirs = str(error)
    version = place.taken.get(TOOLS.get(job, job), "")
    kept = {key: ours.get(key, 0) for key in theirs} if isinstance(ours, dict) and isinstance(theirs, dict) else ours
    return Row(job, version, kept, theirs)


def line(name: str, row: Row, known: dict[str, str]) -> str:
    """One of the table. `known`: job -> why it differs."""
    told = (_told(row.ours), _told(row.theirs))
    why = known.get(row.job, "**unexplained**")
    same = "neither can" if isinstance(row.ours, str) else "equal"
    tool = f"{TOOLS.get(row.job, row.job)} {row.version}".rstrip()
    return f"| {name} | {tool} | {told[0]} | {told[1]} | {why if row.wrong else same} |"


def _told(counts: Counts | str) -> str:
    if isinstance(counts, str):
        return "not verified: " + counts.replace("|", "/")[:120]
    return ", ".join(f"{key} {counts[key]:.10g}" for key in sorted(counts))


HEAD = """| project | tool | penstock | the tool alone | |
| --- | --- | --- | --- | --- |
"""


def table(found: dict[str, list[Row]], known: dict[str, dict[str, str]]) -> tuple[str, int]:
    """The table of all that is kept; how many rows differ without an explanation."""
    lines = [line(name, row, known.get(name, {})) for name, made in found.items() for row in made]
    every = [(name, row) for name, made in found.items() for row in made]
    numbers = sum(len(row.theirs) for _, row in every if isinstance(row.theirs, dict))
    wrong = sum(len(row.wrong) for _, row in every)
    unexplained = sum(bool(row.wrong) and row.job not in known.get(name, {}) for name, row in every)
    tally = (
        f"{len(found)} projects, {len(every)} jobs, {numbers} numbers compared: {wrong} differ, in {unexplained} jobs"
    )
    return f"{HEAD}{chr(10).join(lines)}\n\n{tally} without an explanation.\n", unexplained


def main() -> int:
    """Compare, keep, print the table, and write it where asked."""
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("names", nargs="*")
    options.add_argument("--folder", type=Path, default=Path(tempfile.gettempdir()) / "penstock-real-gates")
    options.add_argument("--write", type=Path, metavar="FILE", help="put the table between its markers in this page")
    options.add_argument("--kept", action="store_true", help="run nothing: the table of what is kept")
    chosen = options.parse_args()
    entries = tomllib.loads((REAL / "commands.toml").read_text())
    kept = json.loads(RESULTS.read_text()) if RESULTS.exists() else {}
    for name in () if chosen.kept else chosen.names or entries:
        kept[name] = rows(name, entries[name], PYTHON, chosen.folder)
        RESULTS.write_text(json.dumps({each: kept[each] for each in entries if each in kept}, indent=1) + "\n")
    found = {name: [Row(*row) for row in kept[name]] for name in entries if name in kept}
    known = tomllib.loads((HERE / "differences.toml").read_text())
    text, unexplained = table(found, known)
    print(text)
    if chosen.write:
        page.put(chosen.write, "real_gates", text)
    return int(unexplained > 0)


if __name__ == "__main__":
    sys.exit(main())
