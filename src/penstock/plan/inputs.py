"""What a job reads of the tree, as one digest; and a small form of it by which a later miss can name the files."""

from __future__ import annotations

import zlib
from binascii import Error as BadBase64
from binascii import a2b_base64, b2a_base64
from collections.abc import Iterable, Mapping, Sequence

from penstock.model.plan import Job
from penstock.util.digest import of_parts
from penstock.util.globs import matching

MOST_NAMED = 5_000  # files; above, a miss names folders instead
_MOST_UNPACKED_BYTES = 8 << 20  # of a packed map that comes back from the cache


class Inputs:
    """The files of one tree. Every set of patterns is looked at once, however many jobs declare it."""

    def __init__(self, files: Mapping[str, str]) -> None:
        self._files = dict(sorted(files.items()))
        self._parts: dict[tuple[str, ...], dict[str, str]] = {}

    def digest(self, patterns: tuple[str, ...]) -> str:
        """Of the paths and contents that `patterns` select; () = of all files."""
        return self.parts(patterns)["files"]

    def parts(self, patterns: tuple[str, ...]) -> dict[str, str]:
        """The key parts: "files", and for a miss "packed:files", or "files:<folder>" where there are many files."""
        if patterns not in self._parts:
            self._parts[patterns] = self._make(patterns)
        return self._parts[patterns]

    def _make(self, patterns: tuple[str, ...]) -> dict[str, str]:
        files = {path: self._files[path] for path in matching(patterns, self._files)} if patterns else self._files
        whole = {"files": _digest(files.items())}
        if len(files) < MOST_NAMED:
            marks = {path: f"{zlib.crc32(content.encode()):08x}" for path, content in files.items()}
            return whole | {"packed:files": pack(marks)}
        folders: dict[str, list[tuple[str, str]]] = {}
        for path, content in files.items():
            folders.setdefault(_folder(path), []).append((path, content))
        return whole | {f"files:{folder}": _digest(entries) for folder, entries in folders.items()}


def of_plan(files: Mapping[str, str], jobs: Sequence[Job]) -> Inputs:
    """The inputs of a plan's jobs: the tree without what its own jobs make in it (declared outputs and caches)."""
    outputs = [pattern for job in jobs for pattern in job.outputs if not pattern.startswith("!")]
    made = (*outputs, *(f"{cache.path.rstrip('/')}/**" for job in jobs for cache in job.caches))
    return Inputs({path: files[path] for path in files.keys() - set(matching(made, files))} if made else files)


def pack(entries: Mapping[str, str]) -> str:
    """A small mapping of texts without NUL, compressed."""
    text = "\0".join(part for entry in entries.items() for part in entry)
    return b2a_base64(zlib.compress(text.encode("utf-8", "surrogateescape"), 1), newline=False).decode()


def unpack(packed: str | None) -> dict[str, str]:
    """What `pack` was given; {} for what cannot be read, as it only explains."""
    if not packed:
        return {}
    try:
        content = zlib.decompressobj().decompress(a2b_base64(packed), _MOST_UNPACKED_BYTES)
    except (BadBase64, ValueError, zlib.error):
        return {}
    parts = content.decode("utf-8", "surrogateescape").split("\0")
    return dict(zip(parts[::2], parts[1::2], strict=False))


def _digest(entries: Iterable[tuple[str, str]]) -> str:
    return of_parts(part for entry in entries for part in entry)


def _folder(path: str) -> str:
    top, slash, _ = path.partition("/")
    return f"{top}/" if slash else "./"
