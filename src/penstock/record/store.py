"""The history on disk: files of rows that are whole or absent, and the manifest that names them.

    history/{manifest,verified,rows/<run>.<table>.jsonl[.gz],<table>/<period>.<sha256>.parquet,timings/…,quarantine/…}

A run's end writes rows as JSON lines and needs nothing but this; `record.parquet` makes Parquet of them later. A file
is written first and named in the manifest after: killed in between, a run is not in the history, and nothing of it is
half there. Files never change; what is compacted is written anew, and the manifest changed at once.
"""

from __future__ import annotations

import contextlib
import zlib
from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple

import msgspec
from msgspec.structs import replace

from penstock.errors import StateError
from penstock.record import manifest
from penstock.record.manifest import File, Lost, Manifest
from penstock.record.tables import Row, schema
from penstock.record.verified import Verified
from penstock.util import atomic, digest
from penstock.util.lock import held
from penstock.util.plural import plural

LARGE_BYTES = 1 << 16  # of one table's rows of a run
_GZIP = zlib.MAX_WBITS | 16  # its header


class Sound(NamedTuple):
    """What of the history can be read now: files whose content is what was written, and what a person has to be told.
    `found`: damage that was not known before.
    """

    files: tuple[File, ...]
    lost: tuple[Lost, ...]
    found: tuple[str, ...]


