"""The settings of tools in the files that hold them: of several, the one that the tool itself would take."""

from __future__ import annotations

import posixpath
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

PYPROJECT = "pyproject.toml"
_INI = ("setup.cfg", "tox.ini")
# By tool: file and section, in the order in which the tool looks. "" is the whole file.
_PLACES = {
    "bandit": ((".bandit", "bandit"), (PYPROJECT, "tool.bandit")),
    "black": ((PYPROJECT, "tool.black"),),
    "check-wheel-contents": ((PYPROJECT, "tool.check-wheel-contents"),),
    "coverage": (
        (".coveragerc", "{part}"),
        (".coveragerc.toml", "{part}"),
        ("setup.cfg", "coverage:{part}"),
        ("tox.ini", "coverage:{part}"),
        (PYPROJECT, "tool.coverage.{part}"),
    ),
    "deptry": ((PYPROJECT, "tool.deptry"),),
    "flake8": tuple((file, "flake8") for file in (*_INI, ".flake8")),
    "isort": ((".isort.cfg", "settings"), (PYPROJECT, "tool.isort"), *((file, "isort") for file in _INI)),
    "mypy": (("mypy.ini", "mypy"), (".mypy.ini", "mypy"), (PYPROJECT, "tool.mypy"), ("setup.cfg", "mypy")),
    "pylint": (
        *((file, "*") for file in ("pylintrc", ".pylintrc", "pylintrc.toml", ".pylintrc.toml")),
        *((PYPROJECT, "tool.pylint"), ("setup.cfg", "pylint*"), ("tox.ini", "pylint*")),
    ),
    "pyright": (("pyrightconfig.json", ""), (PYPROJECT, "tool.pyright")),
    "pytest": (
        ("pytest.toml", "pytest"),
        (".pytest.toml", "pytest"),
        ("pytest.ini", "pytest"),
        (".pytest.ini", "pytest"),
        (PYPROJECT, "tool.pytest"),
        ("tox.ini", "pytest"),
        ("setup.cfg", "tool:pytest"),
    ),
    "ruff": ((".ruff.toml", ""), ("ruff.toml", ""), (PYPROJECT, "tool.ruff")),
    "ty": (("ty.toml", ""), (PYPROJECT, "tool.ty")),
}
# A tool's own file is the one that it goes by, whatever stands in it: an empty one hides the settings elsewhere.
_SHARED = frozenset({PYPROJECT, *_INI})
_ITS_OWN = frozenset({"coverage", "mypy", "pylint", "pyright", "pytest", "ruff", "ty"})
NAMES = frozenset(file for places in _PLACES.values() for file, _ in places)
# These count for the files of their folder, too; those of pytest where a run begins in the folder.
_RUFFS = frozenset(file for file, _ in _PLACES["ruff"])
_PYTESTS = dict(_PLACES["pytest"])
_BELOW = _RUFFS | _PYTESTS.keys()


def holds_settings(path: str) -> bool:
    """Whether a file, relative to the root, is one that tools take settings from."""
    return path in NAMES or path.rpartition("/")[2] in _BELOW


def of_files(files: Mapping[str, str]) -> dict[str, dict[str, Any]]:
    """Tool -> its settings. `files`: path -> text. A file that cannot be read as what it should be holds none."""
    tables = {path: _sections(path, text) for path, text in files.items()}
    found: dict[str, dict[str, Any]] = {}
    for tool, places in _PLACES.items():
        for file, section in places:
            table = _flat(tool, tables.get(file, {}), section)
            if table or (file in tables and file not in _SHARED and tool in _ITS_OWN):
                found[tool] = table
                break
    for path, sections in tables.items():
        if "/" in path:
            found |= _below(path, sections, found)
    return found


def _below(path: str, sections: Mapping[str, Any], root: Mapping[str, dict[str, Any]]) -> dict[str, dict[str, Any]]:
    """What a file in a folder says in place of the root's: pytest's in a folder that its tests are sought in, ruff's
    everywhere. Who extends the root's settings has them.
    """
    folder, _, name = path.rpartition("/")
    found: dict[str, dict[str, Any]] = {}
    if name in _RUFFS and "project" not in sections:  # a project of its own has rules of its own
        table = _flat("ruff", sections, "tool.ruff" if name == PYPROJECT else "")
        wide = posixpath.normpath(f"{folder}/{table.get('extend', '')}")
        own = {key: value for key, value in table.items() if key != "extend"}
        if table or name != PYPROJECT:
            found[f"ruff ({path})"] = {**root.get("ruff", {}), **own} if wide in _RUFFS else table
    if name in _PYTESTS and folder in {"tests", "test", *words(root.get("pytest", {}).get("testpaths"))}:
        table = _flat("pytest", sections, _PYTESTS[name])
        if table or name not in _SHARED:
            found[f"pytest ({path})"] = table
    return found


