"""What jobs print: too much, no text, into a full disk, or when there are no descriptors left."""

from __future__ import annotations

import contextlib
import json
import os
import resource
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from penstock.ports import Ended, Launch
from penstock.run.local import LocalExecutor
from penstock.util.clock import SystemClock
from tests.faults.full_disk import full_disk
from tests.faults.scene import launch

ROOT = Path(__file__).parents[2]
MIB = 1 << 20


@pytest.fixture
def executor() -> Iterator[LocalExecutor]:
    executor = LocalExecutor(SystemClock(), "output", cap_bytes=8 * MIB)
    yield executor
    executor.close()


def end(executor: LocalExecutor, started: Launch) -> Ended:
    executor.start(started)
    (ended,) = executor.wait(30.0)
    assert ended.problem is None
    return ended


def test_a_flood_is_counted_whole_and_kept_at_both_ends(executor: LocalExecutor, tmp_path: Path) -> None:
    ended = end(executor, launch("flood", "flood", "50", tmp_path))
    log = (tmp_path / "flood.log").read_bytes()
    assert ended.exit_code == 0
    assert ended.output_bytes == 50 * MIB
    assert len(ended.head) == len(ended.tail) == 65536
    assert ended.tail.endswith(b"x\n")
    assert 8 * MIB <= len(log) <= 8 * MIB + 65536 + 200
    assert log[: 8 * MIB] == (b"x" * (MIB - 1) + b"\n") * 8
    assert b"\n[penstock: the log's cap of 8 MiB is reached]\n" in log[8 * MIB :]
    assert b"[penstock: %d bytes left out, the last of them follow]\n" % (42 * MIB - 65536) in log[8 * MIB :]
    assert ended.unlogged == "the output was cut at the log's cap of 8 MiB"


def test_what_is_no_text_stays_as_it_is(executor: LocalExecutor, tmp_path: Path) -> None:
    ended = end(executor, launch("garbage", "garbage", "1", tmp_path))
    expected = bytes(range(256)) * 16 + b"\xff\xfe\x00\x00"
    assert (ended.exit_code, ended.head, ended.tail, ended.unlogged) == (0, expected, b"", None)
    assert (tmp_path / "garbage.log").read_bytes() == expected


def test_echo_gets_every_byte(tmp_path: Path) -> None:
    heard: list[bytes] = []
    executor = LocalExecutor(SystemClock(), "echo", echo=heard.append)
    started = launch("garbage", "garbage", "1", tmp_path)
    executor.start(Launch(**{name: getattr(started, name) for name in started.__struct_fields__} | {"echo": True}))
    (ended,) = executor.wait(30.0)
    assert b"".join(heard) == ended.head
    executor.close()


def test_a_full_disk_loses_the_log_and_not_the_job(executor: LocalExecutor, tmp_path: Path) -> None:
    with full_disk(tmp_path / "full", MIB) as folder:
        ended = end(executor, launch("flood", "flood", "5", folder))
    assert ended.exit_code == 0
    assert ended.output_bytes == 5 * MIB
    assert ended.unlogged == "the output could not be written: No space left on device"
    assert ended.tail.endswith(b"x\n")


def test_a_log_that_cannot_be_opened_loses_the_log_and_not_the_job(executor: LocalExecutor, tmp_path: Path) -> None:
    (tmp_path / "garbage.log").mkdir()
    ended = end(executor, launch("garbage", "garbage", "1", tmp_path))
    assert ended.exit_code == 0
    assert ended.unlogged == "the output could not be written: Is a directory"


def test_no_descriptors_left_is_a_problem_and_passes(executor: LocalExecutor, tmp_path: Path) -> None:
    """With every small number of descriptors to spare: it starts or is a problem, and gives all of them back."""
    end(executor, launch("first", "garbage", "1", tmp_path))
    before = open_descriptors()
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    problems = []
    resource.setrlimit(resource.RLIMIT_NOFILE, (256, hard))
    held = []
    try:
        with contextlib.suppress(OSError):
            while True:
                held.append(os.open(os.devnull, os.O_RDONLY))
        for spare in range(0, 16, 3):
            executor.start(launch(f"with {spare}", "garbage", "1", tmp_path))
            (ended,) = executor.wait(10.0)
            assert ended.exit_code == (None if ended.problem else 0)
            problems.append(ended.problem)
            for _ in range(3):
                os.close(held.pop())
    finally:
        for descriptor in held:
            os.close(descriptor)
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
    assert problems[0] is not None
    assert "Too many open files" in problems[0]
    assert problems[-1] is None
    assert open_descriptors() == before


def open_descriptors() -> set[int]:
    names = {int(path.name) for path in Path("/proc/self/fd").iterdir()}
    return {number for number in names if Path(f"/proc/self/fd/{number}").exists()}  # but for the listing's own


@pytest.mark.slow
def test_a_gibibyte_is_taken_in_bounded_memory(tmp_path: Path) -> None:
    """In a process of its own, so that the peak is of nothing else. The limit of 150 MiB is a promise of the README."""
    code = """
import json, resource, sys
from pathlib import Path
from penstock.run.local import LocalExecutor
from penstock.util.clock import SystemClock
from tests.faults.scene import launch
executor = LocalExecutor(SystemClock(), "gibibyte")
executor.start(launch("flood", "flood", "1024", Path(sys.argv[1])))
(ended,) = executor.wait(60.0)
peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
print(json.dumps([ended.exit_code, ended.output_bytes, peak, 1024 / ended.duration_s]))
"""
    done = subprocess.run(
        [sys.executable, "-c", code, str(tmp_path)],
        cwd=ROOT,
        env=os.environ | {"PYTHONPATH": f"{ROOT / 'src'}:{ROOT}"},
        stdout=subprocess.PIPE,
        check=True,
    )
    exit_code, output_bytes, peak_kib, rate = json.loads(done.stdout)
    print(f"peak {peak_kib / 1024:.0f} MiB, {rate:.0f} MiB/s")
    assert (exit_code, output_bytes) == (0, 1 << 30)
    assert peak_kib < 150 * 1024
