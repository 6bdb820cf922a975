"""Lines for a screen: wrapped where they are read, never cut short of a word."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from penstock.report.board import Going, rows
from penstock.report.progress import Progress, Slow
from penstock.report.screen import Screen, cells, wrap


def test_lines_break_at_words_and_hang() -> None:
    assert wrap("remedy  say what you mean here", 16, indent=8) == [
        "remedy  say what",
        "        you mean",
        "        here",
    ]


def test_a_long_word_is_broken_in_the_middle() -> None:
    assert wrap("x" * 25, 10) == ["x" * 10, "x" * 10, "x" * 5]


@given(st.text(st.characters(exclude_categories=("Cs", "Cc")), max_size=200), st.integers(4, 40), st.integers(0, 10))
def test_nothing_is_lost_but_spaces_and_every_line_fits(text: str, width: int, indent: int) -> None:
    lines = wrap(text, width, indent=indent)
    assert "".join("".join(lines).split()) == "".join(text.split())
    assert all(cells(line) <= width for line in lines)


GOING = [
    Going(name="unit@3.12", elapsed_s=12.3, progress=Progress(tests=840, done=312, failed=2)),
    Going(name="types", elapsed_s=4.0),
    Going(name="3.13/test", elapsed_s=1.0, building=True),
]


def test_the_board_says_what_runs() -> None:
    assert rows(GOING, Screen(), waiting=2, width=9, height=10) == [
        "  unit@3.12  …  12.3s      312/840 tests, 2 failed",
        "  types      …  4.0s",
        "  3.13/test  …  1.0s       building the environment",
        "  2 jobs to come",
    ]


def test_the_board_names_the_test_that_takes_long() -> None:
    slow = [
        Slow(worker="gw0", test="t/test_a.py::test_b", since_s=3.0),
        Slow(worker="gw1", test="t/test_c.py::test_d", since_s=9),
    ]
    going = Going(name="unit", elapsed_s=9.5, progress=Progress(tests=8, done=6, running=tuple(slow), left_s=4))
    assert rows([going], Screen(), waiting=0, width=4, height=9) == [
        "  unit  …  9.5s       6/8 tests, 4.0s left  test_c.py::test_d 9.0s"
    ]


def test_the_board_keeps_to_the_screen() -> None:
    many = [Going(name=f"unit@3.{n}", elapsed_s=1.0, progress=Progress(tests=10**6, done=10**5)) for n in range(40)]
    lines = rows(many, Screen(width=40), waiting=3, width=9, height=8)
    assert len(lines) <= 8
    assert max(map(cells, lines)) < 40
    assert lines[-1] == "  34 more running, 3 jobs to come"
