"""What was found out once, sealed with all that it was made of: for the same things nobody is asked again.

A memory that is damaged, was made of something else or cannot be written is not used; a fresh answer takes its place.
"""

from __future__ import annotations

import contextlib
import os
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TypeVar

import msgspec

from penstock import __version__
from penstock.util import atomic, digest

_T = TypeVar("_T")

_OWN = Path(__file__).parent.parent


class Memory:
    """One answer in the file `path`. `made_of`: everything that could change it. `by`: who answers, as folders of
    penstock's sources: they change while it is being worked on.
    """

    def __init__(self, path: Path, made_of: Iterable[str], *, by: tuple[str, ...]) -> None:
        self._path = path
        self._key = digest.of_parts((__version__, sys.version, *_sources((*by, "model")), *made_of)).encode()

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


def _sources(folders: Iterable[str]) -> Iterator[str]:
    """The sources in `folders` by size and time; none where penstock is not installed as files."""
    with contextlib.suppress(OSError):
        for folder in folders:
            with os.scandir(_OWN / folder) as found:
                sources = sorted((entry.name, entry.stat()) for entry in found if entry.name.endswith(".py"))
            yield from (f"{folder}/{name} {seen.st_size} {seen.st_mtime_ns}" for name, seen in sources)
