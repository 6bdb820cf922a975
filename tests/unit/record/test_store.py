from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest

from penstock.errors import NotVerifiedError, StateError, UsageError
from penstock.record import parquet
from penstock.record.query import ask
from penstock.record.store import History
from penstock.record.tables import Row
from tests.fakes.history import (
    DAY_S,
    NOON_S,
    TODAY,
    add,
    add_runs,
    answers,
    attempt,
    coverage_row,
    finding_row,
    job_row,
    parquet_files,
    run_row,
    told,
    tree,
)

COUNTS = "SELECT run, count(*) FROM tests GROUP BY run ORDER BY run"


@pytest.fixture
def history(tmp_path: Path) -> History:
    return History(tmp_path / "history")


def test_rows_are_the_same_as_lines_and_as_parquet(history: History) -> None:
    rows: dict[str, list[Row]] = {
        "runs": [run_row()],
        "jobs": [job_row(measures={"ran": 1.5, "odd name": 2.0}), job_row(job="lint", kind="lint", measures={})],
        "tests": [attempt(message='it\'s "odd"\n\t\\ \u2028 \x00 \U0001f41b', call_s=0.00123)],
        "coverage": [coverage_row()],
        "findings": [finding_row()],
    }
    history.add("r1", NOON_S, rows)
    before = {table: answers(history, f"SELECT * FROM {table} ORDER BY ALL") for table in rows}
    parquet.compact(history, TODAY, whole=False)
    after = {table: answers(history, f"SELECT * FROM {table} ORDER BY ALL") for table in rows}
    assert before == after
    assert list(history.folder.glob("rows/*")) == []
    for table, those in rows.items():
        columns = those[0].__struct_fields__
        found = answers(history, f"SELECT {', '.join(columns)} FROM {table}")
        assert sorted(map(repr, found)) == sorted(repr(tuple(getattr(row, name) for name in columns)) for row in those)


def test_a_row_tells_its_moment_its_file_and_its_jobs_name(history: History) -> None:
    add(history, attempt(test="tests/test_a.py::T::test[a::b]", job="unit@3.12#2/4"))
    (row,) = answers(history, "SELECT moment::VARCHAR, day::VARCHAR, file, name FROM tests")
    assert row == ("2026-11-21 12:00:00", "2026-11-21", "tests/test_a.py", "unit")


def test_without_runs_there_are_no_rows(history: History) -> None:
    assert answers(history, "SELECT * FROM tests") == []


def test_compacting_loses_nothing_and_doubles_nothing(history: History) -> None:
    for day in (0, 20, 21, 22):  # of November the first and the last, of October two
        add(history, attempt(f"r{day}", wall_s=NOON_S - DAY_S * day), run=f"r{day}", wall_s=NOON_S - DAY_S * day)
    before = answers(history, COUNTS)
    assert len(before) == 4
    parquet.compact(history, TODAY, whole=False)
    assert len(parquet_files(history.folder)) == 3 * 4
    assert answers(history, COUNTS) == before
    done = parquet.compact(history, TODAY, whole=True)
    # Of this month a file a day; October is over, and one.
    periods = ["2026-10", "2026-11-01", "2026-11-21"]
    assert sorted(path.name.split(".")[0] for path in history.folder.glob("tests/*")) == periods
    assert (done.files, done.made) == (6, 3)
    assert answers(history, COUNTS) == before
    assert parquet.compact(history, TODAY, whole=True).made == 0


