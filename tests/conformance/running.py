"""Runs one project of the suite in one environment, by plain pytest or by the engine, and reads what became of it."""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from penstock.model.testlog import TestLog, fold
from penstock.util.eventlog import decode_lines
from tests.fakes.guest_runs import BYTECODE, GUEST

HERE = Path(__file__).parent
ENVIRONMENTS: dict[str, dict[str, Any]] = tomllib.loads((HERE / "environments.toml").read_text())
OWN = "own"  # the environment of these tests themselves: pytest alone
LIMIT_S = 180.0  # of one pytest process
# Read into every session unless a case asks for them: the first shuffles, the others rule out forking by being there.
APART = ("randomly", "syrupy", "rerunfailures")


class Ran(NamedTuple):
    """One run. `log`: what the recorder's events add up to. `exit_code`: 137 after the limit."""

    log: TestLog
    exit_code: int
    output: str
    folder: Path
    engine: str

    @property
    def ends(self) -> dict[str, str]:
        """Test id -> outcome, with the exception's type where it failed."""
        return {each.id: f"{each.outcome.value} {each.kind}".strip() for each in self.log.last}

    @property
    def counts(self) -> dict[str, int]:
        """What the terminal's last line counts: `{"passed": 3, "warnings": 1}`."""
        lines = [line for line in self.output.splitlines() if re.search(r" in \d+\.\d+s", line)]
        found = re.findall(r"(\d+) ([a-z]+)", lines[-1].partition(" in ")[0]) if lines else []
        return {what.rstrip("s"): int(number) for number, what in found}

    @property
    def workers(self) -> set[str]:
        """The workers that ran tests."""
        return {each.worker for each in self.log.records if each.worker}


def python_of(name: str) -> str:
    """The interpreter of an environment, made where it is not there yet. Skips where its Python is not."""
    if name == OWN:
        return sys.executable
    asked = ENVIRONMENTS[name]
    known = hashlib.sha256(json.dumps(asked, sort_keys=True).encode()).hexdigest()[:16]
    folder = Path(tempfile.gettempdir()) / f"penstock-conformance-{name}-{known}"
    python = folder / "bin" / "python"
    if not (folder / "ready").exists():
        shutil.rmtree(folder, ignore_errors=True)
        uv = str(Path(sys.executable).parent / "uv")
        subprocess.run([uv, "venv", "-q", "-p", _interpreter(asked["python"]), str(folder)], check=True)
        subprocess.run([uv, "pip", "install", "-q", "-p", str(python), *asked["requirements"]], check=True)
        (folder / "ready").touch()
    return str(python)


def _interpreter(minor: str) -> str:
    known = sorted(Path("~/.pyenv/versions").expanduser().glob(f"{minor}.*/bin/python"))
    found = str(known[-1]) if known else shutil.which(f"python{minor}")
    if found is None:
        pytest.skip(f"there is no Python {minor} on this machine")
    return found


def run(
    python: str,
    folder: Path,
    args: tuple[str, ...],
    *,
    environ: Mapping[str, str],
    settings: Mapping[str, Any] | None,
    loaded: tuple[str, ...] = (),
) -> Ran:
    """Run pytest in `folder`: by the engine with these settings, in one process where they are None.

    `loaded`: which of the plugins of APART stay.
    """
    events = folder.parent / f"{folder.name}-{len(list(folder.parent.glob('*.jsonl')))}.jsonl"
    blocked = [word for name in APART if name not in loaded for word in ("-p", f"no:{name}")]
    argv = [python, "-m", "pytest", "-p", "penstock_pytest", *blocked, *args]
    variables = {
        "PATH": os.environ["PATH"],
        "HOME": str(folder),
        "LANG": "C.UTF-8",
        "COLUMNS": "200",
        "PYTHONPYCACHEPREFIX": BYTECODE,
        "PYTHONPATH": GUEST,
        "PENSTOCK_EVENTS": str(events),
        **environ,
    }
    if settings is not None:
        variables["PENSTOCK_ENGINE"] = json.dumps(settings)
    exit_code, output = _started(argv, folder, variables)
    log = decode_lines(events.read_bytes() if events.exists() else b"")
    engines = [getattr(event, "engine", "") for event in log.events if type(event).__name__ == "CollectionFinished"]
    told = fold("unit", log.events, damaged=log.damaged, torn=log.torn)
    return Ran(told, exit_code, output, folder, engines[-1] if engines else "")


def _started(argv: list[str], folder: Path, variables: Mapping[str, str]) -> tuple[int, str]:
    """Run to the end, in a session of its own that is ended as a whole after the limit."""
    with tempfile.TemporaryFile() as sink:
        process = subprocess.Popen(
            argv, cwd=folder, env=variables, stdin=subprocess.DEVNULL, stdout=sink, stderr=sink, start_new_session=True
        )
        try:
            process.wait(LIMIT_S)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()
        sink.seek(0)
        output = sink.read().decode("utf-8", "replace")
    return process.returncode if process.returncode >= 0 else 128 - process.returncode, output
