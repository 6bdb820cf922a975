from __future__ import annotations

import os
import time
from pathlib import Path

import pytest

from penstock.errors import StateError, UsageError
from penstock.run import folder
from penstock.run.recovery import recover
from tests.fakes.clock import FakeClock


def killed(state: Path, clock: FakeClock) -> folder.RunFolder:
    """A run whose process is gone: its lock is released by the system, its file stays."""
    run = folder.create(state, clock)
    assert run._lock is not None
    os.close(run._lock)
    run._lock = None
    return run


def test_a_run_has_its_place(tmp_path: Path) -> None:
    state = tmp_path / ".penstock"
    run = folder.create(state, FakeClock(wall_s=0.0))
    assert run.path.parent == state / "runs"
    assert run.id.startswith("19700101-000000-")
    assert len(run.id) == 22
    assert (state / ".gitignore").read_text() == "*\n"
    assert (state / "format").read_text() == "1\n"
    assert run.note is None
    assert (run.path / "lock").exists()
    run.close()
    assert not (run.path / "lock").exists()
    run.close()


def test_what_the_user_changed_in_the_state_folder_stays(tmp_path: Path) -> None:
    (tmp_path / ".gitignore").write_text("mine\n")
    folder.create(tmp_path, FakeClock()).close()
    assert (tmp_path / ".gitignore").read_text() == "mine\n"


@pytest.mark.parametrize("text", ["2", "one", ""])
def test_a_format_that_is_not_ours_is_refused(tmp_path: Path, text: str) -> None:
    (tmp_path / "format").write_text(text)
    with pytest.raises(StateError):
        folder.check_format(tmp_path)


def test_runs_are_found_newest_first(tmp_path: Path) -> None:
    clock = FakeClock()
    made = []
    for _ in range(3):
        made.append(folder.create(tmp_path, clock))
        clock.advance(1.1)  # the last part of an id is the part of the second, and one random digit
    (tmp_path / "runs" / "notes.txt").touch()
    assert folder.runs(tmp_path) == tuple(run.path for run in reversed(made))
    assert folder.latest(tmp_path) == made[2].path
    assert folder.find(tmp_path, made[1].id) == made[1].path
    assert folder.find(tmp_path, made[1].id[-6:]) == made[1].path
    with pytest.raises(UsageError, match="more than one"):
        folder.find(tmp_path, made[0].id[:8])
    with pytest.raises(UsageError, match="is no run"):
        folder.find(tmp_path, "ffff-not")
    with pytest.raises(UsageError):
        folder.find(tmp_path, "")
    for run in made:
        run.close()


def test_no_state_is_no_run(tmp_path: Path) -> None:
    assert folder.runs(tmp_path / "absent") == ()
    assert folder.latest(tmp_path / "absent") is None
    assert recover(tmp_path / "absent", FakeClock()).killed == ()


@pytest.mark.parametrize(
    ("job", "name"),
    [
        ("unit@3.12", "unit@3.12"),
        ("a/b", "a%2Fb"),
        ("..", "%2E."),
        ("tests@3.12,os=linux#2/4", "tests@3.12,os=linux#2%2F4"),
        ("größe", "gr%C3%B6%C3%9Fe"),
        ("100%", "100%25"),
        ("a b\n", "a%20b%0A"),
    ],
)
def test_job_names_are_safe(job: str, name: str) -> None:
    assert folder.safe_name(job) == name


def test_long_job_names_stay_apart() -> None:
    first, second = folder.safe_name("x" * 300), folder.safe_name("x" * 299 + "y")
    assert first != second
    assert len(first) < 200


def test_a_living_run_is_not_recovered(tmp_path: Path) -> None:
    run = folder.create(tmp_path, FakeClock())
    assert recover(tmp_path, FakeClock()).killed == ()
    assert (run.path / "lock").exists()
    run.close()


def test_a_killed_run_is_told_once_and_its_evidence_stays(tmp_path: Path) -> None:
    clock = FakeClock(wall_s=time.time())
    run = killed(tmp_path, clock)
    run.events.write_bytes(b"evidence")
    half = run.path / "jobs" / "unit" / ".reading.json.abc12345"
    half.parent.mkdir()
    half.touch()
    foreign = run.path / "jobs" / "unit" / ".coverage.host.123"
    foreign.touch()
    recovery = recover(tmp_path, clock)
    assert recovery.killed == (run.id,)
    assert recovery.ended == ()
    assert recovery.removed == (str(half.relative_to(tmp_path)),)
    assert run.events.read_bytes() == b"evidence"
    assert foreign.exists()
    assert recover(tmp_path, clock).killed == ()


def test_half_made_files_of_living_writers_stay(tmp_path: Path) -> None:
    clock = FakeClock(wall_s=time.time())
    folder.create(tmp_path, clock).close()
    fresh, old = tmp_path / ".timings.json.abcdefgh", tmp_path / ".timings.json.hgfedcba"
    fresh.touch()
    old.touch()
    os.utime(old, (0, 0))
    assert recover(tmp_path, clock).removed == (old.name,)
    assert fresh.exists()


def test_a_lock_that_its_holder_removes_is_no_killed_run(tmp_path: Path) -> None:
    run = folder.create(tmp_path, FakeClock())
    descriptor = os.open(run.path / "lock", os.O_RDONLY)
    os.close(descriptor)
    run.close()
    with pytest.raises(FileNotFoundError):
        folder.take_lock(run.path / "lock")


def test_runs_of_one_second_are_in_the_order_of_their_starts(tmp_path: Path) -> None:
    clock = FakeClock()
    names = []
    for _ in range(5):
        names.append(folder.create(tmp_path, clock).id)
        clock.advance(0.01)
    assert folder.run_ids(tmp_path) == names[::-1]
