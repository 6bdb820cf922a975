"""The history under several processes, and under kills: what was acknowledged is there, once, and nothing is half."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from penstock.record import parquet
from penstock.record.store import History
from penstock.util import digest
from tests.fakes.history import TODAY, add, add_runs, answers, attempt, told
from tests.faults.full_disk import full_disk, read_only
from tests.faults.historian import RUNS, TESTS

ROOT = Path(__file__).parents[2]
COUNTS = "SELECT run, count(*), count(DISTINCT test) FROM tests GROUP BY run"


@contextmanager
def process(role: str, number: int, folder: Path) -> Iterator[subprocess.Popen[bytes]]:
    with subprocess.Popen(
        [sys.executable, "-m", "tests.faults.historian", role, str(number), str(folder)],
        cwd=ROOT,
        env=os.environ | {"PYTHONPATH": f"{ROOT / 'src'}:{ROOT}"},
        stderr=subprocess.PIPE,
    ) as started:
        try:
            yield started
        finally:
            started.kill()


def acknowledged(folder: Path) -> set[str]:
    return {run for path in folder.glob("truth-*") for run in path.read_text().split()}


def test_two_runs_that_end_at_once_while_it_is_compacted_lose_nothing(tmp_path: Path) -> None:
    with (
        process("write", 1, tmp_path) as one,
        process("write", 2, tmp_path) as two,
        process("compact", 0, tmp_path) as first,
        process("compact", 1, tmp_path) as second,
    ):
        for writer in (one, two):
            assert writer.wait(60) == 0
        (tmp_path / "over").touch()
        for compactor in (first, second):
            assert (compactor.wait(60), compactor.stderr and compactor.stderr.read()) == (0, b"")
    history = History(tmp_path / "history")
    assert len(acknowledged(tmp_path)) == 2 * RUNS
    for _ in range(2):
        assert sorted(answers(history, COUNTS)) == sorted((run, TESTS, TESTS) for run in acknowledged(tmp_path))
        parquet.compact(history, TODAY, whole=True)


@pytest.mark.parametrize("role", ["write", "compact"])
def test_killed_at_any_moment_it_is_whole(tmp_path: Path, role: str) -> None:
    history = History(tmp_path / "history")
    add_runs(history, 3)
    with process("write on", 1, tmp_path):
        for turn in range(4):
            with process("write on" if role == "write" else "compact", 10 + turn, tmp_path) as victim:
                time.sleep(0.35 + 0.037 * turn)
                victim.send_signal(signal.SIGKILL)
                victim.wait(10)
    found = {run: counts for run, *counts in answers(history, COUNTS)}
    known = acknowledged(tmp_path)
    assert known <= set(found)
    assert all(counts == [TESTS, TESTS] for run, counts in found.items() if run.startswith("w"))
    assert (
        len(set(found) - known) <= 5 + 3
    )  # at most one a writer that was killed after it was done and before it said so
    parquet.compact(history, TODAY, whole=True)
    history.sweep(time.time() + 7200.0)
    assert {run: counts for run, *counts in answers(history, COUNTS)} == found


@pytest.mark.parametrize("stage", ["rows", "manifest"])
def test_killed_between_write_and_rename_the_run_is_not_there_and_nothing_else_is_gone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, stage: str
) -> None:
    history = History(tmp_path / "history")
    add_runs(history, 2)
    real = Path.replace

    class Killed(BaseException):
        """No `except Exception` sees it, as none sees SIGKILL."""

    def replace(self: Path, target: Path) -> Path:
        if (target.parent.name == "rows") == (stage == "rows"):
            raise Killed
        return real(self, target)

    monkeypatch.setattr(Path, "replace", replace)
    monkeypatch.setattr(Path, "unlink", lambda self, **_: None)  # the dead clean nothing up
    with pytest.raises(Killed):
        add(history, attempt("r9"), run="r9")
    monkeypatch.undo()
    assert sorted(run for run, *_ in answers(history, COUNTS)) == ["r0", "r1"]
    add(history, attempt("r10"), run="r10")
    assert sorted(run for run, *_ in answers(history, COUNTS)) == ["r0", "r1", "r10"]
    assert len(history.sweep(time.time() + 7200.0)) >= 1
    assert sorted(run for run, *_ in answers(history, COUNTS)) == ["r0", "r1", "r10"]


def test_killed_between_the_new_file_and_the_manifest_nothing_is_doubled(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    history = History(tmp_path / "history")
    add_runs(history, 2)
    before = sorted(answers(history, COUNTS))

    def killed(*_: object) -> bool:
        raise KeyboardInterrupt

    monkeypatch.setattr(History, "change", killed)
    with pytest.raises(KeyboardInterrupt):
        parquet.compact(history, TODAY, whole=True)
    monkeypatch.undo()
    assert sorted(answers(history, COUNTS)) == before
    parquet.compact(history, TODAY, whole=True)
    assert sorted(answers(history, COUNTS)) == before


def test_a_full_disk_costs_the_row_and_not_the_history(tmp_path: Path) -> None:
    with full_disk(tmp_path / "disk", 600 << 10) as disk:
        history = History(disk / "history")
        add_runs(history, 2)
        (disk / "filler").write_bytes(b"x" * (500 << 10))
        # Rows that are alike would fit, packed.
        noise = ["".join(digest.of_text(f"{each} {part}") for part in range(4)) for each in range(2000)]
        with pytest.raises(OSError, match="No space left"):
            add(history, *(attempt("r9", f"t.py::test_{text}", message=text) for text in noise), run="r9")
        assert [path.name for path in (history.folder / "rows").iterdir() if "r9.tests" in path.name] == []
        (disk / "filler").unlink()
        assert sorted(answers(history, COUNTS)) == [("r0", 2, 2), ("r1", 2, 2)]
        add(history, attempt("r10"), run="r10")
        assert len(answers(history, COUNTS)) == 3


def test_a_history_that_cannot_be_written_is_read_and_its_damage_named(tmp_path: Path) -> None:
    history = History(tmp_path / "history")
    add_runs(history, 2)
    (history.folder / "rows" / "r1.tests.jsonl").write_bytes(b"{}\n")
    with read_only(history.folder):
        for _ in range(2):
            answer = told(history, COUNTS)
            assert answer.rows == (("r0", 2, 2),)
            assert "r1.tests.jsonl is not what was written" in answer.lost[0]
        with pytest.raises(OSError, match="Read-only"):
            parquet.compact(history, TODAY, whole=False)
