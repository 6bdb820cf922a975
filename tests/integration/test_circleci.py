"""The generated configuration of CircleCI, its steps executed in order in clean clones with the host's variables.

What reads the YAML is `tests.fakes.circleci`, which knows nothing of penstock. Images and resource classes are not
played: whatever runs here runs on this machine.
"""

from __future__ import annotations

import hashlib
import json
import shutil
import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from tests.fakes.circleci import Host, Ran
from tests.fakes.circleci_rules import findings
from tests.fakes.guest_runs import write
from tests.fakes.program import penstock
from tests.fakes.repository import call as git
from tests.fakes.repository import save

pytestmark = pytest.mark.slow  # each container installs penstock, and what the project needs is fetched

ROOT = Path(__file__).parents[2]
UV = str(Path(sys.executable).with_name("uv"))
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
stages = ["fast", "full"]

[tool.penstock.jobs]
lint = true
unit = { test = "tests", python = "*", shards = 2 }
coverage = true
gpu = { run = "python -c 'import tides'", stage = "full", branches = ["main", "feature/gpu-*"] }
long = { run = "python -c 'import tides'", stage = "full", on = ["nightly"] }

[tool.penstock.gates]
coverage = { total = 90 }

[tool.penstock.ci.circleci]
executors = { gpu = "gpu" }

[tool.penstock.deploy.staging]
run = "cp src/tides/__init__.py ${TARGET}/staging"
shell = true
health = ["sh", "-c", "grep -q high ${TARGET}/staging"]
health_timeout = "3s"
rollback = "cp ${TARGET}/before ${TARGET}/staging"
require = ["TARGET"]

