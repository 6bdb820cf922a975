"""What the configuration adds to the generated workflows."""

from __future__ import annotations

import json
from typing import Any

import pytest
from msgspec.structs import replace
from ruamel.yaml import YAML

from penstock.errors import UsageError
from penstock.model.hosts import ExtraJob, GitHub, Permission, Raised, Release, Step
from penstock.providers import pins
from penstock.providers.github import ci, extend, names, nightly, pr, release, steps
from penstock.providers.github.results import troubles
from penstock.providers.slices import Slice

COMMIT = "0123456789abcdef0123456789abcdef01234567"
QUALITY = Slice(name="quality", jobs=("lint", "types"), select=("lint", "types"))
UNIT = Slice(name="unit", jobs=("unit",), select=("unit@{python}",), axes={"python": ("3.12", "3.13")})
BOTH = replace(UNIT, axes={"python": ("3.12",), "system": ("linux", "macos")})
SLICES = (QUALITY, UNIT)
SMOKE = ExtraJob(name="smoke", steps=(Step(run="make smoke"),), needs=("unit",), timeout_s=90.0)
PREVIEW = ExtraJob(
    name="preview", steps=(Step(uses="./preview"),), required=False, condition="github.event_name == 'push'"
)


def text(settings: GitHub, *runners: Slice) -> str:
    return ci.files(runners or SLICES, settings)[ci.PATH]


def jobs(settings: GitHub, *runners: Slice) -> dict[str, Any]:
    read = YAML(typ="safe", pure=True).load(text(settings, *runners))
    found: dict[str, Any] = read["jobs"]
    return found


def test_a_job_gets_the_runner_that_is_named_for_it() -> None:
    found = jobs(GitHub(runner="big", runners=(("unit", ("self-hosted", "gpu")), ("verdict", ("small",)))))
    wanted = {"plan": "big", "quality": "big", "unit": ["self-hosted", "gpu"], "verdict": "small"}
    assert {name: job["runs-on"] for name, job in found.items()} == wanted


@pytest.mark.parametrize(
    ("settings", "wanted"),
    [
        (GitHub(), "matrix.system == 'macos' && 'macos-15' || 'ubuntu-24.04'"),
        (GitHub(runners=(("unit", ("big",)),)), "matrix.system == 'macos' && 'macos-15' || 'big'"),
        (GitHub(systems=(("macos", ("m",)), ("linux", ("l",)))), "matrix.system == 'macos' && 'm' || 'l'"),
        (
            GitHub(runners=(("unit@macos", ("own", "mac")),)),
            "matrix.system == 'macos' && fromJSON('[\"own\", \"mac\"]') || 'ubuntu-24.04'",
        ),
    ],
)
def test_legs_on_several_systems_have_the_runner_of_each(settings: GitHub, wanted: str) -> None:
    assert jobs(settings, BOTH)["unit"]["runs-on"] == f"${{{{ {wanted} }}}}"


def test_legs_of_one_system_need_no_expression() -> None:
    mac = replace(BOTH, axes={"python": ("3.12",), "system": ("macos",)})
    assert jobs(GitHub(), mac)["unit"]["runs-on"] == "macos-15"


def test_a_right_stands_with_its_reason_in_the_one_job() -> None:
    right = Permission(job="unit", permission="id-token", access="write", reason="the cloud asks who it is")
    settings = GitHub(permissions=(right,))
    assert "      id-token: write # the cloud asks who it is\n" in text(settings)
    rights = {name: job["permissions"] for name, job in jobs(settings).items()}
    assert rights.pop("unit") == {"contents": "read", "id-token": "write"}
    assert all(each == {"contents": "read"} for each in rights.values())


def test_steps_come_around_penstock_in_all_jobs_that_work_or_in_those_that_are_named() -> None:
    action = Step(uses=f"acme/tidy@{COMMIT}", version="v1.2.0", given=(("depth", "2"),))
    settings = GitHub(
        before=(Step(run="make ready\nmake steady\n"), Step(run="unit only", jobs=("unit",))),
        after=(replace(action, condition="always()", environment=(("A", "${{ github.sha }}"),)),),
    )
    found = jobs(settings)
    assert [step["name"] for step in found["unit"]["steps"]] == [
        "Check out",
        "make ready",
        "unit only",
        "Run",
        "acme/tidy",
    ]
    assert [step["name"] for step in found["quality"]["steps"]] == ["Check out", "make ready", "Run", "acme/tidy"]
    assert "make ready" not in [step["name"] for name in ("plan", "verdict") for step in found[name]["steps"]]
    *_, last = found["unit"]["steps"]
    assert last == {
        "name": "acme/tidy",
        "if": "${{ always() }}",
        "uses": f"acme/tidy@{COMMIT}",
        "env": {"A": "${{ github.sha }}"},
        "with": {"depth": "2"},
    }
    assert f"acme/tidy@{COMMIT} # v1.2.0\n" in text(settings)


