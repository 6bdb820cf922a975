"""The newest version that a tag before the tree names."""

from __future__ import annotations

from pathlib import Path

import pytest

from penstock.model.release import Tagged
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


def read(root: Path, tag: str, default: str = "") -> Tagged:
    return tags.read(root, tag, default, processes=SystemProcesses(), environ=ENVIRON)


def test_what_git_knows_of_a_tag(tmp_path: Path) -> None:
    call(tmp_path, "init", "-q", "-b", "main")
    for name in ("v1.0", "v1.1rc1", "v1.1", "v1.2rc1"):
        (tmp_path / "a").write_text(name)
        save(tmp_path)
        call(tmp_path, "tag", "-m", "annotated", name)
    call(tmp_path, "checkout", "-q", "-b", "side", "v1.0")
    (tmp_path / "a").write_text("side")
    save(tmp_path)
    call(tmp_path, "tag", "v1.0.1")
    side = read(tmp_path, "v1.0.1", "main")
    assert (side.before, side.branch, side.merged, side.head) == ("v1.0", "main", False, side.commit)
    assert [read(tmp_path, tag).before for tag in ("v1.0", "v1.1rc1", "v1.1", "v1.2rc1")] == [
        "",
        "v1.0",
        "v1.0",
        "v1.1",
    ]
    found = read(tmp_path, "v1.1")
    assert (found.merged, found.shallow, found.commit == found.head, len(found.commit)) == (True, False, False, 40)
    assert read(tmp_path, "v9") == Tagged(tag="v9", head=side.head, branch="main")
    assert read(tmp_path, "v1.1", "trunk").merged is None
    call(tmp_path, "branch", "-m", "main", "master")
    assert read(tmp_path, "v1.1").branch == "master"


@pytest.mark.parametrize(
    ("tag", "version"),
    [
        ("v1.2.3", "1.2.3"),
        ("v1.2.3rc1", "1.2.3rc1"),
        ("pkg-v2.0", "2.0"),
        ("v1.x", None),
        ("nightly", None),
        ("", None),
    ],
)
def test_the_version_that_a_tag_names(tag: str, version: str | None) -> None:
    found = tags.version_of(tag)
    assert (None if found is None else str(found)) == version
