"""The version that a project declares in its own description."""

from __future__ import annotations

import tomllib
from pathlib import Path

from penstock.util import texts


def version(root: Path) -> str | None:
    """As pyproject.toml has it; None where it is only known once it is built (`dynamic`), or stands elsewhere."""
    try:
        found = tomllib.loads(texts.read(root / "pyproject.toml") or "")
    except (tomllib.TOMLDecodeError, RecursionError):
        return None
    for table in (found.get("project"), _inner(found, "tool", "poetry")):
        told = table.get("version") if isinstance(table, dict) else None
        if isinstance(told, str):
            return told
    return None


def _inner(table: object, *names: str) -> object:
    for name in names:
        table = table.get(name) if isinstance(table, dict) else None
    return table
