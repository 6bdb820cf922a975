"""Folders that jobs keep for their own programs: pruned to what is declared of them, without leaving them.

Links are never followed: a folder behind a link, and one of another file system, is no part of the folder.
"""

from __future__ import annotations

import contextlib
import os
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from penstock.value import Value


class PrunedFolder(Value, frozen=True, kw_only=True):
    """What went: names below the folder with their bytes, oldest first; and how many bytes are left."""

    removed: tuple[tuple[str, int], ...]
    left_bytes: int

    @property
    def freed_bytes(self) -> int:
        """What went, in bytes."""
        return sum(size for _, size in self.removed)


class _File(NamedTuple):
    used_s: float  # wall time of its last use: the later of reading and writing
    name: str  # below the folder
    size: int


def prune(folder: Path, *, max_bytes: int | None, max_age_s: float | None, now_s: float, dry: bool) -> PrunedFolder:
    """Remove files unused for `max_age_s`, then the longest unused until `max_bytes` are left; `dry`: only tell.

    `now_s` is wall time. Links to what went and folders that became empty go, too. What cannot be removed stays and is
    counted as left. A folder that is not there is empty.
    """
    files = sorted(_files(folder))
    left_bytes = sum(file.size for file in files)
    chosen: dict[str, int] = {}
    for file in files:
        old = max_age_s is not None and file.used_s < now_s - max_age_s
        if old or (max_bytes is not None and left_bytes > max_bytes):
            chosen[file.name] = file.size
            left_bytes -= file.size
    if not dry:
        gone = _remove(folder, chosen)
        left_bytes += sum(size for name, size in chosen.items() if name not in gone)
        chosen = {name: size for name, size in chosen.items() if name in gone}
    return PrunedFolder(removed=tuple(chosen.items()), left_bytes=left_bytes)


def _files(folder: Path) -> Iterator[_File]:
    for inside, names, descriptor in _walk(folder):
        for name in names:
            with contextlib.suppress(OSError):  # gone meanwhile
                seen = os.stat(name, dir_fd=descriptor, follow_symlinks=False)
                if stat.S_ISREG(seen.st_mode):
                    yield _File(max(seen.st_atime, seen.st_mtime), f"{inside}{name}", seen.st_size)


def _walk(folder: Path) -> Iterator[tuple[str, list[str], int]]:
    """(path below the folder with a slash at its end, names of what is no folder, descriptor) of each folder.

    By descriptors, so that a folder that somebody replaces by a link meanwhile leads nowhere else.
    """
    try:
        device = folder.stat().st_dev
    except OSError:
        return
    for place, folders, names, descriptor in os.fwalk(folder, follow_symlinks=False):
        if os.fstat(descriptor).st_dev != device:
            folders.clear()
            continue
        inside = os.path.relpath(place, folder)
        yield "" if inside == "." else f"{inside}/", names, descriptor


def _remove(folder: Path, chosen: dict[str, int]) -> set[str]:
    """The names that are gone."""
    gone: set[str] = set()
    emptied: set[str] = set()
    for inside, names, descriptor in _walk(folder):
        for name in names:
            if f"{inside}{name}" in chosen:
                with contextlib.suppress(OSError):
                    os.unlink(name, dir_fd=descriptor)
                    gone.add(f"{inside}{name}")
                    emptied.add(inside)
    if gone:
        emptied |= _unlink_dangling(folder, gone)
    for inside in sorted(_with_parents(emptied), key=len, reverse=True):
        with contextlib.suppress(OSError):  # not empty
            (folder / inside).rmdir()
    return gone


def _unlink_dangling(folder: Path, gone: set[str]) -> set[str]:
    """Remove links to what went; gives the folders that held them."""
    held: set[str] = set()
    for inside, names, descriptor in _walk(folder):
        for name in names:
            with contextlib.suppress(OSError):  # no link, or gone meanwhile
                target = os.readlink(name, dir_fd=descriptor)
                if os.path.relpath(folder / inside / target, folder) in gone:
                    os.unlink(name, dir_fd=descriptor)
                    held.add(inside)
    return held


def _with_parents(folders: set[str]) -> set[str]:
    """The same with all that they lie in, but without the top."""
    parts = (inside.rstrip("/").split("/") for inside in folders if inside)
    return {"/".join(names[: count + 1]) for names in parts for count in range(len(names))}
