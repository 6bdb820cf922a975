"""What a change makes easier in the settings of the tools that judge it: less is examined, more is allowed.

As `judge.policy` for the pipeline's own declaration. Known settings only, by what each does; what another one does,
nobody can say.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from penstock.judge.settings_files import words

Table = Mapping[str, Any]
Tables = Mapping[str, Table]  # tool -> its settings, whatever file they stand in

# Lists that ask for less where they are longer; where they are shorter; and those that no other value is compared with.
_LONGER = {
    "bandit": ("exclude_dirs", "exclude", "skips"),
    "check-wheel-contents": ("ignore", "package_omit"),
    "coverage": ("omit", "exclude_lines", "exclude_also", "partial_branches", "partial_also"),
    "deptry": ("exclude", "extend_exclude", "ignore", "per_rule_ignores"),
    "flake8": ("exclude", "extend-exclude", "ignore", "extend-ignore", "per-file-ignores"),
    "isort": ("skip", "extend_skip", "skip_glob", "extend_skip_glob"),
    "mypy": ("exclude", "disable_error_code"),
    "pylint": ("disable", "ignore", "ignore-paths", "ignore-patterns", "ignored-modules", "ignored-classes"),
    "pyright": ("exclude", "ignore"),
    "pytest": ("norecursedirs", "collect_ignore"),
    "ruff": (
        *("exclude", "extend-exclude", "ignore", "extend-ignore", "per-file-ignores", "extend-per-file-ignores"),
        "format exclude",
    ),
    "ty": ("exclude",),
}
_SHORTER = {
    "bandit": ("tests", "targets"),
    "check-wheel-contents": ("select",),
    "flake8": ("select", "extend-select", "enable-extensions", "filename"),
    "mypy": ("files", "packages", "modules", "enable_error_code", "plugins"),
    "pylint": ("enable", "load-plugins"),
    "pyright": ("strict",),
    "pytest": ("required_plugins",),
    "ruff": ("select", "extend-select", "extend-include"),
}
_SETTLED = {
    "black": ("exclude", "extend-exclude", "force-exclude", "include"),
    "coverage": ("source", "source_pkgs", "source_dirs", "include"),
    "pytest": ("testpaths", "python_files", "python_classes", "python_functions"),
    "pyright": ("include",),
    "ruff": ("extend", "include"),
    "ty": ("include",),
}
_USUAL = {"ruff": {"select": ("E4", "E7", "E9", "F")}}  # what is asked where nothing is said
_LEAST = {"coverage": ("fail_under",), "pylint": ("fail-under",)}  # numbers that ask for less where they are lower
_MOST = {  # and where they are higher
    "flake8": ("max-complexity", "max-cognitive-complexity"),
    "pylint": ("max-complexity", "max-branches", "max-statements", "max-args"),
    "ruff": ("max-complexity", "max-branches", "max-statements", "max-args", "max-returns"),
}
_RANKS = {"off": 0, "basic": 1, "standard": 2, "recommended": 3, "strict": 4}
_SEVERITIES = {"false": 0, "none": 0, "ignore": 0, "information": 1, "warn": 2, "warning": 2, "error": 3, "true": 3}
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
        *("disallow_untyped_decorators", "disallow_subclassing_any", "extra_checks", "warn_redundant_casts"),
        *("disallow_any_explicit", "disallow_any_expr", "disallow_any_unimported", "disallow_any_decorated"),
    ),
    "pytest": (
        "strict",
        "strict_markers",
        "strict_config",
        "strict_xfail",
        "xfail_strict",
        "strict_parametrization_ids",
    ),
}
_OFF = {
    "coverage": ("ignore_errors",),
    "mypy": (
        "ignore_errors",
        "ignore_missing_imports",
        "allow_untyped_defs",
        "implicit_optional",
        "allow_redefinition",
    ),
}
# Options of pytest that leave out tests, or the end of a run; and those that ask for more.
_SELECTING = frozenset(
    {
        *("-k", "-m", "-x", "-p", "--deselect", "--ignore", "--ignore-glob", "--exitfirst", "--maxfail", "--runxfail"),
        *("--lf", "--last-failed", "--sw", "--stepwise", "--co", "--collect-only", "--setup-only", "--setup-plan"),
        *("--no-cov", "--continue-on-collection-errors", "--suppress-no-test-exit-code", "--reruns", "--pyargs"),
        *("--fixtures", "--help", "-h", "--version", "--confcutdir", "--noconftest", "-c", "--rootdir"),
    }
)
_VALUED = frozenset({"-k", "-m", "-p", "-c", "--deselect", "--ignore", "--ignore-glob", "--maxfail", "--reruns"})
_ASKING = ("--strict", "-W", "--cov-fail-under", "--fail-", "--error-", "--disallow-", "--require", "--xfail-strict")
_ALWAYS = frozenset({"coverage", "pytest"})  # they are asked without settings of the project's, too


def loosened(base: Tables, now: Tables) -> Iterator[str]:
    """In words, each setting that asks for less than the base's. A tool that comes in with the change takes nothing
    away; a file in a folder that comes in stands in place of the root's.
    """
    for tool in sorted(now):
        kind = tool.partition(" ")[0]
        before, after = base.get(tool, base.get(kind, {})), now[tool]
        if kind in _ALWAYS or before or kind != tool:
            yield from _of_tool(tool, before, after)
    for tool in sorted(base.keys() - now.keys()):
        kind = tool.partition(" ")[0]
        if kind == tool and kind not in _ALWAYS:
            yield f"{tool}'s settings are gone"
        yield from _of_tool(tool, base[tool], now.get(kind, {}))
    yield from _overrides(base.get("mypy", {}), now.get("mypy", {}))


def _of_tool(tool: str, before: Table, after: Table) -> Iterator[str]:
    kind = tool.partition(" ")[0]
    yield from _lists(tool, before, after)
    yield from _switches(tool, before, after)
    for name in _LEAST.get(kind, ()):
        least, lower = _number(before.get(name)), _number(after.get(name))
        if least > lower:
            yield f"{tool}'s {name}: {least:g} became {lower:g}"
    for name in _MOST.get(kind, ()):
        most, more = _number(before.get(name)), _number(after.get(name))
        if most and (more > most or name not in after):
            yield f"{tool}'s {name}: {most:g} became {f'{more:g}' if name in after else 'the default'}"
    if kind == "pytest":
        yield from _options(tool, before, after)
    if kind in ("pyright", "ty"):
        yield from _severities(tool, before, after)


def _severities(tool: str, before: Table, after: Table) -> Iterator[str]:
    """How much each rule of a type checker weighs."""
    old, new = {**before, **before.get("rules", {})}, {**after, **after.get("rules", {})}
    mode = "typeCheckingMode"
    was, is_ = str(old.get(mode, "standard")), str(new.get(mode, "standard"))
    if _RANKS.get(is_, 2) < _RANKS.get(was, 2):
        yield f"{tool}'s {mode}: {was} became {is_}"
    for name, value in new.items():
        heavy, light = _SEVERITIES.get(_word(old.get(name, "error"))), _SEVERITIES.get(_word(value))
        rule = name.startswith("report") or tool.startswith("ty")
        if rule and heavy is not None and light is not None and light < heavy:
            yield f"{tool}'s {name}: {_word(old.get(name, 'the default'))} became {_word(value)}"


def _word(value: object) -> str:
    return str(value).lower()


def _lists(tool: str, before: Table, after: Table) -> Iterator[str]:
    kind = tool.partition(" ")[0]
    for name in _LONGER.get(kind, ()):
        more = _without(words(after.get(name)), words(before.get(name)))
        if more:
            yield f"{tool}'s {name}: {', '.join(more)} came in"
    for name in _SHORTER.get(kind, ()):
        usual = _USUAL.get(kind, {}).get(name, ())
        now = words(after.get(name, usual))
        less = [each for each in words(before.get(name, usual)) if not _asked(each, now, codes=bool(usual))]
        if less and "ALL" not in now:
            yield f"{tool}'s {name}: {', '.join(less)} went"
    for name in _SETTLED.get(kind, ()):
        old, new = words(before.get(name)), words(after.get(name))
        if sorted(old) != sorted(new):
            yield f"{tool}'s {name}: {' '.join(old) or 'the default'} became {' '.join(new) or 'the default'}"


def _asked(one: str, now: Sequence[str], *, codes: bool) -> bool:
    """Whether it is among them; of rules, also by the first letters of its code."""
    return any(one.startswith(each) for each in now) if codes else one in now


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


def _options(tool: str, before: Table, after: Table) -> Iterator[str]:
    """Options of pytest's own configuration that select, or that ask for more."""
    yield from (f"{tool}'s addopts: {each}" for each in _without(_selecting(after), _selecting(before)))
    asked = [word for word in _addopts(before) if word.startswith(_ASKING)]
    yield from (f"{tool}'s addopts: without {each}" for each in _without(asked, _addopts(after)))
    if "error" in words(before.get("filterwarnings")) and "error" not in words(after.get("filterwarnings")):
        yield f"{tool}'s filterwarnings: without error"


def _addopts(table: Table) -> list[str]:
    import shlex

    given = table.get("addopts")
    try:
        return shlex.split(given) if isinstance(given, str) else words(given)
    except ValueError:
        return words(given)


def _selecting(table: Table) -> list[str]:
    """Each option that selects, with its value."""
    options = _addopts(table)
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


def _without(these: list[str], those: list[str]) -> list[str]:
    return [each for each in these if each not in those]


def _number(value: object) -> float:
    try:
        return float(str(value or 0))
    except ValueError:
        return 0.0


def _truth(value: object) -> bool:
    return str(value).strip().lower() in ("true", "1", "yes", "on")
