"""The hook under the real pre-commit, in a real repository, by a real `git commit`."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest

from penstock.cli.surroundings import uv_binary
from tests.conftest import ROOT
from tests.fakes.guest_runs import write
from tests.fakes.program import penstock

pytestmark = pytest.mark.slow  # pre-commit and ruff are fetched

PRE_COMMIT = "pre-commit==4.5.1"
FILES = {
    "pyproject.toml": '[project]\nname = "demo"\nversion = "1.0"\n\n[tool.penstock.jobs]\nlint = true\n',
    "demo.py": "x = 1\n",
    ".gitignore": ".penstock/\n",
    ".pre-commit-config.yaml": """\
# kept
repos:
-   repo: local
    hooks:
    -   id: first  # as it was
        name: first
        entry: "true"
        language: system

# and this
""",
}


def run(root: Path, *words: str, code: int = 0, environ: Mapping[str, str] | None = None) -> str:
    # The hook calls `penstock`: it stands beside the interpreter of these tests.
    known = {**os.environ, "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}", **(environ or {})}
    done = subprocess.run(
        words,
        cwd=root,
        env=known,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
        timeout=300,
    )
    assert done.returncode == code, done.stdout
    return done.stdout


@pytest.fixture(scope="module")
def pre_commit(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("pre-commit")
    uv = uv_binary(dict(os.environ))
    run(folder, uv, "venv", "-q", "--python", sys.executable, "venv")
    run(folder, uv, "pip", "install", "-q", "--python", "venv/bin/python", PRE_COMMIT)
    return folder / "venv" / "bin" / "pre-commit"


@pytest.fixture
def root(tmp_path: Path) -> Path:
    made = write(tmp_path / "demo", FILES)
    run(made, "git", "init", "-q", "-b", "main")
    run(made, "git", "config", "user.email", "a@example.org")
    run(made, "git", "config", "user.name", "A")
    return made


def test_the_hook_keeps_a_bad_commit_out_and_lets_a_good_one_in(root: Path, pre_commit: Path, tmp_path: Path) -> None:
    before = (root / ".pre-commit-config.yaml").read_text()
    assert penstock(root, "init", "--pre-commit").code == 0
    after = (root / ".pre-commit-config.yaml").read_text()
    assert [line for line in before.splitlines() if line not in after.splitlines()] == []
    home = {"PRE_COMMIT_HOME": str(tmp_path / "home")}
    run(root, str(pre_commit), "validate-config", environ=home)
    run(root, str(pre_commit), "install", environ=home)
    run(root, "git", "add", ".")
    told = run(root, "git", "commit", "-m", "one", environ=home)
    assert "penstock run quality" in told
    assert told.count("Passed") == 2
    (root / "demo.py").write_text("import os\nx = 1\n")
    refused = run(root, "git", "commit", "-a", "-m", "two", code=1, environ=home)
    assert "F401" in refused
    assert "exit code: 1" in refused
    # Only what is staged is judged: the unused import is taken out of the commit, and stays in the tree.
    (root / "other.py").write_text("y = 2\n")
    run(root, "git", "add", "other.py")
    run(root, "git", "commit", "-m", "three", environ=home)
    assert "import os" in (root / "demo.py").read_text()
    assert run(root, "git", "log", "--format=%s").split() == ["three", "one"]


def test_others_can_point_at_this_repository(pre_commit: Path) -> None:
    run(ROOT, str(pre_commit), "validate-manifest", ".pre-commit-hooks.yaml")
