from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from penstock.record import fold, parquet
from penstock.record.manifest import Manifest
from penstock.record.store import History
from tests.fakes.history import DAY_S, NOON_S, TODAY, add, add_runs, answers, attempt, told, tree

COUNTS = "SELECT run, count(*) FROM tests GROUP BY run ORDER BY run"
TOMORROW = "2026-11-22"


@pytest.fixture
def history(tmp_path: Path) -> History:
    return History(tmp_path / "history")


def names(history: History) -> set[str]:
    """All files of rows, each of which the manifest has to name, and no other."""
    there = {name for name in tree(history.folder) if name.startswith("rows/")}
    assert there == {file.path for file in history.read().files if file.form == "jsonl"}
    return there


def test_a_day_that_is_over_becomes_a_file_a_table(history: History) -> None:
    add_runs(history, 5)
    before = answers(history, COUNTS)
    fold.fold(history, TODAY)
    assert len(names(history)) == 3 * 5
    fold.fold(history, TOMORROW)
    assert len(names(history)) == 3
    assert {file.rows for file in history.read().files} == {5, 10}
    assert answers(history, COUNTS) == before
    parquet.compact(history, TODAY, whole=False)
    assert answers(history, COUNTS) == before


def test_many_runs_a_day_stay_few_files(history: History, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fold, "MANY", 4)
    for number in range(11):
        add(history, attempt(f"r{number:02}"), run=f"r{number:02}")
        fold.fold(history, TODAY)
        assert len(names(history)) < 3 * 4
    assert answers(history, COUNTS) == [(f"r{number:02}", 1) for number in range(11)]


def test_days_stay_apart(history: History) -> None:
    for number in range(4):
        add(history, attempt(f"r{number}"), run=f"r{number}", wall_s=NOON_S - DAY_S * (number % 2))
    fold.fold(history, TOMORROW)
    assert sorted({file.period for file in history.read().files}) == ["2026-11-20", "2026-11-21"]
    assert len(names(history)) == 3 * 2


def test_a_bad_file_is_not_joined_and_is_named_as_ever(history: History) -> None:
    add_runs(history, 3)
    victim = history.folder / "rows/r1.tests.jsonl"
    victim.write_bytes(victim.read_bytes().replace(b"passed", b"failed"))
    fold.fold(history, TOMORROW)
    assert victim.exists()
    answer = told(history, COUNTS)
    assert answer.rows == (("r0", 2), ("r2", 2))
    assert "r1.tests.jsonl is not what was written: 2 rows" in answer.lost[0]


def test_who_joins_second_changes_nothing(history: History, monkeypatch: pytest.MonkeyPatch) -> None:
    add_runs(history, 3)
    before = answers(history, COUNTS)
    real = History.change

    def change(self: History, wish: Callable[[Manifest], Manifest | None]) -> bool:
        monkeypatch.setattr(History, "change", real)
        fold.fold(history, TOMORROW)  # another run's end, between our look and our swap
        return real(self, wish)

    monkeypatch.setattr(History, "change", change)
    fold.fold(history, TOMORROW)
    assert len(names(history)) == 3
    assert answers(history, COUNTS) == before


def test_many_rows_are_packed_and_are_the_same_rows(history: History) -> None:
    rows = [attempt("big", f"t.py::test_{number}", message='\u00e9 "odd"') for number in range(1000)]
    add(history, *rows, run="big")
    add(history, attempt("small"), run="small")
    (packed,) = history.folder.glob("rows/*.gz")
    assert packed.stat().st_size < 20 * len(rows)
    asked = "SELECT * FROM tests WHERE run = 'big' ORDER BY test"
    before = answers(history, asked)
    assert len(before) == 1000
    fold.fold(history, TOMORROW)  # it is left to DuckDB
    assert packed.exists()
    parquet.compact(history, TODAY, whole=False)
    assert answers(history, asked) == before
    assert answers(history, COUNTS) == [("big", 1000), ("small", 1)]


def test_a_packed_file_that_was_harmed_is_named(history: History) -> None:
    add(history, *(attempt("big", f"t.py::test_{number}") for number in range(1000)), run="big")
    (packed,) = history.folder.glob("rows/*.gz")
    packed.write_bytes(packed.read_bytes()[:-1])
    answer = told(history, COUNTS)
    assert answer.rows == ()
    assert "1000 rows of tests" in answer.lost[0]
