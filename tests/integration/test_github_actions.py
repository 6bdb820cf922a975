"""The generated workflow of changes, executed by act: folders stand in for GitHub's caches and artifacts.

Not verified here, since act cannot do it: services; runners of other systems (their legs are skipped); concurrency;
permissions and environments; `continue-on-error` of a job; path and branch filters of a workflow. All cells of a matrix
share one result. What uploads, attests or releases is a stand-in.
"""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path
from typing import Any

import pytest

from tests.fakes import acting
from tests.fakes.acting import Act
from tests.fakes.program import penstock
from tests.fakes.repository import call as git
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
requires-python = ">=3.11"

[dependency-groups]
test = ["pytest>=8"]

[tool.ruff]
line-length = 100

[tool.coverage.run]
source = ["tides"]

[tool.penstock]
python = ["3.12", "3.13"]

[tool.penstock.jobs]
lint = { inputs = ["src/**", "tests/**", "pyproject.toml"] }
unit = { test = "tests", python = "*", shards = 2, when = ["src/**", "tests/**", "pyproject.toml"] }
coverage = { when = ["src/**", "tests/**", "pyproject.toml"] }
docs = { run = "python -c 'import tides'", caches = ["kept"] }
after = { run = "python -c 'import tides'", needs = ["unit"], when = ["src/**"] }

[tool.penstock.gates]
coverage = { total = 90 }

[tool.penstock.ci.github]
runner = "ubuntu-24.04"
codecov = { flags = true }
""",
    "src/tides/__init__.py": "def high(age: int) -> bool:\n    return age in (0, 14)\n",
    "tests/test_high.py": "from tides import high\n\n\ndef test_new_moon() -> None:\n    assert high(0)\n",
    "tests/test_low.py": "from tides import high\n\n\ndef test_half_moon() -> None:\n    assert not high(7)\n",
    "docs/index.md": "# Tides\n",
    "kept/index": "kept\n",
    ".gitignore": ".penstock/\n",
}
OURS = "acme/tides"


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return acting.build_wheel(tmp_path_factory.mktemp("wheel"))


@pytest.fixture
def project(tmp_path: Path, wheel: Path) -> Path:
    return acting.project(tmp_path / "project", PROJECT, wheel)


@pytest.fixture
def act(tmp_path: Path) -> Act:
    return Act(tmp_path / "act")


PUSH = {"ref": "refs/heads/main", "repository": {"default_branch": "main", "full_name": OURS}}


def pull_request(head: str = OURS) -> dict[str, Any]:
    """The event of one from this repository, or a fork."""
    base = {"ref": "main", "repo": {"full_name": OURS}}
    request = {"number": 7, "title": "docs: tides", "body": "Told.", "user": {"login": "a", "type": "User"}}
    of = {"ref": "mine", "repo": {"full_name": head, "fork": head != OURS}}
    return {"action": "opened", "number": 7, "pull_request": {**request, "head": of, "base": base}, **PUSH}


def results(**changed: str) -> dict[str, str]:
    """What GitHub tells the verdict, with some of it changed."""
    told = dict.fromkeys(("plan", "quality", "unit", "docs", "after"), "success") | changed
    return {"PENSTOCK_HOST_JOBS": json.dumps({name: {"result": result} for name, result in told.items()})}


def judged(project: Path, artifacts: Path, **changed: str) -> tuple[int, str]:
    """The verdict's own command over what the runners left; its exit code and what it says."""
    shutil.rmtree(project / "evidence", ignore_errors=True)
    for each in artifacts.glob("evidence-*"):
        shutil.copytree(each, project / "evidence" / each.name)
    plan = str(artifacts / "plan" / "whole-plan.json")
    done = penstock(project, "gate", "--from", "evidence", "--plan", plan, together=True, environ=results(**changed))
    return done.code, done.out


