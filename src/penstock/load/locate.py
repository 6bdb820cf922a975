"""Where every key and value of a TOML document stands. tomllib reads, and is the oracle; this only finds places.

`tomllib` gives values without places, so a document that it has accepted is scanned once more, by the same grammar,
and each key's and value's offsets are kept under the path that leads to it: `("jobs", "unit", "needs", 0)`.
The scan is cheap (regular expressions over the text) and happens only when a place is asked for.
"""

from __future__ import annotations

import bisect
import contextlib
import re
import tomllib
from functools import cached_property

from penstock.errors import Place
from penstock.value import Value

KeyPath = tuple[str | int, ...]

EXCERPT_WIDTH = 400  # characters of a source line that a problem carries

# Groups are repeated without the possessive `*+`, which takes too much before Python 3.11.5 (gh-106052); what they hold
# can be divided in one way only, so that nothing is tried twice.
_GAP = re.compile(r"(?:[ \t\n]++|#[^\n]*+)*")  # between statements, and inside arrays
_SPACE = re.compile(r"[ \t]*+")
_BARE = re.compile(r"[A-Za-z0-9_-]++")
_STRING = re.compile(
    r'"""(?:[^"\\]++|\\[\s\S]|"{1,2}(?!"))*"{3,5}'
    r"|'''(?:[^']++|'{1,2}(?!'))*'{3,5}"
    r'|"(?:[^"\\\n]++|\\.)*"'
    r"|'[^'\n]*+'"
)
_WORD = re.compile(r"\d{4}-\d\d-\d\d[ Tt]\d\d:\d\d[^\s,\]}#]*+|[^\s,\]}#]++")


class Span(Value, frozen=True, kw_only=True):
    """Offsets in the text. An array's element has no key: its `key` is where the element starts."""

    key: int
    value: int
    end: int


def spans(text: str) -> dict[KeyPath, Span]:
    """The span of every key and array element of a valid document whose lines end in line feeds alone.

    Never raises: a document nested deeper than the interpreter's stack gives the spans up to there.
    """
    scan = _Scan(text)
    with contextlib.suppress(RecursionError, _LostError):  # a place that is not found is shown as its parent's
        scan.document()
    return scan.found


class _LostError(Exception):
    """The scan met something that is not TOML."""


class _Scan:
    """One pass over one document."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.at = 0
        self.found: dict[KeyPath, Span] = {}
        self.tables: dict[KeyPath, int] = {}  # arrays of tables: how many elements so far

    def skip(self, pattern: re.Pattern[str]) -> str:
        """Move over what `pattern` matches here, and return it."""
        match = pattern.match(self.text, self.at)
        if match is None:
            raise _LostError
        self.at = match.end()
        return match.group()

    def take(self, symbol: str) -> bool:
        """Move over `symbol` if it stands here."""
        if not self.text.startswith(symbol, self.at):
            return False
        self.at += len(symbol)
        return True

    def document(self) -> None:
        """All statements."""
        table: KeyPath = ()
        self.skip(_GAP)
        while self.at < len(self.text):
            if self.text.startswith("[", self.at):
                table = self.header()
            else:
                self.pair(table)
            self.skip(_GAP)

    def header(self) -> KeyPath:
        """`[a.b]` or `[[a.b]]`: the path that the following pairs belong to."""
        start = self.at
        double = self.take("[[")
        if not double:
            self.take("[")
        parts = self.key()
        self.take("]]" if double else "]")
        path: KeyPath = ()
        for place, part in parts[:-1]:
            path = self.enter((*path, part), place)
        place, part = parts[-1]
        path = (*path, part)
        self.found.setdefault(path, Span(key=place, value=place, end=self.at))
        if double:
            count = self.tables.get(path, 0)
            self.tables[path] = count + 1
            path = (*path, count)
            self.found[path] = Span(key=start, value=start, end=self.at)
        return path

    def enter(self, path: KeyPath, place: int) -> KeyPath:
        """A table on the way, in an array of tables its newest element; noted where it is first named."""
        self.found.setdefault(path, Span(key=place, value=place, end=place))
        return (*path, self.tables[path] - 1) if path in self.tables else path

    def key(self) -> list[tuple[int, str]]:
        """A dotted key: each part with its offset."""
        parts: list[tuple[int, str]] = []
        while True:
            self.skip(_SPACE)
            parts.append((self.at, self.part()))
            self.skip(_SPACE)
            if not self.take("."):
                return parts

    def part(self) -> str:
        """One part of a key, without quotes and escapes."""
        if self.text[self.at : self.at + 1] not in {'"', "'"}:
            return self.skip(_BARE)
        quoted = self.skip(_STRING)
        if quoted[0] == '"' and "\\" in quoted:
            return str(tomllib.loads(f"key = {quoted}")["key"])
        return quoted[1:-1]

    def pair(self, table: KeyPath) -> None:
        """`key = value` in `table`."""
        parts = self.key()
        path = table
        for place, part in parts[:-1]:
            path = (*path, part)
            self.found.setdefault(path, Span(key=place, value=place, end=place))
        place, part = parts[-1]
        self.take("=")
        self.skip(_SPACE)
        self.value((*path, part), place)

    def value(self, path: KeyPath, key: int) -> None:
        """One value and all that it holds."""
        start = self.at
        if self.take("["):
            self.array(path)
        elif self.take("{"):
            self.inline_table(path)
        elif self.text[start : start + 1] in {'"', "'"}:
            self.skip(_STRING)
        else:
            self.skip(_WORD)
        self.found[path] = Span(key=key, value=start, end=self.at)

    def array(self, path: KeyPath) -> None:
        """The elements after `[`."""
        index = 0
        self.skip(_GAP)
        while not self.take("]"):
            self.value((*path, index), self.at)
            index += 1
            self.skip(_GAP)
            self.take(",")
            self.skip(_GAP)

    def inline_table(self, path: KeyPath) -> None:
        """The pairs after `{`."""
        self.skip(_GAP)
        while not self.take("}"):
            self.pair(path)
            self.skip(_GAP)
            self.take(",")
            self.skip(_GAP)


class Locator:
    """Places in one configuration file. `prefix` leads to the table that paths are relative to.

    `path` is shown to the user, relative to the project's root. Lines and columns count characters from 1.
    """

    def __init__(self, text: str, path: str, prefix: KeyPath = ()) -> None:
        self.text = text.replace("\r\n", "\n")
        self.path = path
        self.prefix = prefix

    @cached_property
    def _spans(self) -> dict[KeyPath, Span]:
        return spans(self.text)

    @cached_property
    def _starts(self) -> list[int]:
        return [0, *(match.end() for match in re.finditer("\n", self.text))]

    def place(self, path: KeyPath, *, value: bool = False) -> Place:
        """The place of a key, or of its value; of the nearest table around it if it stands nowhere itself."""
        full = (*self.prefix, *path)
        while full and full not in self._spans:
            full, value = full[:-1], False
        if not full:
            return Place(path=self.path)
        span = self._spans[full]
        return self.at(span.value if value else span.key)

    def at(self, offset: int) -> Place:
        """The place of the character at `offset`."""
        line = bisect.bisect_right(self._starts, offset)
        return Place(path=self.path, line=line, column=offset - self._starts[line - 1] + 1)

    def excerpt(self, place: Place) -> str | None:
        """The source line of a place, cut to EXCERPT_WIDTH characters."""
        if place.line is None or place.line > len(self._starts):
            return None
        start = self._starts[place.line - 1]
        end = self.text.find("\n", start)
        return self.text[start : len(self.text) if end < 0 else end][:EXCERPT_WIDTH]
