"""Reads coverage that other programs measured: LCOV tracefiles and Cobertura XML (stdlib only, run as a script).

    python penstock_imported.py NEEDS REPORT WORKSPACE SOURCES

SOURCES: JSON [[job, file, flag], …]. A job's file lies in `outputs/`, beside the folder that NEEDS/<leg of the job>
leads to. REPORT gets JSON: {"sources": [{"job", "file", "flag", "problem"}], "files": [record, …], "unplaced": [path,
…]}; a record is that of penstock_merge.py, with its flag.

What is read is foreign: sizes, counts and numbers are bounded, a DOCTYPE is refused, and a file that tells of lines
which the workspace does not have is of another commit. Such a source has a problem; it is never read in part.
"""

from __future__ import annotations

import json
import os
import re
import sys
from typing import Any
from urllib.parse import unquote

_LARGEST = 64 << 20  # bytes of one report, and of one source
_FILES = 20_000  # in one report
_LINES = 5_000_000
_LONGEST = 1_000  # characters of a path
_MOST = 10**15  # of a count: more is none
_DEPTH = 40
_ROOTS = 100
_CONDITION = re.compile(r"\((\d{1,6})/(\d{1,6})\)")


class RefusedError(Exception):
    """The report cannot be trusted: why."""


class Measured:
    """What one report says, by its own paths. `lines`: number -> whether it ran; `exits`: line -> exit -> taken."""

    def __init__(self) -> None:
        self.lines: dict[str, dict[int, bool]] = {}
        self.exits: dict[str, dict[int, dict[str, bool]]] = {}
        self._count = 0

    def file(self, path: str) -> None:
        """A file that the report tells of. Raises RefusedError."""
        if not path or len(path) > _LONGEST or "\0" in path:
            raise RefusedError("it names a file by no path")
        if path not in self.lines and len(self.lines) >= _FILES:
            raise RefusedError(f"it tells of more than {_FILES} files")
        self.lines.setdefault(path, {})
        self.exits.setdefault(path, {})

    def line(self, path: str, number: int, *, ran: bool) -> None:
        """A line that counts. Raises RefusedError."""
        self._counted(number)
        lines = self.lines[path]
        lines[number] = lines.get(number, False) or ran

    def exit(self, path: str, number: int, name: str, *, taken: bool) -> None:
        """An exit of a line. Raises RefusedError."""
        self._counted(number)
        exits = self.exits[path].setdefault(number, {})
        exits[name] = exits.get(name, False) or taken

    def _counted(self, number: int) -> None:
        self._count += 1
        if self._count > _LINES:
            raise RefusedError(f"it tells of more than {_LINES} lines")
        if not 0 < number < 10_000_000:
            raise RefusedError(f"it has a line {number}")


def whole(text: str) -> int:
    """A count. Raises RefusedError for anything that is none."""
    if not text.isdecimal() or not text.isascii() or len(text) > 18 or int(text) > _MOST:
        raise RefusedError(f"{text[:40]!r} is no count")
    return int(text)


def lcov(content: str) -> Measured:
    """A tracefile, as geninfo(1) describes it. Raises RefusedError."""
    found = Measured()
    path = ""
    for row in content.splitlines():
        kind, _, rest = row.strip().partition(":")
        if kind == "SF":
            path = rest.strip()
            found.file(path)
        elif kind == "end_of_record":
            path = ""
        elif kind in ("DA", "BRDA"):
            if not path:
                raise RefusedError("it tells of a line outside of a file")
            _row(found, path, kind, rest.split(","))
    if path:
        raise RefusedError("it ends within a file: it is cut")
    return found


def _row(found: Measured, path: str, kind: str, parts: list[str]) -> None:
    if kind == "DA" and len(parts) in (2, 3):
        # llvm-cov and old gcov write counts that ran over as negative ones.
        found.line(path, whole(parts[0]), ran=whole(parts[1].removeprefix("-")) > 0)
    elif kind == "BRDA" and len(parts) == 4:
        taken = parts[3] != "-" and whole(parts[3]) > 0
        found.exit(path, whole(parts[0]), f"{parts[1]},{parts[2]}"[:100], taken=taken)
    else:
        raise RefusedError(f"a {kind} of {len(parts)} parts")


