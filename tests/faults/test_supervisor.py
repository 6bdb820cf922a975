"""Job processes that do not want to end, and supervisors that are killed: none survives, every death has a name."""

from __future__ import annotations

import os
import signal
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from penstock.ports import Ended, Launch
from penstock.run.local import LocalExecutor
from penstock.util.clock import SystemClock
from tests.faults.scene import Fault, Oracle, Scene, all_gone, launch, new_mark

pytestmark = pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="not verified: needs Linux's /proc")


def told(**fields: object) -> Oracle:
    """The end has these fields."""

    def oracle(scene: Scene, ended: Ended) -> list[str]:
        return [
            f"{name} is {getattr(ended, name)!r}, not {value!r}"
            for name, value in fields.items()
            if getattr(ended, name) != value
        ]

    return oracle


def leaks(count: int) -> Oracle:
    """It ended by itself with 0, and what it left is named by argv."""

    def oracle(scene: Scene, ended: Ended) -> list[str]:
        wrong = told(exit_code=0, signal=None, cause="", problem=None)(scene, ended)
        named = [argv for argv in ended.leaked if argv == f"sleep {scene.mark}"]
        return wrong + ([] if len(named) == len(ended.leaked) == count else [f"leaked: {ended.leaked}"])

    return oracle


def kill_shim(scene: Scene) -> None:
    os.kill(scene.shim, signal.SIGKILL)


def end_shim(scene: Scene) -> None:
    os.kill(scene.shim, signal.SIGTERM)


FAULTS = [
    Fault("a patient child is stopped", "patient", Scene.stop, told(signal=15, cause="interrupt", leaked=())),
    Fault("children ignore TERM", "deaf", Scene.stop, told(signal=9, cause="interrupt")),
    Fault("a stopped command is stopped", "stopped", Scene.stop, told(signal=15, cause="interrupt")),
    Fault("children are born when struck", "hydra", Scene.stop, told(signal=9, cause="interrupt")),
    Fault("a brood replaces itself", "brood", Scene.stop, told(signal=15, cause="interrupt")),
    Fault("a daemon double-forks", "daemon", None, leaks(1)),
    Fault("a daemon hides from tag and TERM", "clean-daemon", None, leaks(1)),
    Fault("a grandchild holds the output", "holder", None, leaks(1)),
    Fault("a child is left stopped", "sleeper", None, leaks(1)),
    Fault("the group kills itself", "suicide", None, told(signal=9, cause="outside", exit_code=None)),
    Fault("the shim is killed", "deaf", kill_shim, told(signal=9, cause="outside", exit_code=None)),
    Fault("the shim is told to end", "patient", end_shim, told(signal=15, cause="outside", exit_code=None)),
    Fault("the job kills its shim", "parricide", None, told(signal=9, cause="outside", exit_code=None)),
]


@pytest.fixture(scope="module")
def played(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, list[str]]]:
    """All faults at once on one executor, as the jobs of a run are; what each oracle found wrong when its end came."""
    folder = tmp_path_factory.mktemp("faults")
    executor = LocalExecutor(SystemClock(), "faults")
    scenes = {}
    for number, fault in enumerate(FAULTS):
        task = f"f{number}"
        scenes[task] = Scene(executor, task, new_mark(), folder / f"{task}.log")
        executor.start(launch(task, fault.victim, scenes[task].mark, folder))
    waiting = {task for task in scenes if FAULTS[int(task[1:])].inject is not None}
    wrong: dict[str, list[str]] = {}
    limit = time.monotonic() + 25
    while len(wrong) < len(FAULTS) and time.monotonic() < limit:
        for ended in executor.wait(0.05):
            fault, scene = FAULTS[int(ended.task[1:])], scenes[ended.task]
            wrong[fault.id] = all_gone(scene, ended) + fault.oracle(scene, ended)
        for task in sorted(waiting):
            inject = FAULTS[int(task[1:])].inject
            if inject is not None and scenes[task].log.exists() and b"ready" in scenes[task].log.read_bytes():
                inject(scenes[task])
                waiting.discard(task)
    yield wrong
    executor.close()


@pytest.mark.parametrize("fault", FAULTS, ids=[fault.id for fault in FAULTS])
def test_nothing_survives_and_the_end_is_told(fault: Fault, played: dict[str, list[str]]) -> None:
    assert played.get(fault.id, ["its end was never told"]) == []


@pytest.mark.slow
def test_a_shim_that_is_stopped_is_overdue_and_replaced(tmp_path: Path) -> None:
    """Takes the 15 s that a shim has to answer an order, on top of the grace."""
    executor = LocalExecutor(SystemClock(), "stopped-shim")
    scene = Scene(executor, "t", new_mark(), tmp_path / "t.log")
    executor.start(launch("t", "deaf", scene.mark, tmp_path, timeout_s=0.5, grace_s=0.1))
    os.kill(scene.shim, signal.SIGSTOP)
    (ended,) = executor.wait(40.0)
    assert all_gone(scene, ended) + told(signal=9, cause="timeout", exit_code=None)(scene, ended) == []
    executor.close()


TEARS_DOWN = """
import time
try:
    print("ready", flush=True)
    time.sleep(60)
except KeyboardInterrupt:
    print("torn down")
"""
HEARS_TERM = """
import signal, time
signal.signal(signal.SIGINT, signal.SIG_IGN)
print("ready", flush=True)
time.sleep(60)
"""


@pytest.mark.parametrize(
    ("code", "cause", "said"),
    [
        (TEARS_DOWN, "interrupt", b"ready\ntorn down\n"),
        (TEARS_DOWN, "timeout", b"ready\n"),  # what hangs is not asked to be orderly
        (HEARS_TERM, "interrupt", b"ready\n"),
    ],
)
def test_what_puts_away_its_things_is_interrupted_before_it_is_ended(
    tmp_path: Path, code: str, cause: str, said: bytes
) -> None:
    executor = LocalExecutor(SystemClock(), "run")
    log = tmp_path / "log"
    executor.start(
        Launch(
            task="tests",
            argv=(sys.executable, "-I", "-S", "-c", code),
            directory=str(tmp_path),
            environment=(("PATH", "/usr/bin:/bin"),),
            output=str(log),
            grace_s=0.6,
            tears_down=True,
        )
    )
    while not log.exists() or log.read_bytes() != b"ready\n":
        executor.wait(0.02)
    executor.stop("tests", cause)
    (ended,) = executor.wait(None)
    assert (ended.cause, log.read_bytes()) == (cause, said)
    executor.close()
