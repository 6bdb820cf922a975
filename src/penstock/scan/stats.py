"""Digests of files that need not be read again: size, times and inode say that a file is as it was."""

from __future__ import annotations

import os
import stat
from pathlib import Path
from types import TracebackType
from typing import Self

import msgspec

from penstock.util import atomic, digest

# mode, size, mtime_ns, ctime_ns, inode, digest. The change time cannot be set by hand, as the modification time can.
_Row = tuple[int, int, int, int, int, str]
_FINE_NS = 100_000_000  # clocks of file systems tick every 1 to 10 ms; ten times that
_SMALL_BYTES = 1 << 20  # read whole; larger ones in pieces
_COARSE_NS = 2_000_000_000  # FAT; whole seconds are taken for a sign of a coarse one


class StatCache:
    """A file of digests by path; to be used in `with`. Raises nothing: what cannot be kept is read again.

    A file that changed while or just before it was read can change again without its times moving. So entries are kept
    only for files that were older than `_FINE_NS` when the reading began, by the clock of the cache's file system.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._old: dict[str, _Row] = {}
        self._new: dict[str, _Row] = {}
        self._began_ns = 0

    def __enter__(self) -> Self:
        try:
            self._old = msgspec.json.decode(self._path.read_bytes(), type=dict[str, _Row])
        except (OSError, ValueError):
            self._old = {}
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if error is not None or self._new == self._old:
            return
        try:
            atomic.write(self._path, msgspec.json.encode(self._new))
        except (OSError, ValueError):  # a read-only checkout, a file name that is not UTF-8: nothing is remembered
            return

    def digest(self, path: str, name: str) -> str | None:
        """The digest of the file at `path`, kept under `name`; None for what is neither a file nor a link, or gone."""
        try:
            found = os.lstat(path)
        except OSError:
            return None
        seen = (found.st_mode, found.st_size, found.st_mtime_ns, found.st_ctime_ns, found.st_ino)
        row = self._old.get(name)
        if row is not None and row[:5] == seen:
            self._new[name] = row
            return row[5]
        settled = self._is_settled(found)
        read = _read(path, found.st_mode)
        if read is not None and settled:
            self._new[name] = (*seen, read)
        return read

    def _is_settled(self, found: os.stat_result) -> bool:
        """Whether a later change is sure to move the file's times. The clock is looked at before the file is read."""
        if self._began_ns == 0:
            self._began_ns = _now_ns(self._path.parent)
        margin = _FINE_NS if found.st_mtime_ns % 1_000_000_000 else _COARSE_NS
        return max(found.st_mtime_ns, found.st_ctime_ns) + margin < self._began_ns


def _now_ns(folder: Path) -> int:
    """The file system's clock, by a file made for it; -1 where none can be made (nothing is kept then)."""
    stamp = folder / f".now-{os.getpid()}"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        stamp.touch()
        now_ns = stamp.stat().st_mtime_ns
        stamp.unlink()
    except OSError:
        return -1
    return now_ns


def _read(path: str, mode: int) -> str | None:
    import hashlib  # what has to be read is worth it

    try:
        if stat.S_ISLNK(mode):
            return "l" + digest.of_bytes(os.fsencode(Path(path).readlink()))
        if not stat.S_ISREG(mode):
            return None
        with open(path, "rb", buffering=0) as stream:  # noqa: PTH123 - a Path for each file costs more than reading it
            small = os.fstat(stream.fileno()).st_size <= _SMALL_BYTES
            read = hashlib.sha256(stream.read()) if small else hashlib.file_digest(stream, "sha256")
            return read.hexdigest() + ("x" if mode & stat.S_IXUSR else "")
    except OSError:
        return None
