"""What a job makes in the tree (`outputs = ["site/**"]`): kept with its result, and laid back on a hit.

So a job that is cached leaves the same files as one that ran. Kept under `outputs/` in the job's folder.
"""

from __future__ import annotations

import os
from pathlib import Path

from penstock.util import digest, globs, tree

OUTPUTS = "outputs"
_SKIPPED = frozenset({".git", ".penstock", "__pycache__"})


def keep(patterns: tuple[str, ...], workspace: Path, folder: Path) -> tuple[str, ...]:
    """Copy what matches in `workspace` into `folder`/outputs. Gives the patterns that match nothing. Raises OSError."""
    names = list(_files(workspace))
    found = globs.matching(patterns, names)
    tree.copy_files(workspace, found, folder / OUTPUTS)
    wanted = (pattern for pattern in patterns if not pattern.startswith("!"))
    return tuple(pattern for pattern in wanted if not globs.matching((pattern,), names))


def matching(patterns: tuple[str, ...], workspace: Path) -> tuple[str, ...]:
    """The files that `keep` would copy."""
    return tuple(globs.matching(patterns, _files(workspace)))


def lay(folder: Path, root: Path) -> None:
    """Lay the kept outputs into `root` where they differ from what is there. Raises OSError."""
    kept = folder / OUTPUTS
    stale = [name for name in _files(kept) if not _same(kept / name, root / name)]
    for name in stale:
        tree.remove(root / name)
    tree.copy_files(kept, stale, root)


def _files(folder: Path) -> list[str]:
    found: list[str] = []
    for place, folders, names in os.walk(folder):
        folders[:] = sorted(name for name in folders if name not in _SKIPPED)
        inside = os.path.relpath(place, folder)
        found += [name if inside == "." else f"{inside}/{name}" for name in sorted(names)]
    return found


def _same(one: Path, other: Path) -> bool:
    try:
        return one.stat().st_size == other.stat().st_size and digest.of_file(one) == digest.of_file(other)
    except OSError:
        return False
