"""The interface of a package against its base, by griffe itself."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest

from tests.fakes.guest_runs import write
from tests.fakes.interfaces import AFTER, BEFORE, branched
from tests.fakes.program import penstock
from tests.fakes.repository import call as git
from tests.fakes.repository import save

pytestmark = pytest.mark.slow  # griffe is fetched

RECORDED = Path(__file__).parents[2] / "unit" / "tools" / "recorded" / "griffe-2.4.1.json"
PROJECT = """
[project]
name = "pkg"
version = "1"

[build-system]
requires = ["hatchling"]
build-backend = "hatchling.build"

[tool.penstock.jobs]
api = true

[tool.penstock.gates]
api = {}
"""
QUIET = {name: text for name, text in BEFORE.items() if "_core" not in text} | {
    "src/pkg/__init__.py": "from pkg._impl import run\n"
}


def files(root: Path) -> dict[str, bytes]:
    return {
        path.relative_to(root).as_posix(): path.read_bytes()
        for path in root.rglob("*")
        if path.is_file() and ".penstock" not in path.parts
    }


def test_the_recorded_report_is_what_griffe_says(tmp_path: Path) -> None:
    root = branched(tmp_path / "p", BEFORE | {"pyproject.toml": PROJECT}, AFTER, gone=("src/pkg/other.py",))
    known = files(root)
    done = penstock(root, "run", "-q")
    assert done.code == 1, done.out
    assert files(root) == known, "neither the tree nor the index nor anything of the repository is touched"
    (report,) = root.glob(".penstock/runs/*/jobs/api/reports/api.json")
    assert msgspec.json.decode(report.read_bytes()) == msgspec.json.decode(RECORDED.read_bytes())


def test_an_unchanged_interface_is_green_a_break_is_red_and_a_declared_one_is_green(tmp_path: Path) -> None:
    twin = {"src/pkg/_impl.py": "def run(a, b=1, *, c=2, d=None) -> int:\n    return 2\n"}
    root = branched(tmp_path / "p", QUIET | {"pyproject.toml": PROJECT}, twin)
    green = penstock(root, "run", "-q")
    assert green.code == 0, green.out
    write(root, {"src/pkg/_impl.py": "def run(a, b=1) -> int:\n    return 2\n"})
    red = penstock(root, "run", "-q")
    assert red.code == 1
    assert "src/pkg/_impl.py:1 parameter-removed pkg.run(c): parameter was removed: optional, 2 by default" in red.out
    save(root, "fix: less")
    assert penstock(root, "run", "-q").code == 1
    git(root, "commit", "-q", "--amend", "-m", "fix!: less")
    declared = penstock(root, "run", "-q")
    assert declared.code == 0, declared.out


def test_a_package_that_is_gone_or_renamed_is_a_break(tmp_path: Path) -> None:
    project = PROJECT.replace('name = "pkg"', 'name = "new"')
    root = branched(tmp_path / "p", QUIET | {"pyproject.toml": PROJECT}, {"pyproject.toml": project})
    (root / "src/pkg").rename(root / "src/new")
    done = penstock(root, "run", "-q")
    assert done.code == 1
    assert "pkg: public object was removed: package -> gone" in done.out


def test_a_file_that_cannot_be_parsed_is_not_verified(tmp_path: Path) -> None:
    root = branched(tmp_path / "p", QUIET | {"pyproject.toml": PROJECT}, {"src/pkg/other.py": "def o(:\n"})
    done = penstock(root, "run", "-q")
    assert done.code == 3
    assert "griffe cannot read src/pkg/other.py:1" in done.out
    save(root)
    git(root, "branch", "-f", "main", "HEAD")
    write(root, {"src/pkg/other.py": "def o(): ...\n"})
    mended = penstock(root, "run", "-q")
    assert mended.code == 0, mended.out


def test_where_there_is_no_base_it_is_said_and_where_it_was_not_fetched_it_is_not_verified(tmp_path: Path) -> None:
    lint = PROJECT.replace("api = true", "api = true\nhello = { run = 'true' }")
    root = write(tmp_path / "p", QUIET | {"pyproject.toml": lint})
    done = penstock(root, "run", "-q")
    assert done.code == 0, done.out
    assert "nothing to compare with: there is no git repository" in done.out
    git(root, "init", "-q", "-b", "main")
    save(root)
    lost = penstock(root, "run", "-q", environ={"GITHUB_BASE_REF": "develop"})
    assert lost.code == 3
    assert "the base branch develop was not fetched" in lost.out
