"""What others do to the processes that run tests: kills and interrupts from outside, at any time."""

from __future__ import annotations

import operator
import os
import signal
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.faults.engine_scene import EARLY, FORKED, GOOD, MODES, NEW, Mode, account, await_file, session, workers_of

SAID = operator.attrgetter("said")

SLOWLY = """
import pytest, time
@pytest.mark.parametrize("i", range(40))
def test_{0}(i): time.sleep(0.05)
"""
MANY = {"test_a.py": SLOWLY.format("a"), "test_b.py": SLOWLY.format("b")}
WAITS = """
def test_waits():
    import os, time
    with open("waits", "w") as stream: stream.write(str(os.getpid()))
    time.sleep(99)
"""
During = Callable[[subprocess.Popen[bytes], Path], None]


def when_running(act: Callable[[int], None], after: int = 4) -> During:
    """Do it to the leader when so many tests have ended."""

    def wait(leader: subprocess.Popen[bytes], project: Path) -> None:
        log = project.parent / "tests.jsonl"
        until_s = time.monotonic() + 60
        while time.monotonic() < until_s and (not log.exists() or log.read_bytes().count(b'"teardown"') < after):
            time.sleep(0.01)
        act(leader.pid)

    return wait


def one_worker(leader: int) -> None:
    os.kill(workers_of(leader)[0], signal.SIGKILL)


def every_worker(leader: int) -> None:
    for pid in workers_of(leader, 2):
        os.kill(pid, signal.SIGKILL)


@pytest.mark.slow
@pytest.mark.parametrize("kill", [one_worker, every_worker])
@pytest.mark.parametrize("mode", MODES, ids=SAID)
def test_a_worker_that_is_killed_costs_one_test(mode: Mode, kill: Callable[[int], None], tmp_path: Path) -> None:
    done = session(tmp_path, MANY, mode=mode, during=when_running(kill))
    account(done)
    outcomes = list(done.ends.values())
    killed = 1 if kill is one_worker else 2
    assert 80 - killed <= outcomes.count("passed") < 80
    assert outcomes.count("crashed") == 80 - outcomes.count("passed")
    assert done.code == 1
    assert done.log.problem is None


# In a worker, whatever way it was started: it takes something, and is killed before it can say so.
TAKES_AND_DIES = """
import os, signal, sys
board = sys.modules["penstock_board"].Board
take, leader = board.take, os.environ.setdefault("LEADER", str(os.getpid()))
def deadly(self, **how):
    taken = take(self, **how)
    if taken >= 0 and str(os.getpid()) != leader and not os.path.exists("died"):
        {0}
        os.kill(os.getpid(), signal.SIGKILL)
    return taken
board.take = deadly
"""


@pytest.mark.parametrize("mode", [FORKED, *(pytest.param(m, marks=pytest.mark.slow) for m in (EARLY, NEW))], ids=SAID)
def test_what_a_worker_took_without_a_word_is_run_all_the_same(mode: Mode, tmp_path: Path) -> None:
    files = {f"test_{name}.py": GOOD.format(name) for name in "abc"}
    done = session(tmp_path, {**files, "conftest.py": TAKES_AND_DIES.format("open('died', 'x').close()")}, mode=mode)
    account(done)
    assert set(done.ends.values()) == {"passed"}
    assert len({each.id for each in done.log.records}) == len(done.log.records)  # none twice
    assert done.log.problem is None
    assert (done.code, done.log.passed) == (3, False)
    assert "SIGKILL" in done.output


@pytest.mark.slow
@pytest.mark.parametrize("mode", MODES, ids=SAID)
def test_workers_that_all_take_and_die_end_soon(mode: Mode, tmp_path: Path) -> None:
    files = {f"test_{name}.py": GOOD.format(name) for name in "abc"}
    done = session(tmp_path, {**files, "conftest.py": TAKES_AND_DIES.format("")}, mode=mode)
    account(done)
    assert (done.code, done.log.passed, set(done.ends.values())) == (3, False, {"not_run"})
    assert done.lasted_s < 60


ENDS_SLOWLY = """
import os, time
def pytest_sessionfinish(session):
    if hasattr(session.config, "workerinput"):
        with open("ends", "w") as stream: stream.write(str(os.getpid()))
        time.sleep(2)
"""


