"""What a run is for, and on which branch: by the command line, else by the host, else by git."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from penstock.cli import occasions
from penstock.cli.out import Out
from penstock.cli.surroundings import Surroundings
from penstock.errors import UsageError
from penstock.plan.request import Request
from penstock.util.process import SystemProcesses
from tests import builders
from tests.builders import job_spec, pipeline, snapshot
from tests.fakes.clock import FakeClock
from tests.fakes.repository import ENVIRON, call, save

PIPELINE = pipeline(job_spec("gpu", branches=("main",)), job_spec("docs", when=("docs/**",)))
HOST = {"GITHUB_ACTIONS": "true", "GITHUB_EVENT_NAME": "pull_request"}


def surroundings(root: Path, **variables: str) -> Surroundings:
    return Surroundings(root, root / "state", ENVIRON | variables, SystemProcesses(), FakeClock(), Out(quiet=True))


def branch(root: Path, said: str = "", variables: dict[str, str] | None = None) -> str:
    found = occasions.settled(surroundings(root, **(variables or {})), PIPELINE, snapshot(), Request(branch=said))
    return found[1].branch


def test_the_branch_is_the_one_that_is_said_else_the_hosts_else_gits(tmp_path: Path) -> None:
    ours, theirs = tmp_path / "ours.json", tmp_path / "theirs.json"
    for path, repository in ((ours, "acme/pool"), (theirs, "mallory/pool")):
        head = {"ref": "feature/x", "repo": {"full_name": repository}}
        path.write_text(json.dumps({"pull_request": {"head": head, "base": {"repo": {"full_name": "acme/pool"}}}}))
    assert branch(tmp_path) == "main", "what is checked out"
    assert branch(tmp_path, "said") == "said"
    assert branch(tmp_path, "", HOST | {"GITHUB_EVENT_PATH": str(ours)}) == "feature/x"
    assert branch(tmp_path, "", HOST | {"GITHUB_EVENT_PATH": str(theirs)}) == "", (
        "whatever is checked out, a fork has none"
    )
    detached = snapshot(git=builders.git(state="detached", branch=None))
    assert occasions.settled(surroundings(tmp_path), PIPELINE, detached, Request())[1].branch == ""


def test_nobody_is_asked_where_no_job_asks(tmp_path: Path) -> None:
    plain, facts, request = pipeline(job_spec("a")), snapshot(), Request()
    assert occasions.settled(surroundings(tmp_path), plain, facts, request) == (facts, request)


def test_what_changed_is_asked_of_git_for_a_change_alone(tmp_path: Path) -> None:
    call(tmp_path, "init", "-q", "-b", "main")
    save_a(tmp_path, "a.py")
    call(tmp_path, "checkout", "-q", "-b", "mine")
    save_a(tmp_path, "b.py")

    def changed(**fields: object) -> tuple[str, ...] | None:
        return occasions.settled(surroundings(tmp_path), PIPELINE, snapshot(), Request(**fields))[0].changed  # type: ignore[arg-type]  # as they are given

    assert changed() == ("b.py",)
    assert changed(changed=("docs/x",)) is None, "what is said is taken, and git is not asked"
    assert changed(event="nightly") is None


def save_a(root: Path, name: str) -> None:
    (root / name).write_text("")
    save(root)


def test_another_word_is_refused_with_what_there_is() -> None:
    assert [occasions.of(word) for word in ("", "change", "nightly", "release")] == ["", "change", "nightly", "release"]
    with pytest.raises(UsageError, match="a run is not for `push`") as caught:
        occasions.of("push")
    assert "change, nightly or release" in (caught.value.remedy or "")
    assert "penstock plan --event push" in (caught.value.remedy or "")
