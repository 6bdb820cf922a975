"""Counts functions, and those that are fully annotated (stdlib only, run as a script).

    python penstock_annotations.py REPORT FILE…

REPORT gets JSON: {"python": version, "files": [[path, functions, annotated, [[line, name], …]], …], "unread": [[path,
line, why], …]}. The names are those of the functions that are not annotated.

A function is annotated if all its parameters, but the first of a method, and its return value are; `__init__` says
enough by its parameters. Functions that are not to be checked (`@no_type_check`, or a file that begins with
`# type: ignore` or `# mypy: ignore-errors`) are none.
"""

from __future__ import annotations

import ast
import json
import re
import sys
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

_LARGEST = 8 << 20  # bytes of one file
_NAMES = 2_000  # of functions that are kept, in all
_OFF = re.compile(r"#\s*(?:type:\s*ignore\s*(?:#.*)?$|(?:mypy|ty):\s*ignore-errors|pyright:\s*ignore\s*$)")


def functions(tree: ast.Module) -> Iterator[tuple[ast.FunctionDef | ast.AsyncFunctionDef, str, bool]]:
    """Each function with its qualified name, and whether it is a method."""
    stack: list[tuple[ast.AST, str, bool]] = [(tree, "", False)]
    while stack:
        node, prefix, in_class = stack.pop()
        for child in ast.iter_child_nodes(node):
            if isinstance(child, (ast.FunctionDef, ast.AsyncFunctionDef)):
                yield child, f"{prefix}{child.name}", in_class
                stack.append((child, f"{prefix}{child.name}.", False))
            elif isinstance(child, ast.ClassDef):
                stack.append((child, f"{prefix}{child.name}.", True))
            else:
                stack.append((child, prefix, in_class))


def annotated(node: ast.FunctionDef | ast.AsyncFunctionDef, *, method: bool) -> bool:
    """Whether it is annotated in full."""
    decorators = {_last(each) for each in node.decorator_list}
    if "no_type_check" in decorators:
        return False
    if node.type_comment:
        return True
    given = node.args
    every = [*given.posonlyargs, *given.args]
    if method and "staticmethod" not in decorators:
        every = every[1:]
    every += [*given.kwonlyargs, *(each for each in (given.vararg, given.kwarg) if each is not None)]
    returns = node.returns is not None or (node.name == "__init__" and bool(every))
    return returns and all(each.annotation is not None or each.type_comment for each in every)


def _last(node: ast.expr) -> str:
    return node.attr if isinstance(node, ast.Attribute) else node.id if isinstance(node, ast.Name) else ""


def switched_off(source: str) -> bool:
    """Whether the file begins with a remark that it is not to be checked."""
    for line in source.splitlines():
        text = line.strip()
        if text and not text.startswith("#"):
            return False
        if _OFF.match(text):
            return True
    return False


def of_file(path: str) -> tuple[int, list[tuple[int, str]]]:
    """How many functions it has, and those that are not annotated. Raises SyntaxError, OSError, ValueError."""
    with open(path, "rb") as stream:
        content = stream.read(_LARGEST + 1)
    if len(content) > _LARGEST:
        raise ValueError(f"it is larger than {_LARGEST >> 20} MiB")
    try:
        tree = ast.parse(content, path, type_comments=True)
    except SyntaxError:  # a remark that begins like a type comment
        tree = ast.parse(content, path)
    every = list(functions(tree))
    off = switched_off(content[:10_000].decode("utf-8", "replace"))
    bare = [(node.lineno, name) for node, name, method in every if off or not annotated(node, method=method)]
    return len(every), sorted(bare)


def main(arguments: list[str]) -> int:
    """Write the report; 0 if it could be written, whatever it says."""
    report, *paths = arguments
    files: list[list[Any]] = []
    unread: list[list[Any]] = []
    left = _NAMES
    for path in paths:
        try:
            number, bare = of_file(path)
        except (SyntaxError, OSError, ValueError, RecursionError, MemoryError) as error:
            unread.append([path, getattr(error, "lineno", 0) or 0, str(error)[:300]])
            continue
        files.append([path, number, number - len(bare), [[line, name[:300]] for line, name in bare[:left]]])
        left = max(0, left - len(bare))
    with open(report, "w", encoding="utf-8") as stream:
        json.dump({"python": sys.version.split()[0], "files": files, "unread": unread}, stream)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
