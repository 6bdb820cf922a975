"""Shards of a whole run, on the machines that a CI would have: what each left is judged together, by the real program.

Each fault is named with what to do about it, and none comes out green.
"""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.fakes.guest_runs import write
from tests.fakes.program import Done, penstock

pytestmark = pytest.mark.slow  # a registry, and some seconds each

PROJECT = f"""
[project]
name = "spread"
version = "1"
requires-python = ">=3.11"
[dependency-groups]
test = ["pytest>=8"]
[tool.penstock]
python = ["{sys.version_info.major}.{sys.version_info.minor}"]
[tool.penstock.jobs]
unit = {{ test = "tests", shards = 2 }}
docs = {{ run = ["true"] }}
"""
SUITE = """
import pytest
@pytest.mark.parametrize("number", range(6))
def test_each(number): assert number >= 0
"""
FILES = {"pyproject.toml": PROJECT, **{f"tests/test_{name}.py": SUITE for name in "abcd"}}


def checkout(root: Path, files: dict[str, str] = FILES) -> Path:
    """A project under git, as a runner has it."""
    write(root, files)
    git = ["git", "-c", "user.name=a", "-c", "user.email=a@b", "-C", str(root)]
    for words in (["init", "-q"], ["add", "-A"], ["commit", "-q", "-m", "x"]):
        subprocess.run([*git, *words], check=True)
    return root


