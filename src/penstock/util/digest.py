"""Digests: sha256 over bytes, files and ordered parts."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from penstock.model.sha256 import LARGE_BYTES, of_bytes

__all__ = ["of_bytes", "of_file", "of_parts", "of_text"]


def of_text(text: str) -> str:
    """sha256 of the UTF-8 form; lone surrogates (file names that are not UTF-8) are kept apart, not refused."""
    return of_bytes(text.encode("utf-8", "surrogateescape"))


def of_file(path: Path) -> str:
    """sha256 of a file's content. Raises OSError."""
    with path.open("rb") as stream:
        content = stream.read(LARGE_BYTES)
        if len(content) < LARGE_BYTES:
            return of_bytes(content)
        import hashlib

        stream.seek(0)
        return hashlib.file_digest(stream, "sha256").hexdigest()


def of_parts(parts: Iterable[str]) -> str:
    """sha256 over a sequence of strings in which no two sequences collide (each part carries its length)."""
    contents = [part.encode("utf-8", "surrogateescape") for part in parts]
    return of_bytes(b"".join([b"%d:%b" % (len(content), content) for content in contents]))
