from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from penstock.report import sanitize
from penstock.report.screen import Screen, age, cells, fit, pad, seconds
from penstock.util.plural import plural

_ALLOWED = re.compile(r"\x1b\[[0-9;:]*m")
# With surrogates, controls and everything else.
anything = st.text(st.characters(codec=None), max_size=60)


@pytest.mark.parametrize(
    ("foreign", "shown"),
    [
        ("plain", "plain"),
        ("a\tb", "a   b"),
        ("a\r\nb", "a\nb"),
        ("50%\r100%", "50%\\x0d100%"),
        ("\x1b[2J", "\\x1b[2J"),
        ("\x1b]0;owned\x07", "\\x1b]0;owned\\x07"),
        ("\x1b[31mred\x1b[0m", "red"),
        ("\x9b2J", "\\x9b2J"),
        ("\u202egnp.exe", "\\u202egnp.exe"),
        ("\udcff", "\\xff"),
        ("\ud800", "\\ud800"),
        ("\x00", "\\x00"),
        ("\U000e0041", "\\U000e0041"),
        ("naïve 日本語 👩‍💻", "naïve 日本語 👩‍💻"),
    ],
)
def test_what_is_shown(foreign: str, shown: str) -> None:
    assert sanitize.text(foreign) == shown


def test_colours_pass_only_where_they_are_wanted_and_end_with_their_line() -> None:
    assert sanitize.text("\x1b[1;31mred\nnext", color=True) == "\x1b[1;31mred\x1b[0m\nnext"
    assert sanitize.text("\x1b[1;31mred\x1b[5n", color=True) == "\x1b[1;31mred\\x1b[5n\x1b[0m"


def test_a_line_stays_one() -> None:
    assert sanitize.line("a\nb\n") == "a\\nb"


@given(anything, st.booleans())
def test_nothing_but_colours_ever_reaches_the_screen(foreign: str, color: object) -> None:
    text = sanitize.text(foreign, color=bool(color))
    text.encode("utf-8")
    rest = _ALLOWED.sub("", text) if color else text
    for character in rest:
        assert character == "\n" or not (character < " " or "\x7f" <= character <= "\x9f"), repr(character)
        assert character not in "\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\u200e\u200f\u061c\ufeff"


@given(anything)
def test_a_line_has_no_newline(foreign: str) -> None:
    assert "\n" not in sanitize.line(foreign)


@given(anything, st.integers(0, 80), st.sampled_from([Screen(), Screen(unicode=False)]))
def test_what_is_fitted_fits(foreign: str, width: int, screen: Screen) -> None:
    clean = sanitize.line(foreign)
    assert cells(fit(screen, clean, width)) <= width
    assert cells(pad(clean, width)) >= width


def test_wide_characters_take_two_cells() -> None:
    assert cells("日本") == 4
    assert cells("e\u0301") == 1
    assert fit(Screen(), "日本語", 5) == "日本…"


@pytest.mark.parametrize(
    ("duration_s", "told"), [(0.21, "0.2s"), (13.94, "13.9s"), (59.97, "1m00s"), (125.0, "2m05s"), (3725.0, "1h02m")]
)
def test_seconds(duration_s: float, told: str) -> None:
    assert seconds(duration_s) == told


@pytest.mark.parametrize(
    ("past_s", "told"), [(-5, "just now"), (0.4, "just now"), (12, "12s ago"), (7300, "2h ago"), (200_000, "2d ago")]
)
def test_age(past_s: float, told: str) -> None:
    assert age(past_s) == told


def test_plural() -> None:
    assert (plural(1, "job"), plural(0, "job")) == ("1 job", "0 jobs")