class Reader:
    """Cobertura's XML, event by event: as far as coverage.py, gcovr and cargo-llvm-cov write it."""

    def __init__(self) -> None:
        self.found = Measured()
        self.roots: list[str] = []
        self._stack: list[str] = []
        self._file = ""
        self._text = ""

    def start(self, name: str, given: dict[str, str]) -> None:
        """An element begins. Raises RefusedError."""
        self._stack.append(name)
        if len(self._stack) > _DEPTH:
            raise RefusedError("its elements lie too deep")
        if len(self._stack) == 1 and name != "coverage":
            raise RefusedError(f"it is no coverage report but <{name[:40]}>")
        if name == "class":
            self._file = given.get("filename", "")
            self.found.file(self._file)
        elif name == "line" and "methods" not in self._stack:  # those of methods are told again
            if not self._file:
                raise RefusedError("it tells of a line outside of a file")
            _of_xml(self.found, self._file, given)
        self._text = ""

    def end(self, name: str) -> None:
        """An element ends."""
        self._stack.pop()
        if name == "source" and len(self.roots) < _ROOTS:
            self.roots.append(self._text.strip())
        if name == "class":
            self._file = ""

    def text(self, words: str) -> None:
        """Text of an element, of which the beginning is kept."""
        self._text = (self._text + words)[:_LONGEST]

    @staticmethod
    def doctype(*_: object) -> None:
        """Raises RefusedError."""
        raise RefusedError("it has a DOCTYPE: let the program write LCOV instead")


def cobertura(content: bytes) -> Measured:
    """See `Reader`. Raises RefusedError."""
    from xml.parsers import expat

    reader = Reader()
    parser = expat.ParserCreate()
    parser.StartElementHandler, parser.EndElementHandler = reader.start, reader.end
    parser.CharacterDataHandler = reader.text
    parser.StartDoctypeDeclHandler = parser.EntityDeclHandler = reader.doctype
    final = True
    try:
        parser.Parse(content, final)
    except expat.ExpatError as error:
        raise RefusedError(f"it is no XML: {error}") from error
    return _rooted(reader.found, reader.roots)


def _of_xml(found: Measured, path: str, given: dict[str, str]) -> None:
    number = whole(given.get("number", ""))
    found.line(path, number, ran=whole(given.get("hits", "")) > 0)
    condition = _CONDITION.search(given.get("condition-coverage", "")) if given.get("branch") == "true" else None
    if condition:
        taken, exits = whole(condition[1]), whole(condition[2])
        if taken > exits or exits > 10_000:
            raise RefusedError(f"line {number} takes {taken} of {exits} exits")
        for place in range(exits):
            found.exit(path, number, str(place), taken=place < taken)


def _rooted(found: Measured, roots: list[str]) -> Measured:
    """Paths are relative to one of the sources: the first under which the file lies counts."""
    made = Measured()
    for path in found.lines:
        places = [path, *(os.path.join(root, path) for root in roots if root)]
        place = next((each for each in places if os.path.isfile(each)), path)
        made.lines[place], made.exits[place] = found.lines[path], found.exits[path]
    return made


def placed(workspace: str, path: str) -> str:
    """The path of a source, relative to the workspace; "" for one that lies elsewhere. Raises RefusedError.

    A report that names a file of the workspace which is not there is of another commit.
    """
    full = os.path.realpath(os.path.join(workspace, path))
    if not full.startswith(f"{workspace}/") or full.startswith(f"{workspace}/.penstock/"):
        return ""
    inside = full[len(workspace) + 1 :]
    if not os.path.isfile(full):
        raise RefusedError(f"it tells of {inside[:200]}, which is not here: is it of another commit?")
    return inside


