"""Which trouble a text tells of."""

from __future__ import annotations

import re

from penstock.report.troubles import TROUBLES
from penstock.report.troubles.trouble import Trouble


def of_reason(*texts: str | None) -> Trouble | None:
    """What a job's reason and remedy tell of, None where nothing is known of it."""
    said = "\n".join(text for text in texts if text)
    return next((each for each in TROUBLES if any(words in said for words in each.words)), None)


def of_code(code: str) -> Trouble | None:
    """The entry of a code, in any case of its letter."""
    return next((each for each in TROUBLES if each.code == code.upper()), None)


def plain(text: str) -> str:
    """An entry's text without what marks links on its page."""
    return re.sub(r"\[([^\]]+)\]\([^)]+\)", r"\1", text)


def lines(trouble: Trouble) -> tuple[str, ...]:
    """The entry, as a terminal shows it."""
    return (
        f"{trouble.code}: {trouble.title}",
        f"  {plain(trouble.cause)}",
        f"  remedy  {plain(trouble.remedy)}",
        f"  e.g.    {trouble.example}",
    )
