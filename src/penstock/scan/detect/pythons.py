"""Which minor versions of CPython the project says it supports: requires-python and the classifiers, both."""

from __future__ import annotations

import re
from collections.abc import Iterable

MINORS = tuple(f"3.{minor}" for minor in range(9, 15))
"""The minors that penstock plans for: those with a release that is not a preview (2026)."""

_NEWEST_PATCH = 30  # no 3.x has had more patch releases
_CLAUSE = re.compile(r"(===|==|~=|!=|<=|>=|<|>|\^|~)?\s*v?(\d+(?:\.\d+)*)[^,.*]*?(\.\*)?$")
_FACTOR = re.compile(r"^(?:py)?3\.?(\d{1,2})(?:$|-)")
_CLASSIFIER = re.compile(r"Programming Language :: Python :: (3\.\d+)$")


def declared(requires: str, classifiers: Iterable[str], environments: Iterable[str] = ()) -> tuple[str, ...]:
    """The minors that both `requires` (a specifier set, Poetry's ^ and ~ too) and `classifiers` allow, oldest first.

    A minor that the project's own `environments` (names of tox environments) test counts as classified: classifiers
    go stale. Classifiers without any 3.x minor restrict nothing; those that agree with no allowed minor are ignored.
    """
    allowed = [minor for minor in MINORS if allows(requires, minor)]
    named = {found[1] for found in map(_CLASSIFIER.search, classifiers) if found}
    if named:
        named |= {f"3.{found[1]}" for found in map(_FACTOR.match, environments) if found}
    return tuple(minor for minor in allowed if minor in named) or tuple(allowed)


def allows(requires: str, minor: str) -> bool:
    """Whether any patch release of `minor` fits `requires`. A clause that cannot be read restricts nothing."""
    major, second = (int(part) for part in minor.split("."))
    return any(
        all(_fits(clause.strip(), (major, second, patch)) for clause in alternative.split(",") if clause.strip())
        for alternative in requires.split("||")
        for patch in range(_NEWEST_PATCH)
    )


def _fits(clause: str, version: tuple[int, int, int]) -> bool:
    found = _CLAUSE.match(clause)
    if not found:
        return True
    operator, numbers, star = found[1] or "==", tuple(int(part) for part in found[2].split(".")), bool(found[3])
    padded = (*numbers, 0, 0)[:3]
    prefix = version[: len(numbers)] == numbers
    if operator in {"==", "==="}:
        return prefix if star or len(numbers) < 3 else version == padded
    if operator == "!=":
        return not prefix if star else version != padded
    if operator in {"~=", "^", "~"}:
        return version >= padded and _same_series(operator, numbers, version)
    return {"<": version < padded, "<=": version <= padded, ">": version > padded, ">=": version >= padded}[operator]


def _same_series(operator: str, numbers: tuple[int, ...], version: tuple[int, int, int]) -> bool:
    """The upper end of `~=` (PEP 440), `^` and `~` (Poetry)."""
    kept = {"~=": max(len(numbers) - 1, 1), "^": 1, "~": min(len(numbers), 2)}[operator]
    return version[:kept] == numbers[:kept]
