"""Each tool by itself, as its own documentation says, and its own report counted: nothing of penstock's is shared."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

from penstock.tools import versions

UV = str(Path(sys.executable).with_name("uv"))
LIMIT_S = 1800
PYTHON = "3.12"


class Place(NamedTuple):
    """A project's two trees, and what penstock made and took for it."""

    tree: Path  # penstock's
    own: Path  # the tools'
    scripts: Path  # of the tests' environment
    packages: tuple[str, ...]
    suite: tuple[str, ...]  # what `coverage run` is to run: the project's own test command
    variables: dict[str, str]  # for it
    taken: dict[str, str]  # tool -> the version that penstock took

    def pin(self, own: str) -> str:
        """The requirement for a tool: penstock's own pin, at the version that it took here."""
        name = own.partition("==")[0]
        return f"{name}=={self.taken[name]}" if name in self.taken else own


class CrashedError(Exception):
    """A tool by itself came to no report: the end of what it said."""


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
    """Its standard output as JSON. Raises CrashedError."""
    try:
        return json.loads(done.stdout)
    except ValueError:
        raise CrashedError(last(done)) from None


def last(done: subprocess.CompletedProcess[str]) -> str:
    """The last line of what a program said."""
    return ((done.stderr or done.stdout).strip().splitlines() or ["it said nothing"])[-1][:200]


def ruff(place: Place) -> Counts:
    """`ruff check`, with the project's configuration where it has one."""
    found = parsed(tool(place.pin(versions.RUFF), "ruff", "check", "--output-format", "json", ".", place=place.own))
    return {"findings": len(found)}


def mypy(place: Place) -> Counts:
    """`mypy PACKAGES`, which looks for the dependencies in the tests' environment."""
    argv = [UV, "tool", "run", "--quiet", "--python", program(), "--from", place.pin(versions.MYPY), "mypy"]
    python = ["--python-executable", str(place.scripts / "python"), "--no-incremental"]
    done = shell([*argv, *python, *place.packages], place.own)
    found = re.search(r"Found (\d+) errors? in \d+ files? \(.*?(\d+) source files?\)", done.stdout)
    clean = re.search(r"no issues found in (\d+) source file", done.stdout)
    if clean:
        return {"findings": 0, "files": int(clean[1])}
    if not found:
        raise CrashedError(last(done))
    return {"findings": int(found[1]), "files": int(found[2])}


def radon(place: Place) -> Counts:
    """`radon cc -j`: functions and methods by grade; `radon mi -j`: the least index."""
    pin = place.pin(versions.RADON)
    blocks = parsed(tool(pin, "radon", "cc", "--json", "--min", "A", *place.packages, place=place.own))
    grades = Counter(f"grade_{block['rank']}" for each in blocks.values() for block in each if block["type"] != "class")
    index = parsed(tool(pin, "radon", "mi", "--json", *place.packages, place=place.own))
    least = min(each["mi"] for each in index.values())
    return {**grades, "functions": sum(grades.values()), "files": len(index), "index": least}


def bandit(place: Place) -> Counts:
    """`bandit -r -f json`: results by severity, files by its metrics."""
    pin = place.pin(versions.BANDIT)
    told = parsed(tool(pin, "bandit", "-r", "-q", "-f", "json", *place.packages, place=place.own))
    severities = Counter(f"severity_{each['issue_severity'].lower()}" for each in told["results"])
    return {**severities, "findings": len(told["results"]), "files": len(told["metrics"]) - 1}


def detect_secrets(place: Place) -> Counts:
    """`detect-secrets scan`, by git: one place of each secret in a file, of files that are UTF-8."""
    pin = place.pin(versions.DETECT_SECRETS)
    told = parsed(tool(pin, "detect-secrets", "scan", "--no-verify", place=place.own))
    return {"findings": sum(len(each) for each in told["results"].values())}


def deptry(place: Place) -> Counts:
    """`deptry ROOTS` in the environment that has the dependencies, with its JSON."""
    program = next(Path(place.tree, ".penstock").glob("envs/*/bin/deptry"), None)
    if program is None:
        raise CrashedError("it is in no environment")
    roots = sorted({str(Path(name).parent) for name in place.packages})
    with tempfile.TemporaryDirectory() as folder:
        report = Path(folder, "report.json")
        done = shell([str(program), *roots, "--json-output", str(report)], place.own)
        if not report.exists():
            raise CrashedError(last(done))
        return {"findings": len(json.loads(report.read_text()))}


def coverage(place: Place) -> Counts:
    """`coverage run` of the project's own test command, then `coverage json`: statements, and those that ran."""
    with tempfile.TemporaryDirectory() as folder:
        layer = Path(folder, "layer")
        python = str(place.scripts / "python")
        pin = place.pin(versions.COVERAGE)
        shell([UV, "pip", "install", "--quiet", "--target", str(layer), "--python", python, pin], place.own)
        names = ",".join(Path(name).stem for name in place.packages)
        variables = place.variables | {
            "PYTHONPATH": os.pathsep.join(filter(None, (str(layer), place.variables.get("PYTHONPATH", "")))),
            "COVERAGE_FILE": f"{folder}/data",
            "PATH": f"{place.scripts}:{os.environ['PATH']}",
        }
        run = [python, "-m", "coverage"]
        told = shell([*run, "debug", "config"], place.own, **variables).stdout
        source = [f"--source={names}"] if re.search(r"^\s*source: None$", told, re.MULTILINE) else []  # else its own
        done = shell([*run, "run", *source, *place.suite], place.own, **variables)
        shell([*run, "combine"], place.own, **variables)
        shell([*run, "json", "-o", f"{folder}/report.json"], place.own, **variables)
        report = Path(folder, "report.json")
        if not report.exists():
            raise CrashedError(last(done))
        totals = json.loads(report.read_text())["totals"]
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
