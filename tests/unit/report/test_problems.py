"""Problems on the screen: place, line, caret, remedy, count; and nothing that a terminal would act on."""

from __future__ import annotations

from penstock.errors import Place, Problem
from penstock.report.problems import render


def problem(excerpt: str, column: int, message: str = "wrong") -> Problem:
    place = Place(path="pyproject.toml", line=12, column=column)
    return Problem(code="C101", message=message, place=place, excerpt=excerpt, remedy="did you mean `b`?")


def test_one_problem_word_for_word() -> None:
    assert render([problem("a = 1", 5)]) == (
        "pyproject.toml:12:5: C101 wrong\n"
        "     |\n"
        "  12 | a = 1\n"
        "     |     ^\n"
        "  = did you mean `b`?\n"
        "\n"
        "1 problem; nothing was run\n"
    )


def test_a_problem_without_a_place() -> None:
    text = render([Problem(code="C001", message="gone"), Problem(code="C001", message="gone", place=Place(path="x"))])
    assert text == "C001 gone\n\nx: C001 gone\n\n2 problems; nothing was run\n"


def test_the_caret_stands_under_tabs_wide_letters_and_escapes() -> None:
    for excerpt in ("\t\tx", "日本x", "e\u0301x", "\x1b[31mx", "\u202ex"):
        lines = render([problem(excerpt, excerpt.index("x") + 1)]).splitlines()
        shown, caret = lines[2].removeprefix("  12 | "), lines[3].removeprefix("     | ")
        width = {"\t\tx": 8, "日本x": 4, "e\u0301x": 1, "\x1b[31mx": 8, "\u202ex": 6}[excerpt]
        assert caret == " " * width + "^", shown


def test_nothing_a_terminal_acts_on_comes_out() -> None:
    hostile = "\x1b]0;title\x07 \u202e\u200b\x9b31m\x00\r\ud800"
    text = render([problem(hostile, 3, hostile)])
    assert all(line.isprintable() for line in text.splitlines())
    assert "\\x1b]0;title\\x07" in text


def test_of_a_long_line_the_part_around_the_column_is_shown() -> None:
    lines = render([problem("a" * 200 + "X" + "b" * 150, 201)]).splitlines()
    assert lines[2][lines[3].index("^")] == "X"
    assert len(lines[2]) < 120
    assert "^" not in render([problem("a" * 400, 5000)]).splitlines()[3]
