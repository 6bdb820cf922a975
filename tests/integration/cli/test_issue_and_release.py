"""`penstock report --issue` and `penstock release` as workflows run them: the real program, a GitHub that listens."""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.fakes.github import TOKEN, GitHub
from tests.fakes.guest_runs import write
from tests.fakes.program import Done, penstock
from tests.fakes.repository import call as git
from tests.fakes.repository import save
from tests.fakes.web import listening

PROJECT = "[project]\nname='pkg'\nversion='1.1'\n"
RED, GREEN = "[jobs]\na = { run = 'false' }\n", "[jobs]\na = { run = 'true' }\n"


class Scene:
    """A checkout of the default branch, and the host."""

    def __init__(self, root: Path, github: GitHub) -> None:
        self.root = root
        self.github = github
        self.run_id = 500

    def commit(self) -> str:
        done = subprocess.run(["git", "rev-parse", "HEAD"], cwd=self.root, capture_output=True, text=True, check=True)
        return done.stdout.strip()

    def call(self, *words: str, **environ: str) -> Done:
        event = self.root.parent / "event.json"
        event.write_text(json.dumps({"repository": {"default_branch": "main"}}))
        host = {
            "CI": "true",
            "GITHUB_ACTIONS": "true",
            "GITHUB_API_URL": self.github.base,
            "GITHUB_EVENT_NAME": "schedule",
            "GITHUB_EVENT_PATH": str(event),
            "GITHUB_REF": "refs/heads/main",
            "GITHUB_REPOSITORY": "acme/pool",
            "GITHUB_RUN_ATTEMPT": "1",
            "GITHUB_RUN_ID": str(self.run_id),
            "GITHUB_SERVER_URL": "https://github.com",
            "GITHUB_SHA": self.commit(),
            "GITHUB_TOKEN": TOKEN,
        }
        done = penstock(self.root, *words, environ=host | environ)
        assert TOKEN not in done.out + done.err
        return done

    def nightly(self, jobs: str, *words: str, **environ: str) -> Done:
        """A run of these jobs, and what is told of it."""
        (self.root / "penstock.toml").write_text(jobs)
        save(self.root, "ci: jobs")
        shutil.rmtree(self.root / ".penstock", ignore_errors=True)
        penstock(self.root, "run", "-q")
        self.run_id += 1
        return self.call("report", "--issue", *words, **environ)


@pytest.fixture
def scene(tmp_path: Path) -> Iterator[Scene]:
    root = write(tmp_path / "project", {"pyproject.toml": PROJECT, ".gitignore": ".penstock/\n"})
    git(root, "init", "-q", "-b", "main")
    save(root, "feat: begin")
    github = GitHub(head="a" * 40)
    with listening(github.serve) as address:
        github.base = address
        yield Scene(root, github)


def told(done: Done) -> list[str]:
    return [line for line in done.out.splitlines() if not line.startswith("::")]


def test_a_red_night_opens_one_issue_the_next_keeps_it_and_a_green_one_closes_it(scene: Scene) -> None:
    first = scene.nightly(RED)
    assert (first.code, told(first)) == (0, ["issue  opened https://github.com/acme/pool/issues/20"]), first.err
    (issue,) = scene.github.tracker.issues
    assert issue["title"] == "The nightly run is not green"
    assert "## ❌ FAIL: `a`" in issue["body"]
    assert "The newest of them: https://github.com/acme/pool/actions/runs/501" in issue["body"]
    second = scene.nightly(RED + "b = { run = 'false' }\n")
    assert told(second) == ["issue  brought up to date https://github.com/acme/pool/issues/20"]
    assert "2 runs." in issue["body"]
    assert "## ❌ FAIL: `a`, `b`" in issue["body"]
    green = scene.nightly(GREEN)
    assert told(green) == ["issue  closed https://github.com/acme/pool/issues/20"]
    assert scene.github.tracker.said[20] == [
        f"✅ Green again on commit `{scene.commit()[:12]}`: https://github.com/acme/pool/actions/runs/503"
    ]


def test_what_could_not_be_judged_opens_one_too_and_a_part_closes_none(scene: Scene) -> None:
    lost = scene.call("report", "--issue", "--from", "evidence", "--plan", "plan/whole-plan.json")
    assert (lost.code, len(scene.github.tracker.open())) == (0, 1)
    assert "## ⚠️ NOT VERIFIED" in scene.github.tracker.issues[0]["body"]
    assert "whole-plan.json" in scene.github.tracker.issues[0]["body"]
    (scene.root / "penstock.toml").write_text(GREEN + "b = { run = 'false' }\n")
    penstock(scene.root, "run", "-q", "a")
    part = scene.call("report", "--issue")
    assert (part.code, len(scene.github.tracker.open())) == (0, 1), part.out
    cancelled = json.dumps({"plan": {"result": "success"}, "verdict": {"result": "cancelled"}})
    scene.nightly(GREEN, PENSTOCK_HOST_JOBS=cancelled)
    assert len(scene.github.tracker.open()) == 1


