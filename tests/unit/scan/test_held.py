"""What a baseline says of itself, read from the base, and the commit that a newer tool may look at."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from penstock.model import baseline
from penstock.model.snapshot import Held
from penstock.scan import base, git, held
from penstock.util.process import SystemProcesses
from tests.fakes.guest_runs import write
from tests.fakes.repository import ENVIRON, call, save

AT_BASE = baseline.written(["ruff F401 a.py 0"], {"ruff": "0.4.0"})


def commit(root: Path, name: str) -> str:
    words = ["git", "rev-parse", name]
    return subprocess.run(words, cwd=root, env=ENVIRON, check=True, capture_output=True, text=True).stdout.strip()


def look(root: Path) -> Held:
    processes = SystemProcesses()
    known = base.of(root, processes=processes, environ=ENVIRON)
    checkout = git.read(root, processes, ENVIRON)
    return held.of(root, known, checkout, processes=processes, environ=ENVIRON)


@pytest.fixture
def root(tmp_path: Path) -> Path:
    root = write(tmp_path / "p", {"a.py": "", baseline.NAME: AT_BASE})
    call(root, "init", "-q", "-b", "main")
    save(root)
    return root


def test_on_a_branch_the_base_s_file_counts_and_its_tree_is_looked_at(root: Path) -> None:
    call(root, "checkout", "-q", "-b", "mine")
    (root / baseline.NAME).write_text(baseline.written([], {"ruff": "0.17.6"}))
    save(root)
    assert look(root) == Held(versions=(("ruff", "0.4.0"),), commit=commit(root, "main"))


def test_on_the_base_branch_an_edit_is_held_against_the_last_commit(root: Path) -> None:
    (root / "a.py").write_text("x = 1\n")
    assert look(root).commit == commit(root, "HEAD")


def test_what_equals_the_base_is_held_against_the_commit_before_and_never_against_itself(root: Path) -> None:
    assert look(root).commit == "", "there is no commit before the first"
    (root / "a.py").write_text("x = 1\n")
    save(root)
    assert look(root).commit == commit(root, "HEAD^")


def test_without_a_base_or_with_an_older_baseline_there_is_nothing_to_look_at(root: Path, tmp_path: Path) -> None:
    loose = write(tmp_path / "loose", {baseline.NAME: AT_BASE})
    assert look(loose) == Held(versions=(("ruff", "0.4.0"),))
    call(root, "checkout", "-q", "-b", "mine")
    assert look(write(tmp_path / "none", {"a.py": ""})) == Held()
    (root / baseline.NAME).write_text("ruff F401 a.py 0\n")
    save(root)
    call(root, "branch", "-f", "main")
    assert look(root) == Held()
