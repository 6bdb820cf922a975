"""Which functions count as annotated in full."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from penstock.guest import penstock_annotations as counter


def bare(tmp_path: Path, source: str) -> tuple[int, list[str]]:
    path = tmp_path / "a.py"
    path.write_text(source)
    number, names = counter.of_file(str(path))
    return number, [name for _, name in names]


@pytest.mark.parametrize(
    "source",
    [
        "def f(a: int, /, b: int, *c: int, d: int = 1, **e: int) -> None: ...",
        "async def f() -> None: ...",
        "def f(a, b):\n    # type: (int, int) -> int\n    return a",
        "def f(  # type: ignore[misc]\n    a: int) -> int: ...",
        "class K:\n    def __init__(self, a: int): ...",
        "class K:\n    def m(self) -> None: ...\n    @classmethod\n    def c(cls) -> None: ...",
        "class K:\n    @staticmethod\n    def s(a: int) -> None: ...",
        "x = 1  # type: a list of ints\ndef f() -> None: ...",
    ],
)
def test_annotated(tmp_path: Path, source: str) -> None:
    assert bare(tmp_path, source)[1] == []
    assert bare(tmp_path, source)[0] >= 1


@pytest.mark.parametrize(
    ("source", "name"),
    [
        ("def f(): ...", "f"),
        ("def f(a) -> int: ...", "f"),
        ("def f(a: int): ...", "f"),
        ("def f(*a) -> int: ...", "f"),
        ("def f(*, a) -> int: ...", "f"),
        ("def f(a, /) -> int: ...", "f"),
        ("def f(self) -> int: ...", "f"),
        ("class K:\n    def __init__(self): ...", "K.__init__"),
        ("class K:\n    def __init__(self, a): ...", "K.__init__"),
        ("class K:\n    @staticmethod\n    def s(a) -> None: ...", "K.s"),
        ("def f() -> None:\n    def g(): ...", "f.g"),
        ("if x:\n    def f(): ...", "f"),
        ("from typing import no_type_check\n@no_type_check\ndef f() -> None: ...", "f"),
        ("#!/bin/python\n# type: ignore\ndef f() -> None: ...", "f"),
        ("# mypy: ignore-errors\ndef f() -> None: ...", "f"),
    ],
)
def test_not_annotated(tmp_path: Path, source: str, name: str) -> None:
    assert bare(tmp_path, source)[1] == [name]


def test_a_file_that_cannot_be_parsed_or_read_is_told(tmp_path: Path) -> None:
    (tmp_path / "bad.py").write_text("def f(:\n")
    (tmp_path / "nul.py").write_bytes(b"x = 1\0")
    (tmp_path / "good.py").write_text("def f(): ...\n")
    paths = [str(tmp_path / name) for name in ("bad.py", "nul.py", "gone.py", "good.py")]
    assert counter.main([str(tmp_path / "report.json"), *paths]) == 0
    report = json.loads((tmp_path / "report.json").read_text())
    assert [path for path, _, _ in report["unread"]] == paths[:3]
    assert report["files"] == [[paths[3], 1, 0, [[1, "f"]]]]
