"""The checkout's state, from real repositories of every kind."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from penstock.model.snapshot import Git
from penstock.scan import git
from penstock.util.process import Completed, SystemProcesses
from tests.fakes import repository as repository_of
from tests.fakes.processes import FakeProcesses

ENVIRON = repository_of.ENVIRON | {"GIT_COMMITTER_DATE": "1700000000 +0000"}


def call(folder: Path, *arguments: str) -> str:
    argv = ["git", "-c", "protocol.file.allow=always", *arguments]
    return subprocess.run(argv, cwd=folder, env=ENVIRON, check=True, capture_output=True, text=True).stdout.strip()


def repository(folder: Path) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    call(folder, "init", "-q", "-b", "main")
    (folder / "a.py").write_text("a = 1\n")
    call(folder, "add", "a.py")
    call(folder, "commit", "-q", "-m", "first")
    return folder


def read(root: Path) -> Git:
    return git.read(root, SystemProcesses(), ENVIRON)


def test_no_repository(tmp_path: Path) -> None:
    assert read(tmp_path) == Git(state="none")


def test_before_the_first_commit(tmp_path: Path) -> None:
    call(tmp_path, "init", "-q", "-b", "trunk")
    assert read(tmp_path) == Git(state="unborn", branch="trunk")


def test_a_branch_with_its_commit(tmp_path: Path) -> None:
    root = repository(tmp_path)
    commit = call(root, "rev-parse", "HEAD")
    assert read(root) == Git(state="branch", branch="main", commit=commit)


def test_the_time_of_the_commit(tmp_path: Path) -> None:
    assert git.commit_time_s(repository(tmp_path / "one"), SystemProcesses(), ENVIRON) == 1_700_000_000
    call(tmp_path, "init", "-q")
    assert git.commit_time_s(tmp_path, SystemProcesses(), ENVIRON) is None


@pytest.mark.parametrize("change", ["a.py", "new.py"])
def test_a_change_or_a_new_file_makes_it_dirty(tmp_path: Path, change: str) -> None:
    root = repository(tmp_path)
    (root / change).write_text("a = 22\n")
    assert read(root).dirty


def test_a_detached_head(tmp_path: Path) -> None:
    root = repository(tmp_path)
    call(root, "checkout", "-q", "--detach")
    found = read(root)
    assert (found.state, found.branch) == ("detached", None)


def test_a_shallow_clone(tmp_path: Path) -> None:
    root = repository(tmp_path / "origin")
    call(root, "commit", "-q", "--allow-empty", "-m", "second")
    call(tmp_path, "clone", "-q", "--depth=1", f"file://{root}", "shallow")
    assert read(tmp_path / "shallow").shallow
    assert not read(root).shallow


def test_a_worktree(tmp_path: Path) -> None:
    root = repository(tmp_path / "origin")
    call(root, "worktree", "add", "-q", "-b", "side", "../tree")
    found = read(tmp_path / "tree")
    assert (found.state, found.branch, found.shallow) == ("branch", "side", False)


def test_a_submodule_that_was_not_checked_out_is_told(tmp_path: Path) -> None:
    inner, outer = repository(tmp_path / "inner"), repository(tmp_path / "outer")
    call(outer, "submodule", "--quiet", "add", str(inner), "vendor/inner")
    call(outer, "commit", "-q", "-m", "vendored")
    assert read(outer).empty_submodules == ()
    call(tmp_path, "clone", "-q", str(outer), "clone")
    assert read(tmp_path / "clone").empty_submodules == ("vendor/inner",)


def test_a_subfolder_answers_for_itself_alone(tmp_path: Path) -> None:
    root = repository(tmp_path)
    (root / "part").mkdir()
    (root / "part/b.py").write_text("b = 1\n")
    call(root, "add", ".")
    call(root, "commit", "-q", "-m", "part")
    (root / "a.py").write_text("changed\n")
    assert read(root).dirty
    assert (read(root / "part").state, read(root / "part").dirty) == ("branch", False)


def test_a_folder_of_which_the_repository_tracks_nothing_does_not_belong_to_it(tmp_path: Path) -> None:
    root = repository(tmp_path)
    (root / "unpacked").mkdir()
    (root / "unpacked/setup.py").write_text("")
    found = read(root / "unpacked")
    assert found.state == "none"
    assert "tracks no file" in found.note


def test_a_bare_repository_is_said_to_be_one(tmp_path: Path) -> None:
    call(tmp_path, "init", "-q", "--bare")
    assert read(tmp_path) == Git(state="none", note="a bare repository: it has no files to test")


def test_no_lock_is_taken_and_none_is_minded(tmp_path: Path) -> None:
    root = repository(tmp_path)
    (root / ".git/index.lock").touch()
    assert read(root).state == "branch"
    assert (root / ".git/index.lock").exists()


def test_what_a_hooks_git_has_set_is_not_believed(tmp_path: Path) -> None:
    root = repository(tmp_path / "one")
    other = repository(tmp_path / "two")
    environ = ENVIRON | {"GIT_DIR": str(other / ".git"), "GIT_INDEX_FILE": "/nonexistent", "GIT_WORK_TREE": str(other)}
    call(other, "checkout", "-q", "-b", "elsewhere")
    assert git.read(root, SystemProcesses(), environ).branch == "main"


@pytest.mark.parametrize(
    ("answer", "note"),
    [
        (FileNotFoundError("git"), "git is not installed"),
        (TimeoutError("slow"), "git could not be asked: slow"),
        (
            Completed(exit_code=128, stdout=b"", stderr=b"fatal: detected dubious ownership in repository at '/x'\n"),
            "the checkout belongs to another user: `git config --global --add safe.directory FOLDER` trusts it",
        ),
        (Completed(exit_code=128, stdout=b"", stderr=b"fatal: bad config\nmore"), "git refused: fatal: bad config"),
    ],
)
def test_a_git_that_does_not_answer_is_told_and_not_needed(
    tmp_path: Path, answer: Completed | Exception, note: str
) -> None:
    (tmp_path / ".git").mkdir()
    processes = FakeProcesses().script("git", answer=answer)
    assert git.read(tmp_path, processes, ENVIRON) == Git(state="none", note=note)
