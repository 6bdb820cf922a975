"""Small files of rows joined, by a run's end itself: where nobody ever asks, nothing else would.

Rows are a line each, so files of one table and day become one by standing behind one another. Of a day that is over all
do, of one that is not as soon as there are many. Large ones are left to DuckDB.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from penstock.record.manifest import File, Manifest
from penstock.record.store import LARGE_BYTES, History
from penstock.util import digest
from penstock.util.clock import random_hex

MANY = 64


class _Group(NamedTuple):
    table: str
    period: str
    schema: str


def fold(history: History, today: str) -> None:
    """Join what is to be joined; `today`: ISO date, UTC. Raises OSError; StateError for a newer history."""
    for group, files in _groups(history.read(), today):
        sound = [(file, content) for file in files if (content := _content(history, file)) is not None]
        if len(sound) > 1:
            _replace(history, group, sound)


def _groups(now: Manifest, today: str) -> Iterator[tuple[_Group, list[File]]]:
    found: dict[_Group, list[File]] = {}
    for file in now.files:
        if file.form == "jsonl" and file.path.endswith(".jsonl"):
            found.setdefault(_Group(file.table, file.period, file.schema), []).append(file)
    for group, files in found.items():
        if len(files) >= (2 if group.period < today else MANY):
            yield group, files


def _content(history: History, file: File) -> bytes | None:
    """What to join, if it is small and what was written: what is not is named by the next question."""
    path = history.folder / file.path
    try:
        content = path.read_bytes() if path.stat().st_size <= LARGE_BYTES else b""
    except FileNotFoundError:  # somebody has compacted it
        return None
    return content if content and digest.of_bytes(content) == file.sha256 else None


def _replace(history: History, group: _Group, those: list[tuple[File, bytes]]) -> None:
    """Write one file for `those`, and name it in their place if all of them are still named."""
    old = [file for file, _ in those]
    names = {file.path for file in old}
    made = history.write(
        f"rows/{group.period}-{random_hex(8)}.{group.table}.jsonl",  # its own: two may join the same at once
        b"".join(content for _, content in those),
        old[0],
        rows=sum(file.rows for file in old),
    )
    swapped = history.change(
        lambda now: now.changed(without=old, files=[made]) if names <= {one.path for one in now.files} else None
    )
    for path in names if swapped else [made.path]:
        (history.folder / path).unlink(missing_ok=True)