@pytest.fixture(scope="module")
def first(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return checkout(tmp_path_factory.mktemp("first"))


@pytest.fixture(scope="module")
def left(first: Path) -> list[Path]:
    """What both shards and the other job left."""
    for words in (("--shard", "1/2"), ("--shard", "2/2"), ("docs",)):
        done = penstock(first, "run", *words)
        assert done.code == 0, done.out + done.err
        assert "scope: partial" in done.out
    return sorted((first / ".penstock" / "runs").iterdir())


def another(first: Path, place: Path) -> Path:
    """The same project on another runner, with the environments of the first."""
    shutil.copytree(first, place, ignore=shutil.ignore_patterns("runs", "pins", "plans", "history", "cache"))
    return place


def gate(root: Path, *folders: Path, select: tuple[str, ...] = ()) -> tuple[Done, dict[str, Any]]:
    path = root / ".penstock" / "told.json"  # a file in the tree would make it another one
    path.unlink(missing_ok=True)
    done = penstock(root, "gate", *select, "--from", *map(str, folders), "--json", str(path))
    told: dict[str, Any] = json.loads(path.read_text()) if path.exists() else {}
    return done, told


def test_all_parts_together_are_the_whole(first: Path, left: list[Path]) -> None:
    done, told = gate(first, *left)
    assert done.code == 0, done.out + done.err
    assert (told["scope"], told["tests"]["passed"]) == ("full", 24)


def test_a_part_is_judged_as_such_only_where_it_is_named(first: Path, left: list[Path]) -> None:
    shards = left[:2]
    done, _ = gate(first, *shards)
    assert done.code == 3
    assert "penstock run docs" in done.out
    done, told = gate(first, *shards, select=("unit",))
    assert done.code == 0, done.out
    assert told["scope"] == "partial"


def test_a_missing_shard_is_named_with_its_tests(first: Path, left: list[Path]) -> None:
    done, told = gate(first, left[0], left[2])
    assert done.code == 3
    (check,) = (each for each in told["checks"] if each["name"] == "shards")
    assert check["summary"] == "unit: 2/2 missing: 12 tests did not run"
    assert len(check["details"]) == 12
    assert "next  penstock run --shard 2/2" in done.out


def test_a_shard_twice_is_named(first: Path, left: list[Path]) -> None:
    penstock(first, "run", "--shard", "1/2", "--all")
    again = max((first / ".penstock" / "runs").iterdir())
    done, _ = gate(first, *left, again)
    assert done.code == 3
    assert "the shard unit#1/2 is there twice" in done.out


def test_a_shard_with_other_durations_is_named(first: Path, left: list[Path], tmp_path: Path) -> None:
    other = another(first, tmp_path / "other")
    shutil.copytree(first / ".penstock" / "history", other / ".penstock" / "history")  # it has learnt meanwhile
    assert penstock(other, "run", "--shard", "2/2").code == 0
    done, _ = gate(first, left[0], left[2], max((other / ".penstock" / "runs").iterdir()))
    assert done.code == 3
    assert "was split by other durations" in done.out, done.out
    assert "--shards-from" in done.out


def test_a_shard_plan_makes_runners_agree(first: Path, left: list[Path], tmp_path: Path) -> None:
    assert left
    split = tmp_path / "split.json"
    done = penstock(first, "plan", "--shards", "2", "--out", str(split))
    assert done.code == 0, done.err
    other = another(first, tmp_path / "other")
    for root, number in ((first, 1), (other, 2)):
        done = penstock(root, "run", "unit", "--shard", f"{number}/2", "--shards-from", str(split))
        assert done.code == 0, done.out + done.err
    newest = [max((root / ".penstock" / "runs").iterdir()) for root in (first, other)]
    done, _ = gate(first, *newest, select=("unit",))
    assert done.code == 0, done.out
    split.write_text(split.read_text().replace("test_a.py", "test_z.py", 1))
    done = penstock(first, "run", "--shard", "1/2", "--shards-from", str(split))
    assert (done.code, "its digest does not fit" in done.err) == (2, True)


def test_another_commit_is_refused(first: Path, left: list[Path], tmp_path: Path) -> None:
    other = another(first, tmp_path / "other")
    (other / "tests" / "test_a.py").write_text(SUITE + "def test_more(): pass\n")
    assert penstock(other, "run", "--shard", "2/2").code == 0
    done, _ = gate(first, left[0], left[2], max((other / ".penstock" / "runs").iterdir()))
    assert done.code == 3
    assert "it is of other files" in done.out


def test_parameters_from_a_set_are_named(tmp_path: Path) -> None:
    text = "import pytest\n@pytest.mark.parametrize('x', {'a', 'b', 'c', 'd', 'e', 'f'})\ndef test_it(x): pass\n"
    root = checkout(tmp_path / "set", {**FILES, "tests/test_a.py": text})
    for number in (1, 2):
        assert penstock(root, "run", "--shard", f"{number}/2").code == 0
    done, _ = gate(root, *sorted((root / ".penstock" / "runs").iterdir()), select=("unit",))
    assert done.code == 3
    assert "PYTHONHASHSEED" in done.out
    assert "test_it" in done.out


def test_what_was_changed_after_the_run_is_refused(first: Path, left: list[Path], tmp_path: Path) -> None:
    copies = [shutil.copytree(folder, tmp_path / folder.name) for folder in left]
    reading = next(copies[0].glob("jobs/unit*/reading.json"))
    reading.write_text(reading.read_text().replace('"passed"', '"failed"', 1))
    done, _ = gate(first, *copies)
    assert done.code == 3
    assert "its digest differs" in done.out
    reading.unlink()
    done, _ = gate(first, *copies)
    assert done.code == 3


def test_folders_that_hold_no_run_are_a_usage_error(first: Path, tmp_path: Path) -> None:
    assert gate(first, tmp_path)[0].code == 2
    assert penstock(first, "gate", "nothing", "--from", str(first)).code == 2


def test_all_shards_on_one_machine_then_from_the_cache(first: Path, left: list[Path]) -> None:
    assert left
    fresh, again = (penstock(first, "run") for _ in range(2))
    assert (fresh.code, again.code) == (0, 0), fresh.out + again.out
    assert "scope: partial" not in fresh.out + again.out
    assert again.out.count("cached") == 3
    assert penstock(first, "gate").code == 0


def test_coverage_of_all_shards_is_merged_by_the_gate(tmp_path: Path) -> None:
    measuring = PROJECT.replace(
        'docs = { run = ["true"] }', "coverage = true\n[tool.penstock.gates]\ncoverage = { total = 100 }"
    )
    module = "def which(number):\n" + "".join(f"    if number == {n}:\n        return {n}\n" for n in range(8))
    tests = (
        "import pytest, spread\n@pytest.mark.parametrize('n', range(8))\ndef test_it(n): assert spread.which(n) == n\n"
    )
    files = {"pyproject.toml": measuring, "spread.py": module, "tests/test_a.py": tests, "tests/conftest.py": ""}
    root = checkout(tmp_path / "measured", files)
    for number in (1, 2):
        done = penstock(root, "run", "--shard", f"{number}/2")
        assert done.code == 0, done.out
    runs = sorted((root / ".penstock" / "runs").iterdir())
    done, _ = gate(root, *runs)
    assert done.code == 0, done.out + done.err
    assert "100.00 % (17/17)" in done.out
    done, told = gate(root, runs[0])
    assert done.code == 3
    assert next(job["outcome"] for job in told["jobs"] if job["id"] == "coverage") is None
