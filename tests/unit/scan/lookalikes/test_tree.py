"""Which files of a tree count, and what of them is held against what was collected."""

from __future__ import annotations

from pathlib import Path

import pytest

from penstock.model.change import Change, FileChange, FileStatus
from penstock.model.collected import Collected
from penstock.scan.lookalikes import tree
from tests.fakes.guest_runs import write

TEST = "def test_x(): pass\n"


def uncollected(
    root: Path,
    files: dict[str, str],
    names: dict[str, set[str]] | None = None,
    change: Change | None = None,
    skipped: frozenset[str] = frozenset(),
) -> dict[str, str]:
    """Id -> "" or the doubt."""
    write(root, files)
    collected = Collected(names={path: frozenset(those) for path, those in (names or {}).items()}, files=skipped)
    found = tree.uncollected(root, tuple(files), ("src/pkg",), collected, change)
    return {each.id: (each.why or "doubt") if each.doubt else "new" if each.new else "" for each in found}


def test_a_file_that_nothing_collects_is_told_and_one_that_is_collected_is_not(tmp_path: Path) -> None:
    files = {"tests/test_a.py": TEST, "more/test_b.py": TEST, "tests/helpers.py": TEST, "tests/conftest.py": TEST}
    assert uncollected(tmp_path, files, {"tests/test_a.py": {"test_x"}}) == {"more/test_b.py::test_x": ""}


def test_a_runner_started_below_the_root_names_less_of_the_path(tmp_path: Path) -> None:
    files = {"pkg/tests/test_a.py": TEST}
    assert uncollected(tmp_path, files, {"tests/test_a.py": {"test_x"}}) == {}
    both = files | {"tests/test_a.py": TEST}
    assert uncollected(tmp_path, both, {"tests/test_a.py": {"test_x"}}) == {"pkg/tests/test_a.py::test_x": ""}


def test_a_file_that_skipped_itself_has_said_so(tmp_path: Path) -> None:
    assert uncollected(tmp_path, {"tests/test_a.py": TEST}, skipped=frozenset({"tests/test_a.py"})) == {}


@pytest.mark.parametrize(
    ("path", "doubt"),
    [
        ("tests/data/test_a.py", "it lies in a folder of samples"),
        ("examples/test_a.py", "it lies in a folder of samples"),
        ("src/pkg/test_a.py", "it lies in the package, beside what is no test"),
        ("src/pkg/tests/test_a.py", ""),
        ("tests/slow/test_a.py", "norecursedirs names its folder"),
        ("vendor/lib/test_a.py", None),
    ],
)
def test_a_file_that_may_be_none_of_the_suite_is_a_doubt(tmp_path: Path, path: str, doubt: str | None) -> None:
    ini = {"pytest.ini": "[pytest]\nnorecursedirs = slow .git\n"}
    assert uncollected(tmp_path, {path: TEST} | ini) == ({} if doubt is None else {f"{path}::test_x": doubt})


def test_a_change_of_the_configuration_is_no_excuse(tmp_path: Path) -> None:
    files = {"tests/slow/test_a.py": TEST, "pytest.ini": "[pytest]\nnorecursedirs = slow\n"}
    change = Change(base="b", files=(FileChange(path="pytest.ini"),))
    assert uncollected(tmp_path, files, change=change) == {"tests/slow/test_a.py::test_x": ""}


def test_a_project_inside_of_the_project_is_another_unless_it_is_tested_here(tmp_path: Path) -> None:
    files = {"inner/pyproject.toml": "", "inner/test_a.py": TEST, "inner/test_b.py": TEST}
    assert uncollected(tmp_path, files) == {}
    assert uncollected(tmp_path, files, {"inner/test_a.py": {"test_x"}}) == {"inner/test_b.py::test_x": ""}


def test_what_the_change_adds_or_edits_is_new(tmp_path: Path) -> None:
    files = {"tests/test_a.py": TEST, "tests/test_b.py": f"{TEST}def test_y(): pass\n"}
    added = FileChange(path="tests/test_a.py", status=FileStatus.ADDED)
    edited = FileChange(path="tests/test_b.py", lines=((2, 2),))
    assert uncollected(tmp_path, files, change=Change(base="b", files=(added, edited))) == {
        "tests/test_a.py::test_x": "new",
        "tests/test_b.py::test_x": "",
        "tests/test_b.py::test_y": "new",
    }


def test_what_is_no_python_is_a_doubt(tmp_path: Path) -> None:
    assert uncollected(tmp_path, {"tests/test_a.py": "def test_x(:"}) == {"tests/test_a.py": "it is no valid Python"}


def test_a_file_of_which_a_name_is_collected_less_often_than_it_is_defined_is_read(tmp_path: Path) -> None:
    twice = {"tests/test_a.py": f"{TEST}{TEST}"}
    assert uncollected(tmp_path, twice, {"tests/test_a.py": {"test_x"}}) == {"tests/test_a.py::test_x": ""}
