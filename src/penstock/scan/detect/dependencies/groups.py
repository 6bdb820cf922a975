"""Dependency groups: PEP 735, and the older tables of uv, PDM and Poetry that mean the same."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from penstock.errors import Place
from penstock.scan.detect.dependencies import poetry
from penstock.scan.detect.requirement import canonical, strings
from penstock.scan.detect.tree import Tree
from penstock.value import Value


class Group(Value, frozen=True, kw_only=True):
    """A group with its includes followed. `standard`: PEP 735, so that uv knows it by its name."""

    name: str
    lines: tuple[str, ...]
    place: Place
    standard: bool = True


def read(tree: Tree) -> dict[str, Group]:
    """Canonical name -> group. The standard ones win over the older tables."""
    found: dict[str, Group] = {}
    for name, lines in poetry.groups(tree).items():
        place = tree.place("pyproject.toml", f"[tool.poetry.group.{name}", "")
        found[canonical(name)] = Group(name=name, lines=lines, place=place, standard=False)
    for name, value in tree.table("pyproject.toml", "tool", "pdm", "dev-dependencies").items():
        place = tree.place("pyproject.toml", "[tool.pdm.dev-dependencies]", name)
        found[canonical(name)] = Group(name=name, lines=tuple(strings(value)), place=place, standard=False)
    old = strings(tree.table("pyproject.toml", "tool", "uv").get("dev-dependencies"))
    if old:
        place = tree.place("pyproject.toml", "[tool.uv]", "dev-dependencies")
        found["dev"] = Group(name="dev", lines=tuple(old), place=place, standard=False)
    table = tree.table("pyproject.toml", "dependency-groups")
    for name in table:
        place = tree.place("pyproject.toml", "[dependency-groups]", name)
        found[canonical(name)] = Group(name=name, lines=tuple(_lines(table, name, ())), place=place)
    return found


def _lines(table: Mapping[str, Any], name: str, path: tuple[str, ...]) -> list[str]:
    """The group's lines, `{include-group = …}` followed; a circle is cut."""
    key = next((key for key in table if canonical(key) == canonical(name)), None)
    entries = table.get(key, []) if key is not None and canonical(name) not in path else []
    found: list[str] = []
    for entry in entries if isinstance(entries, list) else []:
        if isinstance(entry, str):
            found.append(entry)
        elif isinstance(entry, dict) and isinstance(entry.get("include-group"), str):
            found += _lines(table, entry["include-group"], (*path, canonical(name)))
    return list(dict.fromkeys(found))
