"""What was found out once, sealed with all that it was made of: an unchanged tree is not asked again.

A memory that is damaged, was made of something else or cannot be written is not used; a fresh answer takes its place.
"""

from __future__ import annotations

import contextlib
import os
import sys
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import TypeVar

import msgspec

from penstock import __version__
from penstock.util import atomic, digest

_T = TypeVar("_T")

_OWN = Path(__file__).parent.parent
_ANSWERING = ("scan", "scan/detect", "scan/detect/dependencies", "scan/resolution", "model")  # folders of _OWN


class Memory:
    """One answer in the file `path`. `made_of`: everything that could change it."""

    def __init__(self, path: Path, made_of: Iterable[str]) -> None:
        self._path = path
        self._key = digest.of_parts((*_answering(), *made_of)).encode()

    def recall(self, kind: type[_T]) -> _T | None:
        """The answer, if it was made of the same."""
        try:
            seal, _, text = self._path.read_bytes().partition(b"\n")
            return msgspec.json.decode(text, type=kind) if seal == self._seal(text) else None
        except (OSError, ValueError, RecursionError):
            return None

    def keep(self, answer: object) -> None:
        """Write it down, if that can be done: a read-only folder and names that are not UTF-8 cannot be kept."""
        with contextlib.suppress(OSError, ValueError):
            text = msgspec.json.encode(answer)
            atomic.write(self._path, self._seal(text) + b"\n" + text)

    def _seal(self, text: bytes) -> bytes:
        return digest.of_bytes(self._key + text).encode()


def of_tree(root: str, files: Mapping[str, str]) -> str:
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


def _answering() -> Iterator[str]:
    """Who answers: penstock's version and sources (which change while it is being worked on), and the Python."""
    yield from (__version__, sys.version)
    with contextlib.suppress(OSError):
        for folder in _ANSWERING:
            with os.scandir(_OWN / folder) as found:
                sources = sorted((entry.name, entry.stat()) for entry in found if entry.name.endswith(".py"))
            yield from (f"{folder}/{name} {seen.st_size} {seen.st_mtime_ns}" for name, seen in sources)
