"""tox's native TOML: `tox.toml` or `[tool.tox]`, environments as tables, values as lists with replacement tables."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from penstock.scan.detect.declared import POSARGS, Declared, Needs, installed
from penstock.scan.detect.dependencies import toxnames
from penstock.scan.detect.requirement import canonical, strings
from penstock.scan.detect.tree import Tree


def read(tree: Tree, path: str, table: Mapping[str, Any]) -> list[Declared]:
    """Every environment: the listed ones on the base, then the tables of `env`."""
    base = _table(table.get("env_run_base"))
    own = _table(table.get("env"))
    listed = toxnames.of_toml(table.get("env_list", table.get("envlist", []))) or (["py"] if base else [])
    names = list(dict.fromkeys([*listed, *own]))
    return [_declared(tree, path, table, name, own, base, default=name in listed or not base) for name in names]


def _declared(
    tree: Tree,
    path: str,
    table: Mapping[str, Any],
    name: str,
    own: Mapping[str, Any],
    base: Mapping[str, Any],
    *,
    default: bool,
) -> Declared:
    settings = {**base, **_table(own.get(name))}
    resolve = _Resolver(table, settings)
    commands = [tuple(resolve.words(argv)) for key in ("commands_pre", "commands") for argv in _list(settings.get(key))]
    needs = Needs(
        extras=tuple(map(canonical, resolve.words(settings.get("extras")))),
        groups=tuple(resolve.words(settings.get("dependency_groups"))),
        project=not settings.get("skip_install") and settings.get("package") != "skip",
    ).plus(installed([word for line in resolve.words(settings.get("deps")) for word in _dependency(line)]))
    for argv in commands:
        if "pip" in argv[:4] and "install" in argv:
            needs = needs.plus(installed(argv[argv.index("install") + 1 :]))
    headers = ("[tool.tox", "[env", "env_run_base")
    place = tree.place(path, *([f'[tool.tox.env."{name}"' if "." in name else f"[tool.tox.env.{name}]"]))
    if place.line is None:
        place = tree.place(
            path, "[tool.tox.env_run_base]" if path == "pyproject.toml" else "[env_run_base]", "commands"
        )
    if place.line is None:
        place = tree.place(path, headers[0])
    return Declared(
        source="tox",
        name=name,
        place=place,
        needs=needs,
        commands=tuple(argv for argv in commands if argv and not ("pip" in argv[:4] and "install" in argv)),
        environment=tuple(_variables(_table(settings.get("set_env", settings.get("setenv"))))),
        default=default,
    )


class _Resolver:
    """Follows `{replace = "ref" | "posargs" | "env"}`."""

    def __init__(self, table: Mapping[str, Any], settings: Mapping[str, Any]) -> None:
        self._table, self._settings = table, settings

    def words(self, value: Any, depth: int = 0) -> list[str]:
        """The strings that a value stands for."""
        if isinstance(value, str):
            return [value]
        if isinstance(value, list):
            return [word for item in value for word in self.words(item, depth)]
        if not isinstance(value, dict) or depth > 8:
            return []
        kind = value.get("replace")
        if kind == "posargs":
            return [*self.words(value.get("default"), depth + 1), POSARGS]
        if kind == "ref":
            return self.words(self._referred(value), depth + 1)
        return self.words(value.get("default"), depth + 1)

    def _referred(self, value: Mapping[str, Any]) -> Any:
        of = strings(value.get("of"))
        found: Any = self._table if of else _table(_table(self._table.get("env")).get(str(value.get("env"))))
        for key in of or strings(value.get("key")):
            found = _table(found).get(key)
        return found


def _variables(table: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    for name, value in table.items():
        if isinstance(value, str | int) and "{" not in str(value) and not name.startswith("COVERAGE"):
            yield name, str(value)


def _dependency(line: str) -> list[str]:
    return line.split() if line.startswith("-") else [line]


def _table(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []
