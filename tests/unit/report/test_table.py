from __future__ import annotations

import pytest

from penstock.report.screen import Screen
from penstock.report.table import table

WIDE = Screen(width=1 << 20)


def test_numbers_stand_to_the_right_and_the_last_column_is_free() -> None:
    told = table(("median_s", "runs", "test"), [(1.5, 12, "a"), (12.25, 3, "bbbb")], WIDE)
    assert told == "median_s  runs  test\n    1.50    12  a\n   12.25     3  bbbb"


def test_a_column_without_anything_is_left_out() -> None:
    assert table(("a", "branch", "coverage_percent"), [(1, "", None), (2, "", 80.0)], WIDE) == (
        "a  coverage %\n1\n2       80.00"
    )
    assert table(("a",), [(None,)], WIDE).strip() == "a"


@pytest.mark.parametrize(
    ("number", "told"),
    [(0.0, "0.00"), (0.000012, "0.00001"), (0.001234, "0.0012"), (1.0, "1.00"), (99.987, "99.99"), (12345.6, "12346")],
)
def test_a_number_has_the_digits_that_one_compares_by(number: float, told: str) -> None:
    assert table(("x",), [(number,)], WIDE).split("\n")[1].strip() == told


def test_foreign_text_steers_no_terminal_and_lines_are_cut_to_the_screen() -> None:
    told = table(("test",), [("t[\x1b[31m\u202e\n]",)], WIDE)
    assert "\x1b" not in told
    assert len(told.split("\n")) == 2
    assert table(("test",), [("x" * 50,)], Screen(width=20)).split("\n")[1] == "x" * 19 + "…"
