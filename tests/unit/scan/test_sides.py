"""Both sides of changed files, from real repositories."""

from __future__ import annotations

from pathlib import Path

import pytest

from penstock.model.change import Change, Sides
from penstock.scan import change, sides
from penstock.util.process import SystemProcesses
from tests.fakes.repository import ENVIRON, call, save


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A repository on a branch of its own, where nothing is different yet."""
    call(tmp_path, "init", "-q", "-b", "main")
    (tmp_path / "a b.py").write_text("one\n@@ -1 +1 @@\ndiff --git a b\nlast")
    (tmp_path / "gone.py").write_text("x\n")
    (tmp_path / "old.py").write_text("1\n2\n3\n4\n")
    (tmp_path / "notes.md").write_text("x\n")
    save(tmp_path)
    call(tmp_path, "checkout", "-q", "-b", "mine")
    return tmp_path


def read(root: Path) -> dict[str, Sides]:
    found = change.read(root, processes=SystemProcesses(), environ=ENVIRON)
    assert isinstance(found, Change), found
    known = sides.read(root, found, processes=SystemProcesses(), environ=ENVIRON)
    assert isinstance(known, tuple), known
    return {each.path: each for each in known}


def test_whole_texts_whatever_happened_to_the_file(root: Path) -> None:
    (root / "a b.py").write_text("one\n@@ -1 +1 @@\ndiff --git a b\nother\n")
    (root / "gone.py").unlink()
    (root / "old.py").rename(root / "new.py")
    (root / 'q"x\n.py').write_text("quoted\n")
    (root / "notes.md").write_text("y\n")
    save(root)
    (root / "later.py").write_text("nobody added it\n")
    found = read(root)
    assert sorted(found) == ["a b.py", "gone.py", "later.py", "new.py", 'q"x\n.py']
    assert found["a b.py"].before is not None
    assert found["a b.py"].before.splitlines() == ["one", "@@ -1 +1 @@", "diff --git a b", "last"]
    assert found["a b.py"].now == "one\n@@ -1 +1 @@\ndiff --git a b\nother\n"
    assert (found["gone.py"].before, found["gone.py"].now) == ("x\n", None)
    assert (found["new.py"].was, found["new.py"].before, found["new.py"].now) == (
        "old.py",
        "1\n2\n3\n4\n",
        "1\n2\n3\n4\n",
    )
    assert (found['q"x\n.py'].before, found['q"x\n.py'].now) == (None, "quoted\n")
    assert (found["later.py"].before, found["later.py"].now) == (None, "nobody added it\n")


def test_python_is_text_whatever_git_is_told_of_it(root: Path) -> None:
    (root / ".gitattributes").write_text("*.py binary\n")
    (root / "gone.py").write_text("y\n")
    save(root)
    assert (read(root)["gone.py"].before, read(root)["gone.py"].now) == ("x\n", "y\n")
    found = change.read(root, processes=SystemProcesses(), environ=ENVIRON)
    assert isinstance(found, Change)
    file = found.file("gone.py")
    assert file is not None
    assert (file.added, file.lines, file.binary) == (1, ((1, 1),), False)


def test_an_empty_file_is_there(root: Path) -> None:
    (root / "pytest.ini").write_text("")
    save(root)
    assert (read(root)["pytest.ini"].before, read(root)["pytest.ini"].now) == (None, "")


def test_without_git_it_is_said_why(tmp_path: Path) -> None:
    said = sides.read(tmp_path, Change(base="0" * 40), processes=SystemProcesses(), environ=ENVIRON)
    assert isinstance(said, str)
    assert said.startswith("git diff:")
