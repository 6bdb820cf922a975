"""The history's manifest: the files that count, with what is in them. What it does not name is not read. Pure.

One line a file, each with its own checksum (as in an event log) and the number of lines in the first, so that any cut
and any flipped bit is seen, and costs no more than the lines that it hit.
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Iterable

import msgspec

from penstock.errors import StateError
from penstock.util.plural import plural
from penstock.value import Value

FORMAT = 1


class Head(Value, frozen=True, kw_only=True, tag="history", tag_field="line", omit_defaults=False):
    """The first line. `lines`: how many follow."""

    format: int
    lines: int


class File(Value, frozen=True, kw_only=True, tag="file", tag_field="line"):
    """One file of rows. `path`: relative to the history; `form`: "jsonl" | "parquet"; `period`: the day (2026-11-21) or
    month (2026-11), UTC, that its rows' runs started in; `schema`: of `tables.schema`.
    """

    table: str
    path: str
    sha256: str
    rows: int
    form: str
    period: str
    schema: str


class Lost(Value, frozen=True, kw_only=True, tag="lost", tag_field="line"):
    """Rows that were there and cannot be trusted any more: told with every answer, until they are forgotten."""

    what: str
    rows: int = 0
    table: str = ""


Line = Head | File | Lost


class Manifest(Value, frozen=True, kw_only=True):
    """What the history holds. `damage`: what of the manifest itself could not be read, in words."""

    files: tuple[File, ...] = ()
    lost: tuple[Lost, ...] = ()
    damage: tuple[str, ...] = ()

    def changed(
        self, *, without: Iterable[File] = (), files: Iterable[File] = (), lost: Iterable[Lost] = ()
    ) -> Manifest:
        """The manifest with other files; damage becomes a loss that stays told."""
        gone = {file.path for file in without}
        damage = tuple(Lost(what=what) for what in self.damage)
        return Manifest(
            files=(*(file for file in self.files if file.path not in gone), *files),
            lost=tuple(dict.fromkeys((*self.lost, *damage, *lost))),
        )


class _Form(Value, frozen=True, kw_only=True):
    format: int = 0


_PATH = re.compile(r"[a-z]+/[A-Za-z0-9][A-Za-z0-9._-]*")


def encode(manifest: Manifest) -> bytes:
    """The content of the file."""
    told: tuple[File | Lost, ...] = (*manifest.files, *manifest.lost)
    lines: tuple[Line, ...] = (Head(format=FORMAT, lines=len(told)), *told)
    return b"".join(map(_line, lines))


def _line(content: Line) -> bytes:
    text = msgspec.json.encode(content)
    return b"%08x %b\n" % (zlib.crc32(text), text)


def decode(content: bytes) -> Manifest:
    """What the file says. Raises StateError if a newer penstock wrote it; damage is told in the value."""
    *lines, rest = content.split(b"\n")
    told: list[Line] = []
    damage: list[str] = []
    for number, line in enumerate(lines, start=1):
        try:
            told.append(_read(line))
        except (ValueError, RecursionError) as error:
            damage.append(f"line {number} of the history's manifest is lost, with the rows that it named: {error}")
    head = next((one for one in told if isinstance(one, Head)), None)
    if rest or head is None or head.lines != len(lines) - 1:
        count = "an unknown number" if head is None else str(head.lines)
        damage.append(
            f"the history's manifest is not whole: it has {plural(max(len(lines) - 1, 0), 'line')} of {count}"
        )
    return Manifest(
        files=tuple(one for one in told if isinstance(one, File)),
        lost=tuple(one for one in told if isinstance(one, Lost)),
        damage=tuple(damage),
    )


def _read(line: bytes) -> Line:
    """One line. Raises ValueError if it is not what was written; StateError if a newer penstock wrote it."""
    checksum, _, text = line.partition(b" ")
    if checksum != b"%08x" % zlib.crc32(text):
        raise ValueError("its checksum does not fit")
    _refuse_newer(text)
    told: Line = msgspec.json.decode(text, type=Line)
    if isinstance(told, File) and not _PATH.fullmatch(told.path):
        raise ValueError("it names a file outside of the history")
    return told


def _refuse_newer(text: bytes) -> None:
    form = msgspec.json.decode(text, type=_Form).format  # a line that is not the first has none
    if form > FORMAT:
        raise StateError(
            f"the history has format {form}; this penstock knows up to {FORMAT}",
            remedy="use the newer penstock that wrote it, or move the folder away",
        )
