"""Copies of trees: only the files named, by reflink where the file system can, else by content.

shutil, with its archive formats, costs 3 ms: it is imported by the first function that copies or removes.
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterable
from pathlib import Path

_FICLONE = 0x40049409  # linux/fs.h: share the blocks of one file with another (btrfs, xfs)


def copy_file(source: Path, target: Path) -> None:
    """Copy content, mode and times; a symbolic link stays one. The target must not exist. Raises OSError."""
    if source.is_symlink():
        target.symlink_to(source.readlink())
        return
    import shutil

    if not _reflink(source, target):
        shutil.copyfile(source, target)
    shutil.copystat(source, target)


def _reflink(source: Path, target: Path) -> bool:
    """Try to share blocks. False, with nothing left, where the platform or file system cannot."""
    try:
        import fcntl
    except ImportError:
        return False
    with source.open("rb") as reading, target.open("xb") as writing:
        try:
            fcntl.ioctl(writing, _FICLONE, reading.fileno())
        except OSError:
            pass
        else:
            return True
    target.unlink()
    return False


def can_share(source: Path, target: Path) -> bool:
    """Whether files of the folder `source` could share their blocks with files in `target`. Tried, not guessed."""
    probe = target / f".share-{os.getpid()}"
    try:
        if source.stat().st_dev != target.stat().st_dev:
            return False
        probe.write_bytes(b"x")
        return _reflink(probe, probe.with_suffix(".copy"))
    except OSError:
        return False
    finally:
        probe.unlink(missing_ok=True)
        probe.with_suffix(".copy").unlink(missing_ok=True)


def copy_files(root: Path, names: Iterable[str], target: Path) -> None:
    """Copy the files `names` (relative to `root`) into `target`, making folders.

    A file that vanished meanwhile is left out: the tree is being edited, and the digests will tell.
    """
    made: set[Path] = set()
    for name in names:
        goal = target / name
        if goal.parent not in made:
            goal.parent.mkdir(parents=True, exist_ok=True)
            made.add(goal.parent)
        with contextlib.suppress(FileNotFoundError):
            copy_file(root / name, goal)


def remove(path: Path) -> None:
    """Remove a file or a whole folder, also one whose parts are read-only. What is absent is fine. Raises OSError."""
    import shutil

    if path.is_symlink() or path.is_file():
        path.unlink(missing_ok=True)
    elif path.is_dir():
        for folder, _, _ in os.walk(path):
            with contextlib.suppress(OSError):
                Path(folder).chmod(0o700)
        shutil.rmtree(path)


def discard(folder: Path) -> None:
    """Remove a folder as far as that can be done; what cannot be removed stays."""
    if folder.is_dir():
        import shutil

        shutil.rmtree(folder, ignore_errors=True)
