"""`penstock pr --publish` as a workflow runs it: the real program, and a GitHub that listens on this machine."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.fakes.github import TOKEN, GitHub, said
from tests.fakes.guest_runs import write
from tests.fakes.program import Done, penstock
from tests.fakes.repository import call as git
from tests.fakes.web import listening

BODY = "Tabs were turned into spaces wherever a line had both. They are kept now.\n\nCloses #12\n"
MARK = "<!-- penstock: verdict -->"


class Scene:
    """A checkout of the merge of pull request 7, as the host's runner makes it, and the host."""

    def __init__(self, root: Path, github: GitHub) -> None:
        self.root = root
        self.github = github
        self.title = "fix: keep tabs"
        self.fork = "acme/pool"
        self.run_id = 500
        self.token = TOKEN

    def environ(self) -> dict[str, str]:
        head = {"ref": "mine", "sha": self.github.head, "repo": {"full_name": self.fork}}
        base = {"ref": "main", "repo": {"full_name": "acme/pool"}}
        request = {"number": 7, "title": self.title, "body": BODY, "user": {"login": "a", "type": "User"}}
        event = self.root.parent / "event.json"
        event.write_text(json.dumps({"pull_request": {**request, "head": head, "base": base}}))
        return {
            "CI": "true",
            "GITHUB_ACTIONS": "true",
            "GITHUB_API_URL": self.github.base,
            "GITHUB_EVENT_NAME": "pull_request",
            "GITHUB_EVENT_PATH": str(event),
            "GITHUB_REF": "refs/pull/7/merge",
            "GITHUB_REPOSITORY": "acme/pool",
            "GITHUB_RUN_ATTEMPT": "1",
            "GITHUB_RUN_ID": str(self.run_id),
            "GITHUB_SHA": commit(self.root),
            "GITHUB_STEP_SUMMARY": str(self.root.parent / "summary.md"),
            "GITHUB_TOKEN": self.token,
        }

    def publish(self, *arguments: str, **environ: str) -> Done:
        done = penstock(self.root, "pr", "--publish", *arguments, environ={**self.environ(), **environ})
        assert TOKEN not in done.out + done.err
        return done

    def summary(self) -> str:
        path = self.root.parent / "summary.md"
        return path.read_text() if path.exists() else ""


def commit(root: Path) -> str:
    done = subprocess.run(["git", "rev-parse", "HEAD"], cwd=root, capture_output=True, text=True, check=True)
    return done.stdout.strip()


@pytest.fixture
def scene(tmp_path: Path) -> Iterator[Scene]:
    files = {
        "pyproject.toml": "[project]\nname='pkg'\nversion='1'\n",
        "penstock.toml": "[jobs]\na = { run = 'true' }\n",
    }
    root = write(tmp_path / "project", files)
    git(root, "init", "-q", "-b", "main")
    git(root, "add", "-A")
    git(root, "commit", "-q", "-m", "init")
    git(root, "checkout", "-q", "-b", "mine")
    (root / "pkg.py").write_text("A = 1\nB = 2\n")
    git(root, "add", "-A")
    git(root, "commit", "-q", "-m", "fix: keep tabs")
    github = GitHub(head=commit(root))
    with listening(github.serve) as address:
        github.base = address
        yield Scene(root, github)


def test_label_comment_and_summary_tell_of_the_run_and_of_the_pull_request(scene: Scene) -> None:
    assert penstock(scene.root, "run", "-q").code == 0
    done = scene.publish()
    assert done.code == 0, done.err
    told = [line.split("  ")[1:] for line in done.err.splitlines() if line.startswith("  published")]
    assert told == [
        ["published", "summary"],
        ["published", "labels size/XS"],
        ["published", "comment https://github.com/acme/pool/pull/7#issuecomment-1001"],
    ]
    assert scene.github.labels == ["size/XS"]
    (comment,) = scene.github.comments
    mark, stamp, head, *_ = comment["body"].splitlines()
    assert mark == MARK
    assert stamp == f"<!-- penstock: of= by=github order=500 attempt=1 head={scene.github.head} -->"
    assert head == "## ✅ PASS"
    assert "1 of 1 job passed" in comment["body"]
    assert "`pull_request.title`" in comment["body"]
    assert "## ✅ PASS" in scene.summary()


def test_it_is_edited_in_place_and_a_late_run_changes_nothing(scene: Scene) -> None:
    scene.title = "Keep tabs."
    first = scene.publish()
    assert first.code == 1, "the verdict's exit code"
    assert "## ❌ FAIL (the pull request alone): `pull_request.title`" in scene.github.comments[0]["body"]
    assert "no run here to tell of" in first.err
    assert "no run of this commit" in scene.github.comments[0]["body"]
    scene.title, scene.run_id = "fix: keep tabs", 501
    assert scene.publish().code == 0
    (comment,) = scene.github.comments
    assert "## ✅ PASS" in comment["body"]
    assert scene.summary().count(MARK) == 2, "each step's summary is its own"
    scene.title, scene.run_id = "Keep tabs.", 499
    late = scene.publish()
    assert "published  nothing: a later run has published" in late.err
    assert "## ✅ PASS" in scene.github.comments[0]["body"]