def test_a_step_stands_in_the_workflows_that_it_is_for() -> None:
    cached, always = Step(run="make cached", on=("change", "nightly")), Step(run="make ready")
    settings = GitHub(before=(cached, always), release=Release(), nightly="02:00")
    files = {
        **ci.files(SLICES, settings),
        **nightly.files(SLICES, settings),
        **release.files(SLICES, settings, Release()),
    }
    found = {path.rpartition("/")[2]: ("make cached" in text, "make ready" in text) for path, text in files.items()}
    assert found == {"ci.yml": (True, True), "nightly.yml": (True, True), "release.yml": (False, True)}


def test_the_verdict_waits_for_a_job_of_ones_own_unless_it_decides_nothing() -> None:
    found = jobs(GitHub(jobs=(SMOKE, PREVIEW), timeout_s=1200.0))
    assert found["verdict"]["needs"] == ["plan", "quality", "unit", "smoke"]
    assert found["verdict"]["steps"][-2]["env"]["PENSTOCK_HOST_REQUIRED"] == "smoke"
    smoke, preview = found["smoke"], found["preview"]
    assert (smoke["needs"], smoke["timeout-minutes"], preview["timeout-minutes"]) == (["unit"], 2, 20)
    assert "!cancelled() && !contains(needs.*.result, 'failure')" in smoke["if"]
    assert preview["if"] == "${{ github.event_name == 'push' }}"
    for job in (smoke, preview):
        assert job["permissions"] == {"contents": "read"}
        assert job["steps"][0]["with"]["persist-credentials"] is False


@pytest.mark.parametrize("result", ["success", "failure", "cancelled", "skipped", "unknown", None])
def test_only_its_success_makes_a_green_verdict(result: str | None) -> None:
    told = {name: {"result": "success"} for name in ("plan", "unit")}
    if result is not None:
        told["smoke"] = {"result": result}
    found = list(troubles(json.dumps(told), {"unit": UNIT}, frozenset(), "smoke"))
    assert (found == []) is (result == "success")


def test_further_events_start_the_workflow() -> None:
    settings = GitHub(triggers=(("schedule", ("0 3 * * 1",)), ("repository_dispatch", ("go",)), ("workflow_call", ())))
    on = YAML(typ="safe", pure=True).load(text(settings))["on"]
    assert on["schedule"] == [{"cron": "0 3 * * 1"}]
    assert on["repository_dispatch"] == {"types": ["go"]}
    assert set(on) == {
        "push",
        "pull_request",
        "merge_group",
        "workflow_dispatch",
        "schedule",
        "repository_dispatch",
        "workflow_call",
    }


def test_an_action_is_raised_wherever_it_is_used() -> None:
    settings = GitHub(pins=(Raised(action="actions/checkout", version="v9.9.9", commit=COMMIT),))
    files = {**ci.files(SLICES, settings), **pr.files(settings), **steps.files(settings)}
    whole = "".join(files.values())
    assert whole.count(f"actions/checkout@{COMMIT} # v9.9.9") == 5  # plan, two runners, verdict, pr
    assert pins.CHECKOUT.commit not in whole
    assert pins.DOWNLOAD.commit in whole


def test_nothing_added_is_nothing_changed() -> None:
    assert extend.jobs(GitHub()) == extend.events(GitHub()) == {}


@pytest.mark.parametrize(
    ("settings", "told", "remedy"),
    [
        (GitHub(runners=(("uint", ("a",)),)), "ci.github.runners: `uint`", "did you mean `unit`?"),
        (GitHub(runners=(("lint", ("a",)),)), "ci.github.runners: `lint`", "runner `quality`"),
        (GitHub(before=(Step(run="x", jobs=("zzz",)),)), "ci.github.before: `zzz`", "there are: plan, pr, quality"),
        (
            GitHub(permissions=(Permission(job="zzz", permission="pages", access="read", reason="x"),)),
            "ci.github.permissions: `zzz`",
            "there are",
        ),
        (GitHub(jobs=(replace(SMOKE, needs=("zzz",)),)), "ci.github.jobs.smoke.needs: `zzz`", "there are"),
        (GitHub(jobs=(replace(SMOKE, name="verdict"),)), "ci.github.jobs.verdict", "another"),
        (GitHub(jobs=(replace(SMOKE, name="unit"),)), "ci.github.jobs.unit", "another"),
    ],
)
def test_a_name_that_is_no_generated_job_is_refused(settings: GitHub, told: str, remedy: str) -> None:
    with pytest.raises(UsageError) as caught:
        names.check(settings, SLICES)
    assert told in caught.value.message
    assert remedy in (caught.value.remedy or "")


def test_names_that_are_there_are_taken() -> None:
    more = replace(SMOKE, name="more", needs=("smoke", "quality"))
    names.check(GitHub(jobs=(SMOKE, more), runners=(("unit@macos", ("a",)), ("pr", ("b",)))), SLICES)
