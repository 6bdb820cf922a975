"""SPDX licence expressions: whether one can be kept with what is allowed, and without what is denied.

The grammar is annex D of the SPDX specification 2.3: identifiers, `WITH` an exception, `AND`, `OR`, parentheses; `AND`
binds closer than `OR`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from fnmatch import fnmatchcase

_WORD = re.compile(r"\s*(\(|\)|[A-Za-z0-9][A-Za-z0-9.+:-]*)")
_MOST = 64  # alternatives of one expression

Alternatives = tuple[frozenset[str], ...]


class NoExpressionError(ValueError):
    """It is no SPDX expression."""


def alternatives(expression: str) -> Alternatives:
    """Each way of keeping it: the licences that then hold together. Raises NoExpressionError."""
    words = _words(expression)
    found, rest = _either(words)
    if rest or not words:
        raise NoExpressionError(expression)
    return found


def permits(expression: str, allow: Iterable[str], deny: Iterable[str]) -> bool:
    """Whether one way of keeping it has no licence that is denied, and, where any are allowed, only such.

    Of what is no expression ("BSD License"), the whole text counts as one licence.
    """
    allowed, denied = tuple(allow), tuple(deny)
    try:
        ways = alternatives(expression)
    except NoExpressionError:
        ways = (frozenset({expression}),)
    return any(all(not _is(each, denied) and (not allowed or _is(each, allowed)) for each in way) for way in ways)


def _is(licence: str, patterns: Iterable[str]) -> bool:
    plain = licence.partition(" WITH ")[0].lower()
    return any(fnmatchcase(name, pattern.lower()) for pattern in patterns for name in (licence.lower(), plain))


def _words(text: str) -> list[str]:
    words, place = [], 0
    while text[place:].strip():
        match = _WORD.match(text, place)
        if match is None:
            raise NoExpressionError(text)
        words.append(match[1])
        place = match.end()
    return words


def _either(words: list[str]) -> tuple[Alternatives, list[str]]:
    found, rest = _both(words)
    while rest and rest[0].upper() == "OR":
        more, rest = _both(rest[1:])
        found += more
    return found[:_MOST], rest


def _both(words: list[str]) -> tuple[Alternatives, list[str]]:
    found, rest = _one(words)
    while rest and rest[0].upper() == "AND":
        more, rest = _one(rest[1:])
        found = tuple(one | other for one in found for other in more)[:_MOST]
    return found, rest


def _one(words: list[str]) -> tuple[Alternatives, list[str]]:
    if not words or words[0].upper() in {"AND", "OR", "WITH", ")"}:
        raise NoExpressionError(" ".join(words))
    if words[0] == "(":
        found, rest = _either(words[1:])
        if not rest or rest[0] != ")":
            raise NoExpressionError(" ".join(words))
        return found, rest[1:]
    if len(words) > 2 and words[1].upper() == "WITH":
        return (frozenset({f"{words[0]} WITH {words[2]}"}),), words[3:]
    return (frozenset({words[0]}),), words[1:]
