"""What a script does by being imported, told from its source alone (standard library, Python >= 3.9)."""

from __future__ import annotations

import ast
import re

_MAIN = "__main__"
_ACTS = (ast.For, ast.AsyncFor, ast.While, ast.With, ast.AsyncWith, ast.Raise, ast.Assert, ast.Delete)


def is_guarded(tree: ast.Module) -> bool:
    """Whether it has an `if __name__ == "__main__":`."""
    return any(_is_guard(node) for node in tree.body)


def _is_guard(node: ast.stmt) -> bool:
    if not isinstance(node, ast.If) or not isinstance(node.test, ast.Compare):
        return False
    sides = (node.test.left, *node.test.comparators)
    named = any(isinstance(side, ast.Name) and side.id == "__name__" for side in sides)
    return named and any(isinstance(side, ast.Constant) and side.value == _MAIN for side in sides)


def first_act(body: list[ast.stmt]) -> int:
    """The line of the first statement that does something when the module is imported, 0 if there is none.

    Imports, definitions and assignments do nothing that matters; what stands below a main guard is not met.
    """
    for node in body:
        if isinstance(node, _ACTS) or (isinstance(node, ast.Expr) and not isinstance(node.value, ast.Constant)):
            return node.lineno
        inner = 0
        if isinstance(node, ast.If) and not _is_guard(node):
            inner = first_act([*node.body, *node.orelse])
        elif isinstance(node, ast.Try):
            inner = first_act([*node.body, *(each for caught in node.handlers for each in caught.body), *node.orelse])
        if inner:
            return inner
    return 0


def may_parse(source: str, parsers: list[str]) -> bool:
    """Whether it could read its arguments: it names them or a parser, or `parsers` were imported with it."""
    named = re.search(r"\bargv\b|argparse|optparse|getopt|click|typer|docopt|\bfire\b", source)
    return bool(parsers) or named is not None
