"""What this room remembers of a tree, and by what it knows the tree again."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from pathlib import Path

from penstock.util import digest
from penstock.util.memory import Memory

_ANSWERING = ("scan", "scan/detect", "scan/detect/dependencies", "scan/resolution")


def of(
    root: str, files: Mapping[str, str], path: Path, more: Iterable[str] = (), *, by: tuple[str, ...] = ()
) -> Memory:
    """The memory in the file `path` of an answer made of the whole tree and `more`. `by`: other rooms that answer."""
    return Memory(path, (root, _tree(root, files), *more), by=(*_ANSWERING, *by))


def _tree(root: str, files: Mapping[str, str]) -> str:
    """One digest of all that can be read of a tree: its paths and contents, and what its links lead to.

    `files` as in `Snapshot.files`. A link may lead to a file that is not listed (an ignored one), so that one's size
    and times are looked at.
    """
    # Paths and digests hold no NUL, so that joining them is as good as `of_parts`, at a tenth of its cost.
    parts = [part for entry in sorted(files.items()) for part in entry]
    parts += [_behind(f"{root}/{name}") for name, content in files.items() if content.startswith("l")]
    return digest.of_text("\0".join(parts))


def _behind(link: str) -> str:
    try:
        found = os.stat(link)  # noqa: PTH116 - the path is a string, and the times are all that is wanted
    except OSError:
        return "leads nowhere"
    return f"{found.st_ino} {found.st_size} {found.st_mtime_ns} {found.st_ctime_ns}"
