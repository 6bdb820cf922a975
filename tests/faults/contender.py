"""One of several processes on one cache at once: `python contender.py NUMBER FOLDER`. Prints wrong hits and hits."""

from __future__ import annotations

import sys
from pathlib import Path

import msgspec

from penstock.cache.local import LocalCache
from penstock.model.events import JobFinished, Outcome
from penstock.ports import Entry
from penstock.util import digest

KEY = "0123456789abcdef"


def job(path: Path, files: dict[str, bytes]) -> Entry:
    """A job's folder with `files`, and the entry that describes it."""
    for name, content in files.items():
        (path / name).parent.mkdir(parents=True, exist_ok=True)
        (path / name).write_bytes(content)
    return Entry(
        key=KEY,
        job="unit",
        wall_s=1.0,
        run="r",
        finished=JobFinished(job="unit", outcome=Outcome.PASSED, reason="", at_s=1.0, duration_s=1.0),
        files=tuple((name, digest.of_bytes(content)) for name, content in files.items()),
    )


def main() -> None:
    """Ask for five keys in turn, store what is missing, restore what is there; once, empty the whole cache."""
    me, place = int(sys.argv[1]), Path(sys.argv[2])
    cache = LocalCache(place / "cache")
    wrong = hits = 0
    for turn in range(40):
        key = f"{turn % 5:032d}"
        content = {"a": (key * 3000).encode(), "b/c": key.encode()}
        entry = msgspec.structs.replace(job(place / f"job{me}", content), key=key, run=str(me))
        if turn == 5 * me:
            cache.prune(max_bytes=0, max_age_s=1e9, now_s=0.0)
        found = cache.get(key)
        if found is None:
            cache.put(entry, str(place / f"job{me}"))
        elif cache.restore(found, str(place / f"back{me}")):
            hits += 1
            wrong += any((place / f"back{me}" / name).read_bytes() != right for name, right in content.items())
    print(wrong, hits)


if __name__ == "__main__":
    main()
