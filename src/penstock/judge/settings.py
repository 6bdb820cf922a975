"""What a change makes easier in the settings of the tools that judge it: less is examined, more is allowed.

As `judge.policy` for the pipeline's own declaration. Known settings only, by what each does; what another one does,
nobody can say.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

Table = Mapping[str, Any]
Tables = Mapping[str, Table]  # tool -> its settings, whatever file they stand in

# Lists that ask for less where they are longer; where they are shorter; and those that no other value is compared with.
_LONGER = {
    "coverage": ("omit", "exclude_lines", "exclude_also", "partial_branches", "partial_also"),
    "mypy": ("exclude", "disable_error_code"),
    "pytest": ("norecursedirs",),
    "ruff": ("exclude", "extend-exclude", "ignore", "extend-ignore", "per-file-ignores", "extend-per-file-ignores"),
}
_SHORTER = {
    "mypy": ("files", "packages", "modules", "enable_error_code"),
    "ruff": ("select", "extend-select", "include", "extend-include"),
}
_SETTLED = {
    "coverage": ("source", "source_pkgs", "source_dirs", "include"),
    "pytest": ("testpaths", "python_files", "python_classes", "python_functions"),
}
_LEAST = {"coverage": ("fail_under",)}  # numbers that ask for less where they are lower
_ON = {
    "coverage": ("branch",),
    "mypy": (
        *(
            "strict",
            "check_untyped_defs",
            "disallow_untyped_defs",
            "disallow_incomplete_defs",
            "disallow_untyped_calls",
        ),
        *("disallow_any_generics", "warn_return_any", "warn_unused_ignores", "strict_equality", "warn_unreachable"),
    ),
    "pytest": ("strict", "strict_markers", "strict_config", "xfail_strict"),
}
_OFF = {
    "coverage": ("ignore_errors",),
    "mypy": ("ignore_errors", "ignore_missing_imports", "allow_untyped_defs", "implicit_optional"),
}
# Options of pytest that leave out tests, or the end of a run.
_SELECTING = frozenset(
    {
        *("-k", "-m", "-x", "-p", "--deselect", "--ignore", "--ignore-glob", "--exitfirst", "--maxfail", "--runxfail"),
        *("--lf", "--last-failed", "--sw", "--stepwise", "--co", "--collect-only", "--setup-only"),
    }
)
_VALUED = frozenset({"-k", "-m", "-p", "--deselect", "--ignore", "--ignore-glob", "--maxfail"})
_ALWAYS = frozenset({"coverage", "pytest"})  # they are asked without settings of the project's, too


def loosened(base: Tables, now: Tables) -> Iterator[str]:
    """In words, each setting that asks for less than the base's. A tool that comes in with the change takes nothing
    away.
    """
    for tool in sorted(now):
        before, after = base.get(tool, {}), now[tool]
        if tool.partition(" ")[0] in _ALWAYS or before or " " in tool:
            yield from _of_tool(tool, before, after)
    for tool in sorted(base.keys() - now.keys()):
        yield from _of_tool(tool, base[tool], {})
    yield from _options(base.get("pytest", {}), now.get("pytest", {}))
    yield from _overrides(base.get("mypy", {}), now.get("mypy", {}))


def _of_tool(tool: str, before: Table, after: Table) -> Iterator[str]:
    yield from _lists(tool, before, after)
    yield from _switches(tool, before, after)
    for name in _LEAST.get(tool, ()):
        least, lower = _number(before.get(name)), _number(after.get(name))
        if least > lower:
            yield f"{tool}'s {name}: {least:g} became {lower:g}"


def _lists(tool: str, before: Table, after: Table) -> Iterator[str]:
    kind = tool.partition(" ")[0]
    for name in _LONGER.get(kind, ()):
        more = _without(words(after.get(name)), words(before.get(name)))
        if more:
            yield f"{tool}'s {name}: {', '.join(more)} came in"
    for name in _SHORTER.get(kind, ()):
        less = _without(words(before.get(name)), words(after.get(name)))
        if less and "ALL" not in words(after.get(name)):
            yield f"{tool}'s {name}: {', '.join(less)} went"
    for name in _SETTLED.get(kind, ()):
        old, new = words(before.get(name)), words(after.get(name))
        if sorted(old) != sorted(new):
            yield f"{tool}'s {name}: {' '.join(old) or 'the default'} became {' '.join(new) or 'the default'}"


def _switches(tool: str, before: Table, after: Table) -> Iterator[str]:
    kind = tool.partition(" ")[0]
    strict = _truth(before.get("strict"))
    for name in _ON.get(kind, ()):
        was = _truth(before.get(name)) or (strict and name not in before)
        if was and not _truth(after.get(name)) and (name in before or name in after):
            yield f"{tool}'s {name} is off"
    for name in _OFF.get(kind, ()):
        if _truth(after.get(name)) and not _truth(before.get(name)):
            yield f"{tool}'s {name} is on"


def _options(before: Table, after: Table) -> Iterator[str]:
    """Options of pytest's own configuration that select."""
    yield from (f"pytest's addopts: {each}" for each in _without(_selecting(after), _selecting(before)))


def _selecting(table: Table) -> list[str]:
    """Each option that selects, with its value."""
    import shlex

    given = table.get("addopts")
    try:
        options = shlex.split(given) if isinstance(given, str) else words(given)
    except ValueError:
        options = words(given)
    found = []
    for place, word in enumerate(options):
        name = word.partition("=")[0] if word.startswith("--") else word[:2]
        if name in _SELECTING:
            apart = word == name and name in _VALUED
            found.append(" ".join(options[place : place + 2]) if apart else word)
    return found


def _overrides(before: Table, after: Table) -> Iterator[str]:
    """Modules that mypy asks less of."""
    old = _by_module(before)
    for module, table in _by_module(after).items():
        known = old.get(module, {})
        yield from (f"{told}, for {module}" for told in _of_tool("mypy", known, table))
        if table.get("follow_imports") in ("skip", "silent") and table != known:
            yield f"mypy's follow_imports: {table['follow_imports']}, for {module}"


def _by_module(table: Table) -> dict[str, dict[str, Any]]:
    found: dict[str, dict[str, Any]] = {}
    overrides = table.get("overrides")
    for each in overrides if isinstance(overrides, Sequence) else ():
        for module in words(each.get("module")) if isinstance(each, Mapping) else ():
            found.setdefault(module, {}).update({name: value for name, value in each.items() if name != "module"})
    return found


def words(value: object) -> list[str]:
    """A list in any spelling: TOML's, the lines or words of an INI file, a table's keys with their values."""
    if isinstance(value, str):
        return [word.strip() for word in value.replace(",", " ").split()]
    if isinstance(value, Mapping):
        return [f"{name}: {word}" for name, listed in value.items() for word in words(listed)]
    return [str(each) for each in value] if isinstance(value, Sequence) else []


def _without(these: list[str], those: list[str]) -> list[str]:
    return [each for each in these if each not in those]


def _number(value: object) -> float:
    try:
        return float(str(value or 0))
    except ValueError:
        return 0.0


def _truth(value: object) -> bool:
    return str(value).strip().lower() in ("true", "1", "yes", "on")
