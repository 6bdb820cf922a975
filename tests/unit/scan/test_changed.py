"""The names of what a change touches."""

from __future__ import annotations

from pathlib import Path

from penstock.model.snapshot import Base
from penstock.scan import base, changed
from penstock.util.process import SystemProcesses
from tests.fakes.repository import ENVIRON, call, save


def of(root: Path) -> tuple[str, ...] | None:
    return against(root, base.of(root, processes=SystemProcesses(), environ=ENVIRON))


def against(root: Path, known: Base) -> tuple[str, ...] | None:
    return changed.of(root, known, processes=SystemProcesses(), environ=ENVIRON)


def test_commits_and_the_working_tree_below_the_project_are_the_change(tmp_path: Path) -> None:
    call(tmp_path, "init", "-q", "-b", "main")
    root = tmp_path / "inner"
    root.mkdir()
    for name in ("kept.md", "moved.md", "gone.md", "edited ü.md"):
        (root / name).write_text(f"{name}\n" * 20)
    (root / ".gitignore").write_text("*.log\n")
    save(tmp_path)
    assert of(root) is None, "the base branch itself is no change"
    call(tmp_path, "checkout", "-q", "-b", "mine")
    (root / "moved.md").rename(root / "there.md")
    (root / "gone.md").unlink()
    (tmp_path / "beside.md").write_text("")
    save(tmp_path)
    (root / "edited ü.md").write_text("")
    (root / "new.md").write_text("")
    (root / "a.log").write_text("")
    assert of(root) == ("edited ü.md", "gone.md", "moved.md", "new.md", "there.md")


def test_without_a_base_it_is_not_known(tmp_path: Path) -> None:
    assert of(tmp_path) is None
    assert against(tmp_path, Base(unknown="not fetched")) is None
    call(tmp_path, "init", "-q", "-b", "main")
    assert against(tmp_path, Base(commit="1" * 40)) is None, "git refuses"
