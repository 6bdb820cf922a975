"""The report files that a command is asked for. One that cannot be written is told; the verdict stays what it is."""

from __future__ import annotations

from pathlib import Path

from penstock.cli.out import Out
from penstock.report.story import Story
from penstock.util import atomic


def write(json: Path | None, junit: Path | None, story: Story, out: Out) -> None:
    """Write those that are wanted."""
    if json is not None:
        from penstock.report import run_json

        _write(json, run_json.encode(story), out)
    if junit is not None:
        from penstock.report import junit as form

        _write(junit, form.text(story).encode("utf-8", "replace"), out)


def _write(path: Path, content: bytes, out: Out) -> None:
    try:
        atomic.write(path, content)
    except OSError as error:
        out.complain(f"penstock: {path} could not be written: {error.strerror}")
