"""Faults of `penstock test`: a real suite, real workers, real signals."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.faults import orphans
from tests.faults.program import Project, ended, until
from tests.faults.scene import new_mark

SLOW = pytest.mark.slow

SUITE = """
import pathlib
import subprocess
import time

import pytest

@pytest.fixture(scope="session", autouse=True)
def service():
    yield
    pathlib.Path("put_away").touch()

def test_done():
    pass

def test_bad():
    assert 0

@pytest.mark.parametrize("n", range(4))
def test_waits(n):
    {ignoring}
    subprocess.Popen(["sleep", "{mark}"])
    pathlib.Path(f"waits-{{n}}").touch()
    time.sleep(600)
"""
IGNORING = "import signal; signal.signal(signal.SIGINT, signal.SIG_IGN); signal.signal(signal.SIGTERM, signal.SIG_IGN)"


def suite(root: Path, mark: str, ignoring: str = "pass") -> Project:
    """Tests that pass, fail, and wait with a child of their own."""
    root.mkdir()
    (root / "pyproject.toml").write_text('[project]\nname = "p"\nversion = "1"\n')
    (root / "test_a.py").write_text(SUITE.format(mark=mark, ignoring=ignoring))
    return Project(root)


def begun(demo: Project, workers: str) -> subprocess.Popen[bytes]:
    """A run in which the first test that waits has begun."""
    words = ("test", "-n", workers, "--retries", "0", "--python", sys.prefix, "-p", "no:cacheprovider")
    process = demo.start(*words)
    until(lambda: any(demo.root.glob("waits-*")))
    return process


@pytest.mark.parametrize("workers", ["2", pytest.param("0", marks=SLOW)])
def test_an_interrupt_puts_away_what_was_set_up_and_tells_what_was_done(tmp_path: Path, workers: str) -> None:
    mark = new_mark()
    demo = suite(tmp_path / "p", mark)
    process = begun(demo, workers)
    process.send_signal(signal.SIGINT)
    end = ended(process)
    assert end.code == 130, end.told
    assert orphans.with_mark(mark) == []
    assert (demo.root / "put_away").exists()
    assert "INTERRUPTED  1 failed, 1 passed, 4 not run" in end.stdout
    assert "test_a.py::test_bad" in end.stdout
    verdict = demo.verdict()
    assert (verdict["exit_code"], verdict["interrupted"]) == (130, "SIGINT")
    assert demo.outcomes() == {"test": "cancelled"}


@SLOW
def test_a_second_interrupt_ends_what_hears_none(tmp_path: Path) -> None:
    mark = new_mark()
    demo = suite(tmp_path / "p", mark, IGNORING)
    process = begun(demo, "2")
    process.send_signal(signal.SIGINT)
    with pytest.raises(subprocess.TimeoutExpired):
        process.wait(1.0)
    process.send_signal(signal.SIGINT)
    end = ended(process)
    assert (end.code, orphans.with_mark(mark)) == (130, []), end.told


@SLOW
@pytest.mark.parametrize("workers", ["2", "0"])
def test_penstock_killed_leaves_no_process(tmp_path: Path, workers: str) -> None:
    mark = new_mark()
    demo = suite(tmp_path / "p", mark)
    process = begun(demo, workers)
    os.kill(process.pid, signal.SIGKILL)
    process.communicate()
    assert orphans.gone_within(10, mark) == []
    run = demo.runs()[-1].name
    until(lambda: orphans.of_run(run) == [])
    again = demo.run("test", "test_a.py::test_done", "--python", sys.prefix, "-p", "no:cacheprovider")
    assert again.code == 0, again.told
    assert f"the run {run} had been killed" in again.stderr
