"""tox: every environment of `tox.ini`, `setup.cfg [tox:tox]`, `[tool.tox]`, `legacy_tox_ini` or `tox.toml`, read whole.

A line with factors counts for an environment that has them. Factors that are Python versions become markers instead, so
that one dependency set serves all legs (`py39: foo` is `foo; python_version == '3.9'`).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from penstock.errors import Place
from penstock.scan.detect.declared import POSARGS, Declared, Needs, installed, unique, words
from penstock.scan.detect.dependencies import toxtoml
from penstock.scan.detect.dependencies.toxnames import expanded
from penstock.scan.detect.requirement import canonical, with_marker
from penstock.scan.detect.tree import Tree

Sections = Mapping[str, Mapping[str, str]]
_PYTHON_FACTOR = re.compile(r"^py(?:thon)?-?(\d)\.?(\d*)t?$|^(\d)\.(\d+)t?$")


def read(tree: Tree) -> list[Declared]:
    """Every declared environment, those of the list first."""
    if "tox.ini" in tree:
        return _environments(tree, "tox.ini", tree.ini("tox.ini"), "")
    legacy = tree.table("pyproject.toml", "tool", "tox").get("legacy_tox_ini")
    if isinstance(legacy, str):
        return _environments(tree, "pyproject.toml", tree.sections(legacy, "pyproject.toml"), "")
    if any(name.startswith("tox:") or name == "testenv" for name in tree.ini("setup.cfg")):
        return _environments(tree, "setup.cfg", tree.ini("setup.cfg"), "tox:")
    if "tox.toml" in tree:
        return toxtoml.read(tree, "tox.toml", tree.toml("tox.toml"))
    table = tree.table("pyproject.toml", "tool", "tox")
    return toxtoml.read(tree, "pyproject.toml", table) if table else []


def _environments(tree: Tree, path: str, sections: Sections, prefix: str) -> list[Declared]:
    core = sections.get(f"{prefix}tox", sections.get("tox", {}))
    listed = _names(core.get("envlist", core.get("env_list", "")), sections)
    named = {
        name: section
        for section in sections
        if section.startswith("testenv:")
        for name in _names(section.removeprefix("testenv:"), sections)
    }
    if "testenv" not in sections and not named:
        return []
    listed = listed or ["py"]  # what tox runs if nothing is listed
    names = unique(listed, named)
    return [_Environment(tree, path, sections, name, named.get(name)).declared(listed=name in listed) for name in names]


def _names(text: str, sections: Sections) -> list[str]:
    """An environment list, expanded: `py{39,310}-{a,b}`, `py3{9-14}`, references, comments dropped."""
    text = re.sub(r"\{\[([^\]]+)\](\w+)\}", lambda found: sections.get(found[1], {}).get(found[2], ""), text)
    lines = [re.sub(r"(?:^|\s)#.*$", "", line) for line in text.splitlines()]
    entries = [entry for line in lines for entry in _split(line)]
    return [name for entry in entries for name in expanded(entry)]


def _split(line: str) -> list[str]:
    """At commas and blanks outside braces."""
    return [part for part in re.split(r"[,\s]+(?![^{}]*\})", line.strip()) if part]


class _Environment:
    """Resolves the settings of one environment."""

    def __init__(self, tree: Tree, path: str, sections: Sections, name: str, section: str | None) -> None:
        self._tree, self._path, self._sections, self._name = tree, path, sections, name
        self._factors = set(re.split(r"-", name)) | {name}
        own = sections.get(section or "", {})
        base = sections.get("testenv", {}) if self._inherits(own) else {}
        self._settings = {**base, **own}
        self._section = section

    @staticmethod
    def _inherits(own: Mapping[str, str]) -> bool:
        return own.get("base", "testenv").strip() != ""

    def declared(self, *, listed: bool) -> Declared:
        """The environment as it is declared."""
        commands = [argv for key in ("commands_pre", "commands") for argv in self._commands(key)]
        skips = (self._one("skip_install") or "").lower() == "true"
        skips |= (self._one("package") or "").strip() == "skip" or (self._one("no_package") or "").lower() == "true"
        extras = tuple(canonical(part) for line in self._lines("extras") for part in re.split(r"[,\s]+", line) if part)
        groups = tuple(part for line in self._lines("dependency_groups") for part in re.split(r"[,\s]+", line) if part)
        needs = Needs(extras=extras, groups=groups, project=not skips)
        for line in self._lines("deps"):
            base, _, marker = line.partition(" ;;; ")
            given = installed(_dependency_words(base))
            marked = tuple(with_marker(requirement, marker) for requirement in given.requirements)
            needs = needs.plus(Needs(**{**_fields(given), "requirements": marked}))  # type: ignore[arg-type]
        for argv in commands:
            if "pip" in argv[:4] and "install" in argv:
                needs = needs.plus(installed(argv[argv.index("install") + 1 :]))
        return Declared(
            source="tox",
            name=self._name,
            place=self._place(),
            needs=needs,
            commands=tuple(argv for argv in commands if not ("pip" in argv[:4] and "install" in argv)),
            environment=tuple(self._environment()),
            default=listed,
            directory=self._directory(),
        )

    def _directory(self) -> str:
        """`changedir`, if it is a folder of the tree."""
        said = (self._one("change_dir") or "").partition(" ;;; ")[0]
        plain = re.sub(r"^\{tox_?(?:ini_?dir|_?root)\}/?", "", said.strip()).removeprefix("./").rstrip("/")
        return plain if plain in self._tree.folders else ""

    def _place(self) -> Place:
        header = f"[{self._section}]" if self._section else "[testenv]"
        key = "commands" if self._section is None or "commands" in self._sections.get(self._section, {}) else ""
        return self._tree.place(self._path, header, key) if key else self._tree.place(self._path, header)

    def _one(self, key: str) -> str | None:
        return next(iter(self._lines(key)), None)

    def _lines(self, key: str) -> list[str]:
        """A setting's lines that hold for this environment; both spellings of the key are one."""
        plain = key.replace("_", "")
        raw = next((self._settings[name] for name in (key, plain, _OLD.get(key, key)) if name in self._settings), "")
        return [line for line in self._filtered(self._substituted(raw)) if line]

    def _substituted(self, text: str, depth: int = 0) -> str:
        """`{[section]key}` and `{env:NAME:default}` replaced; other braces stay."""
        if depth > 8:
            return text

        def section(found: re.Match[str]) -> str:
            return self._substituted(self._sections.get(found[1], {}).get(found[2], ""), depth + 1)

        text = re.sub(r"\{\[([^\]]+)\]([\w.-]+)\}", section, text)
        text = re.sub(r"\{env:[^:{}]+:((?:[^{}]|\{[^{}]*\})*)\}", lambda found: found[1], text)
        return re.sub(r"\{env:[^:{}]+\}", "", text)

    def _filtered(self, text: str) -> Iterator[str]:
        for raw in re.sub(r"\\\n\s*", " ", text).splitlines():
            line = re.sub(r"(?:^|\s)#(?!egg=).*$", "", raw).strip()
            found = re.match(r"^([\w.{},!-]+(?:\s*,\s*[\w.{},!-]+)*):(?:\s+|(?=-[rc]))(.+)$", line)
            if not found or (found[1] in {"http", "https"}):
                yield line
                continue
            marker = self._condition(found[1])
            if marker is not None:
                yield f"{found[2].strip()} ;;; {marker}" if marker else found[2].strip()

    def _condition(self, factors: str) -> str | None:
        """None if the line is not for this environment, else the marker that its Python factors make ("" = always)."""
        alternatives = [name for entry in _split(factors) for name in expanded(entry)]
        if any(self._holds(alternative, exact=True) for alternative in alternatives if not _pythons(alternative)):
            return ""
        markers = [_marker(name) for name in alternatives if _pythons(name) and self._holds(name, exact=False)]
        return " or ".join(dict.fromkeys(markers)) if markers and all(markers) else ("" if markers else None)

    def _holds(self, alternative: str, *, exact: bool) -> bool:
        """Whether all factors of `a-b-!c` hold; Python factors are not asked unless `exact`."""
        for factor in alternative.split("-"):
            name = factor.lstrip("!")
            if not exact and _PYTHON_FACTOR.match(name):
                continue
            if (name in self._factors) == factor.startswith("!"):
                return False
        return True

    def _commands(self, key: str) -> Iterator[tuple[str, ...]]:
        for line in self._lines(key):
            plain = line.partition(" ;;; ")[0]
            plain = re.sub(r"\{posargs(?::((?:[^{}]|\{[^{}]*\})*))?\}", lambda found: found[1] or POSARGS, plain)
            plain = re.sub(r"\{tox_?(?:ini_?dir|_?root)\}/?(?=\s|$|\")", ".", plain)
            plain = re.sub(r"\{tox_?(?:ini_?dir|_?root)\}/", "", plain)
            argv = words(plain.lstrip("-! "))
            if argv:
                yield argv

    def _environment(self) -> Iterator[tuple[str, str]]:
        """Variables without placeholders; those of coverage are the measuring party's own."""
        for line in self._lines("set_env"):
            name, equals, value = line.partition(" ;;; ")[0].partition("=")
            if equals and "{" not in value and not name.strip().startswith("COVERAGE") and ":" not in name:
                yield name.strip(), value.strip().strip('"')


_OLD = {"set_env": "setenv", "change_dir": "changedir"}


def _fields(needs: Needs) -> dict[str, object]:
    return {name: getattr(needs, name) for name in needs.__struct_fields__}


def _dependency_words(line: str) -> list[str]:
    """A line of `deps`: options with values, or one requirement that may hold blanks."""
    return list(words(line)) if line.startswith("-") else [line.replace("\\#", "#")]


def _pythons(alternative: str) -> bool:
    """Whether a factor condition asks for Python versions."""
    return any(_PYTHON_FACTOR.match(factor.lstrip("!")) for factor in alternative.split("-"))


def _marker(alternative: str) -> str:
    """The marker of the Python factors of one alternative, "" if they name no minor."""
    parts = []
    for factor in alternative.split("-"):
        found = _PYTHON_FACTOR.match(factor.lstrip("!"))
        minor = found and (
            (found[1] and found[2] and f"{found[1]}.{found[2]}") or (found[3] and f"{found[3]}.{found[4]}")
        )
        if minor:
            parts.append(f"python_version {'!=' if factor.startswith('!') else '=='} '{minor}'")
    return " and ".join(parts)
