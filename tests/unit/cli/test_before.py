"""Which recorded run this one's tests are held against, and what of it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from penstock.cli import before
from penstock.model.tested import JobBefore
from penstock.model.trust import Trust
from penstock.record import parquet
from penstock.record.store import History
from tests.fakes.history import NOON_S, add, attempt, job_row, run_row

BASE, LINUX = "c0ffee", "linux-x86_64"


def ran(state: Path, run: str, *tests: str, minute: int = 0, **fields: Any) -> History:
    """A run of a clean tree, whose tests are "name outcome"."""
    history = History(state / "history")
    wall_s = NOON_S + 60.0 * minute
    rows = [
        attempt(run, test.partition(" ")[0], wall_s=wall_s, outcome=test.partition(" ")[2] or "passed")
        for test in tests
    ]
    add(history, *rows, run=run, wall_s=wall_s, **({"dirty": False} | fields))
    return history


def found(state: Path, base: str = BASE, trust: Trust = Trust.LOCAL) -> str | None:
    ends = before.of_base(state, base, LINUX, trust)
    assert not isinstance(ends, str), ends
    return None if ends is None else ends.run


@pytest.mark.parametrize(
    "fields",
    [
        {"conclusion": "failed"},
        {"scope": "partial"},
        {"command": "test"},
        {"dirty": True},
        {"platform": "darwin-arm64"},
        {"commit": "another"},
        {"occasion": "nightly"},
    ],
)
def test_only_a_whole_clean_run_of_the_base_that_passed_counts(tmp_path: Path, fields: dict[str, Any]) -> None:
    ran(tmp_path, "r1", "t.py::a")
    ran(tmp_path, "r2", "t.py::a", minute=1, **fields)
    assert found(tmp_path) == "r1"


def test_a_run_is_held_against_one_for_the_same_and_without_jobs_that_are_for_others(tmp_path: Path) -> None:
    ran(tmp_path, "r1", "t.py::a", "t.py::b", occasion="nightly")
    ends = before.of_base(tmp_path, BASE, LINUX, Trust.LOCAL, "nightly")
    assert isinstance(ends, before.Ends)
    counted = [before.before(ends, (), lambda _: True, away).ran for away in ((), set(ends.names.values()))]
    assert counted == [2, 0]


def test_the_newest_counts_and_one_of_the_base_before_a_protected_one(tmp_path: Path) -> None:
    assert found(tmp_path) is None
    ran(tmp_path, "r1", "t.py::a", commit="other")
    assert found(tmp_path) is None
    ran(tmp_path, "r2", "t.py::a", commit="other", trust="protected", minute=1)
    assert found(tmp_path) == "r2"
    ran(tmp_path, "r3", "t.py::a", minute=2)
    ran(tmp_path, "r4", "t.py::a", minute=3)
    ran(tmp_path, "r5", "t.py::a", commit="other", trust="protected", minute=4)
    assert found(tmp_path) == "r4"
    assert found(tmp_path, trust=Trust.BRANCH) == "r5"
    assert found(tmp_path, "unknown") == "r5"
    assert found(tmp_path, "") == "r5"


@pytest.mark.parametrize("form", ["lines", "parquet"])
def test_what_ran_what_was_left_out_and_what_is_lost(tmp_path: Path, form: str) -> None:
    tests = ("t.py::a", "t.py::b skipped", "t.py::c xfailed", "t.py::d xpassed", "t.py::e", "t.py::f")
    made = ran(tmp_path, "r1", *tests)
    ran(tmp_path, "r2", "t.py::never", minute=1, commit="other")
    if form == "parquet":
        pytest.importorskip("duckdb")
        parquet.compact(made, "2027-06-01", whole=True)
        assert all(file.form == "parquet" for file in made.read().files)
    ends = before.of_base(tmp_path, BASE, LINUX, Trust.LOCAL)
    assert isinstance(ends, before.Ends)
    now = {("unit@3.12", "t.py::a"), ("unit@3.12", "t.py::c"), ("unit@3.12", "t.py::d"), ("integ", "t.py::e")}
    told = before.before(ends, now, lambda test: test == "t.py::e")
    assert (told.run, told.commit, told.of_base, told.ran) == ("r1", BASE, True, 5)
    assert told.jobs == (
        JobBefore(
            job="unit@3.12",
            skipped=("t.py::b",),
            xfailed=("t.py::c", "t.py::d"),
            hidden=("t.py::e",),
            gone=1,
        ),
    )


def test_a_test_that_ran_on_two_legs_and_shards_ran_once(tmp_path: Path) -> None:
    history = History(tmp_path / "history")
    jobs = ("unit@3.11#1/2", "unit@3.11#2/2", "unit@3.12")
    tests = [
        attempt("r1", "t.py::a", job=jobs[0]),
        attempt("r1", "t.py::b", job=jobs[1]),
        *(attempt("r1", f"t.py::{name}", job=jobs[2]) for name in "ab"),
    ]
    history.add(
        "r1",
        NOON_S,
        {"runs": [run_row(dirty=False)], "jobs": [job_row("r1", job, name="unit") for job in jobs], "tests": tests},
    )
    ends = before.of_base(tmp_path, BASE, LINUX, Trust.LOCAL)
    assert isinstance(ends, before.Ends)
    assert set(ends.jobs) == {"unit@3.11", "unit@3.12"}
    assert before.before(ends, set(), lambda _: False).ran == 2


def test_the_tests_of_a_cached_job_are_those_of_the_run_that_did_the_work(tmp_path: Path) -> None:
    history = ran(tmp_path, "r1", "t.py::a", "t.py::b", commit="other")
    history.add(
        "r2",
        NOON_S + 60,
        {"runs": [run_row("r2", dirty=False)], "jobs": [job_row("r2", cached_from="r1")], "tests": []},
    )
    ends = before.of_base(tmp_path, BASE, LINUX, Trust.LOCAL)
    assert isinstance(ends, before.Ends)
    assert [test.id for test in ends.jobs["unit@3.12"]] == ["t.py::a", "t.py::b"]


def test_what_cannot_be_read_is_told_and_is_not_nothing(tmp_path: Path) -> None:
    history = ran(tmp_path, "r1", "t.py::a")
    (rows,) = (file for file in history.read().files if file.table == "tests")
    (history.folder / rows.path).write_bytes(b"{}\n")
    assert before.of_base(tmp_path, BASE, LINUX, Trust.LOCAL) == f"{rows.path} is not what was written"
    (history.folder / rows.path).unlink()
    assert isinstance(before.of_base(tmp_path, BASE, LINUX, Trust.LOCAL), str)
