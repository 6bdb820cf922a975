"""Where in its document each line of a YAML file belongs, as far as people write it by hand: by its indentation.

No parser: what somebody edited may be no YAML any more, and every line is to be told with its place all the same.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

Path = tuple[str, ...]
COMMENT = "#"  # the last part of a comment's path, behind that of what it stands above

_KEY = re.compile(r"""(?P<key>"[^"]*"|'[^']*'|[^\s#:'"\[{][^:]*?)\s*:(?:\s+(?P<value>.*))?$""")
_BLOCK = re.compile(r"[|>][+-]?\d?(?:\s+#.*)?")


def paths(lines: Iterable[str]) -> list[Path]:
    """The path of each line: keys, and of a list's item its name, else its number from 1; () of empty lines."""
    found: list[Path] = []
    reader = _Reader()
    waiting: list[int] = []  # comments, until what they stand above is read
    for number, line in enumerate(lines):
        if not line.strip():
            found.append(reader.script(line) or ())
        elif inside := reader.script(line):
            found.append(inside)
        elif line.lstrip().startswith("#"):
            found.append((COMMENT,))
            waiting.append(number)
        else:
            found.append(reader.line(line))
            for each in waiting:
                found[each] = (*found[-1], COMMENT)
            waiting = []
    return found


class _Reader:
    """What of the document is open: (indentation, name) from the outside in."""

    def __init__(self) -> None:
        self._open: list[tuple[int, str]] = []
        self._items: dict[Path, int] = {}
        self._script: tuple[int, Path] | None = None

    def script(self, line: str) -> Path | None:
        """The path of the literal block that the line belongs to."""
        if self._script is None:
            return None
        if not line.strip() or _indent(line) > self._script[0]:
            return self._script[1]
        self._script = None
        return None

    def line(self, line: str) -> Path:
        """The path of a line that is not empty, and no comment."""
        indent, text = _indent(line), line.strip()
        item = text == "-" or text.startswith("- ")
        while self._open and self._open[-1][0] >= indent + (item and not self._in_item(indent)):
            self._open.pop()
        while item:
            self._open.append((indent, self._label(text[1:].strip())))
            rest = text[1:].lstrip()
            indent, text = indent + len(text) - len(rest), rest
            item = text.startswith("- ")
        return self._entry(indent, text)

    def _in_item(self, indent: int) -> bool:
        """Whether another item of the same list is open: a list may stand as far left as its key."""
        return any(at == indent and name.startswith(_ITEM) for at, name in self._open)

    def _entry(self, indent: int, text: str) -> Path:
        key = _KEY.match(text)
        if key is not None:
            self._open.append((indent, key["key"].strip("'\"")))
            if _BLOCK.fullmatch(key["value"] or ""):
                self._script = (indent, self._path())
        return self._path()

    def _label(self, text: str) -> str:
        """What an item is called."""
        above = self._path()
        self._items[above] = self._items.get(above, 0) + 1
        name = re.match(r"""name\s*:\s+["']?(?P<name>.*?)["']?\s*(?: #.*)?$""", text)
        return f"{_ITEM}{name['name'] if name else self._items[above]}"

    def _path(self) -> Path:
        return tuple(name.removeprefix(_ITEM) for _, name in self._open)


_ITEM = "\x00"  # before the name of an item while it is open: no key begins like this


def _indent(line: str) -> int:
    return len(line) - len(line.lstrip(" "))


def spoken(path: Path) -> str:
    """A path for people: `jobs.unit.steps.Check out.uses`."""
    return ".".join(part for part in path if part != COMMENT) or "the file"
