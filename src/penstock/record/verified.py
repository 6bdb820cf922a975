"""Which files of the history were checked a short while ago, and have not been touched since.

To digest all files with every question costs more than many a question. So `history/verified` remembers of each file
that was what had been written: its digest, its size, both its times, its inode, and when that was. One that differs in
any of these is digested anew, as is every file when a day is over: what a disk loses under a file changes none of them.
A memory, and no more: where it is damaged, gone or cannot be written, all files are digested. It belongs to one
machine and is not carried.
"""

from __future__ import annotations

import contextlib
import os
import zlib
from collections.abc import Iterable
from pathlib import Path

import msgspec

from penstock.util import atomic, digest
from penstock.value import Value

NAME = "verified"
KEPT_S = 86_400.0
# A file that was touched so shortly before its check could be touched again within the same tick of the clock that file
# systems write down (up to two seconds on some): nothing would show it.
_SETTLED_S = 3.0


class Seen(Value, frozen=True, array_like=True):
    """What one file looked like when its digest was `sha256`. `checked_s`: when, epoch seconds."""

    sha256: str
    size: int
    mtime_ns: int
    ctime_ns: int
    inode: int
    checked_s: float


class Verified:
    """The memory of the history in `folder`. `now_s`: epoch seconds; None: remember nothing and digest every file."""

    def __init__(self, folder: Path, now_s: float | None) -> None:
        self._folder = folder
        self._now_s = now_s
        self._before = _read(folder / NAME) if now_s is not None else {}
        self._now: dict[str, Seen] = {}

    def fits(self, path: str, sha256: str) -> bool:
        """Whether the file (relative to the history) is what was written. Raises OSError."""
        place = self._folder / path
        found = place.stat()
        seen = self._before.get(path)
        if seen is not None and self._recent(seen) and seen == _seen(found, sha256, seen.checked_s):
            self._now[path] = seen
            return True
        fits = digest.of_file(place) == sha256
        if fits and self._now_s is not None and max(found.st_mtime, found.st_ctime) < self._now_s - _SETTLED_S:
            self._now[path] = _seen(found, sha256, self._now_s)
        return fits

    def _recent(self, seen: Seen) -> bool:
        return self._now_s is not None and 0 <= self._now_s - seen.checked_s < KEPT_S

    def keep(self) -> None:
        """Remember what was checked now, and what was still known. What cannot be written is not remembered."""
        if self._now_s is not None and self._now != self._before:
            with contextlib.suppress(OSError):
                atomic.write(self._folder / NAME, _encode(self._now.items()))


def _seen(found: os.stat_result, sha256: str, checked_s: float) -> Seen:
    return Seen(sha256, found.st_size, found.st_mtime_ns, found.st_ctime_ns, found.st_ino, checked_s)


def _encode(seen: Iterable[tuple[str, Seen]]) -> bytes:
    text = msgspec.json.encode(dict(seen))
    return b"%08x %b\n" % (zlib.crc32(text), text)


def _read(path: Path) -> dict[str, Seen]:
    """What is remembered; nothing where the file is not whole."""
    try:
        checksum, _, text = path.read_bytes().rstrip(b"\n").partition(b" ")
        if checksum != b"%08x" % zlib.crc32(text):
            return {}
        return msgspec.json.decode(text, type=dict[str, Seen])
    except (OSError, msgspec.MsgspecError, UnicodeDecodeError):
        return {}
