"""What the configuration of a tool leaves out, and which of its keys the tool does not know and does not tell of.

ruff, black, isort, pylint, mypy, pyright and ty tell of unknown keys themselves, and flake8 in its log.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from penstock.scan.detect.tree import Tree

# Keys that leave files out, by tool, as its documentation names them. Those in _CHOOSING say what is examined instead.
_CHOOSING = frozenset(
    {"include", "files", "packages", "modules", "filename", "targets", "extend", "root", "supported_extensions"}
    | {"skip_gitignore", "exclude_gitignore"}
)
_EXCLUDING: Mapping[str, frozenset[str]] = {
    "ruff": frozenset({"exclude", "extend-exclude", "include", "extend"}),
    "ruff-format": frozenset({"exclude", "extend-exclude", "include", "extend"}),
    "black": frozenset({"exclude", "extend-exclude", "force-exclude", "include"}),
    "isort": frozenset(
        {"skip", "skip_glob", "extend_skip", "extend_skip_glob", "skip_gitignore", "supported_extensions"}
    ),
    "flake8": frozenset({"exclude", "extend-exclude", "extend_exclude", "filename"}),
    "pylint": frozenset({"ignore", "ignore-paths", "ignore-patterns", "ignore_paths", "ignore_patterns"}),
    "mypy": frozenset({"exclude", "files", "packages", "modules", "exclude_gitignore"}),
    "pyright": frozenset({"exclude", "include"}),
    "ty": frozenset({"exclude", "include", "root"}),
    "bandit": frozenset({"exclude_dirs", "exclude", "targets"}),
    "radon": frozenset({"exclude", "ignore"}),
}
_FILES: Mapping[str, tuple[str, ...]] = {
    "ruff": (".ruff.toml", "ruff.toml"),
    "ruff-format": (".ruff.toml", "ruff.toml"),
    "isort": (".isort.cfg", "setup.cfg", "tox.ini"),
    "flake8": (".flake8", "setup.cfg", "tox.ini"),
    "pylint": (".pylintrc", "pylintrc", "setup.cfg", ".pylintrc.toml", "pylintrc.toml"),
    "mypy": ("mypy.ini", ".mypy.ini", "setup.cfg"),
    "pyright": ("pyrightconfig.json",),
    "ty": ("ty.toml",),
    "bandit": (".bandit", "bandit.yaml", "bandit.yml", ".bandit.yml", ".bandit.yaml"),
    "radon": ("radon.cfg", "setup.cfg"),
}
# bandit 1.9: the keys of its own configuration, those of its tests, and those that a .bandit file may hold.
_BANDIT = frozenset(
    {"tests", "skips", "exclude_dirs", "profiles", "include", "plugin_name_pattern", "assert_used"}
    | {"hardcoded_tmp_directory", "shell_injection", "ssl_with_bad_version", "ssl_with_bad_defaults"}
    | {"try_except_pass", "try_except_continue", "weak_cryptographic_key", "markupsafe_xss"}
)
_DOT_BANDIT = frozenset(
    {"targets", "recursive", "aggregate", "number", "profile", "tests", "skips", "level", "confidence", "format"}
    | {"msg-template", "output", "verbose", "debug", "quiet", "ignore-nosec", "exclude", "baseline", "configfile"}
)
_RADON = frozenset(
    {"cc_min", "cc_max", "mi_min", "mi_max", "show_complexity", "average", "exclude", "ignore", "order", "no_assert"}
    | {"show_closures", "total_average", "output_file", "include_ipynb", "ipynb_cells", "multi", "show_mi", "functions"}
)


def excludes(tree: Tree, tool: str) -> tuple[str, ...]:
    """The patterns that the tool's configuration leaves files out by; "" for what is no plain list of them.

    ruff also reads the configuration of each folder: where there is one, what it says is not followed.
    """
    found: list[str] = []
    for _, table in _tables(tree, tool):
        for key, value in sorted(_flat(table).items(), key=lambda each: each[0]):
            if key in _EXCLUDING[tool]:
                found += [""] if key in _CHOOSING else _patterns(value)
    if tool.startswith("ruff") and any(
        path.rpartition("/")[2] in {"ruff.toml", ".ruff.toml", "pyproject.toml"} and "/" in path for path in tree.files
    ):
        found.append("")
    return tuple(dict.fromkeys(found))


def unknown(tree: Tree, tool: str) -> tuple[str, ...]:
    """Keys that the tool passes over without a word, each as `pyproject.toml: [tool.bandit] skpis`."""
    if tool not in {"bandit", "radon"}:
        return ()
    said = []
    for place, table in _tables(tree, tool):
        known = _RADON if tool == "radon" else _DOT_BANDIT if place.startswith(".bandit:") else _BANDIT
        said += [f"{place} {key}" for key in table if key not in known]
    return tuple(said)


def silenced(tree: Tree, tool: str) -> tuple[str, ...]:
    """Expressions for the paths of modules whose errors mypy is told to ignore."""
    if tool != "mypy":
        return ()
    found: list[Any] = []
    table = tree.table("pyproject.toml", "tool", "mypy")
    overrides: Any = table.get("overrides")
    tables = [each for each in overrides if isinstance(each, dict)] if isinstance(overrides, list) else []
    for each in (table, *tables):
        if each.get("ignore_errors") is True:
            named = each.get("module", "*")
            found += named if isinstance(named, list) else [named]
    for path in _FILES["mypy"]:
        for name, keys in (tree.ini(path) if path in tree else {}).items():
            if name.startswith("mypy") and str(keys.get("ignore_errors", "")).lower() in {"true", "1", "yes", "on"}:
                found += name.partition("-")[2].split(",") if "-" in name else ["*"]
    return tuple(_module(each.strip()) for each in found if isinstance(each, str) and each.strip())


def _module(name: str) -> str:
    """`pkg.old.*` -> an expression for the paths of the module and of all below it."""
    whole, below = name.removesuffix(".*"), name.endswith(".*") or name == "*"
    path = re.escape(whole).replace(r"\.", "/").replace(r"\*", "[^/]*")
    return rf"(?:^|/){path}(?:/|\.pyi?$)" if below else rf"(?:^|/){path}(?:/__init__)?\.pyi?$"


def options(tree: Tree, tool: str) -> tuple[str, ...]:
    """The options by which the tool reads a configuration that it does not look for itself."""
    if tool != "bandit":
        return ()
    if tree.table("pyproject.toml", "tool", "bandit"):
        return ("-c", "pyproject.toml")
    own = next((path for path in _FILES["bandit"][1:] if path in tree), None)
    if own is not None:
        return ("-c", own)
    return ("--ini", ".bandit") if ".bandit" in tree else ()


def _tables(tree: Tree, tool: str) -> list[tuple[str, Mapping[str, Any]]]:
    """(place, keys) of each section that the tool reads."""
    name = tool.removesuffix("-format")
    found: list[tuple[str, Mapping[str, Any]]] = []
    table = tree.table("pyproject.toml", "tool", name)
    if table:
        found.append((f"pyproject.toml: [tool.{name}]", table))
    for path in _FILES.get(tool, ()):
        if path not in tree:
            continue
        if path.endswith(".toml"):
            found.append((f"{path}:", tree.table(path)))
        elif path.endswith((".json", ".yaml", ".yml")):
            found.append((f"{path}:", _plain(tree.text(path))))
        else:
            sections = tree.ini(path)
            wanted = {name, f"tool:{name}", *([*sections] if path in {".pylintrc", "pylintrc"} else [])}
            wanted |= {"settings"} if path == ".isort.cfg" else set()
            found += [(f"{path}: [{each}]", keys) for each, keys in sections.items() if each in wanted]
    return found


def _flat(table: Mapping[str, Any]) -> dict[str, Any]:
    """The keys of a table and of the tables in it (`[tool.ruff.lint]`, `[tool.pylint.main]`, `[tool.ty.src]`)."""
    flat: dict[str, Any] = {}
    for key, value in table.items():
        flat |= {**_flat(value), **flat} if isinstance(value, dict) else {key: value}
    return flat


def _plain(text: str) -> dict[str, Any]:
    """The top keys of a JSON or YAML file. Their values are not read."""
    keys = re.findall(r'(?m)^(?: {1,4}|\t)?"([\w-]+)"\s*:|^([A-Za-z_][\w-]*)\s*:', text)
    return dict.fromkeys(one or other for one, other in keys)


def _patterns(value: Any) -> list[str]:
    if isinstance(value, list):
        return [each if isinstance(each, str) else "" for each in value]
    return [""]
