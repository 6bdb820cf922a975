"""The newest version that a tag before the tree names."""

from __future__ import annotations

from pathlib import Path

from penstock.scan import tags
from penstock.util.process import SystemProcesses
from tests.fakes.repository import ENVIRON, call, save


def newest(root: Path) -> tuple[str, str]:
    return tags.newest(root, processes=SystemProcesses(), environ=ENVIRON)


def test_versions_are_compared_as_versions_and_other_tags_and_branches_do_not_count(tmp_path: Path) -> None:
    assert newest(tmp_path) == ("", "")
    call(tmp_path, "init", "-q", "-b", "main")
    (tmp_path / "a").write_text("")
    save(tmp_path)
    assert newest(tmp_path) == ("", "")
    for name in ("nightly", "v1.9", "1.10.0rc1", "my-pkg-1.8", "2026-garbage", "v1.x"):
        call(tmp_path, "tag", name)
    assert newest(tmp_path) == ("1.10.0rc1", "1.10.0rc1")
    call(tmp_path, "checkout", "-q", "-b", "other")
    (tmp_path / "a").write_text("b")
    save(tmp_path)
    call(tmp_path, "tag", "v3.0")
    assert newest(tmp_path) == ("3.0", "v3.0")
    call(tmp_path, "checkout", "-q", "main")
    assert newest(tmp_path) == ("1.10.0rc1", "1.10.0rc1")
