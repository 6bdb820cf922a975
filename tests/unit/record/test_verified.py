"""Files that were checked are not digested again, and whatever was done to one since is still seen."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from penstock.errors import UsageError
from penstock.record import parquet, verified
from penstock.record.query import ask
from penstock.record.store import History
from penstock.util import digest
from tests.fakes.history import TODAY, add_runs

SOON_S = time.time() + 3600.0  # the files are old enough by then, however long it takes until these tests run
LATER_S = SOON_S + 60.0
COUNT = "SELECT count(*) FROM tests"
TABLES = 3  # that a run of `add_runs` has rows in


@pytest.fixture
def history(tmp_path: Path) -> History:
    history = History(tmp_path / "history")
    add_runs(history, 1)
    parquet.compact(history, TODAY, whole=False)
    return history


@pytest.fixture
def digested(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The names of the files that were digested."""
    names: list[str] = []
    real = digest.of_file

    def of_file(path: Path) -> str:
        names.append(path.name)
        return real(path)

    monkeypatch.setattr(digest, "of_file", of_file)
    return names


def victim(history: History) -> Path:
    (path,) = history.folder.glob("tests/*.parquet")
    return path


def lost(history: History, now_s: float | None) -> list[str]:
    return [one.table for one in history.read().files if one not in history.sound(aside=False, now_s=now_s).files]


def test_a_file_is_digested_once_a_day(history: History, digested: list[str]) -> None:
    for now_s, count in ((SOON_S, TABLES), (LATER_S, 0), (SOON_S + verified.KEPT_S + 1, TABLES)):
        digested.clear()
        assert lost(history, now_s) == []
        assert len(digested) == count, now_s


def test_before_rows_are_written_anew_every_file_is_digested(
    history: History, digested: list[str], tmp_path: Path
) -> None:
    other = History(tmp_path / "other")
    for act in (
        lambda: parquet.compact(history, TODAY, whole=True),
        lambda: parquet.merge(other, history),
        history.sound,
    ):
        history.sound(now_s=SOON_S)
        digested.clear()
        act()
        assert victim(history).name in digested


def test_a_question_digests_no_file_that_needs_no_work(history: History, digested: list[str]) -> None:
    ask(history, COUNT, {}, now_s=SOON_S)
    digested.clear()
    parquet.compact(history, TODAY, whole=False)
    assert ask(history, COUNT, {}, now_s=LATER_S).rows == ((2,),)
    assert digested == []


def _flip(path: Path) -> None:
    content = path.read_bytes()
    path.write_bytes(content[:99] + bytes([content[99] ^ 4]) + content[100:])


def _flip_and_set_the_clock_back(path: Path) -> None:
    told = path.stat()
    _flip(path)
    os.utime(path, ns=(told.st_atime_ns, told.st_mtime_ns))


def _exchange(path: Path) -> None:
    told, other = path.stat(), path.with_name("other")
    other.write_bytes(path.read_bytes())
    _flip(other)
    os.utime(other, ns=(told.st_atime_ns, told.st_mtime_ns))
    other.replace(path)


HARMS = (_flip, _flip_and_set_the_clock_back, _exchange, Path.unlink)


@pytest.mark.parametrize("harm", HARMS)
def test_what_is_done_to_a_file_that_was_checked_is_seen(history: History, harm: Callable[[Path], None]) -> None:
    assert lost(history, SOON_S) == []
    harm(victim(history))
    assert lost(history, LATER_S) == ["tests"]


def test_a_file_that_was_written_just_now_is_not_remembered(history: History, digested: list[str]) -> None:
    now_s = victim(history).stat().st_mtime
    for _ in range(2):
        digested.clear()
        history.sound(now_s=now_s)
        assert len(digested) == TABLES


def test_what_the_disk_loses_is_seen_where_it_cannot_be_read(history: History, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing around a file tells of a block that went bad: here, nothing around it tells of anything."""
    monkeypatch.setattr(verified, "_seen", lambda _, sha256, checked_s: verified.Seen(sha256, 1, 1, 1, 1, checked_s))
    ask(history, COUNT, {}, now_s=SOON_S)
    path = victim(history)
    path.write_bytes(path.read_bytes()[:-4] + b"????")
    assert lost(history, LATER_S) == []
    answer = ask(history, COUNT, {}, now_s=LATER_S)
    assert answer.rows == ((0,),)
    assert "is not what was written: 2 rows of tests" in answer.lost[0]


@pytest.mark.parametrize("content", [b"", b"{}", b"00000000 {}\n", b"\xff\xfe", b"12345678"])
def test_a_memory_that_is_not_whole_is_none(history: History, digested: list[str], content: bytes) -> None:
    history.sound(now_s=SOON_S)
    (history.folder / verified.NAME).write_bytes(content)
    digested.clear()
    assert lost(history, LATER_S) == []
    assert len(digested) == TABLES


def test_a_history_that_cannot_be_written_answers(history: History) -> None:
    (history.folder / verified.NAME).mkdir()  # in the way
    assert ask(history, COUNT, {}, now_s=SOON_S).rows == ((2,),)


def test_a_wrong_question_is_told_and_harms_nothing(history: History) -> None:
    with pytest.raises(UsageError):
        ask(history, "SELECT nonsense FROM tests", {}, now_s=SOON_S)
    assert lost(history, LATER_S) == []
