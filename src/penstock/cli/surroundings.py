"""What a command stands in: the project's root, its state folder, the environment, the doors to the world."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

from penstock.cli import place
from penstock.cli.out import Out
from penstock.errors import NotVerifiedError, UsageError
from penstock.ports import Clock, Processes
from penstock.util.clock import SystemClock
from penstock.util.process import SystemProcesses

# A folder that holds one of these is a project; the nearest one upwards is meant.
_PROJECT_FILES = ("pyproject.toml", "penstock.toml", "setup.py", "setup.cfg")


class Surroundings(NamedTuple):
    """Read once at the start of a command."""

    root: Path
    state: Path
    environ: Mapping[str, str]
    processes: Processes
    clock: Clock
    out: Out


def look(out: Out, *, directory: str | None = None) -> Surroundings:
    """The surroundings of this process. Raises UsageError if `directory`, or the working folder, is none."""
    start = Path(directory) if directory else _here()
    if not _is_folder(start):
        raise UsageError(f"{start} is not a folder", remedy="name the project's folder after -C")
    root = project_root(start.resolve())
    state, note = place.of(root, os.environ)
    if note:
        out.complain(f"penstock: {note}")
    return Surroundings(
        root=root,
        state=state,
        environ=dict(os.environ),
        processes=SystemProcesses(),
        clock=SystemClock(),
        out=out,
    )


def _here() -> Path:
    try:
        return Path.cwd()
    except FileNotFoundError as error:
        raise UsageError("the working folder is not there any more", remedy="cd to the project") from error


def _is_folder(path: Path) -> bool:
    try:
        return path.is_dir()
    except OSError:  # a name that is too long for any
        return False


def project_root(start: Path) -> Path:
    """The nearest folder upwards that looks like a project, up to the repository's top; else `start` itself."""
    for folder in (start, *start.parents):
        if any((folder / name).is_file() for name in _PROJECT_FILES):
            return folder
        if (folder / ".git").exists():
            break
    return start


def uv_binary(environ: Mapping[str, str]) -> str:
    """The uv that came with penstock, by path; else the one on PATH. Raises NotVerifiedError if there is none."""
    beside = Path(sys.executable).parent / "uv"
    if beside.is_file():
        return str(beside)
    try:
        import uv

        return str(uv.find_uv_bin())
    except (ImportError, FileNotFoundError):
        import shutil

        found = shutil.which("uv", path=environ.get("PATH"))
    if found is None:
        raise NotVerifiedError("uv is not installed beside penstock", remedy="install penstock again: uv comes with it")
    return found
