"""Patterns for branches, tags and paths in GitHub's `on`: which names a list of them selects.

https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-syntax#filter-pattern-cheat-sheet
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cache

_TOKEN = re.compile(r"\*\*/|\*\*|\*|\?|\+|\[[^\]]+\]|\\.|.", re.DOTALL)
_SPECIAL = {"**/": "(?:.*/)?", "**": ".*", "*": "[^/]*", "?": "?", "+": "+"}  # the last two: of what stands before


def selected(patterns: Sequence[str], name: str) -> bool:
    """Whether the list selects the name. The last pattern that fits decides; `!` takes away what others gave."""
    found = False
    for pattern in patterns:
        if _expression(pattern.removeprefix("!")).fullmatch(name):
            found = not pattern.startswith("!")
    return found


@cache
def _expression(pattern: str) -> re.Pattern[str]:
    return re.compile("".join(map(_spelled, _TOKEN.findall(pattern))), re.DOTALL)


def _spelled(token: str) -> str:
    if token in _SPECIAL:
        return _SPECIAL[token]
    if len(token) > 1 and token.startswith("["):
        return f"[{re.escape(token[1:-1]).replace(chr(92) + '-', '-')}]"
    return re.escape(token[1:] if len(token) > 1 else token)