class History(NamedTuple):
    """The history in `folder`."""

    folder: Path

    @property
    def manifest(self) -> Path:
        """The manifest's file."""
        return self.folder / "manifest"

    def read(self) -> Manifest:
        """The manifest; an empty one where there is no history. Raises StateError if it is of a newer penstock."""
        try:
            content = self.manifest.read_bytes()
        except FileNotFoundError:
            return Manifest(damage=self._unnamed())
        except OSError as error:
            raise StateError(f"{self.manifest} cannot be read: {error.strerror}") from error
        return manifest.decode(content)

    def _unnamed(self) -> tuple[str, ...]:
        """Parquet files are only there after a manifest was: one that is gone is damage, and not an empty history."""
        there = any(self.folder.glob("*/*.parquet"))
        return ("the history's manifest is gone: the rows that it named are missing",) if there else ()

    def add(self, run: str, wall_s: float, rows: Mapping[str, Sequence[Row]]) -> None:
        """Add one run's rows. Raises OSError; StateError if the history is of a newer penstock."""
        self.read()  # before anything is written into a newer one
        today = day(wall_s)
        files = tuple(self._write(run, today, table, those) for table, those in rows.items() if those)
        self.change(lambda now: now.changed(files=files))

    def _write(self, run: str, today: str, table: str, rows: Sequence[Row]) -> File:
        content = msgspec.json.Encoder().encode_lines(rows)
        path = f"rows/{run}.{table}.jsonl"
        if len(content) > LARGE_BYTES:  # rows are alike: 28 times smaller, for 1 ms a thousand
            packer = zlib.compressobj(1, wbits=_GZIP)  # DuckDB knows it by the name
            path, content = f"{path}.gz", packer.compress(content) + packer.flush()
        file = File(table=table, path=path, sha256="", rows=0, form="jsonl", period=today, schema=schema(table))
        return self.write(path, content, file, rows=len(rows))

    def write(self, path: str, content: bytes, like: File, *, rows: int) -> File:
        """A file of `rows` rows, otherwise `like` that one, which no manifest names yet. Raises OSError."""
        atomic.write(self.folder / path, content)
        return replace(like, path=path, sha256=digest.of_bytes(content), rows=rows)

    def lines(self, file: File) -> list[bytes]:
        """The rows of a file of JSON lines. Raises OSError; ValueError where it is packed and damaged."""
        content = (self.folder / file.path).read_bytes()
        try:
            return (zlib.decompress(content, _GZIP) if file.path.endswith(".gz") else content).splitlines()
        except zlib.error as error:
            raise ValueError(f"{file.path}: {error}") from error

    def change(self, change: Callable[[Manifest], Manifest | None]) -> bool:
        """Change the manifest; nobody else does meanwhile. `change` gives None to leave it. Whether it was changed."""
        with held(self.folder / "lock"):
            now = self.read()
            new = change(now)
            if new is None:
                return False
            if now.damage:
                self._put_aside(self.manifest, copy=True)
            atomic.write(self.manifest, manifest.encode(new))
        return True

    def sound(self, *, aside: bool = True, now_s: float | None = None, among: Collection[File] | None = None) -> Sound:
        """The files that are what was written. Others are named, left out and, if so wanted, put aside.

        `now_s`: files that were digested in the day before then, and were not touched since, are not digested again
        (`record.verified`); without it all are, as before their rows are written anew. `among`: look at no others.
        Where the folder cannot be written bad files are only left out. Raises StateError if it is of a newer penstock.
        """
        now = self.read()
        verified = Verified(self.folder, now_s)
        files, bad = [], []
        for file in now.files if among is None else [file for file in now.files if file in among]:
            problem = _problem(verified, file)
            if problem is None:
                files.append(file)
            else:
                bad.append((file, problem))
        verified.keep()
        found = self._quarantine(bad) if aside and bad else tuple(map(_loss, bad))
        return Sound(tuple(files), now.lost, (*now.damage, *(loss.what for loss in found)))

    def _quarantine(self, bad: Sequence[tuple[File, str]]) -> tuple[Lost, ...]:
        """Put files aside that the manifest still names; what somebody has compacted meanwhile is no loss."""
        lost: list[Lost] = []

        def take_out(now: Manifest) -> Manifest | None:
            named = {file.path for file in now.files}
            gone = [(file, problem) for file, problem in bad if file.path in named]
            lost.extend(map(_loss, gone))
            for file, _ in gone:
                self._put_aside(self.folder / file.path)
            return now.changed(without=[file for file, _ in gone], lost=lost) if gone else None

        try:
            self.change(take_out)
        except OSError:  # it cannot be written: told all the same
            return tuple(map(_loss, bad))
        return tuple(lost)

    def _put_aside(self, path: Path, *, copy: bool = False) -> None:
        if path.exists():
            aside = self.folder / "quarantine" / path.name
            aside.parent.mkdir(exist_ok=True)
            if copy:
                atomic.write(aside, path.read_bytes())
            else:
                path.replace(aside)

    def sweep(self, now_s: float) -> list[str]:
        """Put aside files that no manifest names and nobody can be writing any more. Gives their paths."""
        swept = []
        with held(self.folder / "lock"), contextlib.suppress(StateError):
            named = {file.path for file in self.read().files}
            for path in sorted(
                {*self.folder.glob("rows/*"), *self.folder.glob("*/*.parquet"), *self.folder.glob("*/.*")}
            ):
                name = path.relative_to(self.folder).as_posix()
                if name not in named and path.parent.name != "quarantine" and _age_s(path, now_s) > _ABANDONED_S:
                    self._put_aside(path)
                    swept.append(name)
        return swept

    def forget(self) -> int:
        """Stop telling of rows that are lost. Gives how many losses that were."""
        lost = 0

        def forget(now: Manifest) -> Manifest:
            nonlocal lost
            lost = len(now.lost) + len(now.damage)
            return Manifest(files=now.files)

        self.change(forget)
        return lost


def _problem(verified: Verified, file: File) -> str | None:
    try:
        fits = verified.fits(file.path, file.sha256)
    except FileNotFoundError:
        return "is gone"
    except OSError as error:
        return f"cannot be read ({error.strerror})"
    return None if fits else "is not what was written"


_ABANDONED_S = 3600.0


def _age_s(path: Path, now_s: float) -> float:
    try:
        return now_s - path.stat().st_mtime
    except FileNotFoundError:  # it was being written, and has its name now
        return 0.0


def _loss(bad: tuple[File, str]) -> Lost:
    file, problem = bad
    count = f"{plural(file.rows, 'row')} of {file.table}, {file.period}"
    return Lost(what=f"{file.path} {problem}: {count}, left out", rows=file.rows, table=file.table)


def day(wall_s: float) -> str:
    """The day of a moment, UTC: 2026-11-21."""
    return datetime.fromtimestamp(wall_s, UTC).date().isoformat()
