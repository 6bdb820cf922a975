"""Rows to Parquet, small files to large ones, and one history into another.

The work is done beside the manifest, which is changed at once when it is done: a run that ends meanwhile waits for
nothing and loses nothing. One process at a time compacts or imports.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from penstock.errors import StateError
from penstock.record.duck import Part, connected, relation, text
from penstock.record.manifest import File
from penstock.record.store import History
from penstock.record.tables import ORDER, TABLES, schema
from penstock.util import atomic, digest
from penstock.util.clock import random_hex
from penstock.util.lock import held

if TYPE_CHECKING:
    import duckdb

_PIECES = 8  # Parquet files of one day before they are made one
_PARQUET = "FORMAT parquet, COMPRESSION zstd, ROW_GROUP_SIZE 122880"


class Compacted(NamedTuple):
    """What was done. `found`: damage that was met."""

    files: int
    made: int
    found: tuple[str, ...] = ()


def compact(history: History, today: str, *, whole: bool) -> Compacted:
    """Make Parquet of all rows. `whole`: one file a table and day, and of months that are over, one a table and month.

    Without `whole` only what queries would feel: JSON lines, and days with many files; no others are looked at.
    What is written anew is digested before. `today`: ISO date, UTC. Raises NotVerifiedError without DuckDB, OSError,
    StateError.
    """
    with held(history.folder / "compacting"):
        worth = [group for group in _groups(history.read().files, today, whole=whole) if _worth(group, whole=whole)]
        wanted = None if whole else frozenset(file for group in worth for file in group.files)
        sound = history.sound(among=wanted)
        groups = [group for group in _groups(sound.files, today, whole=whole) if _worth(group, whole=whole)]
        done = made = 0
        if groups:
            with connected() as connection:
                for group in groups:
                    if _replace(connection, history, group):
                        done += len(group.files)
                        made += 1
    return Compacted(done, made, sound.found)


class _Group(NamedTuple):
    """Files that become one."""

    table: str
    period: str
    files: tuple[File, ...]


def _groups(files: Iterable[File], today: str, *, whole: bool) -> list[_Group]:
    found: dict[tuple[str, str], list[File]] = {}
    for file in files:
        if file.table in TABLES:
            found.setdefault((file.table, _period(file.period, today, whole=whole)), []).append(file)
    return [_Group(table, period, tuple(those)) for (table, period), those in sorted(found.items())]


def _period(period: str, today: str, *, whole: bool) -> str:
    return period[:7] if whole and period[:7] < today[:7] else period


def _worth(group: _Group, *, whole: bool) -> bool:
    lines = any(file.form == "jsonl" for file in group.files)
    return lines or len(group.files) > (1 if whole else _PIECES)


def _replace(connection: duckdb.DuckDBPyConnection, history: History, group: _Group) -> bool:
    """Write one file for a group's, and name it in their place. Whether that was done."""
    those = group.files
    if len([file for file in those if file.form == "parquet"]) <= _PIECES and len(group.period) > len("2026-11"):
        those = tuple(file for file in those if file.form == "jsonl") or those
    part = Part(history.folder, those)
    made = write(connection, history, group.table, group.period, f"SELECT * FROM {relation(group.table, part)}")
    if made.rows != sum(file.rows for file in those):
        (history.folder / made.path).unlink()
        raise StateError(f"the history's {group.table} of {group.period} could not be compacted: rows would be lost")
    if made.path in {file.path for file in those}:
        return False
    names = {file.path for file in those}
    swapped = history.change(
        lambda now: now.changed(without=those, files=[made]) if names <= {one.path for one in now.files} else None
    )
    for path in names if swapped else [made.path]:
        (history.folder / path).unlink(missing_ok=True)
    return swapped


def write(connection: duckdb.DuckDBPyConnection, history: History, table: str, period: str, rows: str) -> File:
    """One Parquet file of the rows that a query gives, whole or absent."""
    folder = history.folder / table
    folder.mkdir(parents=True, exist_ok=True)
    temporary = folder / f".{period}.{random_hex(8)}"
    try:
        (count,) = connection.execute(
            f"COPY ({rows} ORDER BY {', '.join(ORDER[table])}) TO {text(str(temporary))} ({_PARQUET})"
        ).fetchone() or (0,)
        _sync(temporary)
        content = digest.of_file(temporary)
        path = folder / f"{period}.{content[:16]}.parquet"
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)
    atomic.sync_folder(folder)
    return File(
        table=table,
        path=path.relative_to(history.folder).as_posix(),
        sha256=content,
        rows=int(count),
        form="parquet",
        period=period,
        schema=schema(table),
    )


def _sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


class Imported(NamedTuple):
    """What came in. `found`: damage that was met, there or here."""

    runs: int
    rows: int
    found: tuple[str, ...]


def merge(history: History, other: History) -> Imported:
    """Take into `history` what `other` has and it has not: run by run, table by table, as often as wanted.

    `other` is only read. Raises NotVerifiedError without DuckDB, OSError, StateError.
    """
    with held(history.folder / "compacting"), connected() as connection:
        if not history.manifest.exists():  # before the first Parquet file: those without a manifest are damage
            history.change(lambda now: now.changed())
        theirs, ours = other.sound(aside=False), history.sound()
        made: list[File] = []
        for table in TABLES:
            made += _new(connection, history, table, Part(other.folder, theirs.files), Part(history.folder, ours.files))
        history.change(lambda now: now.changed(files=made) if made else None)
    runs = sum(file.rows for file in made if file.table == "runs")
    there = tuple(f"{other.folder}: {problem}" for problem in (*theirs.found, *(loss.what for loss in theirs.lost)))
    return Imported(runs, sum(file.rows for file in made), (*there, *ours.found))


def _new(
    connection: duckdb.DuckDBPyConnection, history: History, table: str, theirs: Part, ours: Part
) -> Sequence[File]:
    """A file a day for the rows of runs that we have not."""
    connection.execute(f"CREATE OR REPLACE TEMP TABLE known AS SELECT DISTINCT run FROM {relation(table, ours)}")
    new = f"FROM {relation(table, theirs)} WHERE run NOT IN (SELECT run FROM known)"
    day = "strftime(make_timestamp((wall_s * 1e6)::BIGINT), '%Y-%m-%d')"
    days = connection.execute(f"SELECT DISTINCT {day} AS day {new} ORDER BY day").fetchall()
    return [write(connection, history, table, each, f"SELECT * {new} AND {day} = {text(each)}") for (each,) in days]
