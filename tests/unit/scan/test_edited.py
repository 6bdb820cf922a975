"""What the change at hand adds or edits, from real repositories; git is asked no more than once."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from penstock.scan import edited
from penstock.util.process import Completed, SystemProcesses
from tests.fakes.repository import ENVIRON, call


class Counting(SystemProcesses):
    """Real processes, of which git's first words are noted."""

    def __init__(self) -> None:
        self.asked: list[str] = []

    def run(self, argv: Any, **given: Any) -> Completed:
        self.asked.append(next(word for word in argv[1:] if word in ("status", "diff", "ls-files")))
        return super().run(argv, **given)


def commit(root: Path, **files: str) -> None:
    for name, text in files.items():
        (root / f"{name}.py").write_text(text)
    call(root, "add", ".")
    call(root, "commit", "-q", "-m", "x")


def cloned(folder: Path, *options: str) -> Path:
    """A clone of a project whose main has three tests; the clone is on a branch of its own."""
    origin = folder / "origin"
    origin.mkdir()
    call(origin, "init", "-q", "-b", "main")
    commit(origin, test_a="1", test_b="1", test_c="1")
    commit(origin, test_c="2")
    call(folder, "clone", "-q", *options, f"file://{origin}", "clone")
    call(folder / "clone", "checkout", "-q", "-b", "mine")
    return folder / "clone"


def now(root: Path, processes: SystemProcesses | None = None, environ: Mapping[str, str] = ENVIRON) -> tuple[str, ...]:
    return edited.now(root, state=root.parent / "state", processes=processes or SystemProcesses(), environ=environ)


def test_what_is_committed_since_the_merge_base_and_what_is_not(tmp_path: Path) -> None:
    root = cloned(tmp_path)
    assert now(root) == ()
    commit(root, test_a="2", test_ö="1")
    commit(tmp_path / "origin", test_c="3")
    call(root, "fetch", "-q")  # the base went on: that is not our change
    (root / "test_b.py").write_text("2")
    (root / "new").mkdir()
    (root / "new" / "test_d.py").write_text("1")
    (root / "new" / "data.txt").write_text("1")
    assert now(root) == ("new/test_d.py", "test_a.py", "test_b.py", "test_ö.py")
    (root / "test_a.py").unlink()
    call(root, "mv", "test_c.py", "test_moved.py")
    call(root, "commit", "-q", "-a", "-m", "moved")
    assert now(root) == ("new/test_d.py", "test_b.py", "test_moved.py", "test_ö.py")


def test_what_is_committed_is_asked_once_a_commit(tmp_path: Path) -> None:
    root = cloned(tmp_path)
    processes = Counting()
    now(root, processes)
    assert processes.asked == ["status"], "the branch is where the base is"
    commit(root, test_a="2")
    assert [now(root, processes), now(root, processes)] == [("test_a.py",)] * 2
    assert processes.asked == ["status", "status", "diff", "status"]


def test_on_the_base_branch_itself_it_is_what_was_not_pushed(tmp_path: Path) -> None:
    root = cloned(tmp_path)
    call(root, "checkout", "-q", "main")
    commit(root, test_a="2")
    assert now(root) == ("test_a.py",)
    call(root, "pack-refs", "--all")
    assert now(root) == ("test_a.py",)
    alone = tmp_path / "origin"
    (alone / "test_b.py").write_text("3")
    assert now(alone) == ("test_b.py",), "without a remote: what is not committed"


def test_a_host_names_the_base(tmp_path: Path) -> None:
    root = cloned(tmp_path)
    commit(root, test_a="2")
    call(root, "update-ref", "refs/remotes/origin/release", "HEAD")
    commit(root, test_b="2")
    assert now(root, environ={**ENVIRON, "GITHUB_BASE_REF": "release"}) == ("test_b.py",)
    assert now(root, environ={**ENVIRON, "SYSTEM_PULLREQUEST_TARGETBRANCH": "refs/heads/main"}) == (
        "test_a.py", "test_b.py",
    )  # fmt: skip
    assert now(root, environ={**ENVIRON, "GITHUB_BASE_REF": "not-fetched"}) == ()
    assert now(root, environ={**ENVIRON, "CI_MERGE_REQUEST_DIFF_BASE_SHA": "0" * 40}) == ()


def test_what_git_does_not_know_is_not_edited(tmp_path: Path) -> None:
    (tmp_path / "test_a.py").write_text("1")
    processes = Counting()
    assert now(tmp_path, processes) == ()
    assert processes.asked == []
    call(tmp_path, "init", "-q")
    assert now(tmp_path) == ()


def test_a_shallow_clone_knows_no_base(tmp_path: Path) -> None:
    root = cloned(tmp_path, "--depth=1")
    commit(root, test_a="2")
    assert now(root) == ()


def test_a_project_in_a_folder_of_the_repository_answers_for_itself(tmp_path: Path) -> None:
    root = cloned(tmp_path)
    commit(root, test_a="2")
    part = root / "part"
    part.mkdir()
    (part / "test_q.py").write_text("1")
    state = tmp_path / "state"
    assert edited.now(part, state=state, processes=SystemProcesses(), environ=ENVIRON) == (), "unpacked there"
    commit(part, test_p="1")
    (part / "test_r.py").write_text("1")
    found = edited.now(part, state=state, processes=SystemProcesses(), environ=ENVIRON)
    assert found == ("test_p.py", "test_q.py", "test_r.py")


def test_a_suspect_may_be_run_at_what_the_base_branch_is_at(tmp_path: Path) -> None:
    root = cloned(tmp_path)
    base = (root / ".git/refs/heads/mine").read_text().strip()
    commit(root, test_d="1")
    assert edited.against(root, ENVIRON) == base
    assert edited.against(root, ENVIRON | {"GITHUB_BASE_REF": "release"}) == "", "it was not fetched"
    assert edited.against(tmp_path / "nowhere", ENVIRON) == ""
    alone = tmp_path / "alone"
    alone.mkdir()
    call(alone, "init", "-q", "-b", "trunk")
    assert edited.against(alone, ENVIRON) == "HEAD"