def words(value: object) -> list[str]:
    """A list in any spelling: TOML's, the lines or words of an INI file, a table's keys with their values."""
    if isinstance(value, str):
        return [word.strip() for word in value.replace(",", " ").split()]
    if isinstance(value, Mapping):
        return [f"{name}: {word}" for name, listed in value.items() for word in words(listed)]
    return [str(each) for each in value] if isinstance(value, Sequence) else []


def _flat(tool: str, sections: Mapping[str, Any], section: str) -> dict[str, Any]:
    """The settings of a tool as one table, whatever parts it has."""
    if tool == "coverage":
        return _of_coverage([_at(sections, section.format(part=part)) for part in ("run", "report")])
    if section.endswith("*"):
        return _plain({name: part for name, part in sections.items() if name.startswith(section[:-1])})
    table = dict(_at(sections, section)) if section else dict(sections)
    if tool == "mypy":
        modules = [
            {"module": name.removeprefix("mypy-"), **value}
            for name, value in sections.items()
            if name.startswith("mypy-") and isinstance(value, dict)
        ]
        return {**table, "overrides": modules} if modules else table
    return _PLAINLY[tool](table) if tool in _PLAINLY else table


def _plain(table: Mapping[str, Any]) -> dict[str, Any]:
    return {name.replace("_", "-"): value for name, value in _leaves(table)}


def _of_ruff(table: Mapping[str, Any]) -> dict[str, Any]:
    lint, form = (table[part] if isinstance(table.get(part), dict) else {} for part in ("lint", "format"))
    limits = {**lint.get("mccabe", {}), **lint.get("pylint", {})}
    return {
        **table,
        **{f"format {name}": value for name, value in form.items()},
        **lint,
        **{name: value for name, value in limits.items() if name.startswith("max-")},
    }


def _of_pytest(table: Mapping[str, Any]) -> dict[str, Any]:
    own = {name: value for name, value in table.items() if name != "ini_options"}
    return {**own, **table.get("ini_options", {})}


_PLAINLY: Mapping[str, Callable[[Mapping[str, Any]], dict[str, Any]]] = {
    "flake8": _plain,
    "pylint": _plain,
    "pytest": _of_pytest,
    "ruff": _of_ruff,
    "ty": lambda table: {**table.get("src", {}), **table},
}


def _of_coverage(parts: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """`run` and `report` as one: a list that both have is one list."""
    found: dict[str, Any] = {}
    for part in parts:
        for name, value in part.items():
            found[name] = [*words(found[name]), *words(value)] if name in found and name in _LISTS else value
    return found


_LISTS = frozenset({"omit", "include"})


def _leaves(table: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    for name, value in table.items():
        if isinstance(value, dict):
            yield from _leaves(value)
        else:
            yield str(name), value


def _at(sections: Mapping[str, Any], section: str) -> Mapping[str, Any]:
    """The table of a section; TOML's are nested, those of an INI file are not."""
    found: Any = sections.get(section)
    if found is None:
        found = sections
        for part in section.split("."):
            found = found.get(part) if isinstance(found, dict) else None
    return found if isinstance(found, dict) else {}


def _sections(path: str, text: str) -> dict[str, Any]:
    if path.endswith(".toml"):
        import tomllib

        try:
            return tomllib.loads(text)
        except (tomllib.TOMLDecodeError, RecursionError):
            return {}
    if path.endswith(".json"):
        return _json(text)
    import configparser

    parser = configparser.RawConfigParser(strict=False, interpolation=None)
    try:
        parser.read_string(text)
    except configparser.Error:
        return {}
    return dict(_ini(parser))


def _json(text: str) -> dict[str, Any]:
    import json

    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}


def _ini(parser: Any) -> Iterator[tuple[str, dict[str, str]]]:
    for name in parser.sections():
        yield name, dict(parser.items(name))
