"""Marks that silence a tool: where an exception ends and a flood begins, and which marks are for whole files."""

from __future__ import annotations

import pytest

from penstock.judge import silenced
from penstock.judge.silenced import FREE, LONG, SHARE, is_flood, marks, told
from penstock.model.change import Sides


def side(now: str | None, before: str | None = "", path: str = "kiln/oven.py") -> Sides:
    return Sides(path=path, was=path, before=before, now=now)


@pytest.mark.parametrize(
    ("comment", "kind"),
    [
        ("# noqa", "noqa"),
        ("#noqa:E501", "noqa"),
        ("# NOQA: E501 - a reason", "noqa"),
        ("# type: ignore[attr-defined]", "type: ignore"),
        ("# pragma: no cover", "pragma: no cover"),
        ("# pragma: no branch", "pragma: no cover"),
        ("# nosec B101", "nosec"),
        ("# pylint: disable=invalid-name", "pylint: disable"),
        ("# pyright: ignore[reportAny]", "pyright: ignore"),
        ("# ty: ignore", "pyright: ignore"),
        ("# ruff: ignore[F401]", "ruff: ignore"),
        ("# fmt: skip", "fmt: off"),
        ("# isort: skip", "isort: skip"),
    ],
)
def test_a_mark_for_a_line_is_known_by_its_kind(comment: str, kind: str) -> None:
    assert marks(f"x = 1  {comment}\n") == ({kind: 1}, {})


@pytest.mark.parametrize(
    ("comment", "mark"),
    [
        ("# ruff: noqa", "ruff: noqa"),
        ("# ruff: noqa: E501", "ruff: noqa"),
        ("# flake8: noqa", "flake8: noqa"),
        ("# mypy: ignore-errors", "mypy: ignore-errors"),
        ("# pylint: skip-file", "pylint: skip-file"),
        ("# isort: skip_file", "isort: skip_file"),
        ("# pyright: basic", "pyright: basic"),
        ("# ruff: disable[E501]", "ruff: disable"),
        ("# type: ignore", "type: ignore"),
        ("# pragma: allowlist secret", "pragma: allowlist secret"),
    ],
)
def test_a_mark_for_a_whole_file_is_no_mark_for_a_line(comment: str, mark: str) -> None:
    assert marks(f"{comment}\nx = 1\n") == ({}, {mark: 1})


@pytest.mark.parametrize(
    "text",
    [
        'x = "# noqa"\n',
        '"""It says `# ruff: noqa`."""\n',
        "# mypy: disallow-any-expr\nx = 1\n",
        "# pyright: strict\nx = 1\n",
        "# noqable\n",
        "x = 1  # no coverage of it is known\n",
    ],
)
def test_what_only_looks_like_a_mark_is_none(text: str) -> None:
    assert marks(text) == ({}, {})


def test_what_is_no_python_is_read_line_by_line() -> None:
    assert marks("def (:  # noqa\n    '''  # nosec\n") == ({"noqa": 1, "nosec": 1}, {})


def test_a_few_marks_are_exceptions_and_many_in_few_lines_are_a_flood() -> None:
    assert not is_flood(FREE, 0)
    assert is_flood(FREE + 1, 0)
    assert is_flood(FREE + 1, 100)
    lines = 100 * (FREE + 1) // SHARE
    assert not is_flood(FREE + 1, lines)
    assert is_flood(FREE + 1, lines - 1)


def test_a_flood_is_told_by_its_kinds() -> None:
    text = "a = 1  # noqa\n" * 3 + "b = 1  # type: ignore[x]  # nosec\n"
    (words,) = told([side(text)], 4)
    assert words.startswith("5 marks that silence a tool in 4 new lines of Python (3 noqa, 1 type: ignore, 1 nosec)")


def test_marks_that_move_with_their_code_are_not_new() -> None:
    text = "a = 1  # noqa\n" * 9
    moved = [side(None, text, "kiln/old.py"), side(text, None, "kiln/new.py")]
    assert list(told(moved, 9)) == []
    renamed = Sides(path="kiln/new.py", was="kiln/old.py", before=f"# ruff: noqa\n{text}", now=f"# ruff: noqa\n{text}")
    assert list(told([renamed], 0)) == []


def test_one_mark_for_a_whole_file_is_told_and_one_that_goes_is_not() -> None:
    assert list(told([side("# ruff: noqa\nx = 1\n")], 500)) == [
        "kiln/oven.py: `# ruff: noqa` silences a tool for a whole file"
    ]
    assert list(told([side("x = 1\n", "# ruff: noqa\nx = 1\n")], 1)) == []


def test_only_python_is_looked_at() -> None:
    assert list(told([side("# noqa\n" * 20, path="notes.txt")], 20)) == []
    assert silenced.marks("") == ({}, {})


@pytest.mark.parametrize(("lines", "hidden"), [(LONG - 1, False), (LONG, True)])
def test_a_long_block_that_one_mark_takes_out_of_the_coverage_is_told(lines: int, *, hidden: bool) -> None:
    text = "if True:  # pragma: no cover\n" + "    x = 1\n" * lines
    assert [*told([side(text)], 500)] == (
        ["kiln/oven.py: `# pragma: no cover` silences a tool for a block of more than 30 lines"] if hidden else []
    )


def test_functions_that_no_type_checker_checks_are_marks() -> None:
    text = "@typing.no_type_check\ndef a(): ...\n@no_type_check\ndef b(): ...\n"
    assert marks(text) == ({"no_type_check": 2}, {})


def test_a_stub_that_comes_in_beside_its_source_is_told() -> None:
    stub = side("A: int\n", None, "kiln/oven.pyi")
    assert list(silenced.stubs([stub], {"kiln/oven.py", "kiln/oven.pyi"})) == [
        "kiln/oven.pyi came in, and hides kiln/oven.py from type checkers"
    ]
    assert list(silenced.stubs([stub], {"kiln/oven.so", "kiln/oven.pyi"})) == []
    assert list(silenced.stubs([side("A: int\n", "A: str\n", "kiln/oven.pyi")], {"kiln/oven.py"})) == []
