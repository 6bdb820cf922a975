"""sha256 of bytes at the least cost.

A start takes digests of little, for which Python's own sha256 does; `hashlib` loads OpenSSL first (5 ms of CPU), to be
eight times as fast. So it is imported for large contents.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable
from typing import Any

LARGE_BYTES = 512 << 10  # Python's own takes 3 ms for that


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
    sha256 = _SMALL if len(content) < LARGE_BYTES else _openssl()
    return str(sha256(content).hexdigest())
