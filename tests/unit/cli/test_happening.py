"""`penstock plan --event …`: what an event starts on the host, of a project in a repository."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from penstock.cli import ci_files, main
from penstock.cli.ci_jobs import declared
from penstock.cli.out import Out
from penstock.cli.surroundings import look
from tests.fakes.guest_runs import write
from tests.fakes.repository import call, save

CONFIGURATION = """\
python = ["3.12", "3.13"]
[jobs]
lint = { tool = "ruff" }
unit = { run = "true", python = "*" }
slow = { run = "true", on = "nightly" }
gpu = { run = "true", branches = ["main", "feature/gpu-*"] }
docs = { run = "true", when = ["docs/**"] }
integ = { run = "true", needs = ["unit"], secrets = ["TOKEN"] }
"""
CI, PR = ".github/workflows/ci.yml", ".github/workflows/pr.yml"


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = write(
        tmp_path_factory.mktemp("events") / "p",
        {
            "penstock.toml": CONFIGURATION,
            "pyproject.toml": "[project]\nname='p'\nversion='1'\n",
            ".gitignore": ".penstock/\n",
            "docs/index.md": "# p\n",
        },
    )
    call(root, "init", "-q", "-b", "main")
    save(root)
    call(root, "checkout", "-q", "-b", "mine")
    (root / "docs" / "index.md").write_text("# P\n")
    save(root)
    return root


def plan(root: Path, *words: str) -> int:
    return main.run(["plan", "-C", str(root), "--no-color", *words])


@pytest.fixture
def asked(project: Path, capsys: pytest.CaptureFixture[str]) -> Any:
    """The answer as JSON: path -> job -> (state, rule)."""

    def ask(*words: str) -> dict[str, dict[str, tuple[str, str]]]:
        assert plan(project, *words, "--json") == 0
        told = json.loads(capsys.readouterr().out)
        assert told["version"] == 1
        return {
            each["path"]: {job["job"]: (job["state"], job["rule"]) for job in each["jobs"]}
            for each in told["workflows"]
        }

    return ask


def states(jobs: dict[str, tuple[str, str]]) -> dict[str, str]:
    return {name: state for name, (state, _) in jobs.items() if name not in ("plan", "verdict")}


def test_a_pull_request_of_the_repository_goes_by_its_branch_and_what_git_says_has_changed(asked: Any) -> None:
    jobs = asked("--event", "pull_request")[CI]
    assert states(jobs) == {
        "quality": "runs",
        "unit": "runs",
        "gpu": "skipped",
        "docs": "runs",
        "integ": "runs",
    }
    assert jobs["gpu"] == ("skipped", "without gpu: only on main, feature/gpu-*")
    assert jobs["docs"] == ("runs", "docs/index.md changed")
    assert jobs["verdict"] == ("runs", "`always()`")
    assert asked("--event", "pull_request", "--branch", "feature/gpu-2")[CI]["gpu"][0] == "runs"
    other = asked("--event", "pull_request", "--changed", "src/a.py")[CI]["docs"]
    assert other == ("skipped", "without docs: none of 1 changed file matches docs/**")


def test_a_fork_gets_no_secret_and_no_branch(asked: Any) -> None:
    jobs = asked("--event", "pull_request", "--fork", "--branch", "main")[CI]
    assert jobs["gpu"][0] == "skipped"
    assert jobs["integ"][0] == "blocks"
    assert jobs["integ"][1].startswith("a fork is not given the secret TOKEN")
    assert jobs["verdict"][0] == "blocks"


def test_a_push_to_the_base_branch_is_no_change_to_it_and_a_queue_goes_by_its_base(asked: Any) -> None:
    pushed = asked("--event", "push", "--branch", "main")
    assert set(states(pushed[CI]).values()) == {"runs"}
    assert pushed[PR]["pr"] == ("skipped", "`on` names no push")
    queued = asked("--event", "merge_group")
    assert (queued[CI]["gpu"][0], queued[PR]["pr"][0]) == ("runs", "runs")


@pytest.mark.parametrize(
    ("words", "title"),
    [
        (("--event", "pull_request"), "a pull request of mine into main, 1 changed file"),
        (("--event", "push"), "a push to mine, 1 changed file"),
        (("--event", "push", "--branch", "main"), "a push to main, what changed is not known"),
        (("--event", "merge_group", "--base", "release/2"), "the merge queue of release/2, 1 changed file"),
        (("--event", "schedule"), "the schedule, on main"),
        (("--event", "workflow_dispatch"), "a run by hand on main"),
        (("--event", "tag", "--tag", "v2"), "the tag v2"),
    ],
)
def test_the_answer_begins_with_the_event_in_words(
    project: Path, capsys: pytest.CaptureFixture[str], words: tuple[str, ...], title: str
) -> None:
    assert plan(project, *words) == 0
    assert capsys.readouterr().out.splitlines()[0] == title


def test_a_tag_starts_the_release_and_a_candidate_stays_out_of_the_index(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    text = 'python = ["3.12"]\njobs = { unit = { run = "true" }, build = true }\n[ci.github]\nrelease = {}\n'
    root = write(tmp_path / "p", {"penstock.toml": text, "pyproject.toml": ""})

    def jobs(tag: str) -> dict[str, str]:
        assert plan(root, "--event", "tag", "--tag", tag, "--json") == 0
        told = json.loads(capsys.readouterr().out)["workflows"][-1]
        assert told["path"] == ".github/workflows/release.yml"
        return {job["job"]: job["state"] for job in told["jobs"]}

    final, candidate, odd = jobs("v1.0.0"), jobs("v1.0.0rc1"), jobs("v1-odd")
    assert set(final.values()) == {"runs"}
    assert "unit" not in final, "only what is for a release"
    assert {name for name, state in candidate.items() if state != "runs"} == {"pypi"}
    assert {odd["verify"], odd["pypi"], odd["release"]} == {"blocks"}


def test_the_answer_is_of_every_workflow_that_is_written(project: Path, asked: Any) -> None:
    written = ci_files.HOSTS["github"](declared(look(Out(quiet=True), directory=str(project))))
    assert {path for path in written if "/workflows/" in path} == set(asked("--event", "push"))


def test_each_host_that_is_declared_is_told_of(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    root = write(tmp_path / "p", {"penstock.toml": f"{CONFIGURATION}[ci.circleci]\n", "pyproject.toml": ""})
    assert plan(root, "--event", "schedule") == 0
    out = capsys.readouterr().out
    assert ".circleci/config.yml nightly  starts: the parameter `occasion` is nightly" in out
    assert ".github" not in out
    (root / "penstock.toml").write_text(f"{CONFIGURATION}[ci.circleci]\n[ci.github]\n")
    assert plan(root, "--event", "schedule") == 0
    assert ".github/workflows/ci.yml" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("--event", "pull"), "a run is not for `pull`"),
        (("--event", "push", "--fork"), "--fork is about pull_request, not push"),
        (("--event", "push", "--tag", "v1"), "--tag is about tag, not push"),
        (("--event", "push", "unit"), "--event push asks for all generated jobs"),
        (("--event", "push", "--failed"), "--event push asks for all generated jobs"),
        (("--tag", "v1"), "are about an event of the CI host"),
    ],
)
def test_what_does_not_go_together_is_one_clear_error(
    project: Path, capsys: pytest.CaptureFixture[str], words: tuple[str, ...], told: str
) -> None:
    assert plan(project, *words) == 2
    error = capsys.readouterr().err
    assert told in error
    assert len(error.strip().splitlines()) == 2, error
