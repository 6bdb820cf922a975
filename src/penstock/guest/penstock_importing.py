"""Imports a script, an entry point, or what a program imports, in a process of its own (stdlib only, Python >= 3.9).

    python penstock_importing.py DONE file PATH           a script, under its own name: not as __main__
    python penstock_importing.py DONE entry MODULE:NAME   the function of a console script
    python penstock_importing.py DONE imports PATH        every module that the program names, and what it takes of it

DONE gets JSON when all of it came to its end: {"parsers": [module, …]}, those of the imported that parse arguments, or
{"lacking": [[line, message], …]}. Without it the code that was imported ended the process, whatever its exit code.
"""

from __future__ import annotations

import ast
import importlib
import importlib.machinery
import importlib.util
import json
import os
import sys
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

_FOLDER = os.path.dirname(os.path.abspath(__file__))
PARSERS = (
    "argparse",
    "click",
    "typer",
    "optparse",
    "getopt",
    "docopt",
    "fire",
    "absl.flags",
    "cyclopts",
    "tyro",
    "plac",
)


def _file(path: str) -> dict[str, Any]:
    sys.argv = [path]
    sys.path.insert(0, os.path.dirname(os.path.abspath(path)))
    name = os.path.basename(path).partition(".")[0]
    loader = importlib.machinery.SourceFileLoader(name, path)
    spec = importlib.util.spec_from_file_location(name, path, loader=loader)
    if spec is None:
        raise ImportError(f"{path} cannot be loaded")
    module = importlib.util.module_from_spec(spec)
    sys.modules.setdefault(name, module)
    loader.exec_module(module)
    return {"parsers": [name for name in PARSERS if name in sys.modules]}


def _entry(value: str) -> dict[str, Any]:
    module, _, names = value.partition(":")
    found: Any = importlib.import_module(module)
    for name in filter(None, names.split(".")):
        found = getattr(found, name)
    if not callable(found):
        raise TypeError(f"{value} cannot be called")
    return {"parsers": [name for name in PARSERS if name in sys.modules]}


def _imports(path: str) -> dict[str, Any]:
    text = _text(path)
    sys.path.insert(0, os.path.dirname(os.path.abspath(path)))
    lacking = []
    for line, module, name in imported(ast.parse(text)):
        try:
            _resolve(module, name)
        except Exception as error:  # noqa: BLE001 - whatever a module does when it is imported is the answer
            lacking.append([line, f"{type(error).__name__}: {error}"])
    return {"lacking": lacking}


def _text(path: str) -> str:
    """The program. What reads it is imported for it alone: it brings parsers along, which no script has asked for."""
    if TYPE_CHECKING:
        from penstock.guest.penstock_programs import source_of
    else:
        sys.path.insert(0, _FOLDER)
        from penstock_programs import source_of

        sys.path.remove(_FOLDER)
    return source_of(path).text


def _resolve(module: str, name: str) -> None:
    found = importlib.import_module(module)
    if name and name != "*" and not hasattr(found, name):
        try:
            importlib.import_module(f"{module}.{name}")
        except ModuleNotFoundError:
            raise ImportError(f"cannot import name '{name}' from '{module}'") from None


def imported(tree: ast.Module) -> Iterator[tuple[int, str, str]]:
    """(line, module, name) of each absolute import that is always made: what stands in a function, under `if` or under
    `try` may lack.
    """
    for node in tree.body:
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield node.lineno, alias.name, ""
        elif isinstance(node, ast.ImportFrom) and node.level == 0 and node.module:
            for alias in node.names:
                yield node.lineno, node.module, alias.name


_MODES = {"file": _file, "entry": _entry, "imports": _imports}


def main(done: str, mode: str, what: str) -> int:
    """Import, and say that it came to its end."""
    done = os.path.abspath(done)
    sys.path[:] = [place for place in sys.path if place != _FOLDER]
    told = _MODES[mode](what)
    with open(done, "w", encoding="utf-8") as stream:
        json.dump(told, stream)
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
