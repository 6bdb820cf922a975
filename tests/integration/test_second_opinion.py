"""Guard G4 with real uv: an old commit that fails is told which newer versions its unlocked dependencies have now."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.slow

PYPROJECT = """\
[project]
name = "old"
version = "1"
[dependency-groups]
test = ["pytest"]
[tool.pytest.ini_options]
testpaths = ["tests"]
"""


def test_a_failure_at_an_old_commit_names_what_came_out_since(tmp_path: Path) -> None:
    (tmp_path / "tests").mkdir()
    (tmp_path / "pyproject.toml").write_text(PYPROJECT)
    (tmp_path / "tests" / "test_it.py").write_text("def test_it():\n    assert False\n")
    then = {"GIT_AUTHOR_DATE": "2024-06-01T12:00:00Z", "GIT_COMMITTER_DATE": "2024-06-01T12:00:00Z"}
    who = ["-c", "user.name=n", "-c", "user.email=e@example.org"]
    for argv in (["git", "init", "-q"], ["git", "add", "."], ["git", *who, "commit", "-qm", "old"]):
        subprocess.run(argv, cwd=tmp_path, check=True, env=os.environ | then)
    argv = [sys.executable, "-m", "penstock", "run", "-C", str(tmp_path), "unit"]
    done = subprocess.run(argv, capture_output=True, text=True, check=False, timeout=300)
    assert done.returncode == 1, done.stdout + done.stderr
    assert "since this commit newer ones came out: " in done.stderr
    assert "pytest 8.2" in done.stderr
    assert "UV_EXCLUDE_NEWER=2024-06-01" in done.stderr
