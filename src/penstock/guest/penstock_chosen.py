"""What chooses among the collected tests: names by which `-m` and `-k` take tests, and which fit any.

PYTEST_DONT_REWRITE

A misspelt name takes nothing, and pytest says no word of it. Standard library only, Python
>= 3.9.
"""

from __future__ import annotations

import ast
import re
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

# As pytest scans them: names in expressions; `and`, `or`, `not` stand between.
_NAME = re.compile(r"(?::?\w|[:+\-.\[\]\\/])+")
_ARGUMENTS = re.compile(r"\([^()]*=[^()]*\)")  # of a mark: device(serial="1")
_WORDS = frozenset({"and", "or", "not", "True", "False", "None"})


def names(expression: str) -> list[str]:
    """The names by which an expression takes tests, each once, in order. What it only leaves out costs no test."""
    found: dict[str, str] = {}

    def marked(match: re.Match[str]) -> str:
        word = match[0]
        return word if word in _WORDS else found.setdefault(word, f"n{len(found)}")

    plain = _NAME.sub(marked, _ARGUMENTS.sub(" ", expression))
    try:
        taken = set(_taken(ast.parse(plain.strip(), mode="eval").body, wanted=True))
    except (SyntaxError, ValueError, RecursionError):
        taken = set(found.values())
    return [word for word, mark in found.items() if mark in taken]


def _taken(node: ast.AST, *, wanted: bool) -> Iterator[str]:
    """The names that stand under no `not`, or under two."""
    if isinstance(node, ast.Name) and wanted:
        yield node.id
    negates = isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not)
    for child in ast.iter_child_nodes(node):
        yield from _taken(child, wanted=wanted is not negates)


def looked_up(config: Any, items: list[Any]) -> list[tuple[str, bool]]:
    """`-m slwo`, `-k test_x`: what this session's expressions name, and whether that means anything, before they
    choose.
    """
    found = []
    marks = names(str(getattr(config.option, "markexpr", "") or ""))
    if marks:
        known = _declared(config)
        for item in items:
            if known.issuperset(marks):
                break
            known.update(mark.name for mark in item.iter_markers())
        found += [(f"-m {name}", name in known) for name in marks]
    for name in names(str(getattr(config.option, "keyword", "") or "")):
        found.append((f"-k {name}", any(_matcher(item)(name) for item in items)))
    return found


def _declared(config: Any) -> set[str]:
    """Markers that the configuration or a plugin declares."""
    return {re.split(r"[:(]", line, maxsplit=1)[0].strip() for line in config.getini("markers")}


def _matcher(item: Any) -> Callable[[str], bool]:
    """What `-k` asks of a test."""
    try:
        from _pytest.mark import KeywordMatcher

        return KeywordMatcher.from_item(item)
    except (ImportError, AttributeError):
        text = item.nodeid.lower()
        return lambda name: name.lower() in text
