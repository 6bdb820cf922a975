"""The files that a command is asked for.

A report of a verdict that cannot be written is told, and the verdict stays what it is; a file that the command is about
ends it.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from penstock.errors import StateError
from penstock.util import atomic

if TYPE_CHECKING:
    import argparse

    from penstock.cli.out import Out
    from penstock.report.story import Story


def arguments(parser: argparse.ArgumentParser) -> None:
    """The options that name them, of commands that come to a verdict."""
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the verdict as JSON")
    parser.add_argument("--junit", type=Path, metavar="FILE", help="write the tests as JUnit XML")


def write(json: Path | None, junit: Path | None, story: Story, out: Out) -> None:
    """Write those that are wanted."""
    if json is not None:
        from penstock.report import run_json

        _write(json, run_json.encode(story), out)
    if junit is not None:
        from penstock.report import junit as form

        _write(junit, form.text(story).encode("utf-8", "replace"), out)


def put(path: Path, content: bytes, *, name: str = "") -> None:
    """Write what the command is about. `name`: what it is called in the message. Raises StateError."""
    try:
        atomic.write(path, content)
    except OSError as error:
        raise StateError(f"{name or path} cannot be written: {error.strerror or error}") from error


def _write(path: Path, content: bytes, out: Out) -> None:
    try:
        atomic.write(path, content)
    except OSError as error:
        out.complain(f"penstock: {path} could not be written: {error.strerror}")
