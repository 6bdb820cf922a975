"""Workspace copies: the tree of a snapshot with the generated files of a wheel laid over it, renewed where it changed.

A copy is complete when its stamp exists; the stamp tells what was copied, so that a renewal touches only what differs.
"""

from __future__ import annotations

import os
import zipfile
from collections.abc import Collection, Mapping
from pathlib import Path

import msgspec

from penstock.util import atomic, digest, tree
from penstock.value import Value

_STAMP = "penstock-workspace.json"
_KEPT = frozenset({"__pycache__", ".pytest_cache", ".mypy_cache", ".ruff_cache", ".hypothesis"})  # tools' own caches


class _Stamp(Value, frozen=True, kw_only=True):
    """What lies in a copy: path -> (digest of its source, size, mtime in ns as copied)."""

    sources: str
    files: Mapping[str, tuple[str, int, int]]


class Overlay(Value, frozen=True, kw_only=True):
    """What is laid over the tree: paths in `wheel` (a zip file) -> paths in the copy. `digest`: the wheel's."""

    wheel: str
    digest: str
    files: tuple[tuple[str, str], ...]


def current(folder: Path, sources: str, overlay: Overlay | None) -> bool:
    """Whether the copy in `folder` is of these sources (their digest) and this overlay."""
    stamp = _load(folder)
    return stamp is not None and stamp.sources == _sources(sources, overlay)


def place(folder: Path) -> Path:
    """Where the tree lies in a workspace's folder."""
    return folder / "tree"


def renew(folder: Path, root: Path, files: Mapping[str, str], sources: str, overlay: Overlay | None) -> Path:
    """Make or bring up to date the copy of `files` (path -> digest) of `root`. Returns its path. Raises OSError.

    What tests of an earlier run left or changed in it is undone. Hold the workspace's lock.
    """
    stamp = _load(folder)
    copy = place(folder)
    if stamp is None:
        tree.remove(folder)
        copy.mkdir(parents=True)
    (folder / _STAMP).unlink(missing_ok=True)
    known = stamp.files if stamp is not None else {}
    over = {target: overlay.digest for _, target in overlay.files} if overlay else {}
    wanted = dict(files) | over
    stale = [
        name
        for name, (sha, size, mtime) in known.items()
        if wanted.get(name) != sha or _stat(copy / name) != (size, mtime)
    ]
    for name in stale:
        tree.remove(copy / name)
    _remove_strangers(copy, wanted.keys())
    fresh = wanted.keys() - (known.keys() - set(stale))
    tree.copy_files(root, sorted(fresh - over.keys()), copy)
    _lay(overlay, fresh, copy)
    about = {name: (sha, *_stat(copy / name)) for name, sha in wanted.items()}
    atomic.write(folder / _STAMP, msgspec.json.encode(_Stamp(sources=_sources(sources, overlay), files=about)))
    return copy


def _lay(overlay: Overlay | None, fresh: set[str], copy: Path) -> None:
    if overlay is None:
        return
    with zipfile.ZipFile(overlay.wheel) as archive:
        for entry, target in overlay.files:
            if target in fresh:
                (copy / target).parent.mkdir(parents=True, exist_ok=True)
                (copy / target).write_bytes(archive.read(entry))
                (copy / target).chmod(0o755 if ".so" in target else 0o644)


def _remove_strangers(copy: Path, wanted: Collection[str]) -> None:
    """Remove files that belong to nobody: an earlier run's tests wrote them."""
    for folder, folders, names in os.walk(copy):
        folders[:] = [name for name in folders if name not in _KEPT]
        inside = os.path.relpath(folder, copy)
        for name in names:
            path = name if inside == "." else f"{inside}/{name}"
            if path not in wanted:
                tree.remove(copy / path)


def _stat(path: Path) -> tuple[int, int]:
    try:
        found = path.lstat()
    except OSError:
        return (-1, -1)
    return (found.st_size, found.st_mtime_ns)


def _sources(sources: str, overlay: Overlay | None) -> str:
    return digest.of_parts([sources, overlay.digest if overlay else ""])


def _load(folder: Path) -> _Stamp | None:
    try:
        return msgspec.json.decode((folder / _STAMP).read_bytes(), type=_Stamp)
    except (OSError, ValueError):
        return None
