"""What a model may call."""

from __future__ import annotations

import pytest

from parley.tools import Refused, Toolbox, calculate


def repeat(text: str, times: int = 2) -> str:
    """The text again and again."""
    return text * times


def test_functions_are_described_by_name_parameters_and_summary() -> None:
    assert Toolbox(repeat, calculate).describe().splitlines() == [
        "calculate(expression): The value of an arithmetic expression. Raises Refused.",
        "repeat(text, times): The text again and again.",
    ]


@pytest.mark.parametrize(
    ("line", "value"),
    [
        ('CALL repeat {"text": "ab"}', "abab"),
        ('CALL repeat {"text": "ab", "times": 3}', "ababab"),
        ('  CALL calculate {"expression": "6 * 7"}  ', 42),
    ],
)
def test_a_line_calls_a_function(line: str, value: object) -> None:
    assert Toolbox(repeat, calculate).call(line) == value


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("repeat", "no such tool"),
        ("CALL open {}", "no such tool: open"),
        ("CALL repeat text", "JSON object"),
        ('CALL repeat ["ab"]', "JSON object"),
        ("CALL repeat", "missing a required argument"),
        ('CALL repeat {"text": "a", "colour": 1}', "unexpected keyword argument"),
        ('CALL calculate {"expression": "open(1)"}', "no arithmetic"),
    ],
)
def test_what_calls_nothing_is_refused(line: str, reason: str) -> None:
    with pytest.raises(Refused, match=reason):
        Toolbox(repeat, calculate).call(line)
