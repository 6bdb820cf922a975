"""ports.Processes: the same promises from real processes and from the fake that stands in for them."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from penstock.ports import Processes
from penstock.util.process import Completed, SystemProcesses
from tests.fakes.processes import Call, FakeProcesses
from tests.faults import orphans
from tests.faults.scene import new_mark

PYTHON = (sys.executable, "-I", "-S", "-c")
ECHO = "import sys; sys.stdout.buffer.write(sys.stdin.buffer.read()); sys.stderr.write('told'); sys.exit(3)"
NAMED = "import os; print(os.environ.get('NAME'), end='')"
WHERE = "import os; print(os.getcwd(), end='')"
SLOW = "import time; time.sleep(60)"


def fake() -> Processes:
    def named(call: Call) -> Completed:
        return Completed(exit_code=0, stdout=str((call.environment or {}).get("NAME")).encode(), stderr=b"")

    processes = FakeProcesses()
    processes.script(*PYTHON, ECHO, answer=lambda call: Completed(exit_code=3, stdout=call.stdin, stderr=b"told"))
    processes.script(*PYTHON, NAMED, answer=named)
    processes.script(
        *PYTHON, WHERE, answer=lambda call: Completed(exit_code=0, stdout=call.directory.encode(), stderr=b"")
    )
    processes.script(*PYTHON, SLOW, answer=TimeoutError("slow"))
    return processes


@pytest.fixture(params=[SystemProcesses, fake], ids=["real", "fake"])
def processes(request: pytest.FixtureRequest) -> Processes:
    make: Callable[[], Processes] = request.param
    return make()


def test_exit_code_and_both_streams_come_back(processes: Processes, tmp_path: Path) -> None:
    done = processes.run([*PYTHON, ECHO], directory=str(tmp_path), stdin=b"\xff\0in")
    assert done == Completed(exit_code=3, stdout=b"\xff\0in", stderr=b"told")


def test_the_environment_is_the_given_one_alone(processes: Processes, tmp_path: Path) -> None:
    assert processes.run([*PYTHON, NAMED], directory=str(tmp_path), environment={"NAME": "x"}).stdout == b"x"
    assert processes.run([*PYTHON, NAMED], directory=str(tmp_path), environment={}).stdout == b"None"


def test_it_runs_in_the_directory(processes: Processes, tmp_path: Path) -> None:
    assert processes.run([*PYTHON, WHERE], directory=str(tmp_path)).stdout == str(tmp_path).encode()


def test_a_missing_program_is_told_apart(processes: Processes, tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        processes.run(["/nonexistent/program"], directory=str(tmp_path))


def test_a_process_past_its_limit_is_a_timeout(processes: Processes, tmp_path: Path) -> None:
    with pytest.raises(TimeoutError):
        processes.run([*PYTHON, SLOW], directory=str(tmp_path), timeout_s=0.2)


TREE = "import subprocess, sys, time; subprocess.Popen(['sleep', sys.argv[1]]); print('x', flush=True); time.sleep(60)"
DEAF = (
    "import signal, subprocess, sys, time; signal.signal(signal.SIGTERM, signal.SIG_IGN);"
    "subprocess.Popen(['sleep', sys.argv[1]]); time.sleep(60)"
)


@pytest.mark.parametrize("code", [TREE, DEAF], ids=["willing", "deaf"])
def test_nothing_of_a_process_that_takes_too_long_is_left(code: str, tmp_path: Path) -> None:
    mark = new_mark()
    with pytest.raises(TimeoutError):
        SystemProcesses().run([*PYTHON, code, mark], directory=str(tmp_path), timeout_s=0.5)
    assert orphans.gone_within(2, mark) == []
