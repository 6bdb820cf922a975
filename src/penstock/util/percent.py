"""Percent encoding (RFC 3986), for rooms that may not import urllib."""

from __future__ import annotations

_PLAIN = frozenset(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~/")


def quoted(text: str) -> str:
    """All but unreserved characters and slashes as their bytes. What was read from a file name as a byte is that byte
    again; any other lone surrogate is encoded as it is.
    """
    try:
        content = text.encode("utf-8", "surrogateescape")
    except UnicodeEncodeError:
        content = text.encode("utf-8", "surrogatepass")
    return "".join(chr(byte) if byte in _PLAIN else f"%{byte:02X}" for byte in content)
