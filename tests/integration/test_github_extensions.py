"""What the configuration adds to the generated workflow, executed by act: steps, own jobs, legs of another system.

act skips the legs of systems that it has no machine for: what they leave is missing here, as on a host where they never
started.
"""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.fakes import acting
from tests.fakes.acting import Act
from tests.fakes.repository import save

pytestmark = pytest.mark.slow  # act and what the project needs are fetched

PROJECT = {
    "pyproject.toml": """\
[build-system]
requires = ["hatchling"]
build-backend = "hatchling.build"

[project]
name = "tides"
version = "1.0.0"
requires-python = ">=3.12"

[dependency-groups]
test = ["pytest>=8"]

[tool.penstock]
python = ["3.12"]

[tool.penstock.jobs]
unit = { test = "tests" }
docs = { run = "cat made" }
drift = { run = "penstock ci check" }

[tool.penstock.ci.github]
before = [{ name = "Make", run = "echo made-before > made", jobs = "docs" }]
[[tool.penstock.ci.github.after]]
name = "Look"
run = 'echo "seen $(cat made) on $HEAD"'
env = { HEAD = "${{ github.ref_name }}" }
jobs = "docs"

[tool.penstock.ci.github.jobs.smoke]
needs = ["unit"]
steps = [{ run = "test ! -e broken" }]

[tool.penstock.ci.github.jobs.free]
required = false
steps = [{ run = "test ! -e broken-too" }]
""",
    "src/tides/__init__.py": "",
    "tests/test_a.py": "def test_a() -> None:\n    pass\n",
    ".gitignore": ".penstock/\nmade\n",
}
PUSH = {"ref": "refs/heads/main", "repository": {"default_branch": "main", "full_name": "acme/tides"}}


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return acting.build_wheel(tmp_path_factory.mktemp("wheel"))


@pytest.fixture
def act(tmp_path: Path) -> Act:
    return Act(tmp_path / "act")


def test_steps_run_around_the_job_and_the_verdict_waits_for_a_job_of_ones_own(
    tmp_path: Path, wheel: Path, act: Act
) -> None:
    root = acting.project(tmp_path / "project", PROJECT, wheel)
    done = act.run(root, "push", PUSH)
    assert done.code == 0, done.text
    assert set(done.jobs.values()) == {"succeeded"}
    assert set(done.jobs) == {"plan", "unit", "docs", "drift", "smoke", "free", "verdict"}
    assert "seen made-before on main" in done.said("docs")
    assert re.search(r"PASS.*3 jobs passed", done.said("verdict"))

    (root / "broken-too").touch()
    save(root, "test: what decides nothing fails")
    done = act.run(root, "push", PUSH)
    assert (done.jobs["free"], done.jobs["verdict"]) == ("failed", "succeeded"), done.text

    (root / "broken").touch()
    save(root, "test: what is required fails")
    done = act.run(root, "push", PUSH)
    assert (done.jobs["smoke"], done.jobs["verdict"]) == ("failed", "failed"), done.text
    assert "GitHub's job smoke ended as failure" in done.said("verdict")


def test_a_leg_of_a_system_that_never_started_leaves_no_green_verdict(tmp_path: Path, wheel: Path, act: Act) -> None:
    text = PROJECT["pyproject.toml"].replace('"tests" }', '"tests", systems = ["linux", "macos"] }')
    root = acting.project(tmp_path / "project", {**PROJECT, "pyproject.toml": text}, wheel)
    done = act.run(root, "push", PUSH)
    assert done.jobs["verdict"] == "failed", done.text
    assert "unit@3.12,system=macos" not in done.jobs
    assert re.search(r"unit@system=macos|unit@3.12,system=macos", done.said("verdict")), done.said("verdict")
