"""pytest's configuration, found as pytest finds it: the first of its files at the root that has a section for it."""

from __future__ import annotations

import re
import shlex
from collections.abc import Mapping
from typing import Any

from penstock.errors import Place
from penstock.scan.detect.counting import PYTEST_FILES
from penstock.scan.detect.declared import words
from penstock.scan.detect.requirement import strings
from penstock.scan.detect.tree import Tree
from penstock.value import Value


class PytestConfig(Value, frozen=True, kw_only=True):
    """What matters to us. `options`: every key as it stands, for the table of plugins."""

    place: Place
    addopts: tuple[str, ...] = ()
    testpaths: tuple[str, ...] = ()
    python_files: tuple[str, ...] = PYTEST_FILES
    options: Mapping[str, Any] = {}

    def at(self, tree: Tree, key: str) -> Place:
        """The line of one of its keys."""
        found = tree.place(self.place.path, _header(tree, self.place), key)
        return found if found.line else self.place


def _header(tree: Tree, place: Place) -> str:
    lines = tree.text(place.path).splitlines()
    return lines[place.line - 1].strip() if place.line and place.line <= len(lines) else ""


def read(tree: Tree) -> PytestConfig | None:
    """None if no file configures pytest."""
    for path, header, table in _candidates(tree):
        if table is None:
            continue
        addopts = table.get("addopts")
        return PytestConfig(
            place=tree.place(path, header) if header else Place(path=path),
            addopts=tuple(strings(addopts)) if isinstance(addopts, list) else _split(addopts),
            testpaths=tuple(_paths(table.get("testpaths"), tree)),
            python_files=tuple(_words(table.get("python_files"))) or PYTEST_FILES,
            options=table,
        )
    return None


def _candidates(tree: Tree) -> list[tuple[str, str, Mapping[str, Any] | None]]:
    """Pytest's own order (9.0): pytest.toml, pytest.ini, pyproject.toml, tox.ini, setup.cfg."""
    found: list[tuple[str, str, Mapping[str, Any] | None]] = []
    tomls, inis = ("pytest.toml", ".pytest.toml"), ("pytest.ini", ".pytest.ini")
    found += [(path, "[pytest]", tree.table(path, "pytest")) for path in tomls if path in tree]
    found += [(path, "[pytest]", tree.ini(path).get("pytest", {})) for path in inis if path in tree]
    tool = tree.table("pyproject.toml", "tool", "pytest")
    ini = tool.get("ini_options")
    if isinstance(ini, dict):
        found.append(("pyproject.toml", "[tool.pytest.ini_options]", ini))
    elif tool:
        found.append(("pyproject.toml", "[tool.pytest", tool))
    found.append(("tox.ini", "[pytest]", tree.ini("tox.ini").get("pytest")))
    found.append(("setup.cfg", "[tool:pytest]", tree.ini("setup.cfg").get("tool:pytest")))
    return found


def _words(value: Any) -> list[str]:
    """Pytest's `args` values: split as a shell does, lists as they stand."""
    return strings(value) if isinstance(value, list) else [word for line in strings(value) for word in words(line)]


def _split(value: Any) -> tuple[str, ...]:
    """Addopts as pytest reads it: comment lines left out, the rest split as a shell does."""
    text = "\n".join(line for line in strings(value) if not line.lstrip().startswith((";", "#")))
    try:
        return tuple(shlex.split(text))
    except ValueError:
        return tuple(text.split())


def _paths(value: Any, tree: Tree) -> list[str]:
    """testpaths, patterns expanded; what does not exist is kept for the message."""
    found: list[str] = []
    for path in _words(value):
        plain = re.sub(r"^\./", "", path).rstrip("/")
        found += (tree.glob(plain) or [plain]) if re.search(r"[*?\[]", plain) else [plain or "."]
    return list(dict.fromkeys(found))
