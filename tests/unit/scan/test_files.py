"""Which files count, and that their digests say what they are."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Mapping
from hashlib import sha256
from pathlib import Path

import pytest

from penstock.model.snapshot import Git
from penstock.scan import files
from penstock.util.process import SystemProcesses

ENVIRON = {"PATH": "/usr/local/bin:/usr/bin:/bin", "HOME": "/nonexistent"}
WITHOUT_GIT, WITH_GIT = Git(state="none"), Git(state="unborn")


def write(root: Path, *names: str, text: str = "") -> None:
    for name in names:
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text or name)


def call(root: Path, *arguments: str) -> None:
    argv = [
        "git",
        "-c",
        "protocol.file.allow=always",
        "-c",
        "user.name=a",
        "-c",
        "user.email=a@example.org",
        *arguments,
    ]
    subprocess.run(argv, cwd=root, check=True, capture_output=True)


def digests(root: Path, git: Git = WITHOUT_GIT) -> Mapping[str, str]:
    return files.digests(root, root / ".penstock", SystemProcesses(), git, ENVIRON)


def test_content_mode_and_link_target_are_told_apart(tmp_path: Path) -> None:
    write(tmp_path, "plain", "script", text="same")
    (tmp_path / "script").chmod(0o755)
    (tmp_path / "link").symlink_to("plain")
    expected = sha256(b"same").hexdigest()
    assert digests(tmp_path) == {
        "plain": expected,
        "script": f"{expected}x",
        "link": "l" + sha256(b"plain").hexdigest(),
    }


def test_without_git_stores_and_environments_are_left_out(tmp_path: Path) -> None:
    write(
        tmp_path, "a.py", "src/p/__init__.py", "src/p/build/__init__.py", "src/p/data/dist/x.txt", "tests/t.egg-info/f"
    )
    write(tmp_path, ".git/x", ".penstock/x", ".venv/x", "src/p/__pycache__/x.pyc", "node_modules/x", "build/lib/a.py")
    write(
        tmp_path, "dist/p.whl", "p.egg-info/PKG-INFO", "src/p.egg-info/PKG-INFO", "env/pyvenv.cfg", "env/bin/x", "b.pyc"
    )
    write(tmp_path, "tests/deep/t.egg-info/f")
    assert set(digests(tmp_path)) == {
        "a.py",
        "src/p/__init__.py",
        "src/p/build/__init__.py",
        "src/p/data/dist/x.txt",
        "tests/deep/t.egg-info/f",
    }


def test_what_a_test_run_leaves_is_no_input_though_git_does_not_ignore_it(tmp_path: Path) -> None:
    call(tmp_path, "init", "-q")
    write(tmp_path, "a.py", "tests/legacy.pyc", "__pycache__/a.cpython-312.pyc", "tests/.hypothesis/examples/x")
    call(tmp_path, "add", "a.py", "tests/legacy.pyc")
    assert set(digests(tmp_path, WITH_GIT)) == {"a.py", "tests/legacy.pyc"}


def test_with_git_ignored_files_count_only_where_python_may_load_them(tmp_path: Path) -> None:
    call(tmp_path, "init", "-q")
    write(tmp_path, ".gitignore", text="*.so\n_version.py\n*.log\n/out/\ngenerated/\n*.pyc\nlocal.py\n.penstock\n")
    write(
        tmp_path, "src/p/__init__.py", "src/p/sub/__init__.py", "tests/__init__.py", "tests/test_a.py", "untracked.txt"
    )
    call(tmp_path, "add", "src", "tests", ".gitignore")
    write(tmp_path, "src/p/_version.py", "src/p/_fast.so", "src/p/trace.log", "src/p/generated/deep/x.json", "src/q.so")
    write(
        tmp_path, "out/result.log", "tests/out.log", "tests/local.py", "src/p/x.pyc", "src/p/__pycache__/y.pyc", "x.log"
    )
    assert set(digests(tmp_path, WITH_GIT)) == {
        ".gitignore",
        "src/p/__init__.py",
        "src/p/sub/__init__.py",
        "tests/__init__.py",
        "tests/test_a.py",
        "untracked.txt",
        "src/p/_version.py",
        "src/p/_fast.so",
        "src/p/trace.log",
        "src/p/generated/deep/x.json",
        "tests/local.py",
    }


def test_the_same_tree_has_the_same_digests_with_and_without_git(tmp_path: Path) -> None:
    write(tmp_path, "a.py", "b/ü.txt", "b/with space\n.txt")
    before = digests(tmp_path)
    call(tmp_path, "init", "-q")
    write(tmp_path, ".git/info/attributes", text="* text eol=crlf\n")
    call(tmp_path, "add", "a.py", "b")
    assert digests(tmp_path, WITH_GIT) == before


def test_a_tracked_file_that_is_gone_is_not_listed(tmp_path: Path) -> None:
    call(tmp_path, "init", "-q")
    write(tmp_path, "a.py", "b.py")
    call(tmp_path, "add", "a.py", "b.py")
    (tmp_path / "b.py").unlink()
    assert set(digests(tmp_path, WITH_GIT)) == {"a.py"}


def test_a_file_name_that_is_not_utf8_counts_too(tmp_path: Path) -> None:
    Path(os.fsdecode(os.fsencode(tmp_path) + b"/\xff.py")).write_bytes(b"x")
    assert digests(tmp_path) == {"\udcff.py": sha256(b"x").hexdigest()}


def test_files_of_a_submodule_count(tmp_path: Path) -> None:
    inner, outer = tmp_path / "inner", tmp_path / "outer"
    for folder in (inner, outer):
        write(folder, "a.py")
        call(folder, "init", "-q")
        call(folder, "add", "a.py")
        call(folder, "commit", "-q", "-m", "x")
    call(outer, "submodule", "--quiet", "add", str(inner), "vendor")
    write(outer, "vendor/new.py")
    assert {"a.py", "vendor/a.py", "vendor/new.py"} <= set(digests(outer, WITH_GIT))


def old(path: Path) -> None:
    """Let a file have been there for long, as far as its times can be set."""
    os.utime(path, ns=(1_600_000_000_123_456_789, 1_600_000_000_123_456_789))


def settled(root: Path) -> None:
    """Wait until the files of `root` are older than what the cache takes for safe."""
    import time

    time.sleep(0.15)


def test_a_repeat_reads_no_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(tmp_path, "a.py", "b.py")
    settled(tmp_path)
    before = digests(tmp_path)
    monkeypatch.setattr("penstock.scan.stats._read", lambda path, mode: pytest.fail(f"{path} was read again"))
    assert digests(tmp_path) == before


def test_a_change_of_the_same_size_with_its_old_times_is_seen(tmp_path: Path) -> None:
    write(tmp_path, "a.py", text="one")
    old(tmp_path / "a.py")
    settled(tmp_path)
    before = digests(tmp_path)
    write(tmp_path, "a.py", text="two")
    old(tmp_path / "a.py")
    assert digests(tmp_path) != before


def test_a_file_younger_than_the_clock_can_tell_is_not_remembered(tmp_path: Path) -> None:
    write(tmp_path, "a.py")
    digests(tmp_path)
    cache = tmp_path / ".penstock/files.json"
    assert not cache.exists() or cache.read_bytes() == b"{}"


@pytest.mark.parametrize("content", [b"", b"{", b'{"a.py": [1]}', b"[]", b"\xff" * 100])
def test_a_damaged_cache_is_a_cache_miss(tmp_path: Path, content: bytes) -> None:
    write(tmp_path, "a.py")
    (tmp_path / ".penstock").mkdir()
    (tmp_path / ".penstock/files.json").write_bytes(content)
    assert set(digests(tmp_path)) == {"a.py"}


def test_a_state_folder_that_cannot_be_made_changes_nothing(tmp_path: Path) -> None:
    write(tmp_path, "a.py")
    (tmp_path / ".penstock").write_text("a file where the folder should be")
    assert set(digests(tmp_path)) == {"a.py", ".penstock"}
