"""The console scripts of an installed distribution, tried (standard library, Python >= 3.9)."""

from __future__ import annotations

import os
import re
import sys
from importlib import metadata
from typing import TYPE_CHECKING, Any, NamedTuple

_FOLDER = os.path.dirname(os.path.abspath(__file__))

if TYPE_CHECKING:
    from penstock.guest.penstock_trying import Tried, called, imported
else:
    sys.path.insert(0, _FOLDER)
    from penstock_trying import Tried, called, imported

    sys.path.remove(_FOLDER)

_PROJECT = "pyproject.toml"


class Entry(NamedTuple):
    """One console script: `demo = demo.cli:main`. `value` is "" where it is declared, and not installed."""

    name: str
    value: str


def entries(distribution: str) -> list[Entry]:
    """Those that are installed, and those of pyproject.toml that are not."""
    installed = _installed(distribution)
    if installed is None:
        return []
    known = {entry.name for entry in installed}
    return [*installed, *(Entry(name, "") for name in _declared() if name not in known)]


def missing(distribution: str, *, asked: bool) -> str:
    """Why there are none to try, though there should be; "" if all is well."""
    installed = _installed(distribution)
    if installed is None:
        return (
            f"{distribution} is not installed here, so that its console scripts cannot be tried"
            if asked or _declared()
            else ""
        )
    return f"{distribution} has no console script" if asked and not entries(distribution) else ""


def _installed(distribution: str) -> list[Entry] | None:
    try:
        every = metadata.distribution(distribution).entry_points
    except metadata.PackageNotFoundError:
        return None
    return [Entry(each.name, each.value) for each in every if each.group == "console_scripts"]


def _declared() -> list[str]:
    """The names of `[project.scripts]`, where this Python can read TOML."""
    try:
        import tomllib
    except ImportError:  # before 3.11
        return []
    try:
        with open(_PROJECT, "rb") as stream:
            scripts = tomllib.load(stream).get("project", {}).get("scripts", {})
    except (OSError, ValueError):
        return []
    return list(scripts) if isinstance(scripts, dict) else []


def _line(name: str) -> int:
    """Where pyproject.toml declares it, 0 if it does not."""
    try:
        with open(_PROJECT, encoding="utf-8", errors="replace") as stream:
            lines = stream.read().splitlines()
    except OSError:
        return 0
    return next((at for at, line in enumerate(lines, 1) if re.match(rf'\s*"?{re.escape(name)}"?\s*=', line)), 0)


def attempt(entry: Entry, options: dict[str, Any]) -> Tried:
    """What came of one: it is there, its function is found, it has help."""
    tried = Tried(entry.name, _PROJECT, _line(entry.name))
    program = os.path.join(os.path.dirname(sys.executable), entry.name)
    if not entry.value or not os.path.exists(program):
        tried.found("install", f"the console script {entry.name} is declared, and was not installed")
        return tried
    target = entry.value.partition("[")[0].strip()
    if imported(tried, ["entry", target], options["timeout"]) is not None:
        called(tried, [program], options)
    return tried
