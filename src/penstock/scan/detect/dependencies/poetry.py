"""Poetry's own tables, as PEP 508 lines: `^` and `~` become ranges, groups and extras become lists."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from penstock.scan.detect.requirement import canonical, strings
from penstock.scan.detect.tree import Tree


def python(legacy: Mapping[str, Any]) -> str | None:
    """`[tool.poetry.dependencies] python`, as a specifier."""
    said = _table(legacy.get("dependencies")).get("python")
    return specifier(said) if isinstance(said, str) else None


def groups(tree: Tree) -> dict[str, tuple[str, ...]]:
    """Group -> its lines; the old `dev-dependencies` are the group `dev`."""
    legacy = tree.table("pyproject.toml", "tool", "poetry")
    found = {
        name: tuple(lines(_table(group).get("dependencies"))) for name, group in _table(legacy.get("group")).items()
    }
    old = lines(legacy.get("dev-dependencies"))
    return found | ({"dev": (*found.get("dev", ()), *old)} if old else {})


def extras(legacy: Mapping[str, Any]) -> dict[str, tuple[str, ...]]:
    """Extra -> its lines, with the versions that the optional dependencies carry."""
    known = {canonical(name): spec for name, spec in _table(legacy.get("dependencies")).items()}
    return {
        canonical(extra): tuple(
            line for name in strings(wanted) for line in _lines_of(name, known.get(canonical(name), "*"))
        )
        for extra, wanted in _table(legacy.get("extras")).items()
    }


def lines(table: Any) -> list[str]:
    """The required lines of a dependency table; `python` and optional ones are left out."""
    return [
        line
        for name, spec in _table(table).items()
        if name != "python" and not _table(spec).get("optional")
        for line in _lines_of(name, spec)
    ]


def _lines_of(name: str, spec: Any) -> list[str]:
    """One entry may be a string, a table, or a list of tables (several markers)."""
    if isinstance(spec, list):
        return [line for each in spec for line in _lines_of(name, each)]
    table = {"version": spec} if isinstance(spec, str) else _table(spec)
    extras_said = ",".join(strings(table.get("extras")))
    full = f"{name}[{extras_said}]" if extras_said else name
    if isinstance(table.get("path"), str):
        return []
    if isinstance(table.get("git"), str) or isinstance(table.get("url"), str):
        address = table.get("url") or f"git+{table['git']}"
        return [f"{full} @ {address}"]
    marker = _marker(table)
    return [f"{full}{specifier(str(table.get('version', '*')))}" + (f"; {marker}" if marker else "")]


def _marker(table: Mapping[str, Any]) -> str:
    parts = [str(table["markers"])] if isinstance(table.get("markers"), str) else []
    if isinstance(table.get("python"), str):
        clauses = [part for part in specifier(table["python"]).split(",") if part]
        matches = [re.match(r"(>=|<=|==|!=|<|>|~=)(.+)", clause) for clause in clauses]
        parts += [f"python_version {found[1]} '{'.'.join(found[2].split('.')[:2])}'" for found in matches if found]
    return " and ".join(f"({part})" if " or " in part else part for part in parts)


def specifier(said: str) -> str:
    """`^1.2.3` is `>=1.2.3,<2`, `~1.2` is `>=1.2,<1.3`, `*` is nothing, a bare version is exact."""
    if "||" in said:
        return (
            specifier(said.split("||", maxsplit=1)[0])
            if said.split("||", maxsplit=1)[0].strip().startswith(">=")
            else ""
        )
    return ",".join(filter(None, (_clause(part.strip()) for part in said.split(","))))


def _clause(clause: str) -> str:
    if clause in {"", "*"}:
        return ""
    found = re.match(r"([\^~])(?!=)\s*v?(\d+(?:\.\d+)*)(.*)$", clause)
    if not found:
        bare = clause[0].isdigit()
        return f"=={clause}" if bare else clause.replace(" ", "")
    parts = [int(part) for part in found[2].split(".")]
    kept = 2 if found[1] == "~" and len(parts) > 1 else 1
    if found[1] == "^":
        kept = next((index + 1 for index, part in enumerate(parts) if part), len(parts))
    upper = [*parts[: kept - 1], parts[kept - 1] + 1]
    return f">={found[2]}{found[3]},<{'.'.join(map(str, upper))}"


def _table(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}
