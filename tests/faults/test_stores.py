"""Stores that are damaged, shared, full or read-only: never a wrong hit, never half a file, always a verdict."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from penstock.cache.local import LocalCache
from penstock.errors import StateError
from penstock.run import folder
from penstock.run.recovery import recover
from penstock.util import digest
from tests.fakes.clock import FakeClock
from tests.faults.contender import KEY, job
from tests.faults.full_disk import full_disk, read_only

ROOT = Path(__file__).parents[2]


def test_a_flip_of_any_bit_of_an_entry_is_a_miss(tmp_path: Path) -> None:
    entry = job(tmp_path / "job", {"reading.json": b'{"outcome":"passed"}', "reports/r.txt": b"all well\n"})
    LocalCache(tmp_path / "cache").put(entry, str(tmp_path / "job"))
    (place,) = (tmp_path / "cache" / "entries").glob("*/*")
    whole = {path: path.read_bytes() for path in place.iterdir()}
    assert len(whole) == 3
    wrong = []
    for path, content in whole.items():
        for position in range(len(content)):
            flipped = bytearray(content)
            flipped[position] ^= 1 << (position % 8)
            path.write_bytes(flipped)
            cache = LocalCache(tmp_path / "cache")
            if cache.get(KEY) is not None or len(cache.quarantined) != 1 or place.exists():
                wrong.append((path.name, position))
            (quarantined,) = (tmp_path / "cache" / "quarantine").iterdir()
            quarantined.rename(place)
            path.write_bytes(content)
    assert wrong == []
    assert LocalCache(tmp_path / "cache").get(KEY) == entry


def test_a_flip_in_a_large_file_is_found_when_it_is_restored(tmp_path: Path) -> None:
    entry = job(tmp_path / "job", {"small": b"1", "large": b"x" * 200_000})
    cache = LocalCache(tmp_path / "cache")
    cache.put(entry, str(tmp_path / "job"))
    (place,) = (tmp_path / "cache" / "entries").glob("*/*")
    large = place / digest.of_bytes(b"x" * 200_000)
    large.write_bytes(b"x" * 150_000 + b"y" + b"x" * 49_999)
    assert cache.get(KEY) == entry
    assert not cache.restore(entry, str(tmp_path / "back"))
    assert [path for path in (tmp_path / "back").rglob("*") if path.is_file()] == []
    assert cache.get(KEY) is None
    cache.put(entry, str(tmp_path / "job"))
    assert cache.restore(entry, str(tmp_path / "back"))


@pytest.mark.parametrize("cut", ["manifest", "file", "folder"])
def test_an_entry_with_a_part_missing_is_a_miss(tmp_path: Path, cut: str) -> None:
    entry = job(tmp_path / "job", {"reading.json": b"{}"})
    cache = LocalCache(tmp_path / "cache")
    cache.put(entry, str(tmp_path / "job"))
    (place,) = (tmp_path / "cache" / "entries").glob("*/*")
    for path in place.iterdir():
        if cut == "folder" or (path.name == "manifest") == (cut == "manifest"):
            path.unlink()
    assert cache.get(KEY) is None
    cache.put(entry, str(tmp_path / "job"))
    assert cache.get(KEY) == entry


def test_eight_processes_share_a_cache_while_it_is_pruned(tmp_path: Path) -> None:
    contenders = [
        subprocess.Popen(
            [sys.executable, "-m", "tests.faults.contender", str(number), str(tmp_path)],
            cwd=ROOT,
            env=os.environ | {"PYTHONPATH": f"{ROOT / 'src'}:{ROOT}"},
            stdout=subprocess.PIPE,
            text=True,
        )
        for number in range(8)
    ]
    said = [process.communicate(timeout=60)[0].split() for process in contenders]
    assert [process.returncode for process in contenders] == [0] * 8
    assert [words[0] for words in said] == ["0"] * 8
    assert sum(int(words[1]) for words in said) > 0
    assert list((tmp_path / "cache" / "temporary").iterdir()) == []


def test_a_full_disk_refuses_an_entry_and_keeps_no_part_of_it(tmp_path: Path) -> None:
    entry = job(tmp_path / "job", {"large": os.urandom(1 << 20)})
    with full_disk(tmp_path / "full", 512 << 10) as place:
        cache = LocalCache(place / "cache")
        with pytest.raises(OSError, match="No space"):
            cache.put(entry, str(tmp_path / "job"))
        assert cache.get(KEY) is None
        assert [path for path in place.rglob("*") if path.is_file()] == []


def test_a_read_only_cache_answers(tmp_path: Path) -> None:
    entry = job(tmp_path / "job", {"reading.json": b"{}"})
    LocalCache(tmp_path / "cache").put(entry, str(tmp_path / "job"))
    with read_only(tmp_path / "cache") as place:
        assert LocalCache(place).get(KEY) == entry
        assert LocalCache(place).restore(entry, str(tmp_path / "back"))
        with pytest.raises(OSError, match="Read-only"):
            LocalCache(place).put(entry, str(tmp_path / "job"))


def test_a_run_without_room_in_the_checkout_is_kept_elsewhere_and_says_so(tmp_path: Path) -> None:
    with full_disk(tmp_path / "full", 1 << 20) as place:
        run = folder.create(place / ".penstock", FakeClock())
        assert run.note is not None
        assert "16 MiB" in run.note
        assert place not in run.path.parents
        run.close()


def test_a_run_in_a_read_only_checkout_is_kept_elsewhere_and_says_so(tmp_path: Path) -> None:
    (tmp_path / "root").mkdir()
    with read_only(tmp_path / "root") as root:
        assert recover(root / ".penstock", FakeClock()).killed == ()
        run = folder.create(root / ".penstock", FakeClock())
        assert run.note is not None
        assert "Read-only" in run.note
        run.events.write_bytes(b"")
        run.close()


def test_newer_state_is_refused_and_left_alone(tmp_path: Path) -> None:
    (tmp_path / "format").write_text("2\n")
    with pytest.raises(StateError, match="format '2'"):
        folder.create(tmp_path, FakeClock())
    assert [path.name for path in tmp_path.iterdir()] == ["format"]
