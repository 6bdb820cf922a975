"""What every cache promises: the one on disk and the fake that stands in for it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from penstock.cache.local import LocalCache
from penstock.model.events import JobFinished, Outcome
from penstock.ports import CacheBackend, Entry
from penstock.util import digest
from tests.fakes.cache import MemoryCache

KEY = "0123456789abcdef"
FILES = {"reading.json": b'{"outcome":"passed"}', "reports/a/b.txt": b"\x00\xff" * 50_000, "reports/empty": b""}


@pytest.fixture(params=["local", "memory"])
def cache(request: pytest.FixtureRequest, tmp_path: Path) -> CacheBackend:
    return LocalCache(tmp_path / "cache") if request.param == "local" else MemoryCache()


@pytest.fixture
def job(tmp_path: Path) -> Path:
    folder = tmp_path / "job"
    for name, content in FILES.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    return folder


def entry(key: str = KEY, **changes: object) -> Entry:
    finished = JobFinished(job="unit@3.12", outcome=Outcome.PASSED, reason="", at_s=1.0, duration_s=2.0)
    fields: dict[str, object] = {
        "job": "unit@3.12",
        "wall_s": 5.0,
        "run": "r",
        "finished": finished,
        "files": tuple((name, digest.of_bytes(content)) for name, content in FILES.items()),
        "platform": "linux",
        "key_parts": {"inputs": "a"},
    }
    make: Callable[..., Entry] = Entry
    return make(key=key, **(fields | changes))


def test_what_was_put_comes_back_whole(cache: CacheBackend, job: Path, tmp_path: Path) -> None:
    cache.put(entry(), str(job))
    found = cache.get(KEY)
    assert found == entry()
    assert cache.restore(found, str(tmp_path / "back"))
    assert {
        path.relative_to(tmp_path / "back").as_posix(): path.read_bytes()
        for path in (tmp_path / "back").rglob("*")
        if path.is_file()
    } == FILES


def test_an_unknown_key_is_a_miss(cache: CacheBackend) -> None:
    assert cache.get(KEY) is None
    assert cache.get("") is None
    assert cache.get("../../etc") is None


def test_an_entry_without_files_is_an_entry(cache: CacheBackend, job: Path, tmp_path: Path) -> None:
    cache.put(entry(files=()), str(job))
    assert cache.get(KEY) == entry(files=())
    assert cache.restore(entry(files=()), str(tmp_path / "back"))


def test_a_file_that_changed_is_not_stored(cache: CacheBackend, job: Path) -> None:
    (job / "reading.json").write_bytes(b"{}")
    with pytest.raises(OSError, match="changed"):
        cache.put(entry(), str(job))
    assert cache.get(KEY) is None


def test_putting_twice_is_fine(cache: CacheBackend, job: Path) -> None:
    cache.put(entry(), str(job))
    cache.put(entry(run="later"), str(job))
    assert cache.get(KEY) is not None


def test_the_newest_entry_of_a_job_explains_a_miss(cache: CacheBackend, job: Path) -> None:
    assert cache.nearest("unit@3.12", "linux") is None
    cache.put(entry(), str(job))
    cache.put(entry("fedcba9876543210", key_parts={"inputs": "b"}), str(job))
    assert cache.nearest("unit@3.12", "linux") == {"inputs": "b"}
    assert cache.nearest("unit@3.12", "darwin") is None
    assert cache.nearest("unit@3.13", "linux") is None
