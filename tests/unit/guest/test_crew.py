"""How a worker's end is told, and what ends with it."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

import tests.fakes.guest_path  # noqa: F401 - for its effect: guests find one another
from penstock.guest.penstock_crew import Member, ended, kill_tree
from penstock.guest.penstock_identity import Identity
from tests.fakes.guest_runs import GUEST


def status_of(leave: Callable[[], object]) -> int:
    """The status of a child that leaves so."""
    pid = os.fork()
    if pid == 0:
        try:
            leave()
        finally:
            os._exit(99)
    return os.waitpid(pid, 0)[1]


@pytest.mark.parametrize(
    ("leave", "status", "words"),
    [
        (lambda: os._exit(0), 0, "left with exit code 0"),
        (lambda: os._exit(70), 70, "left with exit code 70"),
        (lambda: os.kill(os.getpid(), signal.SIGKILL), -9, "died of SIGKILL"),
        (lambda: os.kill(os.getpid(), signal.SIGRTMIN + 1), -35, "died of signal 35"),
    ],
)
def test_how_a_process_ended_is_told_in_words(leave: Callable[[], object], status: int, words: str) -> None:
    assert ended(status_of(leave)) == (status, words)


def gone(pid: int, within_s: float = 5.0) -> bool:
    """Whether a process ends in time; a zombie has."""
    until_s = time.monotonic() + within_s
    while time.monotonic() < until_s:
        try:
            state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
        except OSError:
            return True
        if state in "ZX":
            return True
        time.sleep(0.01)
    return False


# A child, a grandchild in a session of its own that is deaf to signals, and its child; all pids on one line.
FAMILY = """
import os, signal, subprocess, sys, time
deep = int(sys.argv[1])
signal.signal(signal.SIGTERM, signal.SIG_IGN)
if deep:
    child = subprocess.Popen([sys.executable, "-S", __file__, str(deep - 1)], start_new_session=deep == 2)
else:
    open(os.path.join(os.path.dirname(__file__), "ready"), "w").close()
with open(os.path.join(os.path.dirname(__file__), "pids"), "a") as stream:
    stream.write(f"{os.getpid()} ")
time.sleep(60)
"""


def test_a_tree_ends_with_grandchildren_in_sessions_of_their_own(tmp_path: Path) -> None:
    (tmp_path / "family.py").write_text(FAMILY)
    process = subprocess.Popen([sys.executable, "-S", str(tmp_path / "family.py"), "3"])
    while len((tmp_path / "pids").read_text().split() if (tmp_path / "pids").exists() else ()) < 4:
        time.sleep(0.01)
    bystander = subprocess.Popen([sys.executable, "-S", "-c", "import time; time.sleep(60)"])
    kill_tree(process.pid)
    assert process.wait(5) == -signal.SIGKILL
    assert all(gone(int(pid)) for pid in (tmp_path / "pids").read_text().split())
    assert bystander.poll() is None
    bystander.kill()
    bystander.wait()


def test_a_tree_that_is_gone_is_no_error() -> None:
    process = subprocess.Popen([sys.executable, "-S", "-c", ""])
    process.wait()
    kill_tree(process.pid)


def test_a_worker_that_is_killed_leaves_its_last_words(tmp_path: Path) -> None:
    member = Member(str(tmp_path), Identity(3, 4, "session"))
    assert member.last_words() == ""
    script = (
        "import faulthandler, sys, time\n"
        "stream = open(sys.argv[1], 'a')\n"
        "from penstock_crew import TRACE_SIGNAL\n"
        "faulthandler.register(TRACE_SIGNAL, file=stream)\n"
        "def hangs():\n"
        "    print('ready', flush=True)\n"
        "    time.sleep(60)\n"
        "hangs()\n"
    )
    process = subprocess.Popen(
        [sys.executable, "-c", script, member.errors], stdout=subprocess.PIPE, env={"PYTHONPATH": GUEST}
    )
    assert process.stdout is not None
    assert process.stdout.readline() == b"ready\n"
    member.pid = process.pid
    process.returncode = 0  # the member waits for it
    assert member.poll() is None
    member.kill()
    while (over := member.poll()) is None:
        time.sleep(0.01)
    assert over == (-9, "died of SIGKILL")
    assert "in hangs" in member.last_words()
    process.stdout.close()
    member.close()


def test_last_words_are_bounded_and_need_not_be_text(tmp_path: Path) -> None:
    member = Member(str(tmp_path), Identity(0, 1, "session"))
    Path(member.errors).write_bytes(b"\xff" * (1 << 20))
    assert len(member.last_words()) == 32 << 10
    member.close()
