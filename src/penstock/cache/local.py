"""Job results in a folder of this machine. Any number of processes may read and write it at once, without a lock.

    folder/entries/<2>/<key>/{manifest,<sha256>…}   one result: the manifest and its files, by content
    folder/newest/<digest of job and platform>      the key parts of that job's newest entry
    folder/temporary/, folder/quarantine/           entries being written or removed; entries that were found damaged

An entry appears whole, by the rename of its folder, and is never changed. What is verified when: `get` checks the
manifest (which carries its own digest), the presence and size of every file, and the content of small ones, so that
a run in which everything is cached reads little; `restore` checks the content of every file that it brings. What
fails is moved to quarantine and is a miss.
"""

from __future__ import annotations

import contextlib
import os
import re
from collections.abc import Iterator, Mapping
from pathlib import Path, PurePosixPath
from typing import TypeVar

import msgspec

from penstock.ports import Entry
from penstock.util import atomic, digest, tree
from penstock.util.clock import random_hex
from penstock.value import Value

_T = TypeVar("_T")

_SMALL_BYTES = 64 << 10
_PIECE_BYTES = 1 << 20
_KEY = re.compile(r"[0-9A-Za-z_-]{8,}")
_FORGOTTEN_S = 3600.0  # a temporary folder older than this has no writer


class Pruned(Value, frozen=True, kw_only=True):
    """What `prune` removed, and what is left."""

    entries: int
    freed_bytes: int
    left_bytes: int


class DamageError(Exception):
    """An entry that is not what was written. Never leaves this module."""


class _Manifest(Value, frozen=True, kw_only=True):
    entry: Entry
    sizes: Mapping[str, int]  # sha256 -> bytes


class LocalCache:
    """See `ports.CacheBackend`. `quarantined`: what was found damaged, in words. `put` raises OSError."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self.quarantined: list[str] = []

    def get(self, key: str) -> Entry | None:
        """The entry, verified as the module says; None for a miss."""
        place = self._place(key)
        if place is None:
            return None
        try:
            entry = _verified(place, key)
        except FileNotFoundError:
            if place.exists():
                self._quarantine(place, "a file is missing")
            return None
        except (DamageError, OSError) as error:
            self._quarantine(place, str(error))
            return None
        with contextlib.suppress(OSError):
            os.utime(place / "manifest")  # eviction takes what was not asked for longest
        return entry

    def put(self, entry: Entry, folder: str) -> None:
        """Store an entry with its files from `folder`, atomically. Of two writers of one key the first stays.

        Raises OSError, also for a file that is not what the entry says; nothing half-written is ever seen.
        """
        place = self._place(entry.key)
        if place is None:
            raise OSError(f"{entry.key!r} cannot be a cache key")
        temporary = self._temporary()
        try:
            manifest = _Manifest(entry=entry, sizes=dict(_fill(temporary, entry, Path(folder))))
            atomic.write(temporary / "manifest", _sealed(manifest))
            place.parent.mkdir(parents=True, exist_ok=True)
            if self.get(entry.key) is None:
                self._publish(temporary, place)
        finally:
            tree.discard(temporary)
        self._note_newest(entry)

    def restore(self, entry: Entry, folder: str) -> bool:
        """Bring the entry's files into `folder`, each verified; False, and nothing brought, if one is damaged.

        Copies share blocks with the cache where the file system can. Raises OSError if `folder` cannot be written.
        """
        place = self._place(entry.key)
        if place is None:
            return False
        brought: list[tuple[Path, Path]] = []
        try:
            for name, content in entry.files:
                target = _below(Path(folder), name)
                target.parent.mkdir(parents=True, exist_ok=True)
                temporary = target.with_name(f".{target.name}.{random_hex(8)}")
                brought.append((temporary, target))
                _copy(place / content, temporary, content)
            for temporary, target in brought:
                temporary.replace(target)
        except (DamageError, FileNotFoundError) as error:
            self._quarantine(place, str(error))
            return False
        finally:
            for temporary, _ in brought:
                temporary.unlink(missing_ok=True)
        return True

    def nearest(self, job: str, platform: str) -> Mapping[str, str] | None:
        """The key parts of the job's newest entry, to explain a miss."""
        try:
            return _opened(self._newest(job, platform).read_bytes(), dict[str, str])
        except (DamageError, OSError):
            return None

    def prune(self, *, max_bytes: int, max_age_s: float, now_s: float, dry: bool = False) -> Pruned:
        """Remove entries not asked for since `max_age_s`, then the longest unasked until `max_bytes` are held.

        Also quarantined entries and forgotten temporary folders of any kind. `now_s` is wall time. Readers and
        writers may go on meanwhile. `dry`: only tell.
        """
        forgotten = [path for path in _listing(self._folder / "temporary") if _changed_s(path) < now_s - _FORGOTTEN_S]
        for path in () if dry else (*_listing(self._folder / "quarantine"), *forgotten):
            tree.discard(path)
        found = sorted((_changed_s(path / "manifest"), path) for path in self._entries())
        sizes = {path: sum(map(_size, _listing(path))) for _, path in found}
        left_bytes = held_bytes = sum(sizes.values())
        removed = 0
        for used_s, path in found:
            if used_s < now_s - max_age_s or left_bytes > max_bytes:
                left_bytes -= sizes[path]
                removed += dry or self._remove(path)
        return Pruned(entries=removed, freed_bytes=held_bytes - left_bytes, left_bytes=left_bytes)

    def _entries(self) -> Iterator[Path]:
        for shelf in _listing(self._folder / "entries"):
            yield from _listing(shelf)

    def _place(self, key: str) -> Path | None:
        return self._folder / "entries" / key[:2] / key if _KEY.fullmatch(key) else None

    def _newest(self, job: str, platform: str) -> Path:
        return self._folder / "newest" / digest.of_parts((job, platform))

    def _temporary(self) -> Path:
        path = self._folder / "temporary" / random_hex(16)
        path.mkdir(parents=True)
        return path

    def _publish(self, temporary: Path, place: Path) -> None:
        try:
            temporary.rename(place)
        except OSError:
            if not place.exists():  # else another writer was faster
                raise
        atomic.sync_folder(place.parent)

    def _note_newest(self, entry: Entry) -> None:
        """Whole or absent, but not waited for: a torn one does not fit its seal, and only an explanation is lost."""
        newest = self._newest(entry.job, entry.platform)
        newest.parent.mkdir(exist_ok=True)
        temporary = newest.with_name(f".{newest.name}.{random_hex(8)}")
        temporary.write_bytes(_sealed(dict(entry.key_parts)))
        temporary.replace(newest)

    def _quarantine(self, place: Path, reason: str) -> None:
        self.quarantined.append(f"{place.name}: {reason}")
        with contextlib.suppress(OSError):  # gone meanwhile, or read-only: it stays a miss
            (self._folder / "quarantine").mkdir(exist_ok=True)
            place.rename(self._folder / "quarantine" / f"{place.name}-{random_hex(8)}")

    def _remove(self, place: Path) -> bool:
        """Take an entry out in one step, then delete it, so that nobody sees a part of it."""
        temporary = self._temporary()
        try:
            place.rename(temporary / "removed")
        except OSError:
            return False
        finally:
            tree.discard(temporary)
        return True


