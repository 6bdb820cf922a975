"""A job that takes more memory than there is: its death is told apart from a kill from outside."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from penstock.ports import Ended, Launch
from penstock.run.local import LocalExecutor
from penstock.util.clock import SystemClock

ROOT = Path(__file__).parents[2]
LIMIT_BYTES = 96 << 20
GROUPS = Path("/sys/fs/cgroup")

HOG = """
import sys
from pathlib import Path
Path(sys.argv[2], "cgroup.procs").write_text("0")
from penstock.run.local import LocalExecutor
from penstock.util.clock import SystemClock
from tests.faults.scene import launch
executor = LocalExecutor(SystemClock(), "oom")
executor.start(launch("hog", "hog", "1", Path(sys.argv[1])))
(ended,) = executor.wait(30.0)
print(ended.signal, ended.cause, ended.memory_bytes)
"""


@pytest.fixture
def limited() -> Iterator[Path]:
    """A control group of 96 MiB, version 1 or 2."""
    version_1 = GROUPS / "memory"
    group = (version_1 if version_1.is_dir() else GROUPS) / f"penstock-test-{os.getpid()}"
    try:
        group.mkdir()
        (group / ("memory.limit_in_bytes" if version_1.is_dir() else "memory.max")).write_text(str(LIMIT_BYTES))
    except OSError as error:
        if group.is_dir():
            group.rmdir()
        pytest.skip(f"not verified: no control group can be made here ({error})")
    yield group
    group.rmdir()


def test_a_kill_for_memory_is_named(limited: Path, tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", HOG, str(tmp_path), str(limited)],
        cwd=ROOT,
        env=os.environ | {"PYTHONPATH": f"{ROOT / 'src'}:{ROOT}"},
        stdout=subprocess.PIPE,
        check=True,
        text=True,
        timeout=60,
    )
    signal, cause, memory_bytes = done.stdout.split()
    assert (signal, cause) == ("9", "oom")
    assert LIMIT_BYTES // 2 < int(memory_bytes) <= LIMIT_BYTES


FILLS = """
import os, sys, time
held = bytearray(int(sys.argv[1]) << 20)
for number in range(int(sys.argv[2])):
    if os.fork() == 0:
        break
time.sleep(float(sys.argv[3]))
"""


def run_with_limit(folder: Path, limit_bytes: int, *words: str) -> Ended:
    executor = LocalExecutor(SystemClock(), "memory")
    try:
        executor.start(
            Launch(
                task="fills",
                argv=(sys.executable, "-I", "-S", "-c", FILLS, *words),
                directory=str(folder),
                environment=(("PATH", "/usr/bin:/bin"),),
                output=str(folder / "log"),
                memory_bytes=limit_bytes,
                timeout_s=60.0,
            )
        )
        (ended,) = executor.wait(60.0)
    finally:
        executor.close()
    return ended


def test_a_job_over_its_own_limit_is_ended_by_name(tmp_path: Path) -> None:
    ended = run_with_limit(tmp_path, 64 << 20, "192", "0", "50")
    assert ended.cause == "memory"
    assert 64 << 20 < ended.used_bytes < 320 << 20


def test_what_forked_processes_share_counts_once(tmp_path: Path) -> None:
    ended = run_with_limit(tmp_path, 160 << 20, "80", "3", "1.5")
    assert (ended.cause, ended.exit_code) == ("", 0)
    assert ended.used_bytes > 64 << 20


def test_a_job_below_its_limit_is_told_with_what_it_took(tmp_path: Path) -> None:
    ended = run_with_limit(tmp_path, 512 << 20, "48", "0", "0.6")
    assert (ended.cause, ended.exit_code) == ("", 0)
    assert 48 << 20 <= ended.used_bytes <= 512 << 20
