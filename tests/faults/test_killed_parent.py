"""penstock itself is killed: its jobs end by themselves, or the next start ends them; what lives is not touched."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

from penstock.run import folder
from penstock.run.recovery import recover
from penstock.util.clock import SystemClock
from tests.faults import orphans
from tests.faults.scene import new_mark

ROOT = Path(__file__).parents[2]

pytestmark = pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="not verified: needs Linux's /proc")


class Driver(NamedTuple):
    """A run that waits to be killed."""

    process: subprocess.Popen[str]
    state: Path
    run: str
    mark: str

    def shims(self) -> list[int]:
        return [process.pid for process in orphans.of_run(self.run) if "shim" in process.argv]

    def kill(self) -> None:
        self.process.kill()
        self.process.wait()


def begin(state: Path, mark: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "tests.faults.driver", str(state), mark],
        cwd=ROOT,
        env=os.environ | {"PYTHONPATH": f"{ROOT / 'src'}:{ROOT}"},
        stdout=subprocess.PIPE,
        text=True,
    )


def start(state: Path) -> Driver:
    mark = new_mark()
    process = begin(state, mark)
    assert process.stdout is not None
    words = process.stdout.readline().split()
    assert words[:1] == ["ready"]
    return Driver(process, state, words[1], mark)


@pytest.fixture
def driver(tmp_path: Path) -> Iterator[Driver]:
    driver = start(tmp_path / "state")
    yield driver
    driver.kill()
    assert driver.process.stdout is not None
    driver.process.stdout.close()
    for left in orphans.with_mark(driver.mark):
        os.kill(left.pid, signal.SIGKILL)


def test_the_shims_end_everything(driver: Driver) -> None:
    assert len(orphans.with_mark(driver.mark)) >= 6
    driver.kill()
    assert orphans.gone_within(8.0, driver.mark) == []
    assert orphans.of_run(driver.run) == []
    recovery = recover(driver.state, SystemClock())
    assert (recovery.killed, recovery.ended) == ((driver.run,), ())


def test_the_next_start_ends_what_the_shims_could_not(driver: Driver) -> None:
    shims = driver.shims()
    assert len(shims) == 3
    for pid in (driver.process.pid, *shims):
        os.kill(pid, signal.SIGSTOP)  # so that none can act on the death of another
    for pid in (*shims, driver.process.pid):
        os.kill(pid, signal.SIGKILL)
    driver.process.wait()
    assert orphans.with_mark(driver.mark) != []
    recovery = recover(driver.state, SystemClock())
    assert orphans.with_mark(driver.mark) == []
    assert recovery.killed == (driver.run,)
    assert f"sleep {driver.mark}" in recovery.ended
    assert recover(driver.state, SystemClock()).killed == ()


def test_a_living_run_is_left_alone(driver: Driver) -> None:
    before = {process.pid for process in orphans.with_mark(driver.mark)}
    assert recover(driver.state, SystemClock()).killed == ()
    other = folder.create(driver.state, SystemClock())
    assert {process.pid for process in orphans.with_mark(driver.mark)} >= before
    assert driver.process.poll() is None
    other.close()


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(30))
def test_killed_at_any_moment_it_leaves_nothing(seed: int, tmp_path: Path) -> None:
    """The parent is killed somewhere between its own start and its jobs' full life, with some shims before it."""
    chance = random.Random(seed)
    mark = new_mark()
    process = begin(tmp_path / "state", mark)
    time.sleep(chance.uniform(0.0, 0.6))
    shims = [found.pid for found in orphans.everything() if "shim" in found.argv and f" {process.pid}" in found.argv]
    for pid in chance.sample(shims, chance.randint(0, len(shims))):
        os.kill(pid, signal.SIGKILL)
    process.kill()
    process.communicate()
    assert [left for left in orphans.gone_within(8.0, mark) if not left.tag] == []
    recover(tmp_path / "state", SystemClock())
    assert orphans.with_mark(mark) == []
    assert recover(tmp_path / "state", SystemClock()).killed == ()