def record(workspace: str, path: str, lines: dict[int, bool], exits: dict[int, dict[str, bool]]) -> dict[str, Any]:
    """One file in figures. Raises RefusedError for lines that the file does not have."""
    last = max((*lines, *exits), default=0)
    with open(os.path.join(workspace, path), "rb") as stream:
        content = stream.read(_LARGEST)
    if last > content.count(b"\n") + 1:
        raise RefusedError(f"it tells of line {last} of {path[:200]}, which is shorter: it is of another commit")
    ran = sorted(number for number, done in lines.items() if done)
    runs: list[list[int]] = []
    for number in ran:
        if runs and number == runs[-1][1] + 1:
            runs[-1][1] = number
        else:
            runs.append([number, number])
    forks = [[number, len(each), sum(each.values())] for number, each in sorted(exits.items()) if len(each) > 1]
    return {
        "path": path,
        "statements": len(lines),
        "covered": len(ran),
        "branches": sum(fork[1] for fork in forks),
        "covered_branches": sum(fork[2] for fork in forks),
        "missing": sorted(number for number, done in lines.items() if not done),
        "ran": runs,
        "forks": forks,
    }


def read(path: str) -> Measured:
    """A report, in whichever of the two forms it is. Raises RefusedError, OSError."""
    with open(path, "rb") as stream:
        content = stream.read(_LARGEST + 1)
    if len(content) > _LARGEST:
        raise RefusedError(f"it is larger than {_LARGEST >> 20} MiB")
    if content.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"<"):
        return cobertura(content)
    return lcov(content.decode("utf-8", "replace"))


def found(needs: str, job: str, file: str) -> list[str]:
    """The files that the legs of a job left, one a leg. Raises RefusedError where one left none."""
    legs = sorted(
        entry.path for entry in os.scandir(needs) if re.split("[@#]", unquote(entry.name), maxsplit=1)[0] == job
    )
    if not legs:
        raise RefusedError("its job is not there")
    paths = [os.path.join(os.path.dirname(os.path.realpath(leg)), "outputs", file) for leg in legs]
    for path in paths:
        if not os.path.isfile(path) or os.path.islink(path):
            raise RefusedError("its job left no such file")
    return paths


def of_source(needs: str, workspace: str, source: list[str], into: dict[str, Measured]) -> set[str]:
    """Add what the legs of one source measured to that of its flag. Gives paths outside of the workspace."""
    job, file, flag = source
    outside: set[str] = set()
    whole_flag = into.setdefault(flag, Measured())
    for path in found(needs, job, file):
        told = read(path)
        inside = 0
        for name, lines in told.lines.items():
            place = placed(workspace, name)
            if not place:
                outside.add(name)
                continue
            inside += 1
            record(workspace, place, lines, told.exits[name])
            whole_flag.file(place)
            for number, ran in lines.items():
                whole_flag.line(place, number, ran=ran)
            for number, exits in told.exits[name].items():
                for exit_, taken in exits.items():
                    whole_flag.exit(place, number, exit_, taken=taken)
        if not inside:
            raise RefusedError("it tells of no file of the project")
    return outside


def main(arguments: list[str]) -> int:
    """Write the report; 0 if it could be written, whatever it says."""
    needs, report, workspace, sources = *arguments[:2], os.path.realpath(arguments[2]), json.loads(arguments[3])
    flags: dict[str, Measured] = {}
    outside: set[str] = set()
    told = []
    for source in sources:
        problem = ""
        try:
            outside |= of_source(needs, workspace, source, flags)
        except (RefusedError, OSError, ValueError, RecursionError, MemoryError) as error:
            problem = str(error)[:400] or type(error).__name__
        told.append({"job": source[0], "file": source[1], "flag": source[2], "problem": problem})
        print(f"{source[2]}: {source[1]} of {source[0]}: {problem or 'read'}")
    files = [
        {"flag": flag, **record(workspace, path, measured.lines[path], measured.exits[path])}
        for flag, measured in sorted(flags.items())
        for path in sorted(measured.lines)
    ]
    with open(report, "w", encoding="utf-8") as stream:
        json.dump({"sources": told, "files": files, "unplaced": sorted(outside)[:100]}, stream)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
