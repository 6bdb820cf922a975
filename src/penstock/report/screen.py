"""What is known of the screen, and the few words that all text for it is made of."""

from __future__ import annotations

import unicodedata
from enum import Enum

from penstock.report import sanitize
from penstock.value import Value

# The width of what is no screen (a file, a pipe, a CI log): nothing is cut and nothing wrapped.
UNLIMITED = 1 << 20


class Screen(Value, frozen=True, kw_only=True):
    """Where text goes. `width` in cells; without `unicode` every mark has an ASCII form."""

    width: int = 100
    color: bool = False
    unicode: bool = True


class Mark(Enum):
    """The sign before a line: its character, its ASCII form, its SGR colour."""

    GOOD = ("✓", "+", "32")
    BAD = ("✗", "x", "31")
    NOT_RUN = ("\N{EN DASH}", "-", "33")
    WARN = ("!", "!", "33")


# Characters of our own text that a screen without Unicode gets in another form.
_ASCII = str.maketrans(
    {
        "✓": "+",
        "✗": "x",
        "\N{EN DASH}": "-",
        "\N{EM DASH}": "-",
        "━": "=",
        "·": "|",
        "…": "~",
        "\N{MULTIPLICATION SIGN}": "x",
        "≥": ">",
        "→": ">",
    }
)


def mark(screen: Screen, kind: Mark) -> str:
    """One cell, coloured where colours are wanted."""
    character, ascii_form, sgr = kind.value
    return paint(screen, character if screen.unicode else ascii_form, sgr)


def paint(screen: Screen, text: str, sgr: str) -> str:
    """Our own text in a colour ("31" red, "32" green, "33" yellow, "1" bold, "2" dim), where colours are wanted."""
    return f"\x1b[{sgr}m{text}{sanitize.RESET}" if screen.color and sgr and text else text


def own(screen: Screen, text: str) -> str:
    """Our own text on a screen that may lack Unicode."""
    return text if screen.unicode else text.translate(_ASCII).encode("ascii", "replace").decode("ascii")


def cells(text: str) -> int:
    """How many cells of a terminal `text` (without escape sequences) takes."""
    if text.isascii():
        return len(text)
    return sum(_cells_of(character) for character in text)


def _cells_of(character: str) -> int:
    if character.isascii():
        return 1
    if unicodedata.combining(character) or unicodedata.category(character) in {"Mn", "Me", "Cf"}:
        return 0
    return 2 if unicodedata.east_asian_width(character) in "WF" else 1


def fit(screen: Screen, text: str, width: int) -> str:
    """`text` (without escape sequences) in at most `width` cells, its end marked where it was cut."""
    if cells(text) <= width:
        return text
    dots = "…" if screen.unicode else "..."
    return dots[: max(width, 0)] if width < len(dots) else take(text, width - len(dots)) + dots


def wrap(text: str, width: int, *, indent: int = 0) -> list[str]:
    """`text` (without escape sequences) on as many lines of `width` cells as it needs, those after the first indented.

    Broken at a space where there is one in the line's second half, else in the middle of a word. Nothing is lost but
    the space.
    """
    lines: list[str] = []
    start = ""
    while cells(text) > width - len(start):
        head = take(text, max(width - len(start), 1)) or text[0]
        space = head.rfind(" ")
        if text[len(head)] != " " and space > len(head) // 2:
            head = head[:space]
        lines.append(start + head)
        text = text[len(head) :].removeprefix(" ")
        start = " " * min(indent, width // 2)
    return [*lines, start + text]


def take(text: str, width: int) -> str:
    """The beginning of `text` (without escape sequences) that takes at most `width` cells."""
    taken = 0
    for number, character in enumerate(text):
        taken += _cells_of(character)
        if taken > width:
            return text[:number]
    return text


def pad(text: str, width: int) -> str:
    """`text` (without escape sequences) filled up to `width` cells."""
    return text + " " * (width - cells(text))


def seconds(duration_s: float) -> str:
    """`0.2s`, `13.9s`, `2m05s`, `1h02m`: rounded to what a reader wants to know."""
    if duration_s < 59.95:
        return f"{duration_s:.1f}s"
    whole = round(duration_s)
    if whole < 3600:
        return f"{whole // 60}m{whole % 60:02}s"
    return f"{whole // 3600}h{whole % 3600 // 60:02}m"


def age(past_s: float) -> str:
    """`12s ago`, `5m ago`, `2h ago`, `3d ago`; a time in the future is `just now` (clocks differ)."""
    for unit, size in (("d", 86_400), ("h", 3_600), ("m", 60), ("s", 1)):
        if past_s >= size:
            return f"{int(past_s // size)}{unit} ago"
    return "just now"
