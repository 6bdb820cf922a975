"""A change that makes a test fail now and then, through the whole program: red, with the numbers of both sides."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.fakes.guest_runs import write
from tests.fakes.program import penstock
from tests.fakes.repository import call, save

pytestmark = pytest.mark.slow  # some thirty processes of pytest each

PYPROJECT = """
[build-system]
requires = ["hatchling"]
build-backend = "hatchling.build"

[project]
name = "pkg"
version = "1"

[dependency-groups]
test = ["pytest"]

[tool.penstock.jobs]
unit = { test = true }
"""
GOOD = "def answer():\n    return 42\n"
# Passes every so many times, counted over all processes.
FLAKY = """
import pathlib

PLACE = pathlib.Path({place!r})


def answer():
    number = int(PLACE.read_text()) + 1 if PLACE.exists() else 0
    PLACE.write_text(str(number))
    return 0 if (number + 1) % {every} else 42
"""
TEST = "from pkg import answer\n\n\ndef test_answer():\n    assert answer() == 42\n"


def project(tmp_path: Path, before: str, now: str, layout: str) -> Path:
    files = {"pyproject.toml": PYPROJECT, "tests/test_it.py": TEST, ".gitignore": ".penstock/\n__pycache__/\n"}
    root = write(tmp_path / "p", files | {f"{layout}pkg/__init__.py": before})
    call(root, "init", "-q", "-b", "main")
    save(root)
    call(root, "checkout", "-q", "-b", "mine")
    write(root, {f"{layout}pkg/__init__.py": now})
    save(root, "feat: change")
    return root


@pytest.mark.parametrize("layout", ["src/", ""], ids=["src", "flat"])
def test_made_flaky_by_the_change_it_is_red_with_its_numbers(tmp_path: Path, layout: str) -> None:
    root = project(tmp_path, GOOD, FLAKY.format(place=str(tmp_path / "now"), every=3), layout)
    done = penstock(root, "run", "unit", "-q", "--json", str(tmp_path / "run.json"))
    told = "made flaky by this change: failed 7 of 10 times here, 0 of 10 at the base, p = 0.0015"
    assert (done.code, told in " ".join(done.out.split())) == (1, True), done.out
    kept = json.loads((tmp_path / "run.json").read_text())
    assert told in json.dumps(kept)


def test_flaky_before_it_is_excused(tmp_path: Path) -> None:
    flaky = FLAKY.format(place=str(tmp_path / "both"), every=3)
    root = project(tmp_path, flaky, f"{flaky}\n\nNAME = 1\n", "src/")
    done = penstock(root, "run", "unit", "-q")
    told = "flaky: failed 7 of 10 times here, 7 of 10 at the base, p = 0.69"
    assert (done.code, told in " ".join(done.out.split())) == (0, True), done.out
