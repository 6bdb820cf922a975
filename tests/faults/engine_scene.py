"""A real session of the test engine, from outside: what it left and said, and whether each test is accounted for."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import sys
import tempfile
import time
import uuid
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

from penstock.model.records import TestRecord
from penstock.model.testlog import LEFT, TestLog, fold
from penstock.util.eventlog import decode_lines
from tests.fakes.guest_runs import BYTECODE, GUEST, write

LIMIT_S = 120.0
# A thread when the conftest file is imported rules forking out; asked to start anew, workers are new interpreters.
THREAD = """
import threading
threading.Thread(target=threading.Event().wait, daemon=True, name="from conftest").start()
"""
# A module of tests that pass, to be named.
GOOD = """
import ctypes, os, pathlib, signal, subprocess, sys, time
import pytest

@pytest.mark.parametrize("i", range(6))
def test_{0}(i): time.sleep(0.002)
"""


class Mode(NamedTuple):
    """A way to start workers. `said`: how the log names it. `conftest`: what makes the engine choose it."""

    said: str
    start: str = "auto"
    conftest: str = ""


FORKED = Mode("forked")
EARLY = Mode("early-forked", start="spawn")
NEW = Mode("new", start="spawn", conftest=THREAD)
LATE = Mode("new")  # collected by the leader, and then found not to be forkable: the project has to see to that
MODES = (FORKED, EARLY, NEW)


class Done(NamedTuple):
    """What a session left. `code`: the process's, negative for a signal. `folders`: the engine's own that still lie
    there; `processes`: command lines of what still runs five seconds after its end.
    """

    log: TestLog
    code: int
    output: str
    root: Path
    engine: str
    folders: tuple[str, ...]
    processes: tuple[str, ...]
    lasted_s: float

    @property
    def ends(self) -> dict[str, str]:
        """Test -> how it ended, by the attempt that decides; without its file."""
        return {each.id.rpartition("::")[2]: each.outcome.value for each in self.log.last}

    @property
    def records(self) -> dict[str, TestRecord]:
        """Test -> the attempt that decides; without its file."""
        return {each.id.rpartition("::")[2]: each for each in self.log.last}


def session(
    root: Path,
    files: Mapping[str, str],
    *,
    mode: Mode = FORKED,
    workers: int = 2,
    args: tuple[str, ...] = (),
    python: str = sys.executable,
    environ: Mapping[str, str] | None = None,
    during: Callable[[subprocess.Popen[bytes], Path], None] | None = None,
    **settings: Any,
) -> Done:
    """Run the files' tests. `during`: is given the leader while it runs, and the project's folder."""
    files = {"pytest.ini": "[pytest]\n", **files, "conftest.py": mode.conftest + files.get("conftest.py", "")}
    write(root / "project", files)
    temporary, events, mark = root / "tmp", root / "tests.jsonl", uuid.uuid4().hex
    temporary.mkdir(exist_ok=True)
    events.unlink(missing_ok=True)
    asked = {"workers": workers, "start": mode.start, "retries": 0, **settings}
    variables = {
        "PATH": os.environ["PATH"],
        "HOME": str(root),
        "LANG": "C.UTF-8",
        "TMPDIR": str(temporary),
        "PYTHONPYCACHEPREFIX": BYTECODE,
        "PYTHONPATH": GUEST,
        "PENSTOCK_EVENTS": str(events),
        "PENSTOCK_ENGINE": json.dumps(asked),
        "SCENE": mark,
        **(environ or {}),
    }
    began_s = time.monotonic()
    with tempfile.TemporaryFile() as sink:
        leader = subprocess.Popen(
            [python, "-m", "pytest", "-p", "penstock_pytest", "-p", "no:cacheprovider", *args],
            cwd=root / "project",
            env=variables,
            stdin=subprocess.DEVNULL,
            stdout=sink,
            stderr=sink,
            start_new_session=True,
        )
        try:
            if during is not None:
                during(leader, root / "project")
            leader.wait(LIMIT_S)
        finally:
            lasted_s = time.monotonic() - began_s
            left = _ended(leader, mark)
        sink.seek(0)
        output = sink.read().decode("utf-8", "replace")
    log, engine = _read(events)
    folders = tuple(sorted(each.name for each in temporary.glob("penstock-engine-*")))
    return Done(log, leader.returncode, output, root / "project", engine, folders, left, lasted_s)


def _read(events: Path) -> tuple[TestLog, str]:
    log = decode_lines(events.read_bytes() if events.exists() else b"")
    engines = [getattr(event, "engine", "") for event in log.events if type(event).__name__ == "CollectionFinished"]
    return fold("unit", log.events, damaged=log.damaged, torn=log.torn), engines[-1] if engines else ""


def _ended(leader: subprocess.Popen[bytes], mark: str) -> tuple[str, ...]:
    """What of the session still runs some seconds after its leader; all of it is ended."""
    if leader.poll() is None:
        os.killpg(leader.pid, signal.SIGKILL)
        leader.wait()
    until_s = time.monotonic() + 5
    while (found := dict(marked(mark))) and time.monotonic() < until_s:
        time.sleep(0.02)
    for pid in found:
        with contextlib.suppress(OSError):
            os.kill(pid, signal.SIGKILL)
    return tuple(found.values())


def marked(mark: str) -> Iterator[tuple[int, str]]:
    """Processes that were started with the mark in their environment: pid and command line. Zombies are none."""
    for entry in Path("/proc").iterdir():
        if not entry.name.isdigit():
            continue
        with contextlib.suppress(OSError):
            if f"SCENE={mark}".encode() in (entry / "environ").read_bytes():
                yield int(entry.name), (entry / "cmdline").read_bytes().replace(b"\0", b" ").decode("utf-8", "replace")


def workers_of(leader: int, at_least: int = 1) -> list[int]:
    """Its children, when there are so many."""
    children = Path(f"/proc/{leader}/task/{leader}/children")
    until_s = time.monotonic() + 30
    while time.monotonic() < until_s:
        found = [int(each) for each in children.read_text().split()]
        if len(found) >= at_least:
            return found
        time.sleep(0.01)
    raise AssertionError("there are no workers")


def await_file(path: Path) -> str:
    """What stands in a file that a test writes, when it is there."""
    until_s = time.monotonic() + 30
    while time.monotonic() < until_s:
        if path.exists() and (text := path.read_text()):
            return text
        time.sleep(0.01)
    raise AssertionError(f"{path.name} was not written")


def account(done: Done, *, folders: int = 0) -> None:
    """What holds whatever happens: nobody is left, and each collected test is told of once, with its end."""
    told = f"{done.engine}, exit code {done.code}\n{done.output[-4000:]}"
    assert done.processes == (), told
    assert len(done.folders) == folders, told
    outcomes = [each.outcome.value for each in done.log.last]
    assert len({each.id for each in done.log.last}) == len(outcomes) == done.log.collected, told
    lost = sum(each.outcome.value in ("crashed", "timed_out") or each.message == LEFT for each in done.log.last)
    assert done.log.ran + lost + len(done.log.missing) >= done.log.collected, told
    if done.log.missing or lost or done.code != 0:
        assert not done.log.passed, told
