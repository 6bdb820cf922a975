"""Sizes in words."""

from __future__ import annotations

_UNITS = (("TiB", 1 << 40), ("GiB", 1 << 30), ("MiB", 1 << 20), ("KiB", 1 << 10))


def spoken(size_bytes: float, *, digits: int = 3) -> str:
    """`2 GiB`, `2.3 GiB`, `512 MiB`, `17 bytes`: three digits are enough, but where one is held against another."""
    for unit, factor in _UNITS:
        if abs(size_bytes) >= factor:
            number = size_bytes / factor
            return f"{number:.{digits}g} {unit}" if abs(number) < 10**digits else f"{number:.0f} {unit}"
    return f"{size_bytes:.0f} bytes"