def _verified(place: Path, key: str) -> Entry:
    """The entry at `place`. Raises DamageError, and OSError."""
    manifest = _opened((place / "manifest").read_bytes(), _Manifest)
    if manifest.entry.key != key:
        raise DamageError("it belongs to another key")
    for content in {content for _, content in manifest.entry.files}:
        size = (place / content).stat().st_size
        if size != manifest.sizes.get(content):
            raise DamageError("a file has another size")
        if size <= _SMALL_BYTES and digest.of_file(place / content) != content:
            raise DamageError("a file has another content")
    return manifest.entry


def _fill(temporary: Path, entry: Entry, folder: Path) -> Iterator[tuple[str, int]]:
    """Copy the entry's files into `temporary`; gives (sha256, bytes) of each. Raises OSError."""
    for name, content in entry.files:
        try:
            _copy(_below(folder, name), temporary / content, content, durable=True)
        except DamageError as error:
            raise OSError(f"{name} changed while it was stored") from error
        yield content, (temporary / content).stat().st_size


def _copy(source: Path, target: Path, expected: str, *, durable: bool = False) -> None:
    """Copy, then verify what has arrived. Raises DamageError, and OSError."""
    with source.open("rb") as reader, target.open("wb") as writer:
        if not _copied_by_kernel(reader.fileno(), writer.fileno()):
            reader.seek(0)
            writer.seek(0)
            while piece := reader.read(_PIECE_BYTES):
                writer.write(piece)
        if durable:
            writer.flush()
            os.fsync(writer.fileno())
    if digest.of_file(target) != expected:
        raise DamageError("a file has another content")


def _copied_by_kernel(reader: int, writer: int) -> bool:
    """Without the bytes coming here; on btrfs and XFS without copying them at all."""
    if not hasattr(os, "copy_file_range"):
        return False
    left = os.fstat(reader).st_size
    try:
        while left > 0 and (count := os.copy_file_range(reader, writer, left)):
            left -= count
    except OSError:
        return False
    return left <= 0


def _below(folder: Path, name: str) -> Path:
    """The file `name` of `folder`. Raises DamageError for a name that leads out of it."""
    path = PurePosixPath(name)
    if path.is_absolute() or ".." in path.parts or not path.parts:
        raise DamageError(f"{name!r} leads out of the folder")
    return folder / path


def _sealed(value: object) -> bytes:
    """JSON under its own sha256."""
    content = msgspec.json.encode(value)
    return digest.of_bytes(content).encode() + b"\n" + content


def _opened(content: bytes, kind: type[_T]) -> _T:
    """The value that was sealed. Raises DamageError."""
    seal, _, text = content.partition(b"\n")
    if seal != digest.of_bytes(text).encode():
        raise DamageError("the manifest's digest does not fit it")
    try:
        return msgspec.json.decode(text, type=kind)
    except (ValueError, RecursionError) as error:
        raise DamageError(f"the manifest is of another form: {error}") from error


def _listing(folder: Path) -> list[Path]:
    try:
        return list(folder.iterdir())
    except OSError:
        return []


def _changed_s(path: Path) -> float:
    """Modification time in wall seconds; the far past if it is gone."""
    try:
        return path.stat().st_mtime
    except OSError:
        return 0.0


def _size(path: Path) -> int:
    """Bytes of a file; 0 if it is gone: others may prune at the same time."""
    try:
        return path.stat().st_size
    except OSError:
        return 0
