"""Names of tox environments: braces, ranges, and the products that tox 4 knows in TOML."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator
from typing import Any

_MOST = 100  # entries of one range: a range of more is no list of Pythons


def expanded(entry: str) -> Iterator[str]:
    """All names that braces stand for: `py3{9,10}`, `py{39-312}` (a range of numbers), `{a,b}-{c,d}`."""
    parts = [_choices(part) for part in re.split(r"(\{[^{}]*\})", entry)]
    return ("".join(parts).strip("-") for parts in itertools.product(*parts))


def _choices(part: str) -> list[str]:
    if not part.startswith("{"):
        return [part]
    found = []
    for choice in part[1:-1].split(","):
        span = re.match(r"\s*(\d+)-(\d+)\s*$", choice)
        found += _numbers(int(span[1]), int(span[2])) if span else [choice.strip()]
    return found


def _numbers(first: int, last: int) -> list[str]:
    return [str(number) for number in range(first, min(last, first + _MOST) + 1)]


def of_toml(value: Any) -> list[str]:
    """The names of a TOML `env_list`: texts, and tables `{ product = [LIST or { prefix, start, stop }, …] }`."""
    found: list[str] = []
    for item in value if isinstance(value, list) else [value]:
        if isinstance(item, str):
            found += [name for entry in item.split(",") for name in expanded(entry.strip())]
        elif isinstance(item, dict) and isinstance(item.get("product"), list):
            factors = [_factors(each) for each in item["product"]]
            excluded = set(of_toml(item.get("exclude", [])))
            joined = ("-".join(parts) for parts in itertools.product(*factors))
            found += [name for name in joined if name not in excluded]
        elif isinstance(item, dict):
            found += _factors(item)
    return [name for name in found if name]


def _factors(value: Any) -> list[str]:
    """One list of factors: texts, or numbers from `start` to `stop` behind a `prefix`."""
    if isinstance(value, list):
        return [item for item in value if isinstance(item, str)]
    if isinstance(value, dict) and isinstance(value.get("start"), int):
        last = value["stop"] if isinstance(value.get("stop"), int) else value["start"]
        return [f"{value.get('prefix', '')}{number}" for number in _numbers(value["start"], last)]
    return []
