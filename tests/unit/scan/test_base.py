"""What the tree is compared with, and the two ways of having nothing: there is none, and it is not here."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from penstock.model.snapshot import Base
from penstock.scan import base
from penstock.util.process import SystemProcesses
from tests.fakes.repository import ENVIRON, call, save


@pytest.fixture
def root(tmp_path: Path) -> Path:
    root = tmp_path / "p"
    root.mkdir()
    call(root, "init", "-q", "-b", "main")
    (root / "a.py").write_text("")
    save(root)
    return root


def of(root: Path, **variables: str) -> Base:
    return base.of(root, processes=SystemProcesses(), environ=ENVIRON | variables)


def head(root: Path, name: str = "HEAD") -> str:
    words = ["git", "rev-parse", name]
    return subprocess.run(words, cwd=root, env=ENVIRON, check=True, capture_output=True, text=True).stdout.strip()


def test_it_is_the_merge_base(root: Path) -> None:
    call(root, "checkout", "-q", "-b", "mine")
    (root / "b.py").write_text("")
    save(root)
    call(root, "checkout", "-q", "main")
    (root / "c.py").write_text("")
    save(root)
    call(root, "checkout", "-q", "mine")
    assert of(root) == Base(commit=head(root, "mine~"), branch="main")


def test_without_a_repository_or_a_base_branch_there_is_none(root: Path, tmp_path: Path) -> None:
    assert of(tmp_path).absent == "there is no git repository"
    call(root, "branch", "-m", "trunk")
    assert of(root).absent.startswith("there is no base branch")


def test_a_base_that_was_not_fetched_is_unknown_and_has_a_remedy(root: Path, tmp_path: Path) -> None:
    found = of(root, GITHUB_BASE_REF="develop")
    assert (found.unknown, found.absent) == ("the base branch develop was not fetched", "")
    assert "fetch-depth: 0" in (found.remedy or "")
    call(root, "checkout", "-q", "-b", "mine")
    (root / "b.py").write_text("")
    save(root)
    call(root, "checkout", "-q", "main")
    call(tmp_path, "clone", "-q", "--depth", "1", "--branch", "mine", f"file://{root}", "clone")
    found = of(tmp_path / "clone")
    assert found.unknown == "the clone holds no base branch"
    call(tmp_path / "clone", "fetch", "-q", "--depth", "1", "origin", "main:refs/remotes/origin/main")
    assert "the clone is shallow" in of(tmp_path / "clone").unknown
