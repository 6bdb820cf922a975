"""`penstock deploy`: only what a green verdict was said of, of this commit, from a branch that is meant."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.fakes.guest_runs import write
from tests.fakes.program import Done, penstock
from tests.fakes.repository import call as git
from tests.fakes.repository import save

PROJECT = {
    "pyproject.toml": """\
[project]
name = "tides"
version = "1.0.0"

[tool.penstock]
python = ["3.12"]

[tool.penstock.jobs]
check = { run = "true" }

[tool.penstock.deploy.staging]
run = 'echo "$TOKEN $PENSTOCK_DEPLOYMENT ${OTHER:-withheld}" > staging.txt; echo "sent $TOKEN"'
shell = true
health = ["grep", "-q", "staging", "staging.txt"]
health_timeout = "1s"
secrets = ["TOKEN"]

[tool.penstock.deploy.production]
run = "true"
health = ["true"]
after = "staging"
""",
    ".gitignore": ".penstock/\n*.txt\n",
}
SECRETS = {"TOKEN": "hunter2-correct-horse", "OTHER": "x"}


@pytest.fixture
def project(tmp_path: Path) -> Path:
    root = write(tmp_path / "project", PROJECT)
    git(root, "init", "-q", "-b", "main")
    save(root)
    return root


def verdict(root: Path, **changed: Any) -> str:
    """A file as `penstock gate --json` writes it, as far as it is looked at."""
    head = (root / ".git" / "refs" / "heads" / "main").read_text().strip()
    told = {"exit_code": 0, "scope": "full", "command": "run", "commit": head, "run": "r1"} | changed
    (root / "verdict.txt").write_text(json.dumps(told))
    return "verdict.txt"


def deploy(root: Path, name: str, *more: str, **changed: Any) -> Done:
    return penstock(root, "deploy", name, "--verdict", verdict(root, **changed), *more, environ=SECRETS, together=True)


def test_what_is_green_is_deployed_and_what_comes_after_it_may_follow(project: Path) -> None:
    done = deploy(project, "production")
    assert (done.code, "staging.json cannot be read" in done.out) == (3, True), done.out
    done = deploy(project, "staging", "--dry-run")
    assert (done.code, (project / "staging.txt").exists()) == (0, False), done.out
    done = deploy(project, "staging", "--json", "out.txt")
    assert done.code == 0, done.out
    assert (project / "staging.txt").read_text() == f"{SECRETS['TOKEN']} staging withheld\n"
    assert "DEPLOYED  staging" in done.out
    assert SECRETS["TOKEN"] not in done.out
    told = json.loads((project / "out.txt").read_text())
    assert (told["version"], told["state"], told["run"]) == (1, "deployed", "r1")
    assert deploy(project, "production").code == 0


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"exit_code": 3}, "the verdict is not green (exit code 3)"),
        ({"scope": "partial"}, "of a part of the pipeline"),
        ({"command": "test"}, "of a part of the pipeline"),
        ({"commit": "f" * 40}, "the verdict is of ffffffffffff"),
        ({"commit": None}, "the verdict is of no commit"),
        ({"exit_code": "0"}, "cannot be read"),
    ],
)
def test_nothing_is_deployed_without_the_green_verdict_of_this_commit(
    project: Path, changed: dict[str, Any], words: str
) -> None:
    done = deploy(project, "staging", **changed)
    assert (done.code, words in done.out) == (3, True), done.out
    assert not (project / "staging.txt").exists()


def test_other_reasons_to_deploy_nothing(project: Path) -> None:
    done = penstock(project, "deploy", "staging", "--verdict", verdict(project), together=True)
    assert (done.code, "the secret TOKEN is not set" in done.out) == (3, True), done.out
    (project / "new.py").write_text("A = 1\n")
    done = deploy(project, "staging")
    assert (done.code, "files of the checkout are changed" in done.out) == (3, True), done.out
    (project / "new.py").unlink()
    git(project, "switch", "-q", "-c", "other")
    done = deploy(project, "staging")
    assert (done.code, "not deployed from the branch other" in done.out) == (2, True), done.out
    done = deploy(project, "stagin")
    assert (done.code, "did you mean `staging`?" in done.out) == (2, True), done.out
    assert not (project / "staging.txt").exists()