@pytest.mark.slow
def test_a_run_of_another_commit_is_not_told_of(scene: Scene) -> None:
    assert penstock(scene.root, "run", "-q").code == 0
    git(scene.root, "commit", "-q", "--allow-empty", "-m", "fix: more")
    scene.github.head = commit(scene.root)
    assert "not told of: the last run here is of commit" in scene.publish().err
    assert "1 of 1 job" not in scene.github.comments[0]["body"]
    named = scene.publish("--from", str(scene.root))
    assert (named.code, "check out the commit that was run" in named.err) == (2, True)


@pytest.mark.parametrize("token", [TOKEN, ""])
def test_a_fork_s_token_may_only_read_and_no_job_fails_by_it(scene: Scene, token: str) -> None:
    scene.fork, scene.token = "mallory/pool", token
    scene.github.may = {"read"}
    done = scene.publish()
    assert done.code == 0
    assert "this is of a fork" in done.err
    assert "remedy" not in done.err
    assert scene.github.comments == []
    assert MARK in scene.summary()


def test_a_permission_that_lacks_is_told_and_the_verdict_stands(scene: Scene) -> None:
    scene.github.may = {"read"}
    done = scene.publish()
    assert done.code == 0
    assert "penstock: not published: comment: GitHub refuses it: Resource not accessible by integration" in done.err
    assert "remedy: give the job the permission: `permissions: { pull-requests: write }`" in done.err


@pytest.mark.slow
def test_a_github_that_is_gone_costs_the_comment_alone(scene: Scene) -> None:
    scene.github.trouble = lambda _: said(429, retry_after="99999")
    done = scene.publish()
    assert done.code == 0
    assert "GitHub wants to be left alone until" in done.err
    assert MARK in scene.summary()


def test_a_rehearsal_shows_what_would_be_sent(scene: Scene) -> None:
    scene.github.labels = ["size/XL"]
    done = penstock(scene.root, "pr", "--dry-run", environ=scene.environ())
    assert done.code == 0
    assert f"would send  POST {scene.github.base}/repos/acme/pool/issues/7/labels\n" in done.out
    assert f"would send  DELETE {scene.github.base}/repos/acme/pool/issues/7/labels/size%2FXL\n" in done.out
    assert f"would send  POST {scene.github.base}/repos/acme/pool/issues/7/comments\n" in done.out
    assert {method for method, path in scene.github.asked if path != "/graphql"} == {"GET"}
    assert scene.summary() == ""
    scene.github.asked.clear()
    scene.token = ""
    assert "nothing was read" in penstock(scene.root, "pr", "--dry-run", environ=scene.environ()).err
    assert scene.github.asked == []


@pytest.mark.parametrize(
    ("environ", "words"),
    [
        ({"GITHUB_TOKEN": ""}, "there is no token to publish with"),
        ({"GITHUB_TOKEN": f"{TOKEN} x"}, "characters that no token has"),
        ({"GITHUB_API_URL": "http://git.acme.example/api/v3"}, "no address for a token to go to"),
        ({"GITHUB_EVENT_NAME": "push"}, "which pull request to publish to"),
    ],
)
def test_what_lacks_is_one_clear_error(scene: Scene, environ: dict[str, str], words: str) -> None:
    done = scene.publish(**environ)
    said = [line for line in done.lines if not line.startswith("::")]
    assert (done.code, said) == (2, []), "nothing was judged"
    assert words in done.err
    assert scene.github.asked == []


@pytest.mark.slow
def test_a_checkout_of_the_base_is_not_told_of_as_the_pull_request(scene: Scene) -> None:
    environ = {**scene.environ(), "GITHUB_EVENT_NAME": "pull_request_target", "GITHUB_REF": "refs/heads/main"}
    git(scene.root, "checkout", "-q", "main")
    environ["GITHUB_SHA"] = commit(scene.root)
    done = penstock(scene.root, "pr", "--publish", environ=environ)
    assert (done.code, "which is not the pull request's" in done.err) == (2, True)
    git(scene.root, "checkout", "-q", "--detach", scene.github.head)
    assert penstock(scene.root, "pr", "--publish", environ=environ).code == 0
    assert len(scene.github.comments) == 1


@pytest.mark.slow
def test_an_enterprise_server_has_its_interface_elsewhere(scene: Scene) -> None:
    scene.github.base += "/api/v3"
    assert scene.publish().code == 0
    assert ("POST", "/api/graphql") in scene.github.asked
    assert len(scene.github.comments) == 1


@pytest.mark.slow
def test_a_step_that_has_written_its_mebibyte(scene: Scene) -> None:
    (scene.root.parent / "summary.md").write_text("x" * ((1 << 20) - 100))
    done = scene.publish()
    assert (done.code, "the step has written a MiB already" in done.err) == (0, True)
    assert len(scene.summary()) < 1 << 20
