"""What a dependency set asks for, as requirement lines with the place of each: extras, groups and files followed.

The project itself is never among them: `demo[test]`, `.[test]` and `-e .` become the extras that they name.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from pathlib import PurePosixPath

from penstock.model.snapshot import DependencySet
from penstock.scan.detect.dependencies import groups
from penstock.scan.detect.requirement import canonical, file_lines, name_of
from penstock.scan.detect.tree import Tree
from penstock.value import Value

_OPTION = re.compile(r"(-r|--requirement|-c|--constraint|-e|--editable)(?:\s+|=)(.+)|(-[rc])(\S.*)")
_LOCAL = re.compile(
    r"(?:(?P<name>[\w.-]+)(?:\[[^\]]*\])?\s*@\s*)?(?:file:)?(?P<path>\.{0,2}/[^\s;\[]*|\.{1,2})(?:\[(?P<extras>[^\]]*)\])?\s*(?:;.*)?$"
)
_SELF = re.compile(r"[\w.-]+\s*\[(?P<extras>[^\]]*)\]|[\w.-]+")


class Line(Value, frozen=True, kw_only=True):
    """One requirement line. `place`: where it is declared, as a person would say it."""

    text: str
    place: str


class Facts(Value, frozen=True, kw_only=True):
    """The project's own dependencies: what installing it needs, and its extras (canonical name -> lines)."""

    name: str
    dependencies: tuple[Line, ...]
    extras: Mapping[str, tuple[Line, ...]]


class Wanted(Value, frozen=True, kw_only=True):
    """All lines of a set. `options`: index options of requirement files, as they stand there.

    `folders`: packages that lie in folders of the tree, relative. `problems`: what is asked for and does not exist.
    """

    lines: tuple[Line, ...]
    constraints: tuple[Line, ...] = ()
    options: tuple[str, ...] = ()
    folders: tuple[str, ...] = ()
    problems: tuple[str, ...] = ()


class _Collector:
    """Follows what a set names; every extra, group and file once."""

    def __init__(self, tree: Tree, facts: Facts) -> None:
        self._tree = tree
        self._facts = facts
        self._groups = groups.read(tree)
        self._done: set[str] = set()
        self.lines: dict[str, Line] = {}
        self.constraints: dict[str, Line] = {}
        self.options: list[str] = []
        self.folders: list[str] = []
        self.problems: list[str] = []

    def project(self) -> None:
        self._add(self._facts.dependencies, "")

    def optional(self, name: str, asked_at: str) -> None:
        if self._first(f"extra {canonical(name)}"):
            lines = self._facts.extras.get(canonical(name))
            if lines is None:
                self.problems.append(f"there is no extra `{name}` (asked for by {asked_at})")
            self._add(lines or (), "")

    def group(self, name: str) -> None:
        if self._first(f"group {canonical(name)}"):
            group = self._groups.get(canonical(name))
            if group is None:
                self.problems.append(f"there is no dependency group `{name}`")
                return
            self._add((Line(text=text, place=f"group `{group.name}` ({group.place})") for text in group.lines), "")

    def file(self, path: str, *, constraint: bool = False, asked_at: str = "") -> None:
        if not self._first(f"file {path} {constraint}"):
            return
        if path not in self._tree:
            self.problems.append(f"there is no file {path}" + (f" (asked for by {asked_at})" if asked_at else ""))
            return
        lines = (Line(text=text, place=f"{path}:{number}") for number, text in file_lines(self._tree.text(path)))
        if constraint:
            self.constraints |= {line.text: line for line in lines if not line.text.startswith("-")}
        else:
            self._add(lines, str(PurePosixPath(path).parent))

    def missing(self, texts: Iterable[str], place: str) -> None:
        """Those whose distribution no line so far names."""
        named = {name_of(text) for text in self.lines}
        for text in texts:
            if name_of(text) not in named:
                self.line(Line(text=text, place=place), "")

    def line(self, line: Line, folder: str) -> None:
        """One line: an option, the project itself, a folder, or a requirement."""
        option = _OPTION.fullmatch(line.text)
        if option:
            self._option((option[1] or option[3]).lstrip("-"), (option[2] or option[4]).strip(), line, folder)
        elif line.text.startswith("-"):
            self.options.append(line.text)
        elif found := _LOCAL.fullmatch(line.text):
            self._folder(found["path"], found["extras"] or "", line, folder)
        elif name_of(line.text) == canonical(self._facts.name):
            self._own_extras(line)
        else:
            self.lines.setdefault(line.text, line)

    def _option(self, kind: str, value: str, line: Line, folder: str) -> None:
        if kind[0] in {"r", "c"}:
            self.file(_joined(folder, value), constraint=kind[0] == "c", asked_at=line.place)
        else:
            self.line(Line(text=value, place=line.place), folder)

    def _folder(self, path: str, extras: str, line: Line, folder: str) -> None:
        """Requirement files name folders from the root (pip: from where it is started), some from their own place."""
        for place in dict.fromkeys((_joined("", path), _joined(folder, path))):
            if place == ".":
                self.project()
                for extra in _names(extras):
                    self.optional(extra, line.place)
                return
            if any(f"{place}/{name}" in self._tree for name in ("pyproject.toml", "setup.py", "setup.cfg")):
                self.folders.append(place)
                return
        self.problems.append(f"{line.text} ({line.place}) is no folder of this project that can be built")

    def _own_extras(self, line: Line) -> None:
        found = _SELF.match(line.text)
        for extra in _names((found and found["extras"]) or ""):
            self.optional(extra, line.place)

    def _add(self, lines: Iterable[Line], folder: str) -> None:
        for line in lines:
            self.line(line, folder)

    def _first(self, what: str) -> bool:
        fresh = what not in self._done
        self._done.add(what)
        return fresh


def _joined(folder: str, path: str) -> str:
    parts: list[str] = []
    for part in (*folder.split("/"), *path.split("/")):
        if part == ".." and parts:
            parts.pop()
        elif part not in {"", "."}:
            parts.append(part)
    return "/".join(parts) or "."


def _names(extras: str) -> Iterator[str]:
    yield from (name.strip() for name in extras.split(",") if name.strip())


def collect(tree: Tree, chosen: DependencySet, facts: Facts) -> Wanted:
    """All lines that `chosen` asks for. Reads requirement files; raises nothing for what they say."""
    collector = _Collector(tree, facts)
    if chosen.install_project:
        collector.project()
    for extra in chosen.extras:
        collector.optional(extra, f"dependency set `{chosen.name}`")
    for group in chosen.groups:
        collector.group(group)
    for path in chosen.files:
        collector.file(path)
    for path in chosen.constraints:
        collector.file(path, constraint=True)
    place = f"dependency set `{chosen.name}`"
    for text in chosen.requirements:
        if text not in chosen.unfetchable:
            collector.line(Line(text=text, place=place), "")
    collector.missing(chosen.otherwise, place)
    return Wanted(
        lines=tuple(collector.lines.values()),
        constraints=tuple(collector.constraints.values()),
        options=tuple(collector.options),
        folders=tuple(dict.fromkeys(collector.folders)),
        problems=tuple(collector.problems),
    )
