"""Foreign text that means nothing where it stands: in Markdown, in HTML, in a workflow command (TRUST.md §6).

Markdown has no other safe place for foreign text than code: there, mentions, references, links, emphasis and HTML are
letters. A span of code is fenced by more backticks than it holds.
"""

from __future__ import annotations

import re

from penstock.report import sanitize
from penstock.util.plural import plural

_DOTS = "…"


def span(foreign: str, longest: int = 200, *, cell: bool = False) -> str:
    """A span of code of at most `longest` characters. `cell`: it stands in a table, where a bar ends a cell."""
    plain = sanitize.line(foreign).strip()
    plain = plain if len(plain) <= longest else plain[: longest - 1] + _DOTS
    if not plain:
        return ""
    fence = "`" * (max((len(run) for run in re.findall("`+", plain)), default=0) + 1)
    pad = " " if plain[0] == "`" or plain[-1] == "`" else ""
    made = f"{fence}{pad}{plain}{pad}{fence}"
    return made.replace("|", "\\|") if cell else made


def block(foreign: str, lines: int = 60, longest: int = 500, *, first: bool = False) -> list[str]:
    """A fenced block of code: the last `lines` lines (`first`: the first ones), each cut at `longest` characters; what
    is left out is counted.
    """
    every = [line.rstrip() for line in sanitize.text(foreign).strip("\n").split("\n")]
    shown = every[:lines] if first else every[-lines:]
    cut = [line if len(line) <= longest else line[: longest - 1] + _DOTS for line in shown]
    fence = "`" * max(3, *(len(run) + 1 for run in re.findall("`+", "\n".join(cut))), 3)
    left = (
        [f"({plural(len(every) - len(shown), 'line')} more{'' if first else ' above'})"]
        if len(every) > len(shown)
        else []
    )
    return [f"{fence}text", *([] if first else left), *cut, *(left if first else []), fence]


def command_value(foreign: str) -> str:
    """The text of a workflow command of GitHub's: percent, carriage return and line feed are its own signs."""
    plain = sanitize.text(foreign)
    return plain.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def command_property(foreign: str) -> str:
    """A property of one: colon and comma end it, too."""
    return command_value(foreign).replace(":", "%3A").replace(",", "%2C")
