"""The workflows `nightly` and `release`, and the upload to Codecov: who may what, after what, and what is kept."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from msgspec.structs import replace
from ruamel.yaml import YAML

from penstock.model.hosts import Codecov, GitHub, Release
from penstock.providers import pins
from penstock.providers.github import ci, nightly, release, steps
from penstock.providers.slices import Slice

UNIT = Slice(
    name="unit",
    jobs=("unit",),
    select=("unit@{python}",),
    axes={"python": ("3.12", "3.13")},
    pythons=("3.12", "3.13"),
    caches=("~/.cache/models", "data/index"),
)
BUILD = Slice(name="build", jobs=("build",), select=("build",), pythons=("3.13",), secrets=("SIGN_KEY",))


def read(files: dict[str, str]) -> dict[str, Any]:
    (text,) = files.values()
    found: dict[str, Any] = YAML(typ="safe", pure=True).load(text)
    return found


def night(at: str = "") -> dict[str, Any]:
    return read(nightly.files([UNIT, BUILD], GitHub(nightly=at)))


def released(**fields: Any) -> dict[str, Any]:
    return read(release.files([BUILD], GitHub(), Release(**fields)))


def scripts(jobs: dict[str, Any]) -> list[str]:
    return [step["run"] for job in jobs.values() for step in job["steps"] if "run" in step]


def rights(workflow: dict[str, Any]) -> dict[str, set[str]]:
    """Job -> what it may write."""
    assert workflow["permissions"] == {}
    told = {name: job["permissions"] for name, job in workflow["jobs"].items()}
    return {name: {one for one, access in may.items() if access == "write"} for name, may in told.items()}


@pytest.mark.parametrize(("at", "cron"), [("", "0 2 * * *"), ("03:05", "5 3 * * *"), ("23:59", "59 23 * * *")])
def test_the_night_begins_when_it_is_said_and_by_hand(at: str, cron: str) -> None:
    assert night(at)["on"] == {"schedule": [{"cron": cron}], "workflow_dispatch": None}


def test_the_night_plans_runs_and_judges_as_a_change_does_for_its_own_occasion() -> None:
    jobs = night()["jobs"]
    assert set(jobs) == {"plan", "unit", "build", "verdict", "issue"}
    assert jobs["verdict"]["needs"] == ["plan", "unit", "build"]
    assert jobs["verdict"]["name"] == "nightly verdict", "a release asks for the check `verdict` of a commit"
    assert any("ci plan --event nightly" in script for script in scripts(jobs))
    assert jobs["unit"]["steps"][1]["with"]["event"] == "nightly"


def test_a_fork_s_schedule_runs_nothing_and_is_not_red() -> None:
    jobs = night()["jobs"]
    guard = "github.event_name == 'workflow_dispatch' || !github.event.repository.fork"
    assert jobs["plan"]["if"] == f"${{{{ {guard} }}}}"
    for name in ("verdict", "issue"):
        assert f"({guard})" in jobs[name]["if"]
    for name in ("unit", "build"):  # what the plan did not say does not run
        assert "needs.plan.result == 'success'" in jobs[name]["if"]


def test_the_issue_alone_may_write_and_waits_for_all() -> None:
    workflow = night()
    assert {name for name, may in rights(workflow).items() if may} == {"issue"}
    assert rights(workflow)["issue"] == {"issues"}
    issue = workflow["jobs"]["issue"]
    assert set(issue["needs"]) == set(workflow["jobs"]) - {"issue"}
    assert "!cancelled()" in issue["if"]
    last = issue["steps"][-1]
    assert last["if"] == "${{ !cancelled() }}", "also where there is no evidence"
    assert "report --issue" in last["run"]
    assert set(last["env"]) == {"GH_TOKEN", "PENSTOCK_HOST_JOBS"}


def test_a_release_keeps_and_restores_no_cache() -> None:
    text = json.dumps(released())
    assert "actions/cache" not in text
    assert "penstock-run" not in text, "whose steps do"
    assert "actions/cache" in json.dumps(read(nightly.files([UNIT], GitHub())))


def test_a_release_is_verified_before_it_is_built_and_built_before_anything_is_published() -> None:
    jobs = released()["jobs"]
    assert list(jobs) == ["verify", "plan", "build", "verdict", "attest", "pypi", "release"]
    assert jobs["plan"]["needs"] == ["verify"]
    assert jobs["verdict"]["needs"] == ["verify", "plan", "build"]
    assert jobs["attest"]["if"] == "${{ !cancelled() && needs.verdict.result == 'success' }}"
    assert "needs.attest.result == 'success'" in jobs["pypi"]["if"]
    assert "needs.attest.result == 'success'" in jobs["release"]["if"]
    names = [step["name"] for step in jobs["verdict"]["steps"]]
    assert names.index("Judge") < names.index("Take out what was built and checked") < names.index("Hand on the files")


def test_a_pre_release_is_not_uploaded_and_a_failed_upload_is_no_release() -> None:
    jobs = released()["jobs"]
    assert "needs.verify.outputs.prerelease == 'false'" in jobs["pypi"]["if"]
    allowed = "(needs.pypi.result == 'success' || needs.verify.outputs.prerelease == 'true')"
    assert allowed in jobs["release"]["if"]
    assert "--prerelease" in jobs["release"]["steps"][-1]["run"]


def test_each_right_of_a_release_is_in_the_one_job_that_needs_it_and_none_of_them_runs_the_project() -> None:
    workflow = released()
    may = {name: found for name, found in rights(workflow).items() if found}
    assert may == {"attest": {"id-token", "attestations"}, "pypi": {"id-token"}, "release": {"contents"}}
    for name in may:
        uses = [str(step.get("uses", "")) for step in workflow["jobs"][name]["steps"]]
        assert not [one for one in uses if one.startswith("./") or "checkout" in one]
    assert workflow["jobs"]["pypi"]["environment"] == {"name": "pypi"}


def test_without_pypi_there_is_no_such_job_and_none_waits_for_it() -> None:
    jobs = released(pypi=False)["jobs"]
    assert "pypi" not in jobs
    assert jobs["release"]["needs"] == ["verify", "attest"]
    assert released(environment="index")["jobs"]["pypi"]["environment"] == {"name": "index"}


def test_the_secrets_of_a_build_reach_its_one_step() -> None:
    jobs = released()["jobs"]
    having = [step["name"] for job in jobs.values() for step in job["steps"] if "secrets." in json.dumps(step)]
    assert having == ["Run"]


@pytest.mark.parametrize("workflow", [night(), released()], ids=["nightly", "release"])
def test_they_are_as_hard_as_the_others(workflow: dict[str, Any]) -> None:
    for job in workflow["jobs"].values():
        assert job["timeout-minutes"] <= 60
        for step in job["steps"]:
            assert "${{" not in step.get("run", "")
            action, _, commit = str(step.get("uses", "./")).partition("@")
            if not action.startswith("./"):
                assert commit == pins.PINS[action].commit
                assert set(step.get("with", {})) <= set(pins.PINS[action].inputs)
            if action == "actions/checkout":
                assert step["with"]["persist-credentials"] is False
    assert workflow["concurrency"]["cancel-in-progress"] is False


def test_coverage_is_uploaded_beside_the_verdict_and_decides_nothing() -> None:
    settings = GitHub(codecov=Codecov(flags=True))
    jobs = read(ci.files([UNIT], settings, ("python", "rust")))["jobs"]
    assert "codecov" not in jobs["verdict"]["needs"]
    assert jobs["codecov"]["needs"] == ["plan", "verdict"]
    assert "needs.plan.outputs.coverage == 'true'" in jobs["codecov"]["if"]
    assert jobs["codecov"]["permissions"] == {"contents": "read", "id-token": "write"}
    uploads = [step["with"] for step in jobs["codecov"]["steps"] if "codecov" in str(step.get("uses"))]
    assert [(one["flags"], one["files"]) for one in uploads] == [
        ("python", "coverage-of-all/python.xml"),
        ("rust", "coverage-of-all/rust.xml"),
    ]
    assert all(one["fail_ci_if_error"] is False and one["disable_search"] is True for one in uploads)
    assert all("!github.event.pull_request.head.repo.fork" in one["use_oidc"] for one in uploads)
    assert "--flag rust" in "".join(scripts(jobs))
    assert "codecov" not in read(ci.files([UNIT], GitHub()))["jobs"]


def test_with_a_token_nobody_shows_an_identity() -> None:
    jobs = read(ci.files([UNIT], GitHub(codecov=Codecov(token="CODECOV_TOKEN"))))["jobs"]
    (given,) = [step["with"] for step in jobs["codecov"]["steps"] if "codecov" in str(step.get("uses"))]
    assert given["token"] == "${{ secrets.CODECOV_TOKEN }}"
    assert not given.keys() & {"use_oidc", "flags"}
    assert jobs["codecov"]["permissions"] == {"contents": "read"}


def test_what_is_cached_hangs_on_what_it_is_made_of_and_is_written_by_the_default_branch_alone() -> None:
    text = steps.files(GitHub())[".github/actions/penstock-run/action.yml"]
    run: list[dict[str, Any]] = YAML(typ="safe", pure=True).load(text)["runs"]["steps"]
    restored = [step["with"] for step in run if "cache/restore" in str(step.get("uses"))]
    saved = [step["with"] for step in run if "cache/save" in str(step.get("uses"))]
    assert [{name: one[name] for name in ("path", "key")} for one in restored] == saved
    assert "hashFiles('.penstock/resolutions/**')" in restored[0]["key"]
    assert restored[0]["path"] == "${{ steps.uv.outputs.folder }}"
    assert "github.sha" in restored[1]["key"]
    for place in (".penstock/cache", ".penstock/tools", ".penstock/pytest", "${{ inputs.caches }}"):
        assert place in restored[1]["path"]
    beginnings = [one["restore-keys"] for one in restored]
    for one, begins in zip(restored, beginnings, strict=True):
        assert one["key"].startswith(begins)
        assert sum(one["key"].startswith(other) for other in beginnings) == 1, "no family finds another's"
        assert begins.endswith("${{ inputs.name }}#"), "`unit` does not find what `unit-3.12` has kept"
    guards = [step["if"] for step in run if "cache/save" in str(step.get("uses"))]
    for guard in guards:
        assert re.search(r"'schedule' \|\| github.event_name == 'push' && github.ref_name == .*default_branch\)", guard)


def test_a_job_s_own_folders_are_kept_where_it_runs() -> None:
    jobs = read(ci.files([UNIT, replace(BUILD, caches=())], GitHub()))["jobs"]
    assert jobs["unit"]["steps"][1]["with"]["caches"] == "~/.cache/models\ndata/index\n"
    assert "caches" not in jobs["build"]["steps"][1]["with"]