def test_a_push_is_green_by_the_evidence_of_all_runners_and_by_nothing_less(
    project: Path, act: Act, tmp_path: Path
) -> None:
    done = act.run(project, "push", PUSH)
    assert done.code == 0, done.text
    assert set(done.jobs.values()) == {"succeeded"}
    assert len(done.jobs) == 10  # plan, verdict, codecov, three jobs, and two Pythons with two shards each
    assert re.search(r"PASS.*8 jobs passed", done.said("verdict"))
    assert re.search(r"coverage.*100.00 % \(2/2\)", done.said("verdict"))
    assert 'filename="src/tides/__init__.py"' in (act.store / "codecov" / "python.xml").read_text()

    artifacts = act.store / "artifacts"
    code, said = judged(project, artifacts)
    assert code == 0, said
    for result in ("cancelled", "skipped", "failure", "unknown"):
        code, said = judged(project, artifacts, unit=result)
        assert (code, f"GitHub's job unit ended as {result}" in said) == (3, True), said

    shard = artifacts / "evidence-unit-3.12-2"
    twice = shutil.copytree(shard, artifacts / "evidence-again")
    code, said = judged(project, artifacts)
    assert (code, "is there twice" in said) == (3, True), said
    shutil.rmtree(twice)
    away = shard.rename(tmp_path / "away")
    code, said = judged(project, artifacts)
    assert (code, "2/2 missing" in said) == (3, True), said
    away.rename(shard)

    (project / "src" / "tides" / "more.py").write_text("A = 1\n")
    save(project, "feat: more")
    other = artifacts / "evidence-quality"
    shutil.rmtree(other)
    assert penstock(project, "run", "--alone", "lint").code == 0
    newest = max((project / ".penstock" / "runs").glob("*-*"))
    shutil.copytree(newest, other / newest.name)
    code, said = judged(project, artifacts)
    assert (code, "it is of other files" in said) == (3, True), said


def kept(act: Act) -> set[str]:
    """What the caches' keys begin with."""
    keys = [(path / "key").read_text() for path in (act.store / "caches").glob("*")]
    return {key.partition("-v")[0] for key in keys}


def test_what_a_push_keeps_is_found_again_and_a_pull_request_leaves_nothing(project: Path, act: Act) -> None:
    assert act.run(project, "push", PUSH).code == 0
    assert {"state", "history"} <= kept(act)
    before = {path.name for path in (act.store / "caches").iterdir()}
    git(project, "checkout", "-q", "-b", "mine")
    (project / "docs" / "index.md").write_text("# Tides\n\nMore.\n")
    save(project, "docs: more")
    for whose in (OURS, "mallory/tides"):
        done = act.run(project, "pull_request", pull_request(whose))
        assert done.code == 0, done.text
        assert done.jobs.keys() == {"plan", "quality", "docs", "verdict"}, "nothing that is tested has changed"
        assert re.search(r"lint +✓ +cached", done.said("quality")), done.said("quality")
        assert "PASS" in done.said("verdict")
        assert {path.name for path in (act.store / "caches").iterdir()} == before
    history = next(
        path for path in (act.store / "caches").iterdir() if (path / "key").read_text().startswith("history")
    )
    (project / "restored").mkdir()
    shutil.unpack_archive(history / "files.tar", project / "restored", filter="data")
    timings = json.loads((project / "restored" / ".penstock" / "timings.json").read_text())
    assert {"lint", "docs", "unit@3.12#1/2"} <= timings["jobs"].keys(), "of all runners"
    assert list((project / "restored" / ".penstock" / "history" / "timings").glob("*/unit@3.12*"))


def test_a_failing_leg_makes_the_verdict_red_and_what_needs_it_does_not_start(project: Path, act: Act) -> None:
    (project / "tests" / "test_low.py").write_text("def test_half_moon() -> None:\n    assert 0\n")
    save(project, "fix: break it")
    done = act.run(project, "push", PUSH)
    assert done.code == 1
    assert (done.jobs["verdict"], done.jobs["quality"], done.jobs["plan"]) == ("failed", "succeeded", "succeeded")
    assert "after" not in done.jobs  # it needs the tests
    said = done.said("verdict")
    assert re.search(r"━━ unit@3.12#\d/2, unit@3.13#\d/2 ━━", said), said
    assert re.search(r"FAIL.*unit@3.12#\d/2", said), said
    assert "ended as" not in said, said  # what GitHub says of the others is told by the evidence
