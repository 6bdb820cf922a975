from __future__ import annotations

import os
from pathlib import Path

from penstock.cache.local import LocalCache
from penstock.model.events import JobFinished, Outcome
from penstock.ports import Entry
from penstock.util import digest

CONTENT = b"x" * 10_000


def fill(cache: LocalCache, folder: Path, *, used_s: dict[str, float]) -> None:
    folder.mkdir()
    (folder / "a").write_bytes(CONTENT)
    for key, at_s in used_s.items():
        finished = JobFinished(job=key, outcome=Outcome.PASSED, reason="", at_s=0.0, duration_s=0.0)
        files = (("a", digest.of_bytes(CONTENT)),)
        cache.put(Entry(key=key, job=key, wall_s=0.0, run="r", finished=finished, files=files), str(folder))
        (manifest,) = (cache._folder / "entries").glob(f"*/{key}/manifest")
        os.utime(manifest, (at_s, at_s))


def keys(cache: LocalCache) -> set[str]:
    return {path.parent.name for path in (cache._folder / "entries").glob("*/*/manifest")}


def test_the_old_go_first_and_only_as_many_as_needed(tmp_path: Path) -> None:
    cache = LocalCache(tmp_path / "cache")
    fill(cache, tmp_path / "job", used_s={"aaaaaaaa": 100.0, "bbbbbbbb": 300.0, "cccccccc": 200.0})
    pruned = cache.prune(max_bytes=22_000, max_age_s=1e9, now_s=400.0)
    assert keys(cache) == {"bbbbbbbb", "cccccccc"}
    assert pruned.entries == 1
    assert pruned.freed_bytes > len(CONTENT)
    assert pruned.left_bytes <= 22_000


def test_what_was_not_asked_for_in_time_goes(tmp_path: Path) -> None:
    cache = LocalCache(tmp_path / "cache")
    fill(cache, tmp_path / "job", used_s={"aaaaaaaa": 100.0, "bbbbbbbb": 300.0})
    cache.prune(max_bytes=1 << 30, max_age_s=150.0, now_s=400.0)
    assert keys(cache) == {"bbbbbbbb"}


def test_asking_keeps_an_entry_young(tmp_path: Path) -> None:
    cache = LocalCache(tmp_path / "cache")
    fill(cache, tmp_path / "job", used_s={"aaaaaaaa": 100.0, "bbbbbbbb": 300.0})
    assert cache.get("aaaaaaaa") is not None
    cache.prune(max_bytes=11_500, max_age_s=1e12, now_s=400.0)
    assert keys(cache) == {"aaaaaaaa"}


def test_leavings_of_dead_writers_and_quarantine_go(tmp_path: Path) -> None:
    cache = LocalCache(tmp_path / "cache")
    fill(cache, tmp_path / "job", used_s={"aaaaaaaa": 100.0})
    dead, alive = tmp_path / "cache" / "temporary" / "dead", tmp_path / "cache" / "temporary" / "alive"
    for path, at_s in ((dead, 0.0), (alive, 9_000.0)):
        path.mkdir()
        os.utime(path, (at_s, at_s))
    (tmp_path / "cache" / "quarantine" / "bad-1").mkdir(parents=True)
    cache.prune(max_bytes=1 << 30, max_age_s=1e9, now_s=10_000.0)
    assert not dead.exists()
    assert alive.exists()
    assert list((tmp_path / "cache" / "quarantine").iterdir()) == []
    assert keys(cache) == {"aaaaaaaa"}


def test_an_empty_cache_can_be_pruned(tmp_path: Path) -> None:
    assert LocalCache(tmp_path / "none").prune(max_bytes=0, max_age_s=0.0, now_s=1.0).entries == 0


def test_a_name_that_leads_out_is_never_written(tmp_path: Path) -> None:
    cache = LocalCache(tmp_path / "cache")
    fill(cache, tmp_path / "job", used_s={"aaaaaaaa": 100.0})
    entry = cache.get("aaaaaaaa")
    assert entry is not None
    for name in ("../evil", "/tmp/evil", "a/../../evil"):
        evil = Entry(
            key="aaaaaaaa", job="j", wall_s=0.0, run="r", finished=entry.finished, files=((name, entry.files[0][1]),)
        )
        assert not cache.restore(evil, str(tmp_path / "back"))
    assert list(tmp_path.rglob("evil")) == []
