"""The base's files come out of git's store, and nothing of the repository is touched; no griffe is needed for that."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

import tests.fakes.guest_path  # noqa: F401 - for its effect: guests find one another
from penstock.guest import penstock_api, penstock_base
from tests.fakes.guest_runs import write
from tests.fakes.interfaces import AFTER, BEFORE, branched
from tests.fakes.repository import ENVIRON, call, save


def commit(root: Path) -> str:
    words = ["git", "rev-parse", "main"]
    return subprocess.run(words, cwd=root, env=ENVIRON, check=True, capture_output=True, text=True).stdout.strip()


def state(root: Path) -> dict[str, bytes]:
    return {path.relative_to(root).as_posix(): path.read_bytes() for path in sorted(root.rglob("*")) if path.is_file()}


def test_the_base_is_exported_whole_and_the_repository_stays_as_it_is(tmp_path: Path) -> None:
    root = branched(tmp_path / "p", BEFORE | {"notes.txt": "x", "ü d/ö.py": "x = 1\n"}, AFTER)
    known = state(root)
    paths = penstock_base.export(commit(root), str(root), str(tmp_path / "out"))
    assert sorted(paths) == sorted([*BEFORE, "ü d/ö.py"])
    assert {name: (tmp_path / "out" / name).read_text() for name in BEFORE} == BEFORE
    assert state(root) == known


def test_of_a_whole_tree_links_modes_and_other_files_come_too_but_no_link_that_leads_out(tmp_path: Path) -> None:
    root = write(tmp_path / "p", {"a.py": "x = 1\n", "data/bytes": "one\ntwo", "run": "#!/bin/sh\n", "empty": ""})
    (root / "run").chmod(0o755)
    (root / "near").symlink_to("data/bytes")
    (root / "far").symlink_to("../outside")
    (root / "absolute").symlink_to("/etc/passwd")
    call(root, "init", "-q", "-b", "main")
    save(root)
    out = tmp_path / "out"
    argv = [sys.executable, "-I", penstock_base.__file__, commit(root), str(root), str(out)]
    subprocess.run(argv, env=ENVIRON, check=True)
    found = {path.relative_to(out).as_posix() for path in out.rglob("*") if path.is_file() or path.is_symlink()}
    assert found == {"a.py", "data/bytes", "run", "empty", "near"}
    assert (out / "near").read_text() == "one\ntwo"
    assert os.access(out / "run", os.X_OK)
    assert not os.access(out / "a.py", os.X_OK)


def test_of_a_project_in_a_folder_only_what_lies_below_it_is_exported(tmp_path: Path) -> None:
    root = branched(tmp_path / "p", {f"inner/{name}": text for name, text in BEFORE.items()} | {"outer.py": ""}, {})
    paths = penstock_base.export(commit(root), str(root / "inner"), str(tmp_path / "out"))
    assert sorted(paths) == sorted(BEFORE)


def test_a_commit_that_is_not_there_ends_with_what_git_says(tmp_path: Path) -> None:
    root = branched(tmp_path / "p", BEFORE, {})
    with pytest.raises(SystemExit, match="git ls-tree"):
        penstock_base.export("0" * 40, str(root), str(tmp_path / "out"))


@pytest.mark.parametrize(
    ("packages", "paths", "places", "gone"),
    [
        ({"pkg": "src/pkg"}, ["src/pkg/__init__.py"], {"pkg": "src/pkg"}, []),
        ({"pkg": "src/pkg"}, ["pkg/__init__.py", "pkg/vendor/pkg/__init__.py"], {"pkg": "pkg"}, []),
        ({"new": "src/new"}, ["src/old/__init__.py", "src/old/a.py"], {}, [("old", "src/old")]),
        ({"pkg": "pkg"}, ["pkg/__init__.py", "tests/__init__.py", "_own/__init__.py"], {"pkg": "pkg"}, []),
        ({"one": "one.py"}, ["one.py", "setup.py"], {"one": "one.py"}, []),
        ({"space": "src/space"}, ["src/space/a/__init__.py"], {"space": "src/space"}, []),
    ],
)
def test_packages_are_found_where_they_lay_and_missed_where_they_are_gone(
    tmp_path: Path, packages: dict[str, str], paths: list[str], places: dict[str, str], gone: list[tuple[str, str]]
) -> None:
    assert penstock_base.before(packages, paths, str(tmp_path)) == (places, gone)


def test_only_what_can_be_imported_counts_and_each_file_that_cannot_be_parsed_is_told(tmp_path: Path) -> None:
    write(
        tmp_path,
        {
            "pkg/__init__.py": "",
            "pkg/bad.py": "def f(:\n",
            "pkg/templates/x.py": "{{ not python }}",
            "pkg/__pycache__/y.py": "",
            "pkg/a.b.py": "",
            "pkg/stub.pyi": "",
        },
    )
    (tmp_path / "pkg/latin.py").write_bytes(b"# coding: latin-1\nNAME = '\xe4'\n")
    tree = penstock_api.Tree("head", str(tmp_path), {"pkg": "pkg"})
    assert tree.check() == 4
    assert tree.read == {"pkg/__init__.py", "pkg/stub.pyi"}
    assert [(each["path"], each["line"], each["syntax"]) for each in tree.unread] == [
        ("pkg/bad.py", 1, True),
        ("pkg/latin.py", 0, False),
    ]
