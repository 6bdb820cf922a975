"""The settings of tools in the files that hold them: of several, the one that the tool itself would take."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

PYPROJECT = "pyproject.toml"
# By tool: file and section, in the order in which the tool looks. "" is the whole file.
_PLACES = {
    "coverage": (
        (".coveragerc", "{part}"),
        ("setup.cfg", "coverage:{part}"),
        ("tox.ini", "coverage:{part}"),
        (PYPROJECT, "tool.coverage.{part}"),
    ),
    "mypy": (("mypy.ini", "mypy"), (".mypy.ini", "mypy"), (PYPROJECT, "tool.mypy"), ("setup.cfg", "mypy")),
    "pytest": (
        ("pytest.ini", "pytest"),
        (".pytest.ini", "pytest"),
        (PYPROJECT, "tool.pytest.ini_options"),
        ("tox.ini", "pytest"),
        ("setup.cfg", "tool:pytest"),
    ),
    "ruff": ((".ruff.toml", ""), ("ruff.toml", ""), (PYPROJECT, "tool.ruff")),
}
_BELOW = ("ruff.toml", ".ruff.toml")  # these count for the files of their folder, too
NAMES = frozenset(file for places in _PLACES.values() for file, _ in places)


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
            if table:
                found[tool] = table
                break
    for path, sections in tables.items():
        if "/" in path and (table := _flat("ruff", sections, "")):
            found[f"ruff ({path})"] = table
    return found


def _flat(tool: str, sections: Mapping[str, Any], section: str) -> dict[str, Any]:
    """The settings of a tool as one table, whatever parts it has."""
    if tool == "coverage":
        parts = (_at(sections, section.format(part=part)) for part in ("run", "report"))
        return {name: value for part in parts for name, value in part.items()}
    table = dict(_at(sections, section)) if section else dict(sections)
    if tool == "ruff":
        lint = table.get("lint")
        return {**table, **lint} if isinstance(lint, dict) else table
    if tool == "mypy":
        modules = [
            {"module": name.removeprefix("mypy-"), **value}
            for name, value in sections.items()
            if name.startswith("mypy-") and isinstance(value, dict)
        ]
        return {**table, "overrides": modules} if modules else table
    return table


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
    import configparser

    parser = configparser.RawConfigParser(strict=False, interpolation=None)
    try:
        parser.read_string(text)
    except configparser.Error:
        return {}
    return dict(_ini(parser))


def _ini(parser: Any) -> Iterator[tuple[str, dict[str, str]]]:
    for name in parser.sections():
        yield name, dict(parser.items(name))
