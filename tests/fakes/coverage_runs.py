"""One suite measured twice: by the guest in a session of the test engine, and by `coverage run -m pytest`."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

from penstock.model.events import CollectionFinished, SessionFinished
from penstock.run.folder import safe_name
from penstock.util.eventlog import decode_lines
from tests.fakes.guest_runs import BYTECODE, GUEST, write

SETTINGS = "[run]\nsource = shop\n"
Counts = dict[
    str, tuple[object, ...]
]  # path -> statements, covered, branches, covered branches, lines that are missing


class Measured(NamedTuple):
    """What the guest left. `needs`: the folder for the merge; `files`: of the data, by name; `engine`: as logged."""

    needs: Path
    end: SessionFinished
    engine: str
    files: frozenset[str]
    output: str


def measure(
    root: Path,
    files: Mapping[str, str],
    *,
    job: str = "unit@3.12",
    python: str = sys.executable,
    branch: bool = False,
    **engine: Any,
) -> Measured:
    """Run the files' tests with two workers, as the pytest job of a run does. `files` has a .coveragerc."""
    write(root / "project", files)
    reports = root / "needs" / safe_name(job) / "reports"
    reports.mkdir(parents=True)
    settings = {"data": str(reports / "coverage.data"), "config": ".coveragerc", "source": ["shop"], "branch": branch}
    log = reports / "tests.jsonl"
    done = _run(
        [python, "-m", "pytest", "-p", "penstock_pytest", "-p", "no:cacheprovider"],
        root / "project",
        {
            "PYTHONPATH": f"{GUEST}{os.pathsep}{root / 'project'}",
            "PENSTOCK_EVENTS": str(log),
            "PENSTOCK_ENGINE": json.dumps({"workers": 2, "retries": 0, **engine}),
            "PENSTOCK_COVERAGE": json.dumps(settings),
        },
    )
    events = decode_lines(log.read_bytes()).events
    (end,) = (event for event in events if isinstance(event, SessionFinished))
    (collected,) = (event for event in events if isinstance(event, CollectionFinished))
    found = frozenset(path.name for path in reports.glob("coverage.data*"))
    return Measured(root / "needs", end, collected.engine, found, done)


def merged(measured: Measured, project: Path) -> tuple[Counts, list[str]]:
    """The counts of the merge, and what is wrong with its legs."""
    report = measured.needs.parent / "report.json"
    settings = {"config": ".coveragerc", "source": ["shop"], "packages": [["shop", "shop"]]}
    words = [f"{GUEST}/penstock_merge.py", str(measured.needs), str(report), str(project), json.dumps(settings)]
    subprocess.run([sys.executable, "-I", *words], check=True, capture_output=True)
    told = json.loads(report.read_text())
    names = ("statements", "covered", "branches", "covered_branches")
    counts: Counts = {file["path"]: (*(file[name] for name in names), tuple(file["missing"])) for file in told["files"]}
    return counts, [leg["problem"] for leg in told["legs"] if leg["problem"]]


def plainly(root: Path, files: Mapping[str, str], *, python: str = sys.executable, branch: bool = False) -> Counts:
    """The counts of coverage.py's own commands."""
    write(root, files)
    variables = {"PYTHONPATH": str(root)}
    parallel = [] if "subprocess" in files[".coveragerc"] else ["--parallel-mode"]
    run = [*parallel, *(["--branch"] if branch else []), "-m", "pytest", "-p", "no:cacheprovider"]
    for words in (["run", *run], ["combine"], ["json", "-o", "told.json"]):
        _run([python, "-m", "coverage", *words], root, variables)
    told = json.loads((root / "told.json").read_text())
    names = ("num_statements", "covered_lines", "num_branches", "covered_branches")
    return {
        path: (*(each["summary"].get(name, 0) for name in names), tuple(each["missing_lines"]))
        for path, each in told["files"].items()
    }


def _run(argv: list[str], folder: Path, variables: Mapping[str, str]) -> str:
    done = subprocess.run(
        argv,
        cwd=folder,
        env={
            "PATH": os.environ["PATH"],
            "HOME": str(folder),
            "LANG": "C.UTF-8",
            "PYTHONPYCACHEPREFIX": BYTECODE,
            **variables,
        },
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        timeout=120,
        text=True,
        check=False,
    )
    return done.stdout
