"""Rows as aligned text: numbers to the right, the last column free, foreign text made safe."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from penstock.report import sanitize
from penstock.report.screen import Screen, cells, fit, own, paint

_GAP = 2


def table(columns: Sequence[str], rows: Iterable[Sequence[object]], screen: Screen) -> str:
    """A line of names and a line a row. A column that is empty throughout is left out, unless all are."""
    told = [[_cell(value) for value in row] for row in rows]
    shown = [at for at in range(len(columns)) if any(row[at] for row in told)] or list(range(len(columns)))
    heads = [columns[at].removesuffix("_percent") + " %" * columns[at].endswith("_percent") for at in shown]
    kept = [[row[at] for at in shown] for row in told]
    right = [all(_number(row[at]) for row in kept) for at in range(len(shown))]
    wide = [max(map(cells, (head, *(row[at] for row in kept)))) for at, head in enumerate(heads)]
    lines = [paint(screen, _line(screen, heads, wide, right), "2")]
    lines += [_line(screen, row, wide, right) for row in kept]
    return "\n".join(lines)


def _line(screen: Screen, texts: Sequence[str], wide: Sequence[int], right: Sequence[bool]) -> str:
    pieces = []
    for text, width, to_the_right in zip(texts, wide, right, strict=True):
        blank = " " * (width - cells(text))
        pieces.append(blank + text if to_the_right else text + blank)
    return fit(screen, own(screen, (" " * _GAP).join(pieces).rstrip()), screen.width)


def _cell(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, float):
        return _float(value)
    return sanitize.line(str(value))


def _float(number: float) -> str:
    """As many digits as a person compares by."""
    if number and abs(number) < 1:
        return f"{number:.2g}" if abs(number) >= 1e-4 else f"{number:.5f}"
    return f"{number:.2f}" if abs(number) < 1000 else f"{number:.0f}"


def _number(text: str) -> bool:
    return not text or text.replace(".", "", 1).replace("-", "", 1).isdigit()
