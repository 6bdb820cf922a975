"""The workflow that GitHub runs, and what its results are worth."""

from __future__ import annotations

import json
from itertools import product
from typing import Any

import msgspec
import pytest
from ruamel.yaml import YAML

from penstock.model.hosts import GitHub
from penstock.providers import pins
from penstock.providers.github import ci, pr, steps
from penstock.providers.github.results import troubles
from penstock.providers.slices import Slice

QUALITY = Slice(name="quality", jobs=("lint", "types"), select=("lint", "types"), pythons=("3.13",))
UNIT = Slice(
    name="unit",
    jobs=("unit",),
    select=("unit@{python}#{shard}",),
    axes={"python": ("3.12", "3.13"), "shard": ("1", "2")},
    pythons=("3.12", "3.13"),
)
INTEG = Slice(name="integ", jobs=("integ",), select=("integ",), needs=("unit",), pythons=("3.13",), timeout_s=90.0)
SLICES = (QUALITY, UNIT, INTEG)


def files() -> dict[str, Any]:
    reader = YAML(typ="safe", pure=True)
    settings = GitHub()
    made = {**ci.files(SLICES, settings), **pr.files(settings), **steps.files(settings)}
    return {path: reader.load(text) for path, text in made.items()}


def workflow() -> dict[str, Any]:
    found: dict[str, Any] = files()[ci.PATH]
    return found


def every_step() -> list[dict[str, Any]]:
    read = files()
    lists = [job["steps"] for path in (ci.PATH, pr.PATH) for job in read.pop(path)["jobs"].values()]
    return [step for each in (*lists, *(action["runs"]["steps"] for action in read.values())) for step in each]


def test_the_verdict_needs_every_job_and_always_runs() -> None:
    jobs = workflow()["jobs"]
    assert set(jobs) == {"plan", "quality", "unit", "integ", "verdict"}
    assert set(jobs["verdict"]["needs"]) == set(jobs) - {"verdict"}
    assert jobs["verdict"]["if"] == "${{ always() }}"


def test_secrets_reach_the_one_runner_whose_jobs_name_them() -> None:
    named = msgspec.structs.replace(INTEG, secrets=("API_KEY",), variables=("REGION",))
    jobs: Any = ci.workflow([UNIT, named], GitHub())["jobs"]
    given = {"REGION": "${{ vars.REGION }}", "API_KEY": "${{ secrets.API_KEY }}"}
    assert [step.get("env") for step in jobs["integ"]["steps"]] == [None, given]
    assert not [step for step in jobs["unit"]["steps"] if "env" in step]


def test_every_job_has_a_limit_and_no_more_than_the_right_to_read() -> None:
    read = workflow()
    assert read["permissions"] == {}
    for job in read["jobs"].values():
        assert job["timeout-minutes"] <= 60
        assert job["permissions"] == {"contents": "read"}
    assert read["jobs"]["integ"]["timeout-minutes"] == 12  # its own 90 s, and what a runner takes to be ready


def test_the_workflow_has_no_path_filter_and_runs_in_the_merge_queue() -> None:
    on = workflow()["on"]
    assert set(on) == {"push", "pull_request", "merge_group", "workflow_dispatch"}
    assert "paths" not in json.dumps(on)


def test_a_row_of_runners_is_a_matrix_and_each_has_evidence_of_its_own() -> None:
    job = workflow()["jobs"]["unit"]
    assert job["strategy"] == {"fail-fast": False, "matrix": {"python": ["3.12", "3.13"], "shard": ["1", "2"]}}
    given = job["steps"][1]["with"]
    assert given["jobs"] == "unit@${{ matrix.python }}#${{ matrix.shard }}"
    assert given["name"] == "unit-${{ matrix.python }}-${{ matrix.shard }}"


def test_shards_that_are_counted_later_come_from_the_plan() -> None:
    job: Any = ci.workflow([msgspec.structs.replace(UNIT, counted=True)], GitHub())["jobs"]
    assert job["unit"]["strategy"]["matrix"] == "${{ fromJSON(needs.plan.outputs.matrices)['unit'] }}"
    assert job["plan"]["outputs"]["matrices"] == "${{ steps.plan.outputs.matrices }}"


def test_actions_are_pinned_by_the_table_and_given_only_inputs_that_they_take() -> None:
    for step in every_step():
        uses = str(step.get("uses", ""))
        if not uses or uses.startswith("./"):
            continue
        action, _, commit = uses.partition("@")
        pin = pins.PINS[action]
        assert commit == pin.commit
        assert set(step.get("with", {})) <= set(pin.inputs)


def test_no_expression_stands_in_a_script_and_no_credentials_stay_in_a_checkout() -> None:
    for step in every_step():
        assert "${{" not in step.get("run", "")
        if "checkout" in str(step.get("uses", "")):
            assert step["with"]["persist-credentials"] is False


def test_the_pull_request_is_asked_again_when_its_title_is_edited_and_passes_the_queue() -> None:
    read = files()[pr.PATH]
    assert "edited" in read["on"]["pull_request"]["types"]
    assert "merge_group" in read["on"]
    conditions = [step.get("if", "") for step in read["jobs"]["pr"]["steps"]]
    assert (
        sum("'pull_request'" in each for each in conditions) == sum("'merge_group'" in each for each in conditions) == 1
    )


RESULTS = ("success", "failure", "cancelled", "skipped", "unknown")


def told(planned: tuple[Slice, ...], *failed: str, **results: str) -> list[str]:
    text = json.dumps({name: {"result": result} for name, result in results.items()})
    return list(troubles(text, {one.name: one for one in planned}, frozenset(failed)))


@pytest.mark.parametrize("results", list(product(RESULTS, repeat=3)))
def test_only_successes_and_what_the_plan_leaves_out_go_with_a_green_verdict(results: tuple[str, ...]) -> None:
    plan, quality, integ = results
    green = plan == quality == "success" and integ in ("success", "skipped")
    assert (told((QUALITY,), plan=plan, quality=quality, integ=integ) == []) is green
    both = plan == quality == integ == "success"
    assert (told((QUALITY, INTEG), plan=plan, quality=quality, integ=integ) == []) is both


def test_a_failure_that_the_evidence_tells_is_not_told_twice() -> None:
    for result in ("failure", "skipped"):
        assert told((QUALITY,), "quality", plan="success", quality=result) == []
    assert told((QUALITY,), "quality", plan="success", quality="cancelled") == [
        "GitHub's job quality ended as cancelled"
    ]


def test_a_job_that_the_verdict_does_not_wait_for_is_missed() -> None:
    assert told((QUALITY, UNIT), plan="success", quality="success") == [
        "GitHub's job verdict does not wait for unit, which is required: penstock ci generate github"
    ]


@pytest.mark.parametrize("text", ["", "{}", "[]", "null", "{", "[" * 100_000])
def test_results_that_cannot_be_read_forbid_a_green_verdict(text: str) -> None:
    assert len(list(troubles(text, {}, frozenset()))) == 1
