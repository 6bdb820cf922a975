"""Amounts in cents: read, written, and divided without losing one."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

_AMOUNT = re.compile(r"(?P<whole>[0-9]{1,9})(?:\.(?P<cents>[0-9]{2}))?")


def cents(text: str) -> int:
    """`"12.50"` is 1250. Raises ValueError for what is no amount; there are no negative ones."""
    found = _AMOUNT.fullmatch(text)
    if found is None:
        raise ValueError(f"{text!r} is no amount such as 12.50")
    return int(found["whole"]) * 100 + int(found["cents"] or 0)


def spelled(amount: int) -> str:
    """1250 is `"12.50"`, -5 is `"-0.05"`."""
    sign = "-" if amount < 0 else ""
    return f"{sign}{abs(amount) // 100}.{abs(amount) % 100:02d}"


def divided(amount: int, people: Sequence[str]) -> dict[str, int]:
    """Equal parts that add up to `amount`: the first ones in the list pay the cents that are left."""
    if not people:
        raise ValueError("there is nobody to pay")
    part, left = divmod(amount, len(people))
    return {name: part + (number < left) for number, name in enumerate(people)}


def weighed(amount: int, weights: Mapping[str, int]) -> dict[str, int]:
    """Parts by weight that add up to `amount`; cents that are left go where the most was cut off."""
    total = sum(weights.values())
    if total <= 0 or min(weights.values()) < 0:
        raise ValueError("weights are whole numbers from 0 on, and one of them is more than 0")
    parts = {name: amount * weight // total for name, weight in weights.items()}
    rest = sorted(weights, key=lambda name: (-(amount * weights[name] % total), name))
    for name in rest[: amount - sum(parts.values())]:
        parts[name] += 1
    return parts
