"""Digests: sha256 over bytes, files and ordered parts.

A start takes digests of little, for which Python's own sha256 does; `hashlib` loads OpenSSL first (5 ms of CPU), to be
eight times as fast. So it is imported for large contents.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

_LARGE_BYTES = 512 << 10  # Python's own takes 3 ms for that


def _own() -> Callable[[bytes], Any]:
    """Python's own sha256: `_sha2` since 3.12, `_sha256` before; OpenSSL's where it was built without."""
    for name in ("_sha2", "_sha256"):
        try:
            found: Callable[[bytes], Any] = importlib.import_module(name).sha256
        except ImportError:
            continue
        return found
    return _openssl()


def _openssl() -> Callable[[bytes], Any]:
    import hashlib

    return hashlib.sha256


_SMALL = _own()


def of_bytes(content: bytes) -> str:
    """sha256 of `content`, 64 hex digits."""
    sha256 = _SMALL if len(content) < _LARGE_BYTES else _openssl()
    return str(sha256(content).hexdigest())


def of_text(text: str) -> str:
    """sha256 of the UTF-8 form; lone surrogates (file names that are not UTF-8) are kept apart, not refused."""
    return of_bytes(text.encode("utf-8", "surrogateescape"))


def of_file(path: Path) -> str:
    """sha256 of a file's content. Raises OSError."""
    with path.open("rb") as stream:
        content = stream.read(_LARGE_BYTES)
        if len(content) < _LARGE_BYTES:
            return of_bytes(content)
        import hashlib

        stream.seek(0)
        return hashlib.file_digest(stream, "sha256").hexdigest()


def of_parts(parts: Iterable[str]) -> str:
    """sha256 over a sequence of strings in which no two sequences collide (each part carries its length)."""
    contents = [part.encode("utf-8", "surrogateescape") for part in parts]
    return of_bytes(b"".join([b"%d:%b" % (len(content), content) for content in contents]))