@pytest.mark.slow
def test_a_rehearsal_shows_and_sends_nothing(scene: Scene) -> None:
    done = scene.nightly(RED, "--dry-run", "--title", "Red", "--label", "ci", GITHUB_TOKEN="")
    assert done.code == 0, done.err
    assert "would send  POST" in done.out
    assert '"labels": [\n    "ci"\n  ]' in done.out
    assert scene.github.tracker.issues == []
    assert done.out.splitlines()[0].startswith("::stop-commands::"), "it quotes what jobs wrote"


@pytest.mark.slow
@pytest.mark.parametrize(
    ("words", "environ", "what"),
    [
        (["--label", "a,b"], {}, "no label of GitHub's that can be searched for"),
        (["--title", " "], {}, "--title is empty"),
        ([], {"GITHUB_TOKEN": ""}, "there is no token to publish with"),
        (["--repository", "acme"], {}, "which repository"),
        ([], {}, "there is no run to judge"),
    ],
)
def test_what_is_missing_is_said_before_anything_is_sent(
    scene: Scene, words: list[str], environ: dict[str, str], what: str
) -> None:
    done = scene.call("report", "--issue", *words, **environ)
    assert (done.code, what in done.err) == (2, True), done.err
    assert scene.github.asked == []


@pytest.mark.slow
def test_an_issue_that_could_not_be_told_ends_in_3(scene: Scene) -> None:
    scene.github.may = {"read"}
    done = scene.nightly(RED)
    assert done.code == 3
    assert "permissions: { issues: write }" in done.err


def test_a_tag_may_be_released_once_its_commit_is_verified(scene: Scene) -> None:
    git(scene.root, "tag", "v1.1")
    environ = {"GITHUB_EVENT_NAME": "push", "GITHUB_REF": "refs/tags/v1.1"}
    output = scene.root.parent / "output"
    early = scene.call("release", "check", "v1.1", **environ)
    assert (early.code, "no check `verdict` has run" in early.out) == (3, True), early.out
    scene.github.tracker.check("verdict", "success", commit=scene.commit())
    done = scene.call("release", "check", "v1.1", "--json", "check.json", **environ, GITHUB_OUTPUT=str(output))
    assert done.code == 0, done.out + done.err
    assert "5 of 5 as they should be" in done.out
    assert output.read_text() == "version=1.1\nprerelease=false\n"
    checks = json.loads((scene.root / "check.json").read_text())
    assert (checks["exit_code"], [each["name"] for each in checks["checks"]][-1]) == (0, "release.verdict")
    git(scene.root, "tag", "v1.2rc1")
    other = scene.call("release", "check", "v1.2rc1", **environ, GITHUB_OUTPUT=str(output))
    assert (other.code, "the project's version is 1.1, and the tag names 1.2rc1" in other.out) == (1, True)
    assert output.read_text().endswith("version=1.2rc1\nprerelease=true\n")
    unasked = scene.call("release", "check", "v1.1", **environ, GITHUB_TOKEN="")
    assert (unasked.code, "there is no token to ask with" in unasked.out) == (3, True)


@pytest.mark.slow
def test_the_notes_tell_what_changed_since_the_release_before(scene: Scene) -> None:
    git(scene.root, "tag", "v1.0")
    for number, title in enumerate(("fix(parser): keep tabs", "feat!: drop `x`", "No convention.", "docs: tell")):
        (scene.root / "a").write_text(str(number))
        save(scene.root, title)
    git(scene.root, "tag", "v1.1")
    done = scene.call("release", "notes", "v1.1", "--out", "notes/notes.md")
    assert done.code == 0, done.err
    notes = (scene.root / "notes" / "notes.md").read_text()
    assert [line for line in notes.splitlines() if line.startswith(("##", "Since"))] == [
        "Since `v1.0`: 4 commits.",
        "## Breaking changes",
        "## Fixes",
        "## Documentation",
        "## Other changes",
    ]
    assert "- `` drop `x` `` " in notes
    missing = scene.call("release", "notes", "v9.9")
    assert (missing.code, "there is no tag v9.9 here" in missing.err) == (2, True)
    named = scene.call("release", "notes", "nightly")
    assert (named.code, "names no version" in named.err) == (2, True)