def test_a_day_of_many_files_becomes_one_by_itself(history: History, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(parquet, "_PIECES", 2)
    for turn in range(4):
        add(history, attempt(f"r{turn}"), run=f"r{turn}")
        parquet.compact(history, TODAY, whole=False)
    assert len(answers(history, COUNTS)) == 4
    assert len(list(history.folder.glob("tests/*"))) < 4


@pytest.mark.parametrize("form", ["jsonl", "parquet"])
@pytest.mark.parametrize("harm", ["flip", "cut", "gone"])
def test_a_bad_file_is_named_and_put_aside_and_the_rest_answers(history: History, form: str, harm: str) -> None:
    add(history, attempt("old"), run="old", wall_s=NOON_S - DAY_S)
    if form == "parquet":
        parquet.compact(history, TODAY, whole=False)
    (victim,) = [path for path in history.folder.glob("*/*") if "tests" in str(path.relative_to(history.folder))]
    content = victim.read_bytes()
    middle = len(content) // 2
    if harm == "gone":
        victim.unlink()
    else:
        victim.write_bytes(
            content[:middle] + (bytes([content[middle] ^ 4]) + content[middle + 1 :] if harm == "flip" else b"")
        )
    add(history, attempt("new"), run="new")
    first = told(history, COUNTS)
    assert first.rows == (("new", 1),)
    assert first.found == first.lost
    (loss,) = first.lost
    assert "1 row of tests, 2026-11-20, left out" in loss
    assert not victim.exists()
    assert (history.folder / "quarantine" / victim.name).exists() == (harm != "gone")
    later = told(history, COUNTS)  # told with every answer, until it is forgotten
    assert (later.rows, later.lost, later.found) == (first.rows, first.lost, ())
    assert history.forget() == 1
    assert told(history, COUNTS).lost == ()


def test_a_flipped_byte_anywhere_in_a_parquet_file_is_seen(history: History) -> None:
    add_runs(history, 1)
    parquet.compact(history, TODAY, whole=False)
    (victim,) = history.folder.glob("tests/*.parquet")
    content = victim.read_bytes()
    unseen = []
    for at in range(0, len(content), 17):
        victim.write_bytes(content[:at] + bytes([content[at] ^ 1 << at % 8]) + content[at + 1 :])
        if any(file.table == "tests" for file in history.sound(aside=False).files):
            unseen.append(at)
    assert unseen == []


def test_a_manifest_that_is_gone_is_no_empty_history(history: History) -> None:
    add_runs(history, 1)
    parquet.compact(history, TODAY, whole=False)
    history.manifest.unlink()
    assert "manifest is gone" in told(history, COUNTS).lost[0]
    add(history, attempt("new"), run="new")
    answer = told(history, COUNTS)
    assert answer.rows == (("new", 1),)
    assert "manifest is gone" in answer.lost[0]


def test_a_damaged_manifest_is_kept_and_told(history: History) -> None:
    add_runs(history, 2)
    damaged = history.manifest.read_bytes().replace(b"r0.tests", b"r9.tests")
    history.manifest.write_bytes(damaged)
    assert told(history, COUNTS).rows == (("r1", 2),)
    add(history, attempt("new"), run="new")
    answer = told(history, COUNTS)
    assert answer.rows == (("new", 1), ("r1", 2))
    assert "line 4 of the history's manifest is lost" in answer.lost[0]
    assert (history.folder / "quarantine" / "manifest").read_bytes() == damaged


def test_files_that_no_manifest_names_are_not_read_and_in_time_put_aside(history: History) -> None:
    add_runs(history, 1)
    stray = history.folder / "rows" / "r7.tests.jsonl"
    stray.write_bytes((history.folder / "rows" / "r0.tests.jsonl").read_bytes())
    temporary = history.folder / "rows" / ".r8.tests.jsonl.abcd"
    temporary.write_bytes(b"{")
    assert answers(history, COUNTS) == [("r0", 2)]
    now_s = stray.stat().st_mtime
    assert history.sweep(now_s) == []
    assert history.sweep(now_s + 7200.0) == ["rows/.r8.tests.jsonl.abcd", "rows/r7.tests.jsonl"]
    assert not stray.exists()
    assert answers(history, COUNTS) == [("r0", 2)]


def test_a_newer_history_is_refused_and_left_as_it_is(history: History) -> None:
    add_runs(history, 1)
    newer = b'{"line":"history","format":2,"files":"elsewhere"}'
    import zlib

    history.manifest.write_bytes(b"%08x %b\n" % (zlib.crc32(newer), newer))
    before = tree(history.folder)
    for act in (
        lambda: add(history, attempt("new"), run="new"),
        lambda: told(history, COUNTS),
        lambda: parquet.compact(history, TODAY, whole=True),
        history.forget,
    ):
        with pytest.raises(StateError, match="format 2"):
            act()
    assert {name: content for name, content in tree(history.folder).items() if content} == {
        name: content for name, content in before.items() if content
    }


def test_files_of_an_older_penstock_that_lack_a_column_are_read(history: History) -> None:
    from penstock.record.duck import connected, text
    from penstock.record.manifest import File
    from penstock.util import digest

    (history.folder / "tests").mkdir(parents=True)
    path = history.folder / "tests" / "2026-11-19.old.parquet"
    with connected() as connection:
        connection.execute(
            f"COPY (SELECT 'old' AS run, {NOON_S}::DOUBLE AS wall_s, 'unit' AS job, 't.py::t' AS test,"
            f" 'passed' AS outcome, 'no column any more' AS gone) TO {text(str(path))} (FORMAT parquet)"
        )
    old = File(
        table="tests",
        path="tests/2026-11-19.old.parquet",
        sha256=digest.of_file(path),
        rows=1,
        form="parquet",
        period="2026-11-19",
        schema="older",
    )
    history.manifest.write_bytes(b"")
    history.change(lambda now: type(now)(files=(old,)))
    add(history, attempt("new"), run="new")
    asked = "SELECT run, test, worker FROM tests ORDER BY run"
    assert answers(history, asked) == [("new", "tests/test_a.py::test_a", ""), ("old", "t.py::t", None)]
    parquet.compact(history, TODAY, whole=True)
    assert answers(history, COUNTS) == [("new", 1), ("old", 1)]


def test_histories_merge_as_often_as_one_likes(tmp_path: Path) -> None:
    ours, theirs, both = (History(tmp_path / name) for name in ("ours", "theirs", "both"))
    for run in ("a", "b"):
        add(ours, attempt(run), run=run)
    for run, days in (("b", 0), ("c", 1), ("d", 2)):
        add(theirs, attempt(run, wall_s=NOON_S - days * DAY_S), run=run, wall_s=NOON_S - days * DAY_S)
    parquet.compact(theirs, TODAY, whole=True)
    before = tree(theirs.folder)
    done = parquet.merge(ours, theirs)
    assert (done.runs, done.rows, done.found) == (2, 6, ())
    assert parquet.merge(ours, theirs).rows == 0
    assert answers(ours, COUNTS) == [("a", 1), ("b", 1), ("c", 1), ("d", 1)]
    assert {name: content for name, content in tree(theirs.folder).items() if content} == {
        name: content for name, content in before.items() if content
    }
    parquet.merge(both, theirs)
    parquet.merge(both, ours)
    assert answers(both, COUNTS) == answers(ours, COUNTS)
    assert answers(both, "SELECT count(*), count(DISTINCT run) FROM runs") == [(4, 4)]


def test_rows_that_were_lost_come_back_from_a_copy(tmp_path: Path) -> None:
    ours, copy = History(tmp_path / "ours"), History(tmp_path / "copy")
    add_runs(ours, 3)
    parquet.merge(copy, ours)
    parquet.compact(ours, TODAY, whole=True)
    (victim,) = ours.folder.glob("tests/*.parquet")
    victim.write_bytes(b"PAR1")
    assert told(ours, COUNTS).rows == ()
    done = parquet.merge(ours, copy)
    assert (done.runs, done.rows) == (0, 6)
    assert told(ours, COUNTS).rows == (("r0", 2), ("r1", 2), ("r2", 2))


def test_damage_in_the_other_history_is_named_and_nothing_there_is_touched(tmp_path: Path) -> None:
    ours, theirs = History(tmp_path / "ours"), History(tmp_path / "theirs")
    add_runs(theirs, 2)
    (theirs.folder / "rows" / "r0.tests.jsonl").write_bytes(b"")
    before = tree(theirs.folder)
    done = parquet.merge(ours, theirs)
    assert len(done.found) == 1
    assert "r0.tests.jsonl is not what was written" in done.found[0]
    assert answers(ours, COUNTS) == [("r1", 2)]
    assert tree(theirs.folder) == before


REFUSED = (
    "DELETE FROM tests",
    "CREATE TABLE x AS SELECT 1",
    "COPY (SELECT 1) TO '{out}'",
    "EXPLAIN ANALYZE COPY (SELECT 1) TO '{out}'",
    "ATTACH '{out}'",
    "SELECT 1; SELECT 2",
    "SET threads = 1",
    "INSTALL httpfs",
    "SELECT * FROM read_csv('/etc/passwd')",
    "SELECT * FROM '/etc/passwd'",
    "SELECT * FROM read_text('/etc/passwd')",
    "SELECT * FROM glob('/*')",
    "SELECT * FROM read_parquet('https://example.org/x.parquet')",
    "SELECT * FROM history",  # a variable of the program
    "SELEC 1",
    "",
)


def test_a_query_reads_the_tables_and_nothing_else(history: History, tmp_path: Path) -> None:
    add_runs(history, 1)
    parquet.compact(history, TODAY, whole=False)
    before = tree(tmp_path)
    for sql in REFUSED:
        with pytest.raises(UsageError):
            ask(history, sql.format(out=tmp_path / "out"), {})
    assert tree(tmp_path) == before


def test_no_file_of_the_history_can_be_written_by_a_query(history: History) -> None:
    add_runs(history, 1)
    parquet.compact(history, TODAY, whole=False)
    before = tree(history.folder)
    (path,) = history.folder.glob("tests/*.parquet")
    for sql in (f"COPY (SELECT 1) TO '{path}'", f"WITH x AS (SELECT 1) INSERT INTO tests SELECT * FROM '{path}'"):
        with pytest.raises(UsageError):
            ask(history, sql, {})
    assert tree(history.folder) == before


def test_questions_that_only_read_are_answered(history: History) -> None:
    add_runs(history, 2)
    assert answers(history, "WITH x AS (SELECT run FROM tests) SELECT count(*) FROM x") == [(4,)]
    assert sorted(answers(history, "FROM runs SELECT run")) == [("r0",), ("r1",)]
    assert ("test", "VARCHAR") in [row[:2] for row in answers(history, "DESCRIBE tests")]


def test_without_duckdb_it_is_said_what_to_install(history: History, monkeypatch: pytest.MonkeyPatch) -> None:
    import sys

    monkeypatch.setitem(sys.modules, "duckdb", None)
    add_runs(history, 1)  # rows are kept all the same
    with pytest.raises(NotVerifiedError) as caught:
        told(history, COUNTS)
    assert "penstock[history]" in (caught.value.remedy or "")


def test_a_compaction_between_look_and_read_changes_nothing(history: History, monkeypatch: pytest.MonkeyPatch) -> None:
    add_runs(history, 3)
    real = History.sound
    turns: list[int] = []

    def sound(self: History, **wishes: Any) -> object:
        found = real(self, **wishes)
        if not turns:
            turns.append(1)
            monkeypatch.setattr(History, "sound", real)
            parquet.compact(history, TODAY, whole=True)
            monkeypatch.setattr(History, "sound", sound)
        return found

    monkeypatch.setattr(History, "sound", sound)
    assert [row[1] for row in answers(history, COUNTS)] == [2, 2, 2]
    assert turns


@pytest.mark.skipif(os.name != "posix", reason="permissions")
def test_a_writer_that_cannot_write_says_so_and_changes_nothing(history: History, tmp_path: Path) -> None:
    add_runs(history, 1)
    before = tree(history.folder)
    (history.folder / "rows" / "r9.runs.jsonl").mkdir()  # in the way of a file of that name
    with pytest.raises(OSError, match=r"r9\.runs"):
        add(history, attempt("r9"), run="r9")
    (history.folder / "rows" / "r9.runs.jsonl").rmdir()
    assert {name: content for name, content in tree(history.folder).items() if "r9" not in name} == before
    assert answers(history, COUNTS) == [("r0", 2)]
