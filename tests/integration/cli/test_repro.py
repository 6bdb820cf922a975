"""`penstock repro` as a person types it. The jobs need no environment; with tests they do, and are slow."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.fakes.guest_runs import write
from tests.fakes.program import Done, penstock

JOBS = """
[jobs]
first = { run = "true" }
bad = { run = ["sh", "-c", "echo $WORD; cat state; test $(cat state) = good"], environment = { WORD = "spoken" } }
"""


@pytest.fixture
def failed(tmp_path: Path) -> tuple[Path, Done]:
    project = write(tmp_path / "project", {"penstock.toml": JOBS, "state": "bad"})
    return project, penstock(project, "run", "-q")


def test_a_failure_shows_again_until_it_is_mended(failed: tuple[Path, Done]) -> None:
    project, run = failed
    again = penstock(project, "repro", run.token())
    assert again.code == 1
    assert again.out.startswith("spoken\nbad")
    assert "the failure shows again  ·  ended with 1" in again.out
    write(project, {"state": "good"})
    mended = penstock(project, "repro", "1")
    assert mended.code == 0
    assert "NOT REPRODUCED  bad passed this time" in mended.out
    assert "files have changed since that run" in mended.err


def test_the_command_by_hand_is_one_to_copy(failed: tuple[Path, Done]) -> None:
    project, run = failed
    told = re.search(r"^  runs  (.+)$", penstock(project, "repro", run.token()).err, re.MULTILINE)
    assert told is not None
    done = subprocess.run(["sh", "-c", told[1]], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (1, "spoken\nbad")


def test_an_unknown_token_is_2_and_names_those_there_are(failed: tuple[Path, Done]) -> None:
    project, run = failed
    done = penstock(project, "repro", f"{run.token().partition('.')[0]}.7")
    assert done.code == 2
    assert f"{run.token()}  bad" in done.err
    assert penstock(project, "repro", "zzz.1").code == 2


def test_a_replay_is_no_run(failed: tuple[Path, Done]) -> None:
    project, run = failed
    penstock(project, "repro", run.token())
    assert "1 job to run" in penstock(project, "run", "--failed", together=True).out


def test_without_a_run_there_is_nothing_to_replay(tmp_path: Path) -> None:
    write(tmp_path, {"penstock.toml": JOBS})
    done = penstock(tmp_path, "repro", "1")
    assert done.code == 2
    assert "no run here has a failure" in done.err


TESTS = """
import os
LEFT = []
def test_first(): LEFT.append(1)
def test_depends(): assert not LEFT, os.getcwd()
def test_plain(): assert 1 == 2
"""

UNITTESTS = """
import unittest
LEFT = []
class A(unittest.TestCase):
    def test_a(self): LEFT.append(1)
    def test_b(self): self.assertFalse(LEFT)
"""

RUNNER = "import unittest\nunittest.main(module='test_x', argv=['x'])\n"


def project_of(root: Path, job: str, tests: str, **files: str) -> Path:
    declared = '[project]\nname = "p"\nversion = "1"\n[dependency-groups]\ntest = ["pytest"]\n'
    declared += f"[tool.penstock.jobs]\nunit = {job}\n"
    return write(root, {"pyproject.toml": declared, "p.py": "", "test_x.py": tests, **files})


@pytest.mark.slow
def test_a_failure_that_comes_of_the_order(tmp_path: Path) -> None:
    project = project_of(tmp_path, '{ test = "test_x.py" }', TESTS)
    run = penstock(project, "run", "-q")
    assert run.code == 1
    assert penstock(project, "repro", "1").code == 1
    alone = penstock(project, "repro", "1", "--alone")
    assert alone.code == 0
    assert "test_x.py::test_depends passed this time" in alone.out
    shutil.rmtree(project / ".penstock" / "envs")
    again = penstock(project, "repro", "2")
    assert again.code == 1
    assert "2 failed, 1 passed" in again.out
    write(project, {"test_x.py": "def test_other(): pass\n"})
    gone = penstock(project, "repro", "2")
    assert gone.code == 3, gone


@pytest.mark.slow
def test_unittest_in_the_same_order(tmp_path: Path) -> None:
    project = project_of(tmp_path, '{ test = ".", runner = "unittest" }', UNITTESTS)
    assert penstock(project, "run", "-q").code == 1
    assert penstock(project, "repro", "1").code == 1
    assert penstock(project, "repro", "1", "--alone").code == 0


@pytest.mark.slow
def test_strings_hash_as_they_did(tmp_path: Path) -> None:
    project = project_of(tmp_path, '{ test = "test_x.py" }', "def test_a(): assert hash('penstock') == 0\n")
    run = penstock(project, "run", "-q")
    told = re.search(r"assert (-?\d+) == 0", run.out)
    assert told is not None
    again = penstock(project, "repro", "1")
    assert again.code == 1
    assert f"assert {told[1]} == 0" in again.out
