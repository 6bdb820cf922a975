"""Licences and freshness of a real environment, asked of the real index."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.fakes.guest_runs import write
from tests.fakes.program import penstock

pytestmark = pytest.mark.slow  # dependencies are fetched

PROJECT = """
[project]
name = "demo"
version = "1.0"
dependencies = ["attrs==23.1.0", "idna"]

[build-system]
requires = ["hatchling"]
build-backend = "hatchling.build"

[dependency-groups]
test = ["pytest"]

[tool.penstock.jobs]
unit = { test = "tests" }

[tool.penstock.gates]
"""
FILES = {"src/demo/__init__.py": "", "tests/test_a.py": "def test_a():\n    pass\n"}


def test_an_old_dependency_is_told_and_an_index_that_cannot_be_reached_is_not_verified_advice(tmp_path: Path) -> None:
    root = write(tmp_path / "p", FILES | {"pyproject.toml": f"{PROJECT}freshness = {{}}\n"})
    done = penstock(root, "run", "-q")
    assert done.code == 0, done.out
    assert "attrs 23.1.0: " in done.out
    assert "direct dependencies behind" in done.out
    nowhere = {"HTTPS_PROXY": "http://127.0.0.1:9", "https_proxy": "http://127.0.0.1:9"}
    lost = penstock(root, "run", "-q", environ=nowhere)
    assert lost.code == 0, lost.out
    assert "the index could not be asked for newer releases" in lost.out


def test_licences_are_held_against_what_is_allowed(tmp_path: Path) -> None:
    def run(gate: str) -> tuple[int, str]:
        write(tmp_path / "p", FILES | {"pyproject.toml": f"{PROJECT}licenses = {gate}\n"})
        done = penstock(tmp_path / "p", "run", "-q")
        return done.code, done.out

    assert run("{}")[0] == 0
    assert run('{ allow = ["MIT", "BSD-*"] }')[0] == 0
    code, said = run('{ allow = ["BSD-*"] }')
    assert (code, "attrs 23.1.0: MIT" in said) == (1, True), said
    assert run('{ deny = ["MIT"] }')[0] == 1


def test_an_environment_without_the_project_s_dependencies_is_no_evidence_for_their_licences(tmp_path: Path) -> None:
    project = f'{PROJECT}licenses = {{ allow = ["MIT", "BSD-*"] }}\n'
    bare = project.partition("[build-system]")[0] + "[dependency-groups]" + project.partition("[dependency-groups]")[2]
    root = write(tmp_path / "p", {"pyproject.toml": bare, "tests/test_a.py": "def test_a():\n    pass\n"})
    done = penstock(root, "run", "-q")
    assert done.code == 3, done.out
    assert "the environment lacks attrs, idna, which the project needs" in done.out
