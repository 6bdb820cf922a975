"""What differs from the base, from real repositories: files, lines, commits, conflicts."""

from __future__ import annotations

from pathlib import Path

import pytest

from penstock.model.change import Change, FileStatus
from penstock.scan import change
from penstock.util.process import SystemProcesses
from tests.fakes.repository import ENVIRON, call, save

TEN = "".join(f"line {number}\n" for number in range(1, 11))


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A repository on a branch of its own, one commit after main: nothing is different yet."""
    call(tmp_path, "init", "-q", "-b", "main")
    (tmp_path / "a.py").write_text(TEN)
    (tmp_path / "b.py").write_text(TEN.upper())
    save(tmp_path)
    call(tmp_path, "checkout", "-q", "-b", "mine")
    return tmp_path


def read(root: Path, base: str | None = None) -> Change:
    found = change.read(root, processes=SystemProcesses(), environ=ENVIRON, base=base)
    assert isinstance(found, Change), found
    return found


def test_lines_are_those_of_the_file_as_it_is_now(root: Path) -> None:
    lines = TEN.splitlines(keepends=True)
    (root / "a.py").write_text("".join(["new\n", *lines[:4], "other\n", *lines[5:8], "more\n", "more\n"]))
    save(root)
    (root / "a.py").write_text((root / "a.py").read_text() + "uncommitted\n")
    found = read(root).file("a.py")
    assert found is not None
    assert found.lines == ((1, 1), (6, 6), (10, 12))
    assert (found.added, found.removed) == (5, 3)
    assert [line for line in range(1, 14) if found.touches(line)] == [1, 6, 10, 11, 12]


def test_every_way_of_differing_is_told(root: Path) -> None:
    (root / "b.py").rename(root / "c.py")
    (root / "a.py").unlink()
    (root / "new.py").write_text("1\n2\n")
    (root / "image.png").write_bytes(b"\x89PNG\0\0")
    save(root)
    (root / "untracked.py").write_text("1\n2\n3\n")
    (root / "ignored.pyc").write_text("x")
    (root / ".git" / "info" / "exclude").write_text("*.pyc\n")
    told = {each.path: each for each in read(root).files}
    assert {path: each.status for path, each in told.items()} == {
        "a.py": FileStatus.DELETED,
        "c.py": FileStatus.RENAMED,
        "image.png": FileStatus.ADDED,
        "new.py": FileStatus.ADDED,
        "untracked.py": FileStatus.ADDED,
    }
    assert (told["c.py"].before, told["c.py"].added, told["a.py"].removed) == ("b.py", 0, 10)
    assert told["image.png"].binary
    assert told["untracked.py"].lines == ((1, 3),)


@pytest.mark.parametrize(
    "name", ["a b.py", "tab\there.py", "new\nline.py", 'quo"te.py', "umlaut-ä.py", "-dash.py", "{a => b}.py"]
)
def test_names_are_what_they_are(root: Path, name: str) -> None:
    (root / name).write_text("1\n")
    save(root)
    (root / name).write_text("1\ndiff --git a/x b/x\n@@ -1 +1 @@\n")
    (found,) = read(root).files
    assert (found.path, found.lines) == (name, ((1, 3),))


def test_lock_files_and_what_git_attributes_name_are_generated(root: Path) -> None:
    (root / ".gitattributes").write_text("*_pb2.py linguist-generated\nkept_pb2.py -linguist-generated\n")
    for name in ("a_pb2.py", "kept_pb2.py", "uv.lock"):
        (root / name).write_text("1\n")
    save(root)
    assert [each.path for each in read(root).files if each.generated] == ["a_pb2.py", "uv.lock"]


def test_commits_come_with_their_words_in_order(root: Path) -> None:
    for message in ("feat: one\n\nwhy\n\nCloses #1", "fix: two"):
        (root / "a.py").write_text(message)
        save(root, message)
    told = read(root).commits
    assert [(each.subject, each.body) for each in told] == [("feat: one", "why\n\nCloses #1"), ("fix: two", "")]
    assert len({each.id for each in told}) == 2


def test_only_what_the_branch_did_is_the_change_and_conflicts_are_those_of_a_merge(root: Path) -> None:
    (root / "a.py").write_text(TEN.replace("line 5", "mine"))
    save(root)
    assert read(root).conflicts == ()
    call(root, "checkout", "-q", "main")
    (root / "a.py").write_text(TEN.replace("line 5", "theirs"))
    (root / "b.py").write_text("all new\n")
    save(root)
    call(root, "checkout", "-q", "mine")
    found = read(root)
    assert [each.path for each in found.files] == ["a.py"]
    assert (found.branch, found.conflicts) == ("main", ("a.py",))
    assert read(root, "main").conflicts == ("a.py",)
    assert read(root, "HEAD").files == ()


def test_a_subfolder_that_is_the_project_tells_of_its_own_files(root: Path) -> None:
    (root / "sub").mkdir()
    (root / "sub" / "a.py").write_text("1\n")
    (root / "a.py").write_text("2\n")
    assert [each.path for each in read(root / "sub").files] == ["a.py"]
    save(root)
    assert [(each.path, each.added) for each in read(root / "sub").files] == [("a.py", 1)]


def test_where_there_is_nothing_to_compare_with_it_is_said(
    root: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    plain = tmp_path_factory.mktemp("plain")

    def asked(folder: Path, base: str | None = None, **environ: str) -> Change | str:
        return change.read(folder, processes=SystemProcesses(), environ=ENVIRON | environ, base=base)

    assert asked(plain) == "there is no git repository"
    assert asked(root, "nowhere") == "git knows no commit `nowhere`"
    assert asked(root, "--help") == "git knows no commit `--help`"
    assert asked(root, GITHUB_BASE_REF="release") == "the base branch release was not fetched"
    call(root, "checkout", "-q", "--orphan", "other")
    (root / "a.py").unlink()
    save(root)
    assert "have no commit in common" in str(asked(root, "main"))
    call(root, "branch", "-D", "main")
    assert asked(root) == "there is no base branch to compare with"
