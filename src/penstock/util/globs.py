"""Path patterns as users know them from .gitignore: `docs/**`, `*.md`, `src/*.py`, `mkdocs.yml`, `!docs/drafts/**`."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import cache

_TOKENS = {"/**/": "/(?:.*/)?", "**/": "(?:.*/)?", "/**": "/.*", "**": ".*", "*": "[^/]*", "?": "[^/]"}


def matching(patterns: tuple[str, ...], paths: Iterable[str]) -> list[str]:
    """The paths that the patterns select, in their order. A later `!pattern` takes away what earlier ones selected."""
    if not any(pattern.startswith("!") for pattern in patterns):
        found = re.compile("|".join(f"(?:{_expression(pattern)})" for pattern in patterns) or r"(?!)").match
        return [path for path in paths if found(path)]
    return [path for path in paths if _selected(patterns, path)]


def first_match(patterns: tuple[str, ...], paths: Iterable[str]) -> str | None:
    """The first path, in alphabetical order, that the patterns select."""
    return min(matching(patterns, paths), default=None)


def _selected(patterns: tuple[str, ...], path: str) -> bool:
    selected = False
    for pattern in patterns:
        if re.match(_expression(pattern.removeprefix("!")), path):
            selected = not pattern.startswith("!")
    return selected


@cache
def _expression(pattern: str) -> str:
    """A pattern without a slash (but at its end) matches at any depth; one with a slash starts at the root.

    `*` and `?` stop at a slash, `**` does not; what names a folder takes in all that is below it.
    """
    anchored = "/" in pattern.rstrip("/")
    body = pattern.strip("/").removeprefix("./")
    if body in ("", "."):
        return ".*"
    parts = ["" if anchored else "(?:.*/)?"]
    position = 0
    while position < len(body):
        token = next((name for name in _TOKENS if body.startswith(name, position)), None)
        if token is not None:
            parts.append(_TOKENS[token])
        else:
            token = _bracket(body, position) or body[position]
            parts.append(_class(token) if len(token) > 1 else re.escape(token))
        position += len(token)
    return "".join(parts) + r"(?:/.*)?\Z"


def _bracket(body: str, position: int) -> str | None:
    """The whole `[abc]` at `position`; None if there is none that means something."""
    end = body.find("]", position + 2) if body[position] == "[" else -1
    if end < 0:
        return None
    token = body[position : end + 1]
    try:
        re.compile(_class(token))
    except re.error:
        return None
    return token


def _class(token: str) -> str:
    inside = token[1:].replace("\\", "\\\\").replace("[", "\\[")
    return f"[^{inside[1:]}" if inside.startswith("!") else f"[{inside}"
