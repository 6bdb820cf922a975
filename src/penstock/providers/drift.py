"""How a file differs from what would be written, place by place."""

from __future__ import annotations

from collections.abc import Collection
from difflib import SequenceMatcher

from penstock.providers.yaml_places import Path, paths
from penstock.value import Value


class Difference(Value, frozen=True, kw_only=True):
    """One place of a file. `line`: from 1, of the file as it is. `there`, `wanted`: its lines as they are, and as they
    would be written; one of them may be none.
    """

    line: int
    path: Path
    there: tuple[str, ...] = ()
    wanted: tuple[str, ...] = ()


def differences(there: str, wanted: str) -> tuple[Difference, ...]:
    """Every place, in the order of the file. What a whole new part holds is told as that part."""
    left, right = there.splitlines(), wanted.splitlines()
    left_paths, right_paths = paths(left), paths(right)
    known = _prefixes(left_paths), _prefixes(right_paths)
    found: dict[Path, Difference] = {}
    for tag, start, end, first, last in SequenceMatcher(None, left, right, autojunk=False).get_opcodes():
        if tag == "equal":
            continue
        for number in range(start, end):
            path = _subject(left_paths[number], known[1])
            one = found.setdefault(path, Difference(line=number + 1, path=path))
            found[path] = _with(one, left[number], "there")
        for number in range(first, last):
            path = _subject(right_paths[number], known[0])
            one = found.setdefault(path, Difference(line=max(1, min(start + 1, len(left))), path=path))
            found[path] = _with(one, right[number], "wanted")
    if there != wanted and not found:
        return (Difference(line=max(1, len(left)), path=()),)  # the end of the last line
    told = sorted(found.values(), key=lambda one: one.line)
    return tuple(one for one in told if one.path or len(told) == 1)


def _with(one: Difference, line: str, field: str) -> Difference:
    there, wanted = one.there, one.wanted
    if field == "there":
        there = (*there, line.rstrip())
    else:
        wanted = (*wanted, line.rstrip())
    return Difference(line=one.line, path=one.path, there=there, wanted=wanted)


def _prefixes(every: list[Path]) -> frozenset[Path]:
    return frozenset(path[:length] for path in every for length in range(len(path) + 1))


def _subject(path: Path, other: Collection[Path]) -> Path:
    """The shortest part of the path that the other side does not have; else the path itself."""
    return next((path[:length] for length in range(1, len(path)) if path[:length] not in other), path)
