"""The generated workflows of pull requests, nights and releases, executed by act against a GitHub that listens here.

What is not verified here: see test_github_actions.
"""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.fakes import acting
from tests.fakes.acting import Act, Acted
from tests.fakes.github import GitHub
from tests.fakes.repository import call as git
from tests.fakes.repository import save
from tests.fakes.web import listening

pytestmark = pytest.mark.slow  # act and what the project needs are fetched

PROJECT = {
    "pyproject.toml": """\
[build-system]
requires = ["hatchling"]
build-backend = "hatchling.build"

[project]
name = "tides"
version = "1.1.0"
description = "Tides."
requires-python = ">=3.11"
license = "MIT"
readme = "README.md"

[tool.penstock]
python = ["3.13"]

[tool.penstock.jobs]
build = { on = ["release"] }
high = { run = "python -c 'import pathlib, sys; sys.exit(pathlib.Path(\\"tide\\").read_text() != \\"high\\")'" }
spring = { run = "python -c 'print(1)'", on = ["nightly"] }

[tool.penstock.ci.github]
nightly = "02:00"
release = true
""",
    "src/tides/__init__.py": "",
    "README.md": "# Tides\n",
    "tide": "high",
    ".gitignore": ".penstock/\n",
}
REPOSITORY = {"default_branch": "main", "full_name": "acme/pool", "fork": False}


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return acting.build_wheel(tmp_path_factory.mktemp("wheel"))


@pytest.fixture
def project(tmp_path: Path, wheel: Path) -> Path:
    root = acting.project(tmp_path / "project", PROJECT, wheel)
    git(root, "remote", "add", "origin", "https://github.com/acme/pool.git")  # act reads the repository's name there
    return root


@pytest.fixture
def act(tmp_path: Path) -> Act:
    return Act(tmp_path / "act")


@pytest.fixture
def github() -> Iterator[GitHub]:
    made = GitHub(head="a" * 40)
    with listening(made.serve) as address:
        made.base = address
        yield made


def commit(root: Path) -> str:
    done = subprocess.run(["git", "rev-parse", "HEAD"], cwd=root, capture_output=True, text=True, check=True)
    return done.stdout.strip()


def test_a_night_opens_one_issue_keeps_it_and_closes_it(project: Path, act: Act, github: GitHub) -> None:
    def night(tide: str) -> str:
        (project / "tide").write_text(tide)
        save(project, f"fix: {tide} tide")
        event = {"schedule": "0 2 * * *", "repository": REPOSITORY}
        done = act.run(project, "schedule", event, workflow="nightly", api=github.base)
        assert {"plan", "spring", "nightly verdict", "issue"} <= done.jobs.keys(), done.text
        assert done.jobs["issue"] == "succeeded", done.text
        assert (done.code == 0) is (tide == "high")
        return done.said("issue")

    assert "issue  opened https://github.com/acme/pool/issues/20" in night("low")
    (issue,) = github.tracker.issues
    assert "## ❌ FAIL: `high`" in issue["body"]
    assert "issue  brought up to date https://github.com/acme/pool/issues/20" in night("lower")
    assert (len(github.tracker.issues), "2 runs." in issue["body"]) == (1, True)
    assert "issue  closed https://github.com/acme/pool/issues/20" in night("high")
    assert (issue["state"], len(github.tracker.said[20])) == ("closed", 1)


def test_a_fork_s_schedule_runs_nothing(project: Path, act: Act, github: GitHub) -> None:
    event = {"schedule": "0 2 * * *", "repository": {**REPOSITORY, "fork": True}}
    done = act.run(project, "schedule", event, workflow="nightly", api=github.base)
    assert (done.code, done.jobs, github.asked) == (0, {}, [])


def release(project: Path, act: Act, github: GitHub, tag: str) -> Acted:
    git(project, "tag", tag)
    event = {"ref": f"refs/tags/{tag}", "repository": REPOSITORY}
    return act.run(project, "push", event, workflow="release", api=github.base)


def test_a_tag_of_a_verified_commit_is_built_attested_uploaded_and_released(
    project: Path, act: Act, github: GitHub
) -> None:
    github.tracker.check("verdict", "success", commit=commit(project))
    done = release(project, act, github, "v1.1.0")
    assert done.code == 0, done.text
    assert done.jobs.keys() == {"verify", "plan", "build", "release verdict", "attest", "pypi", "release"}
    files = ["tides-1.1.0-py3-none-any.whl", "tides-1.1.0.tar.gz"]
    assert sorted(path.name for path in (act.store / "pypi").iterdir()) == files
    assert (act.store / "attested.txt").read_text().split() == [f"dist/{name}" for name in files]
    words = (act.store / "gh.txt").read_text().splitlines()
    assert words[:3] == ["release", "create", "v1.1.0"]
    assert sorted(word for word in words if word.startswith("dist/")) == [f"dist/{name}" for name in files]
    assert "--verify-tag" in words
    assert "--prerelease" not in words
    notes = (act.store / "artifacts" / "notes" / "notes.md").read_text()
    assert "## Features\n\n- `begin` " in notes
    assert not (act.store / "caches").exists(), "nothing is kept, and nothing was there to take"


