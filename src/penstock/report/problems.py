"""Configuration problems as text: place, message, excerpt with a caret, remedy, one after another, and a count."""

from __future__ import annotations

from collections.abc import Sequence

from penstock.errors import Problem
from penstock.util.plural import plural

WIDTH = 100  # characters of a source line that are shown


def render(problems: Sequence[Problem]) -> str:
    """All problems. Only printable characters and newlines come out, whatever the file holds."""
    count = f"{plural(len(problems), 'problem')}; nothing was run"
    return "\n\n".join([*(_one(problem) for problem in problems), count]) + "\n"


def plain(text: str) -> str:
    """`text` with every character that a terminal might act on (controls, bidi, surrogates) shown as an escape."""
    if text.isprintable():
        return text
    return "".join(letter if letter.isprintable() else _escaped(letter) for letter in text)


def _escaped(letter: str) -> str:
    return {"\t": "    ", "\n": "\\n", "\r": "\\r"}.get(
        letter, letter.encode("unicode_escape", "surrogatepass").decode()
    )


def _one(problem: Problem) -> str:
    place = f"{plain(str(problem.place))}: " if problem.place else ""
    lines = [f"{place}{problem.code} {plain(problem.message)}"]
    lines += _excerpt(problem)
    if problem.remedy:
        lines.append(f"  = {plain(problem.remedy)}")
    return "\n".join(lines)


def _excerpt(problem: Problem) -> list[str]:
    """The source line with a caret under the column; of a long line, the part around it."""
    place = problem.place
    if not problem.excerpt or place is None or place.line is None:
        return []
    gutter = " " * len(str(place.line))
    column = min(place.column or 1, len(problem.excerpt) + 1)
    start = max(0, column - WIDTH // 2) if len(problem.excerpt) > WIDTH else 0
    before = plain(problem.excerpt[start : column - 1])
    after = plain(problem.excerpt[column - 1 : start + WIDTH])
    source = ("…" if start else "") + before + after + ("…" if len(problem.excerpt) > start + WIDTH else "")
    shown = [f"  {gutter} |", f"  {place.line} | {source}"]
    if place.column is None or place.column > len(problem.excerpt) + 1:
        return shown
    return [*shown, f"  {gutter} | {' ' * _columns(('…' if start else '') + before)}^"]


def _columns(text: str) -> int:
    """How wide the text stands on a terminal: East Asian wide characters take two columns, marks none."""
    if text.isascii():
        return len(text)
    from unicodedata import combining, east_asian_width

    return sum(0 if combining(letter) else 1 + (east_asian_width(letter) in "WF") for letter in text)
