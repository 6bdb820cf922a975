"""Which files differ from the base, for path filters: the names alone, of all kinds of files."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from penstock.model.snapshot import Base
from penstock.ports import Processes
from penstock.scan import git

_DIFF = ("diff", "--name-only", "--relative", "--no-renames", "--no-ext-diff", "--ignore-submodules=dirty", "-z")


def of(root: Path, base: Base, *, processes: Processes, environ: Mapping[str, str]) -> tuple[str, ...] | None:
    """Paths relative to `root`, sorted: what the commits since the base and the working tree add, edit and delete, a
    moved file by both of its names. None where that is not known, and where nothing differs: the base branch itself is
    no change to it, and what its newest commit is about is not what it should be held against.
    """
    if not base.commit:
        return None
    tracked = git.said(root, (*_DIFF, base.commit, "--", "."), processes, environ)
    new = git.said(root, ("ls-files", "--others", "--exclude-standard", "-z", "--", "."), processes, environ)
    if tracked is None or new is None:
        return None
    return tuple(sorted(filter(None, {*tracked.split("\0"), *new.split("\0")}))) or None
