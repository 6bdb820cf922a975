"""A cache in memory. Passes tests/contracts/test_cache.py."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from penstock.ports import Entry
from penstock.util import digest


class MemoryCache:
    """See `ports.CacheBackend`. `files`: sha256 -> content, open to tests that want to damage it."""

    def __init__(self) -> None:
        self.entries: dict[str, Entry] = {}
        self.files: dict[str, bytes] = {}

    def get(self, key: str) -> Entry | None:
        entry = self.entries.get(key)
        if entry is None or not all(self._whole(content) for _, content in entry.files):
            return None
        return entry

    def put(self, entry: Entry, folder: str) -> None:
        contents = {content: (Path(folder) / name).read_bytes() for name, content in entry.files}
        if any(digest.of_bytes(found) != content for content, found in contents.items()):
            raise OSError("a file changed while it was stored")
        self.files |= contents
        if self.get(entry.key) is None:
            self.entries[entry.key] = entry
        self.entries[f"newest {entry.job} {entry.platform}"] = entry

    def restore(self, entry: Entry, folder: str) -> bool:
        if not all(self._whole(content) for _, content in entry.files):
            return False
        for name, content in entry.files:
            path = Path(folder) / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(self.files[content])
        return True

    def nearest(self, job: str, platform: str) -> Mapping[str, str] | None:
        entry = self.entries.get(f"newest {job} {platform}")
        return None if entry is None else entry.key_parts

    def _whole(self, content: str) -> bool:
        return digest.of_bytes(self.files.get(content, b"damaged")) == content
