"""Who is told of a protected run: the real program, and a webhook that listens on this machine."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from penstock.util.web import Answer, Request
from tests.fakes.guest_runs import write
from tests.fakes.program import Done, penstock
from tests.fakes.repository import call as git
from tests.fakes.slack import MESSAGE
from tests.fakes.web import listening

SECRET = "T0/B0/s3cretXXXX"
TOML = "[jobs]\ncheck = { run = 'test -e good' }\nother = { run = 'true' }\n[notify]\nwebhook = 'HOOK'\n"


class Chat:
    """The webhook's other end. `heard`: the messages; `answer`: what it says to them."""

    def __init__(self) -> None:
        self.heard: list[str] = []
        self.answer = Answer(status=200, body=b"ok")
        self.address = ""

    def serve(self, request: Request) -> Answer:
        message = json.loads(request.body)
        MESSAGE.validate(message)
        assert request.url.endswith(f"/services/{SECRET}")
        self.heard.append(message["text"])
        return self.answer


class Branch:
    """A checkout of main on a CI host."""

    def __init__(self, root: Path, chat: Chat) -> None:
        self.root = root
        self.chat = chat

    def environ(self) -> dict[str, str]:
        done = subprocess.run(["git", "rev-parse", "HEAD"], cwd=self.root, capture_output=True, text=True, check=True)
        return {
            "CI": "true",
            "GITHUB_ACTIONS": "true",
            "GITHUB_EVENT_NAME": "push",
            "GITHUB_REF": "refs/heads/main",
            "GITHUB_REF_PROTECTED": "true",
            "GITHUB_REPOSITORY": "acme/pool",
            "GITHUB_RUN_ID": "7",
            "GITHUB_SERVER_URL": "https://github.com",
            "GITHUB_SHA": done.stdout.strip(),
            "HOOK": f"{self.chat.address}/services/{SECRET}",
        }

    def run(self, *arguments: str, good: bool, **environ: str) -> Done:
        """Run it, and see that the address stands nowhere."""
        (self.root / "good").unlink(missing_ok=True)
        if good:
            (self.root / "good").touch()
        git(self.root, "add", "-A")
        git(self.root, "commit", "-q", "--allow-empty", "-m", "x")
        done = penstock(self.root, "run", *arguments, environ={**self.environ(), **environ})
        self.is_nowhere(done)
        return done

    def is_nowhere(self, done: Done) -> None:
        assert "s3cret" not in done.out + done.err
        files = [path for path in self.root.rglob("*") if path.is_file()]
        assert not [path for path in files if b"s3cret" in path.read_bytes()]


@pytest.fixture
def main(tmp_path: Path) -> Iterator[Branch]:
    root = write(tmp_path / "project", {"penstock.toml": TOML})
    git(root, "init", "-q", "-b", "main")
    chat = Chat()
    with listening(chat.serve) as chat.address:
        yield Branch(root, chat)


def test_a_failure_and_the_recovery_from_it_are_told_of(main: Branch) -> None:
    assert main.run(good=True).code == 0
    assert main.chat.heard == [], "it was green before"
    failed = main.run(good=False)
    assert failed.code == 1
    assert "notified  failure, by HOOK" in failed.err
    assert main.chat.heard == ["❌ FAIL: `acme/pool main`: `check`"]
    assert main.run("check", good=True).code == 0
    assert len(main.chat.heard) == 1, "a part of the pipeline proves nothing"
    assert "notified  recovery, by HOOK" in main.run(good=True).err
    assert main.run(good=True).code == 0
    assert main.chat.heard[1:] == ["✅ green again: `acme/pool main`"]


@pytest.mark.slow
def test_another_branch_s_failure_and_an_unprotected_one_are_none_of_its_business(main: Branch) -> None:
    other = {"GITHUB_REF": "refs/heads/next"}
    assert main.run(good=False, **other).code == 1
    assert main.chat.heard == ["❌ FAIL: `acme/pool next`: `check`"]
    for unprotected in (
        {"GITHUB_REF_PROTECTED": "false"},
        {"GITHUB_EVENT_NAME": "pull_request_target"},
        {"GITHUB_SHA": "1" * 40},
        {"GITHUB_ACTIONS": ""},
        {"GITHUB_ACTIONS": "", "CI": ""},
    ):
        assert main.run(good=False, **unprotected).code == 1
    assert main.run(good=True).code == 0
    assert len(main.chat.heard) == 1
    assert main.run(good=True, **other).code == 0
    assert main.chat.heard[1] == "✅ green again: `acme/pool next`"


@pytest.mark.parametrize(
    ("hook", "words"),
    [
        (None, "HOOK: it answers 404: no_service"),
        ("", "HOOK: it is not set"),
        (f"ftp://x/{SECRET}", "HOOK: what it holds is no address of a webhook"),
        (f"http://127.0.0.1:1/{SECRET}", "HOOK: it does not answer: connection refused"),
    ],
)
def test_a_webhook_that_fails_is_told_and_changes_no_verdict(main: Branch, hook: str | None, words: str) -> None:
    main.chat.answer = Answer(status=404, body=b"no_service")
    done = main.run(good=False, **({} if hook is None else {"HOOK": hook}))
    assert done.code == 1
    assert f"penstock: nobody was told of this failure: {words}" in done.err


def test_the_verdict_over_many_runners_is_told_of_once(main: Branch, tmp_path: Path) -> None:
    assert main.run(good=False, HOOK="").code == 1
    alone = penstock(main.root, "gate", environ=main.environ())
    assert (alone.code, main.chat.heard) == (1, []), "the run itself has told"
    (carried,) = (main.root / ".penstock" / "runs").iterdir()
    carried.rename(tmp_path / carried.name)
    done = penstock(main.root, "gate", "--from", str(tmp_path / carried.name), environ=main.environ())
    main.is_nowhere(done)
    assert (done.code, main.chat.heard) == (1, ["❌ FAIL: `acme/pool main`: `check`"])
    part = penstock(main.root, "gate", "check", "--from", str(tmp_path / carried.name), environ=main.environ())
    assert (part.code, len(main.chat.heard)) == (1, 1)


@pytest.mark.slow
def test_only_what_is_asked_for_is_told(main: Branch) -> None:
    (main.root / "penstock.toml").write_text(TOML + "on = ['recovery']\n")
    assert main.run(good=False).code == 1
    assert main.chat.heard == []
    assert main.run(good=True).code == 0
    assert main.chat.heard == ["✅ green again: `acme/pool main`"]
