"""A recorded screen as a picture: self-contained SVG that follows the reader's light or dark scheme.

Cells are placed on a grid and every run of text is stretched to it, so any monospaced font will do.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from penstock.report import sanitize
from penstock.report.screen import cells
from penstock.value import Value

_CELL = 8.4
_LINE = 19
_MARGIN = 18
_BAR = 34  # the window's upper edge

_SGR = re.compile(r"\x1b\[([0-9;]*)m")
_COLORS = {30: "black", 31: "red", 32: "green", 33: "yellow", 34: "blue", 35: "magenta", 36: "cyan", 37: "dim"}

# Contrast of each colour against its ground is at least 4.5 (WCAG 2.1 AA).
_STYLE = """
  .ground { fill: #f6f8fa } .edge { stroke: #d0d7de; fill: none } .dot { fill: #d0d7de }
  text { fill: #1f2328; font: 14px ui-monospace, SFMono-Regular, Menlo, Consolas, "DejaVu Sans Mono", monospace }
  .bold { font-weight: 700 } .dim { fill: #59636e } .black { fill: #1f2328 } .red { fill: #b3261e }
  .green { fill: #116329 } .yellow { fill: #7d4e00 } .blue { fill: #0550ae } .magenta { fill: #8250df }
  .cyan { fill: #0a6170 }
  @media (prefers-color-scheme: dark) {
    .ground { fill: #0d1117 } .edge { stroke: #30363d } .dot { fill: #30363d }
    text, .black { fill: #e6edf3 } .dim { fill: #8b949e } .red { fill: #ff7b72 } .green { fill: #56d364 }
    .yellow { fill: #e3b341 } .blue { fill: #79c0ff } .magenta { fill: #d2a8ff } .cyan { fill: #56d4dd }
  }
"""


class _Run(Value, frozen=True, kw_only=True):
    """Text of one look on one line, from a column on."""

    text: str
    column: int
    look: tuple[str, ...]


def draw(text: str, *, title: str, columns: int = 100) -> str:
    """`text` (with SGR colours) as an SVG document. `title` is what a screen reader says; `columns`: the least width.

    Foreign control characters are shown as escapes, as on a terminal.
    """
    lines = sanitize.text(text.rstrip("\n"), color=True).split("\n")
    runs = [list(_runs(line)) for line in lines]
    widest = max((run.column + cells(run.text) for line in runs for run in line), default=0)
    width = round(max(columns, widest) * _CELL + 2 * _MARGIN)
    height = _BAR + len(lines) * _LINE + _MARGIN
    size, label = f'width="{width}" height="{height}"', f'aria-label="{_escaped(title)}"'
    drawn = [_drawn(run, number) for number, line in enumerate(runs) for run in line if run.text.strip()]
    return "\n".join(
        [
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" {size} role="img" {label}>',
            f"<title>{_escaped(title)}</title>",
            f"<style>{_STYLE}</style>",
            f'<rect class="ground" width="{width}" height="{height}" rx="8"/>',
            f'<rect class="edge" x="0.5" y="0.5" width="{width - 1}" height="{height - 1}" rx="8"/>',
            *(f'<circle class="dot" cx="{20 + 18 * dot}" cy="17" r="5.5"/>' for dot in range(3)),
            *drawn,
            "</svg>",
            "",
        ]
    )


def _runs(line: str) -> Iterator[_Run]:
    look: tuple[str, ...] = ()
    column = end = 0
    for match in _SGR.finditer(line):
        piece = line[end : match.start()]
        if piece:
            yield _Run(text=piece, column=column, look=look)
        column += cells(piece)
        end = match.end()
        look = _look(match[1], look)
    if line[end:]:
        yield _Run(text=line[end:], column=column, look=look)


def _look(codes: str, before: tuple[str, ...]) -> tuple[str, ...]:
    """The classes after an SGR sequence. What the picture does not draw (backgrounds, underline) is passed over."""
    look = before
    for code in (int(part or 0) for part in codes.split(";")):
        if code == 0:
            look = ()
        elif code in {1, 2}:
            look = (*look, {1: "bold", 2: "dim"}[code])
        elif code == 22:
            look = tuple(name for name in look if name not in {"bold", "dim"})
        elif code == 39:
            look = tuple(name for name in look if name not in _COLORS.values())
        elif code in _COLORS or code - 60 in _COLORS:
            kept = tuple(name for name in look if name not in _COLORS.values())
            look = (*kept, _COLORS.get(code) or _COLORS[code - 60])
    return look


def _drawn(run: _Run, line: int) -> str:
    lead = len(run.text) - len(run.text.lstrip(" "))
    # No-break spaces: viewers differ in what they make of several spaces in a row.
    shown = run.text.strip(" ").replace(" ", "\u00a0")
    look = f' class="{" ".join(dict.fromkeys(run.look))}"' if run.look else ""
    x, y = _MARGIN + (run.column + lead) * _CELL, _BAR + line * _LINE + 14
    return f'<text x="{x:.1f}" y="{y}" textLength="{cells(shown) * _CELL:.1f}"{look}>{_escaped(shown)}</text>'


def _escaped(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").replace('"', "&quot;")
