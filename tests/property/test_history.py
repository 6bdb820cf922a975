"""What comes out of the history is what went in, whatever the names and the order; damage is never silent."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from penstock.record import manifest, parquet
from penstock.record.manifest import File, Lost, Manifest
from penstock.record.store import History
from penstock.record.tables import TestRow as Tested
from tests.fakes.history import NOON_S, TODAY, add, answers, attempt

_TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
_TESTS = st.builds(
    attempt,
    st.just("r0"),
    _TEXT,
    message=_TEXT,
    kind=_TEXT,
    attempt=st.integers(1, 9),
    call_s=st.floats(0, 1e6, allow_nan=False),
)
_COLUMNS = "run, test, message, kind, attempt, call_s"


@contextmanager
def _place() -> Iterator[Path]:
    with tempfile.TemporaryDirectory() as folder:
        yield Path(folder)


def _said(rows: list[Tested]) -> list[tuple[object, ...]]:
    return sorted((row.run, row.test, row.message, row.kind, row.attempt, row.call_s) for row in rows)


@given(st.lists(_TESTS, max_size=8))
@settings(max_examples=settings().max_examples // 4)
def test_rows_come_out_as_they_went_in(rows: list[Tested]) -> None:
    with _place() as folder:
        history = History(folder)
        add(history, *rows, run="r0")
        assert sorted(answers(history, f"SELECT {_COLUMNS} FROM tests")) == _said(rows)
        parquet.compact(history, TODAY, whole=True)
        assert sorted(answers(history, f"SELECT {_COLUMNS} FROM tests")) == _said(rows)


@given(st.lists(st.tuples(st.integers(0, 2), st.integers(0, 4)), max_size=8), st.permutations([0, 1, 2]))
@settings(max_examples=settings().max_examples // 8)
def test_histories_merge_to_the_same_in_any_order(runs: list[tuple[int, int]], order: list[int]) -> None:
    with _place() as folder:
        parts = [History(folder / str(number)) for number in range(3)]
        for part, run in dict.fromkeys(runs):  # a run may be in several
            add(parts[part], attempt(f"r{run}", call_s=float(run)), run=f"r{run}", wall_s=NOON_S + run)
        target = History(folder / "all")
        for number in order:
            parquet.merge(target, parts[number])
        found = sorted(answers(target, "SELECT run, call_s FROM tests"))
        assert found == sorted({(f"r{run}", float(run)) for _, run in runs})


_FILES = st.builds(
    File,
    table=st.sampled_from(["tests", "runs"]),
    path=st.integers(0, 99).map("rows/{}.jsonl".format),
    sha256=st.just("0" * 64),
    rows=st.integers(0, 9),
    form=st.just("jsonl"),
    period=st.just("2026-11-21"),
    schema=st.just("s"),
)
_MANIFESTS = st.builds(
    Manifest,
    files=st.lists(_FILES, max_size=4).map(tuple),
    lost=st.lists(st.builds(Lost, what=_TEXT), max_size=2).map(tuple),
)


@given(_MANIFESTS, st.data())
def test_no_cut_and_no_change_of_a_manifest_is_silent(whole: Manifest, data: st.DataObject) -> None:
    content = manifest.encode(whole)
    assert manifest.decode(content) == whole
    at = data.draw(st.integers(0, len(content) - 1))
    bit = 1 << data.draw(st.integers(0, 7))
    for damaged in (content[:at], content[:at] + bytes([content[at] ^ bit]) + content[at + 1 :]):
        read = manifest.decode(damaged)
        assert read.damage
        assert set(read.files) <= set(whole.files)