[tool.penstock.deploy.production]
run = "cp ${TARGET}/staging ${TARGET}/production"
shell = true
health = ["sh", "-c", "test -s ${TARGET}/production"]
after = "staging"
approval = true
require = ["TARGET"]
""",
    "src/tides/__init__.py": "def high(age: int) -> bool:\n    return age in (0, 14)\n",
    "tests/test_high.py": "from tides import high\n\n\ndef test_new_moon() -> None:\n    assert high(0)\n",
    "tests/test_low.py": "from tides import high\n\n\ndef test_half_moon() -> None:\n    assert not high(7)\n",
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
    """A project with its generated configuration."""
    return made(tmp_path / "project", wheel, PROJECT)


@pytest.fixture
def small(tmp_path: Path, wheel: Path) -> Path:
    """The same for one Python: each container takes seconds."""
    told = PROJECT["pyproject.toml"].replace('python = ["3.12", "3.13"]', 'python = ["3.12"]')
    return made(tmp_path / "project", wheel, {**PROJECT, "pyproject.toml": told})


def made(root: Path, wheel: Path, files: Mapping[str, str]) -> Path:
    """Penstock is to be installed by its hash."""
    write(root, files)
    place = root / ".circleci" / "wheels" / wheel.name
    place.parent.mkdir(parents=True)
    place.write_bytes(wheel.read_bytes())
    file = root / ".circleci" / "penstock.txt"
    argv = [UV, "pip", "compile", "--quiet", "--generate-hashes", "--no-header", "--python-version", PYTHONS[0]]
    subprocess.run([*argv, "--output-file", str(file), str(ROOT / "pyproject.toml")], cwd=root, check=True)
    own = f"./.circleci/wheels/{wheel.name} --hash=sha256:{hashlib.sha256(place.read_bytes()).hexdigest()}\n"
    file.write_text(file.read_text() + own)
    git(root, "init", "-q", "-b", "main")
    save(root)
    done = penstock(root, "ci", "generate", "circleci")
    assert done.code == 0, done.err
    save(root, "ci: generated")
    return root


@pytest.fixture
def host(tmp_path: Path, tmp_path_factory: pytest.TempPathFactory) -> Host:
    """CircleCI, with a place to deploy to. What is downloaded is kept over all tests: none of them is about that."""
    kept = [Path("~/.pyenv/versions").expanduser().glob(f"{minor}.*/bin") for minor in PYTHONS]
    fetched = tmp_path_factory.getbasetemp() / "fetched"
    (tmp_path / "target").mkdir()
    (tmp_path / "target" / "before").write_text("def high() -> None: ...\n")
    return Host(
        tmp_path / "host",
        programs=[folder for each in kept for folder in sorted(each)[-1:]],
        variables={
            "TARGET": str(tmp_path / "target"),
            "PIP_CACHE_DIR": str(fetched / "pip"),
            "UV_CACHE_DIR": str(fetched / "uv"),
        },
    )


def said(ran: Ran) -> str:
    return "\n\n".join(f"== {name}: {status}\n{ran.output.get(name, '')}" for name, status in ran.jobs.items())


def evidence(place: Path, name: str) -> Path:
    """What one container handed on, among all layers."""
    (found,) = place.glob(f"*/evidence/{name}")
    return found


def test_main_is_green_deployed_and_after_somebody_agreed_in_production(
    project: Path, host: Host, tmp_path: Path
) -> None:
    assert findings((project / ".circleci" / "config.yml").read_text()) == []
    ran = host.run(project, approve=["hold-production"])
    assert set(ran.jobs.values()) == {"success"}, said(ran)
    assert set(ran.jobs) == {
        *("plan", "quality", "unit-3.12", "unit-3.13", "gpu", "verdict"),
        *("deploy-staging", "hold-production", "deploy-production"),
    }
    assert "PASS" in ran.output["verdict"]
    assert "100.00 % (2/2)" in ran.output["verdict"]
    assert (tmp_path / "target" / "production").read_text() == PROJECT["src/tides/__init__.py"]
    assert {key.partition("-v1-")[0] for key in host.caches} == {"penstock", "penstock-uv", "penstock-history"}

    def judged(change: Callable[[Path], object]) -> tuple[str, str]:
        again = host.again(ran, "verdict", project, change)
        return again.jobs["verdict"], again.output["verdict"]

    assert judged(lambda place: None)[0] == "success"
    status, words = judged(lambda place: shutil.rmtree(evidence(place, "unit-3.12-1")))
    assert (status, "2/2 missing" in words) == ("failed", True), words
    status, words = judged(
        lambda place: shutil.copytree(
            evidence(place, "unit-3.13-0"), evidence(place, "quality-0").with_name("unit-3.13-0-again")
        )
    )
    assert (status, "is there twice" in words) == ("failed", True), words
    status, words = judged(lambda place: shutil.rmtree(evidence(place, "gpu-0")))
    assert (status, "gpu" in words) == ("failed", True), words

    again = host.again(ran, "unit-3.12", project, lambda place: None)
    assert (again.jobs["unit-3.12"], "restored penstock-v1-" in again.output["unit-3.12"]) == ("success", True)


def test_a_failing_shard_makes_the_verdict_red_and_the_later_stage_does_not_begin(small: Path, host: Host) -> None:
    (small / "tests" / "test_low.py").write_text("def test_half_moon() -> None:\n    assert 0\n")
    save(small, "fix: break it")
    ran = host.run(small)
    assert (ran.jobs["unit-3.12"], ran.jobs["quality"], ran.jobs["gpu"]) == ("failed", "success", "not_run"), said(ran)
    assert ran.jobs["verdict"] == "failed"
    assert "test_half_moon" in ran.output["verdict"]
    assert (ran.jobs["deploy-staging"], ran.jobs["hold-production"]) == ("not_run", "not_run")


def test_a_branch_runs_what_is_wanted_on_it_and_a_cancelled_leg_is_not_verified(small: Path, host: Host) -> None:
    git(small, "branch", "feature/gpu-1")
    git(small, "branch", "docs")
    ran = host.run(small, branch="feature/gpu-1")
    assert set(ran.jobs) == {"plan", "quality", "unit-3.12", "gpu", "verdict"}, said(ran)
    assert (set(ran.jobs.values()), host.caches) == ({"success"}, {})  # only main writes caches

    ran = host.run(small, branch="docs", cancel=["unit-3.12"])
    assert "gpu" not in ran.jobs
    assert (ran.jobs["quality"], ran.jobs["verdict"]) == ("success", "failed"), said(ran)
    assert "NOT VERIFIED" in ran.output["verdict"]


def test_the_night_runs_what_the_day_does_not(small: Path, host: Host) -> None:
    ran = host.run(small, parameters={"occasion": "nightly"})
    assert "long" in ran.jobs
    assert set(ran.jobs.values()) == {"success"}, said(ran)
    assert not [name for name in ran.jobs if name.startswith("deploy")]


def test_what_is_deployed_and_ill_is_taken_back(small: Path, host: Host, tmp_path: Path) -> None:
    (small / "src" / "tides" / "__init__.py").write_text("def tall(age: int) -> bool:\n    return age in (0, 14)\n")
    for name in ("high", "low"):
        test = small / "tests" / f"test_{name}.py"
        test.write_text(test.read_text().replace("import high", "import tall as high"))
    save(small, "feat: another name")
    ran = host.run(small, approve=["hold-production"])
    assert ran.jobs["verdict"] == "success", said(ran)
    assert (ran.jobs["deploy-staging"], ran.jobs["deploy-production"]) == ("failed", "not_run"), said(ran)
    assert "ROLLED BACK" in ran.output["deploy-staging"]
    assert "high" in (tmp_path / "target" / "staging").read_text()
    (layer,) = ran.layers["deploy-staging"]
    assert json.loads((layer / "deployments" / "staging.json").read_text())["state"] == "rolled_back"
