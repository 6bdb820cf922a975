"""The calculator: Python's own arithmetic is what it is held against."""

from __future__ import annotations

import operator
from collections.abc import Callable

import pytest

from parley.tools import Number, Refused, calculate

OPERATORS: dict[str, Callable[[int, int], Number]] = {
    "+": operator.add,
    "-": operator.sub,
    "*": operator.mul,
    "//": operator.floordiv,
    "%": operator.mod,
}
LEFT = (-17, -3, 0, 1, 2, 10, 255)
RIGHT = (-7, -2, 1, 3, 4, 16, 1000)


@pytest.mark.parametrize("sign", OPERATORS)
@pytest.mark.parametrize("left", LEFT)
@pytest.mark.parametrize("right", RIGHT)
def test_two_numbers_give_what_python_gives(left: int, sign: str, right: int) -> None:
    assert calculate(f"{left} {sign} {right}") == OPERATORS[sign](left, right)


@pytest.mark.parametrize(
    ("expression", "value"),
    [
        ("2 + 3 * 4", 14),
        ("(2 + 3) * 4", 20),
        ("-2 ** 2", -4),
        ("2 ** 3 ** 2", 512),
        ("--3", 3),
        ("+7", 7),
        (" 1 / 4 ", 0.25),
        ("7 // 2 * 2 + 7 % 2", 7),
        ("1e3", 1000),
        ("0x10", 16),
    ],
)
def test_it_keeps_to_the_usual_order(expression: str, value: float) -> None:
    assert calculate(expression) == value


@pytest.mark.parametrize(
    "expression",
    [
        "",
        "1 +",
        "1 / 0",
        "__import__('os')",
        "open('x')",
        "'a' * 3",
        "True + 1",
        "[1][0]",
        "x",
        "(lambda: 1)()",
        "1 if 2 else 3",
        "1 < 2",
        "2 ** 100000",
        "9 ** 9 ** 9",
        "(-8) ** 0.5",
        "1e308 * 10 ** 308 * 10.0 ** 308 ** 2",
        "1; 2",
        "~3",
        "1 @ 2",
        "f'{1}'",
    ],
)
def test_it_runs_nothing_but_arithmetic(expression: str) -> None:
    with pytest.raises(Refused):
        calculate(expression)
