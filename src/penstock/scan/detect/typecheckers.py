"""Type checkers: what they check, and which environment they look into for the project's dependencies."""

from __future__ import annotations

import re
from collections.abc import Sequence

from penstock.errors import Place
from penstock.model.snapshot import Package, ToolUse
from penstock.scan.detect.declared import Declared, unique
from penstock.scan.detect.requirement import strings
from penstock.scan.detect.toolcalls import Call
from penstock.scan.detect.tree import Tree

_PLUGINS = {
    "pydantic.mypy": "pydantic",
    "mypy_django_plugin.main": "django-stubs",
    "sqlalchemy.ext.mypy.plugin": "sqlalchemy[mypy]",
    "mypy_zope:plugin": "mypy-zope",
    "numpy.typing.mypy_plugin": "numpy",
    "pydantic.v1.mypy": "pydantic",
}


def use(
    tree: Tree, packages: Sequence[Package], about: tuple[str, Call | None, Place | None, Sequence[Call]], version: str
) -> tuple[ToolUse, Declared | None]:
    """The use, and the declared environment that becomes its dependency set (None: the tests' set, or its own).

    Paths: the call's own; else those of the configuration (then none are given); else the package.
    """
    tool, best, section, own = about
    runs_in = best.environment if best and best.environment and best.environment.isolated else None
    same = [
        call for call in own if best is not None and call.args == best.args and call.environment == best.environment
    ]
    paths = unique(*(call.paths for call in same)) if same and all(call.paths for call in same) else ()
    if not paths and not _names_its_own(tree, tool) and not _targets(best):
        paths = tuple(package.path for package in packages)
    found = ToolUse(
        tool=tool,
        version=version,
        args=best.args if best else (),
        paths=paths,
        plugins=_plugins(tree, tool, best),
        dependencies=_set_name(best, runs_in),
        place=best.place if best else section,
    )
    return found, runs_in


def _set_name(best: Call | None, runs_in: Declared | None) -> str | None:
    """A hook has its own environment; a declared one becomes the set `types`; else the tests' set serves."""
    if best is not None and best.hook:
        return None
    return "types" if runs_in is not None else "test"


def _targets(best: Call | None) -> bool:
    """Whether the call says what to check by an option: `-p networkx`, `--package`, `-m`."""
    return best is not None and any(word in {"-p", "-m", "--package", "--module", "--project"} for word in best.args)


def _names_its_own(tree: Tree, tool: str) -> bool:
    """Whether the configuration says what is checked."""
    keys = {"mypy": ("files", "packages", "modules"), "pyright": ("include",), "ty": ("src",)}[tool]
    tables = [tree.table("pyproject.toml", "tool", tool)]
    if tool == "mypy":
        tables += [
            dict(tree.ini(path).get("mypy", {})) for path in ("mypy.ini", ".mypy.ini", "setup.cfg") if path in tree
        ]
    if tool == "pyright" and "pyrightconfig.json" in tree:
        return '"include"' in tree.text("pyrightconfig.json")
    return any(key in table for table in tables for key in keys)


def _plugins(tree: Tree, tool: str, best: Call | None) -> tuple[str, ...]:
    """A hook's additional dependencies; of mypy, the distributions of its configured plugins."""
    found = best.dependencies if best is not None and best.hook else ()
    if tool == "mypy":
        said = strings(tree.table("pyproject.toml", "tool", "mypy").get("plugins"))
        for path in ("mypy.ini", "setup.cfg"):
            said += re.split(r"[,\s]+", tree.ini(path).get("mypy", {}).get("plugins", "")) if path in tree else []
        found = unique(found, (_PLUGINS[name] for name in said if name in _PLUGINS))
    return tuple(line for line in found if not line.startswith("."))
