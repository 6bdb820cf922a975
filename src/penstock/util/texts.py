"""Text files that may not be there."""

from __future__ import annotations

from pathlib import Path


def read(path: Path) -> str | None:
    """The text, with what is not UTF-8 replaced; None where there is no file that can be read."""
    try:
        return path.read_text(encoding="utf-8", errors="replace")
    except OSError:
        return None