def test_a_pre_release_goes_no_further_than_github(project: Path, act: Act, github: GitHub) -> None:
    (project / "pyproject.toml").write_text(PROJECT["pyproject.toml"].replace('"1.1.0"', '"1.2.0rc1"'))
    save(project, "feat: a candidate")
    github.tracker.check("verdict", "success", commit=commit(project))
    done = release(project, act, github, "v1.2.0rc1")
    assert done.code == 0, done.text
    assert "pypi" not in done.jobs
    assert done.jobs["release"] == "succeeded"
    assert "--prerelease" in (act.store / "gh.txt").read_text().splitlines()
    assert not (act.store / "pypi").exists()


@pytest.mark.parametrize(
    ("conclusion", "tag", "words"),
    [
        ("failure", "v1.1.0", "ended as failure"),
        (None, "v1.1.0", "no check `verdict` has run"),
        ("success", "v1.3.0", "the project's version is 1.1.0, and the tag names 1.3.0"),
    ],
)
def test_what_is_not_verified_is_not_built(
    project: Path, act: Act, github: GitHub, conclusion: str | None, tag: str, words: str
) -> None:
    if conclusion:
        github.tracker.check("verdict", conclusion, commit=commit(project))
    done = release(project, act, github, tag)
    assert done.code == 1
    said = " ".join(done.said("verify").split())
    assert (done.jobs["verify"], words in said) == ("failed", True), said
    assert not done.jobs.keys() & {"plan", "build", "attest", "pypi", "release"}
    assert not (act.store / "gh.txt").exists()


def pull_request(head: str, whose: str) -> dict[str, Any]:
    request = {"number": 7, "title": "docs: tell of tides", "body": "Told.\n", "user": {"login": "a", "type": "User"}}
    of = {"ref": "mine", "sha": head, "repo": {"full_name": whose}}
    base = {"ref": "main", "repo": {"full_name": "acme/pool"}}
    return {"number": 7, "pull_request": {**request, "head": of, "base": base}, "repository": REPOSITORY}


@pytest.mark.parametrize("whose", ["acme/pool", "mallory/pool"])
def test_a_pull_request_is_asked_and_told_and_a_fork_s_token_is_not_needed(
    project: Path, act: Act, github: GitHub, whose: str
) -> None:
    git(project, "checkout", "-q", "-b", "mine")
    (project / "README.md").write_text("# Tides\n\nHigh and low.\n")
    save(project, "docs: tell of tides")
    github.head = commit(project)
    github.may = {"read", "write"} if whose == "acme/pool" else {"read"}
    done = act.run(project, "pull_request", pull_request(github.head, whose), workflow="pr", api=github.base)
    assert (done.code, done.jobs) == (0, {"pr": "succeeded"}), done.text
    said = done.said("pr")
    if whose == "acme/pool":
        assert github.labels == ["size/XS"]
        assert len(github.comments) == 1
    else:
        assert github.comments == []
        assert "this is of a fork, whose token may only read" in said


def test_a_night_that_cannot_be_planned_opens_the_issue_too(project: Path, act: Act, github: GitHub) -> None:
    path = project / "pyproject.toml"
    path.write_text(path.read_text().replace("[tool.penstock.jobs]", "[tool.penstock.jobs]\nodd = { rnu = 'true' }"))
    save(project, "ci: a slip of the pen")
    event = {"schedule": "0 2 * * *", "repository": REPOSITORY}
    done = act.run(project, "schedule", event, workflow="nightly", api=github.base)
    assert done.jobs == {"plan": "failed", "nightly verdict": "failed", "issue": "failed"}, done.text
    (issue,) = github.tracker.issues
    assert "## ⚠️ NOT VERIFIED" in issue["body"]


def test_of_a_build_that_fails_nothing_is_published(project: Path, act: Act, github: GitHub) -> None:
    (project / "README.md").unlink()
    save(project, "docs: no more")
    github.tracker.check("verdict", "success", commit=commit(project))
    done = release(project, act, github, "v1.1.0")
    assert done.code == 1
    assert (done.jobs["verify"], done.jobs["build"], done.jobs["release verdict"]) == ("succeeded", "failed", "failed")
    assert not done.jobs.keys() & {"attest", "pypi", "release"}
    assert not (act.store / "gh.txt").exists()
