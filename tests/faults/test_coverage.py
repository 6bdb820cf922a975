"""Coverage of shards and legs by the real program: one figure for all, and none where a part of it was lost."""

from __future__ import annotations

import re
import shutil
import sys
from pathlib import Path

import pytest

from tests.fakes.program import penstock
from tests.faults.test_shards import checkout, gate

pytestmark = pytest.mark.slow  # a registry, and some seconds each

PROJECT = f"""
[project]
name = "measured"
version = "1"
requires-python = ">=3.11"
[build-system]
requires = ["hatchling"]
build-backend = "hatchling.build"
[dependency-groups]
test = ["pytest>=8", "coverage"]
[tool.coverage.run]
source = ["measured"]
patch = ["subprocess"]
[tool.penstock]
python = ["{sys.version_info.major}.{sys.version_info.minor}"]
[tool.penstock.jobs]
unit = {{ test = "tests", shards = 3 }}
coverage = true
[tool.penstock.gates]
coverage = {{ total = 10 }}
"""
FILES = {
    "pyproject.toml": PROJECT,
    "src/measured/__init__.py": "",
    "src/measured/__main__.py": "print(6)\n",
    **{
        f"src/measured/m{number}.py": "def f(n):\n    if n:\n        return 1\n    return 2\n\ndef g():\n    return 3\n"
        for number in range(6)
    },
    **{
        f"tests/test_m{number}.py": f"from measured.m{number} import f\ndef test_f(): assert f({number % 2})\n"
        for number in range(6)
    },
    "tests/test_child.py": "import subprocess, sys\n"
    "def test_child(): assert subprocess.run([sys.executable, '-m', 'measured']).returncode == 0\n",
}
TOTAL = "67.56 % (25/37)"  # of each module four lines of six, without `g` and one return; `__main__` by the child


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return checkout(tmp_path_factory.mktemp("measured"), FILES)


@pytest.fixture(scope="module")
def left(project: Path) -> list[Path]:
    """What the runners of the three shards left."""
    before = set(runs.iterdir()) if (runs := project / ".penstock" / "runs").exists() else set()
    for number in (1, 2, 3):
        done = penstock(project, "run", "--shard", f"{number}/3", "--all")
        assert done.code == 0, done.out + done.err
    return sorted(set(runs.iterdir()) - before)


def test_shards_on_one_machine_have_the_total_of_the_whole(project: Path) -> None:
    done = penstock(project, "run", "--all")
    assert done.code == 0, done.out + done.err
    assert TOTAL in done.out
    text = (project / "pyproject.toml").read_text()
    whole = checkout(project.parent / "whole", {**FILES, "pyproject.toml": text.replace(", shards = 3", "")})
    assert TOTAL in penstock(whole, "run").out


def test_shards_of_several_runners_have_the_total_of_the_whole(project: Path, left: list[Path]) -> None:
    done, told = gate(project, *left)
    assert done.code == 0, done.out + done.err
    (check,) = (each for each in told["checks"] if each["name"] == "coverage.total")
    assert check["summary"].startswith(TOTAL)


@pytest.mark.parametrize("damage", ["gone", "cut", "worker"])
def test_a_part_that_is_lost_on_the_way_makes_the_total_missing(
    project: Path, left: list[Path], tmp_path: Path, damage: str
) -> None:
    broken = tmp_path / left[1].name
    shutil.copytree(left[1], broken)
    found = sorted(broken.glob("jobs/unit*/reports/coverage.data*"))
    for path in found if damage == "gone" else [each for each in found if ".gw" in each.name][:1]:
        path.write_bytes(path.read_bytes()[:3000]) if damage == "cut" else path.unlink()
    done, told = gate(project, left[0], broken, left[2])
    assert done.code == 3, done.out
    (check,) = (each for each in told["checks"] if each["name"] == "coverage.total")
    assert check["status"] == "missing"
    said = {"gone": "is not there, nor", "cut": "cannot be read", "worker": "is not there"}[damage]
    assert re.search(rf"unit#2/3: coverage\.data\S* {said}", check["summary"]), check["summary"]