@pytest.mark.parametrize("mode", [FORKED, pytest.param(NEW, marks=pytest.mark.slow)], ids=SAID)
def test_a_worker_that_is_killed_outside_of_tests_is_never_green(mode: Mode, tmp_path: Path) -> None:
    def kill(_leader: subprocess.Popen[bytes], project: Path) -> None:
        os.kill(int(await_file(project / "ends")), signal.SIGKILL)

    files = {"conftest.py": ENDS_SLOWLY, "test_a.py": GOOD.format("a"), "test_b.py": GOOD.format("b")}
    done = session(tmp_path, files, mode=mode, during=kill)
    account(done)
    assert set(done.ends.values()) == {"passed"}
    assert done.code == 3
    assert not done.log.passed
    assert "SIGKILL" in done.output


@pytest.mark.parametrize("mode", [FORKED, *(pytest.param(m, marks=pytest.mark.slow) for m in (EARLY, NEW))], ids=SAID)
def test_a_leader_that_is_killed_leaves_a_log_and_no_worker(mode: Mode, tmp_path: Path) -> None:
    done = session(tmp_path, MANY, mode=mode, during=when_running(lambda pid: os.kill(pid, signal.SIGKILL)))
    account(done, folders=1)
    assert done.code == -signal.SIGKILL
    assert not done.log.complete
    assert not done.log.passed
    assert done.log.problem is None
    outcomes = list(done.ends.values())
    assert outcomes.count("passed") >= 4
    assert outcomes.count("not_run") > 30


@pytest.mark.parametrize("mode", [FORKED, *(pytest.param(m, marks=pytest.mark.slow) for m in (EARLY, NEW))], ids=SAID)
def test_a_leader_that_is_killed_takes_a_worker_with_it_that_is_in_a_long_test(mode: Mode, tmp_path: Path) -> None:
    def kill(leader: subprocess.Popen[bytes], project: Path) -> None:
        await_file(project / "waits")
        os.kill(leader.pid, signal.SIGKILL)

    done = session(tmp_path, {"test_a.py": WAITS, "test_b.py": GOOD.format("b")}, mode=mode, during=kill)
    account(done, folders=1)  # it waits for all to end
    assert (done.code, done.log.complete, done.log.passed) == (-signal.SIGKILL, False, False)


GENTLY = """
import pytest
@pytest.fixture(scope="session", autouse=True)
def stands():
    yield
    with open("torn-down", "a") as stream: stream.write("x")
"""


def whole_group(leader: int) -> None:
    os.killpg(leader, signal.SIGINT)


def leader_alone(leader: int) -> None:
    os.kill(leader, signal.SIGINT)


@pytest.mark.parametrize("interrupt", [whole_group, leader_alone])
@pytest.mark.parametrize("mode", [FORKED, *(pytest.param(m, marks=pytest.mark.slow) for m in (EARLY, NEW))], ids=SAID)
def test_an_interrupt_ends_all_with_their_fixtures(
    mode: Mode, interrupt: Callable[[int], None], tmp_path: Path
) -> None:
    done = session(tmp_path, {**MANY, "conftest.py": GENTLY}, mode=mode, during=when_running(interrupt))
    account(done)
    assert done.code == 2
    assert done.log.complete
    assert done.log.problem is None
    assert not done.log.passed
    assert done.log.missing
    assert (done.root / "torn-down").read_text() == "xx"


@pytest.mark.slow
@pytest.mark.parametrize("times", [1, 2])
@pytest.mark.parametrize("mode", MODES, ids=SAID)
def test_an_interrupt_ends_a_test_that_waits(mode: Mode, times: int, tmp_path: Path) -> None:
    def interrupt(leader: subprocess.Popen[bytes], project: Path) -> None:
        await_file(project / "waits")
        for _ in range(times):
            os.kill(leader.pid, signal.SIGINT)
            time.sleep(0.2)

    done = session(tmp_path, {"test_a.py": WAITS, "test_b.py": GOOD.format("b")}, mode=mode, during=interrupt)
    account(done)
    assert (done.code, done.log.complete, done.log.passed) == (2, True, False)
    assert done.ends["test_waits"] in ("errored", "crashed")


@pytest.mark.slow
@pytest.mark.parametrize("interrupt", [whole_group, leader_alone])
@pytest.mark.parametrize("mode", [EARLY, NEW], ids=SAID)
def test_an_interrupt_while_workers_collect_ends_all(
    mode: Mode, interrupt: Callable[[int], None], tmp_path: Path
) -> None:
    def collecting(leader: subprocess.Popen[bytes], project: Path) -> None:
        await_file(project / "collects")
        interrupt(leader.pid)

    slow = "import time\nwith open('collects', 'w') as stream: stream.write('x')\ntime.sleep(60)\n"
    done = session(tmp_path, {"test_a.py": slow}, mode=mode, during=collecting)
    account(done)
    assert (done.code, done.log.passed) == (2, False)
    assert done.lasted_s < 30
