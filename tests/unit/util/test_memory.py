"""A memory answers only what it was told, for what it was told it of."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import pytest

from penstock.model.snapshot import Package
from penstock.util.memory import Memory

ANSWER = (Package(name="demo", path="src/demo"),)


def memory(folder: Path, made_of: Iterable[str] = ("a", "b"), by: tuple[str, ...] = ("scan",)) -> Memory:
    return Memory(folder / "memory.json", made_of, by=by)


def recall(kept: Memory) -> object:
    return kept.recall(tuple[Package, ...])


def test_what_was_kept_is_recalled(tmp_path: Path) -> None:
    assert recall(memory(tmp_path)) is None
    memory(tmp_path).keep(ANSWER)
    assert recall(memory(tmp_path)) == ANSWER


@pytest.mark.parametrize("made_of", [("a",), ("b", "a"), ("ab",), ("a", "b", "")])
def test_of_other_things_it_knows_nothing(tmp_path: Path, made_of: tuple[str, ...]) -> None:
    memory(tmp_path).keep(ANSWER)
    assert recall(memory(tmp_path, made_of)) is None


def test_nor_of_an_answer_by_others(tmp_path: Path) -> None:
    memory(tmp_path).keep(ANSWER)
    assert recall(memory(tmp_path, by=("scan", "plan"))) is None


def test_damage_anywhere_is_noticed(tmp_path: Path) -> None:
    memory(tmp_path).keep(ANSWER)
    path = tmp_path / "memory.json"
    whole = path.read_bytes()
    for at in range(len(whole)):
        path.write_bytes(whole[:at] + bytes([whole[at] ^ 1]) + whole[at + 1 :])
        assert recall(memory(tmp_path)) is None
        path.write_bytes(whole[:at])
        assert recall(memory(tmp_path)) is None


def test_what_cannot_be_written_is_not_kept(tmp_path: Path) -> None:
    memory(tmp_path).keep((Package(name="\udc80", path=""),))  # not UTF-8
    (tmp_path / "file").touch()
    Memory(tmp_path / "file" / "memory.json", (), by=()).keep(ANSWER)  # no folder
    assert list(tmp_path.iterdir()) == [tmp_path / "file"]
