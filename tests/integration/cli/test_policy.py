"""The policy of the base, asked by the default `penstock run` on a branch: the real program on a small project."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.fakes.guest_runs import write
from tests.fakes.program import Done, penstock
from tests.fakes.repository import call as git
from tests.fakes.repository import save

PROJECT = """\
[project]
name = "kiln"
version = "1"

[tool.penstock.jobs]
check = { run = "git --version" }
extra = { run = "env" }
"""
LESS = PROJECT.replace('extra = { run = "env" }\n', "")


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A repository on a branch where nothing is different yet."""
    made = write(tmp_path / "p", {"pyproject.toml": PROJECT, "kiln.py": "A = 1\n"})
    git(made, "init", "-q", "-b", "main")
    save(made)
    git(made, "checkout", "-q", "-b", "mine")
    return made


def run(root: Path, *words: str, **environ: str) -> Done:
    return penstock(root, "run", "-q", *words, environ=environ)


def test_what_asks_for_less_is_refused_until_a_commit_says_why(root: Path) -> None:
    assert run(root).code == 0
    write(root, {"pyproject.toml": LESS})
    for _ in range(2):  # the second time it is remembered
        done = run(root)
        assert done.code == 1, done.out
        assert "the job extra is gone" in done.out
    save(root, "fix: less")
    assert run(root).code == 1
    git(root, "commit", "-q", "--amend", "-m", "fix: less\n\nPolicy: nobody needs the extra")
    said = run(root)
    assert said.code == 0, said.out


def test_a_part_the_base_itself_and_a_tree_without_a_base_are_not_asked(root: Path, tmp_path: Path) -> None:
    write(root, {"pyproject.toml": PROJECT.replace('"env" }', '"env", mode = "warn" }')})
    assert run(root, "check").code == 0
    assert run(root).code == 1
    save(root)
    git(root, "branch", "-f", "main", "HEAD")
    assert run(root).code == 0
    bare = write(tmp_path / "bare", {"pyproject.toml": LESS})
    assert run(bare).code == 0
    git(bare, "init", "-q", "-b", "work")
    save(bare)
    write(bare, {"pyproject.toml": LESS.replace("git --version", "true")})
    assert run(bare).code == 0, "there is no base branch"


def test_a_pull_request_whose_base_is_not_here_is_not_verified(root: Path) -> None:
    done = run(root, GITHUB_BASE_REF="develop")
    assert done.code == 3, done.out
    assert "the base branch develop was not fetched" in done.out
    assert "fetch-depth: 0" in done.out
    git(root, "update-ref", "refs/remotes/origin/develop", "main")
    assert run(root, GITHUB_BASE_REF="develop").code == 0


def test_marks_and_tests_are_looked_at_in_a_project_that_declares_nothing(tmp_path: Path) -> None:
    files = {"pyproject.toml": "[project]\nname = 'kiln'\nversion = '1'\n[tool.penstock.jobs.check]\nrun = 'env'\n"}
    root = write(tmp_path / "p", {**files, "tests/test_kiln.py": "def test_a():\n    assert 1 + 1 == 2\n"})
    git(root, "init", "-q", "-b", "main")
    save(root)
    write(root, {"kiln.py": "".join(f"A{n} = b{n}  # noqa: F821\n" for n in range(9))})
    flood = run(root)
    assert (flood.code, "9 marks that silence a tool" in flood.out) == (1, True), flood.out
    write(root, {"kiln.py": "A = b  # noqa: F821\n", "tests/test_kiln.py": "def test_a():\n    pass\n"})
    empty = run(root)
    assert (empty.code, "test_a asserts nothing any more" in empty.out) == (1, True), empty.out
