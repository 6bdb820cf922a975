"""For how long tests in quarantine have passed, from rows as runs leave them and from what becomes of them."""

from __future__ import annotations

import gzip
from pathlib import Path

import pytest
from msgspec.structs import replace

from penstock.cli.steady import passed_before
from penstock.record import parquet
from penstock.record.store import History
from penstock.record.tables import ALONE
from tests.fakes.history import DAY_S, NOON_S, add, attempt

SHAKY = "t.py::test_shäky[1]"


def history(state: Path, *ends: str, apart_s: float = DAY_S) -> History:
    """Runs, the oldest first: `x` failed, `.` passed, `s` skipped, `r` passed when tried again, `-` not there;
    two of them: in two jobs.
    """
    made = History(state / "history")
    outcomes = {"x": ["failed"], ".": ["passed"], "s": ["skipped"], "r": ["failed", "passed"], "-": []}
    for number, end in enumerate(ends):
        run, wall_s = f"{number % 2}-of-any-name-{number}", NOON_S + apart_s * number
        rows = [
            attempt(run, SHAKY, wall_s=wall_s, job=f"unit@{leg}", outcome=outcome, attempt=turn)
            for leg, mark in enumerate(end)
            for turn, outcome in enumerate(outcomes[mark], start=1)
        ]
        add(made, *rows, attempt(run, "t.py::test_other", wall_s=wall_s), run=run, wall_s=wall_s)
    return made


@pytest.mark.parametrize(
    ("ends", "runs"),
    [
        ("...", 3),
        (".x..", 2),
        ("..x", 0),
        ("..r.", 1),
        (".s-.", 2),
        ([".x", "..", ".."], 2),
        ("." * 7, 5),
    ],
)
@pytest.mark.parametrize("form", ["lines", "parquet"])
def test_runs_in_a_row_are_counted_from_the_newest(tmp_path: Path, ends: str | list[str], runs: int, form: str) -> None:
    made = history(tmp_path, *ends)
    if form == "parquet":
        pytest.importorskip("duckdb")
        parquet.compact(made, "2027-06-01", whole=False)
        assert any(file.form == "parquet" for file in made.read().files)
    assert passed_before(tmp_path, {SHAKY}, enough=5) == {SHAKY: runs}


def test_several_runs_in_one_file_are_told_apart(tmp_path: Path) -> None:
    made = history(tmp_path, *".x..", apart_s=60.0)
    one, *others = (file for file in made.read().files if file.table == "tests")
    whole = b"".join((made.folder / file.path).read_bytes() for file in (*others, one))
    (made.folder / one.path).write_bytes(whole)
    made.change(lambda now: now.changed(without=others))
    assert passed_before(tmp_path, {SHAKY}, enough=29) == {SHAKY: 2}
    packed = replace(one, path=f"{one.path}.gz")
    (made.folder / packed.path).write_bytes(gzip.compress(whole))
    made.change(lambda now: now.changed(without=[one], files=[packed]))
    assert passed_before(tmp_path, {SHAKY}, enough=29) == {SHAKY: 2}
    (made.folder / packed.path).write_bytes(b"no gzip")
    assert passed_before(tmp_path, {SHAKY}, enough=29) == {}


def test_without_a_history_or_with_a_damaged_one_nothing_is_known(tmp_path: Path) -> None:
    assert passed_before(tmp_path, {SHAKY}, enough=29) == {SHAKY: 0}
    made = history(tmp_path, "..")
    (rows,) = (file for file in made.read().files if file.table == "tests")
    (made.folder / rows.path).unlink()
    assert passed_before(tmp_path, {SHAKY}, enough=29) == {}
    made.manifest.write_bytes(b"nothing of the kind\n")
    assert passed_before(tmp_path, {SHAKY}, enough=29) == {SHAKY: 0}


@pytest.mark.parametrize("form", ["lines", "parquet"])
def test_what_somebody_ran_alone_does_not_count(tmp_path: Path, form: str) -> None:
    made = history(tmp_path, *"..")
    for number, outcome in enumerate(("failed", "passed")):
        tried = attempt(f"alone{number}", SHAKY, wall_s=NOON_S + 9 * DAY_S, job=ALONE, outcome=outcome)
        add(made, tried, run=f"alone{number}", wall_s=NOON_S + 9 * DAY_S, command="test")
    if form == "parquet":
        pytest.importorskip("duckdb")
        parquet.compact(made, "2027-06-01", whole=False)
    assert passed_before(tmp_path, {SHAKY}, enough=29) == {SHAKY: 2}
