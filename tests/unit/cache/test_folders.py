"""Folders that are pruned are never left, and nothing young or needed goes."""

from __future__ import annotations

import os
from pathlib import Path

from penstock.cache.folders import prune

NOW_S = 1_000_000.0


def file(path: Path, *, used_s: float, size: int = 100, read_s: float | None = None) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(b"x" * size)
    os.utime(path, (used_s if read_s is None else read_s, used_s))
    return path


def names(folder: Path) -> list[str]:
    return sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*"))


def test_what_was_neither_read_nor_written_for_so_long_goes(tmp_path: Path) -> None:
    file(tmp_path / "c/old", used_s=NOW_S - 500)
    file(tmp_path / "c/read", used_s=NOW_S - 500, read_s=NOW_S - 5)
    file(tmp_path / "c/young", used_s=NOW_S - 5, read_s=NOW_S - 500)
    pruned = prune(tmp_path / "c", max_bytes=None, max_age_s=100, now_s=NOW_S, dry=False)
    assert names(tmp_path / "c") == ["read", "young"]
    assert (pruned.removed, pruned.freed_bytes, pruned.left_bytes) == ((("old", 100),), 100, 200)


def test_the_longest_unused_go_until_the_rest_fits(tmp_path: Path) -> None:
    for number in range(5):
        file(tmp_path / f"c/{number}/f", used_s=NOW_S - number)
    pruned = prune(tmp_path / "c", max_bytes=250, max_age_s=None, now_s=NOW_S, dry=False)
    assert [name for name, _ in pruned.removed] == ["4/f", "3/f", "2/f"]
    assert names(tmp_path / "c") == ["0", "0/f", "1", "1/f"], "folders that became empty went, too"
    assert pruned.left_bytes == 200


def test_a_dry_run_tells_the_same_and_removes_nothing(tmp_path: Path) -> None:
    for number in range(3):
        file(tmp_path / f"c/{number}", used_s=NOW_S - number)
    told = prune(tmp_path / "c", max_bytes=100, max_age_s=1e9, now_s=NOW_S, dry=True)
    assert names(tmp_path / "c") == ["0", "1", "2"]
    assert prune(tmp_path / "c", max_bytes=100, max_age_s=1e9, now_s=NOW_S, dry=False) == told


def test_links_lead_nowhere(tmp_path: Path) -> None:
    outside = file(tmp_path / "outside/precious", used_s=0)
    (tmp_path / "c").mkdir()
    (tmp_path / "c/folder").symlink_to(tmp_path / "outside")
    (tmp_path / "c/file").symlink_to(outside)
    (tmp_path / "c/up").symlink_to("..")
    pruned = prune(tmp_path / "c", max_bytes=0, max_age_s=0, now_s=NOW_S, dry=False)
    assert pruned.removed == ()
    assert outside.exists()
    assert names(tmp_path / "c") == ["file", "folder", "up"]


def test_links_to_what_went_go_with_it(tmp_path: Path) -> None:
    file(tmp_path / "c/blobs/old", used_s=0)
    file(tmp_path / "c/blobs/new", used_s=NOW_S)
    for name in ("old", "new"):
        (tmp_path / "c/snapshots" / name).mkdir(parents=True)
        (tmp_path / "c/snapshots" / name / "model").symlink_to(f"../../blobs/{name}")
    prune(tmp_path / "c", max_bytes=None, max_age_s=10, now_s=NOW_S, dry=False)
    assert names(tmp_path / "c") == ["blobs", "blobs/new", "snapshots", "snapshots/new", "snapshots/new/model"]


def test_a_folder_that_is_not_there_is_empty_and_the_top_stays(tmp_path: Path) -> None:
    assert prune(tmp_path / "none", max_bytes=0, max_age_s=0, now_s=NOW_S, dry=False).left_bytes == 0
    file(tmp_path / "c/a", used_s=0)
    prune(tmp_path / "c", max_bytes=0, max_age_s=None, now_s=NOW_S, dry=False)
    assert (tmp_path / "c").is_dir()
