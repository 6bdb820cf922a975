"""The configuration of CircleCI, and what of a plan one of its containers does."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any

import pytest
from msgspec.structs import replace
from ruamel.yaml import YAML

from penstock.errors import UsageError
from penstock.model.circleci import CircleCI
from penstock.model.pipeline import Deployment, JobKind, JobSpec, Pipeline, Stage
from penstock.model.plan import Shard
from penstock.providers.circleci import config, context, filters, keys, runners
from penstock.providers.dealt import dealt
from penstock.providers.drift import differences
from penstock.providers.slices import Slice
from tests import builders
from tests.fakes.circleci_rules import findings

QUALITY = Slice(name="quality", jobs=("lint", "types"), select=("lint", "types"), pythons=("3.13",))
UNIT = Slice(
    name="unit",
    jobs=("unit",),
    select=("unit@{python}#{shard}",),
    axes={"python": ("3.12", "3.13"), "shard": ("1", "2", "3")},
    pythons=("3.12", "3.13"),
)
INTEG = Slice(name="integ", jobs=("integ",), select=("integ",), needs=("unit",), pythons=("3.13",), timeout_s=90.0)
GPU = Slice(name="gpu", jobs=("gpu",), select=("gpu",), pythons=("3.13",))
SLICES = (QUALITY, UNIT, INTEG, GPU)
PIPELINE = Pipeline(
    stages=(Stage(name="fast"), Stage(name="integration"), Stage(name="full")),
    jobs=(
        JobSpec(name="lint", kind=JobKind.LINT),
        JobSpec(name="types", kind=JobKind.TYPES, stage="full"),
        JobSpec(name="unit", kind=JobKind.TEST),
        JobSpec(name="integ", kind=JobKind.TEST, stage="integration", services=("redis",)),
        JobSpec(name="gpu", kind=JobKind.TEST, stage="full", gpus=1),
    ),
    circleci=CircleCI(executors=(("full", "performance"),), contexts=(("integ", ("keys",)), ("verdict", ("slack",)))),
    deployments=(
        Deployment(name="staging", run=("./deploy",), health=("http", "https://example.org")),
        Deployment(
            name="production",
            run=("./deploy",),
            health=("http", "https://example.org"),
            after=("staging",),
            approval=True,
            branches=("main", "release/*"),
        ),
    ),
)


def text(slices: tuple[Slice, ...] = SLICES, pipeline: Pipeline = PIPELINE) -> str:
    return config.files(slices, slices, pipeline)[config.PATH]


def read(slices: tuple[Slice, ...] = SLICES, pipeline: Pipeline = PIPELINE) -> Any:
    return parsed(text(slices, pipeline))


@cache
def parsed(file: str) -> Any:
    return YAML(typ="safe", pure=True).load(file)


def started(file: Any, workflow: str = "ci") -> dict[str, Any]:
    """What a workflow starts, by the names that others wait for."""
    found: dict[str, Any] = {}
    for one in file["workflows"][workflow]["jobs"]:
        job, given = (one, {}) if isinstance(one, str) else next(iter(one.items()))
        found[given.get("matrix", {}).get("alias") or given.get("name", job)] = {"job": job, **given}
    return found


def test_the_file(golden: Callable[[str, str], None]) -> None:
    golden("tests/golden/circleci/stages.yml", text())


def test_the_rules_that_no_tool_knows_find_nothing() -> None:
    odd = replace(UNIT, axes={}, cells=({"python": "3.12", "DB": "a<<b >>"}, {"python": "3.13", "DB": "new"}))
    odd = replace(odd, select=("unit@{python},DB={DB}",))
    empty = Pipeline(jobs=(JobSpec(name="lint", kind=JobKind.LINT),))
    for slices, pipeline in ((SLICES, PIPELINE), ((QUALITY,), empty), ((QUALITY, odd), PIPELINE)):
        assert findings(text(slices, pipeline)) == []


def test_the_verdict_waits_for_all_whatever_becomes_of_them() -> None:
    for workflow in ("ci", "nightly"):
        told = started(read(), workflow)
        work = [name for name in told if not name.startswith(("deploy", "hold")) and name != "verdict"]
        assert told["verdict"]["requires"] == [{name: "terminal"} for name in work]
        assert set(work) == {"plan", "quality", "unit", "integ", "gpu"}


def test_a_later_stage_waits_for_the_one_before_it_and_needs_are_kept() -> None:
    told = started(read())
    assert told["quality"]["requires"] == ["plan"]  # its first job's stage: what only reads files is done at once
    assert told["integ"]["requires"] == ["plan", "unit", "quality"]
    assert told["gpu"]["requires"] == ["plan", "integ"]


def test_what_needs_a_job_of_a_later_stage_moves_there_and_makes_no_circle() -> None:
    early = Slice(name="early", jobs=("lint",), select=("lint",), needs=("gpu",))
    found = {one.id: one for one in runners.of((early, UNIT, GPU), PIPELINE)}
    assert (found["early"].after, found["gpu"].after) == (("gpu", "unit"), ("unit",))


def test_shards_are_containers_and_legs_cells() -> None:
    file = read()
    job, place = file["jobs"]["unit"], started(file)["unit"]
    assert (job["parallelism"], list(job["parameters"])) == (3, ["python"])
    assert place["matrix"]["parameters"] == {"python": ["3.12", "3.13"]}
    assert job["steps"][1]["penstock-run"]["jobs"] == "unit@<< parameters.python >>#*"


def test_executors_by_what_is_declared_and_by_what_jobs_need() -> None:
    file = read()
    assert {name: job["executor"] for name, job in file["jobs"].items() if name != "deploy"} == {
        "plan": "standard",
        "quality": "standard",
        "unit": "standard",
        "integ": "machine",
        "gpu": "gpu",
        "verdict": "standard",
    }
    assert set(file["executors"]) == {"standard", "machine", "gpu"}
    by_stage = replace(PIPELINE, jobs=tuple(replace(job, gpus=0, services=()) for job in PIPELINE.jobs or ()))
    assert read(SLICES, by_stage)["jobs"]["gpu"]["executor"] == "performance"
    named = replace(PIPELINE, circleci=CircleCI(executors=(("gpu", "machine"),), layer_cache=True))
    file = read(SLICES, named)
    assert file["jobs"]["gpu"]["executor"] == "machine"
    assert file["executors"]["machine"]["machine"]["docker_layer_caching"] is True


def test_contexts_go_to_whom_they_are_declared_for() -> None:
    told = started(read())
    assert {name: given["context"] for name, given in told.items() if "context" in given} == {
        "integ": ["keys"],
        "verdict": ["slack"],
    }


def test_deployments_come_after_the_verdict_and_somebody_has_to_agree() -> None:
    told = started(read())
    assert told["deploy-staging"]["requires"] == ["verdict"]
    assert (told["hold-production"]["type"], told["hold-production"]["requires"]) == ("approval", ["deploy-staging"])
    assert told["deploy-production"]["requires"] == ["hold-production"]
    assert told["deploy-staging"]["filters"] == 'pipeline.git.branch == "main"'
    assert not [name for name in started(read(), "nightly") if name.startswith("deploy")]


def test_nothing_is_restored_where_something_is_deployed_and_caches_are_saved_on_one_branch() -> None:
    file = read()
    assert "cache" not in str(file["jobs"]["deploy"]["steps"])
    assert "cache" not in str(file["commands"]["penstock-setup"])
    lists = [part["steps"] for part in (*file["jobs"].values(), *file["commands"].values())]
    bare = [step for steps in lists for step in steps if isinstance(step, dict) and "save_cache" in step]
    guarded = [
        step["when"]["condition"] for steps in lists for step in steps if isinstance(step, dict) and "when" in step
    ]
    assert bare == []
    assert guarded == [{"equal": ["main", "<< pipeline.git.branch >>"]}] * len(guarded) != []


def test_folders_that_jobs_declare_are_kept_beside() -> None:
    kept = replace(GPU, caches=("models", "~/.cache/x"))
    job = read((kept,))["jobs"]["gpu"]["steps"]
    assert [next(iter(step)) for step in job] == ["checkout", "restore_cache", "penstock-run", "when"]
    (saved,) = job[3]["when"]["steps"]
    assert saved["save_cache"]["paths"] == ["models", "~/.cache/x"]
    assert saved["save_cache"]["key"].startswith(job[1]["restore_cache"]["keys"][0])
    assert findings(text((kept, UNIT))) == []


def test_what_the_night_does_differently_has_a_job_of_its_own() -> None:
    more = replace(QUALITY, jobs=("lint", "types", "audit"), select=("lint", "types", "audit"))
    made = config.files(SLICES, (more, UNIT), PIPELINE)[config.PATH]
    file = parsed(made)
    assert started(file, "nightly")["quality"]["job"] == "quality-nightly"
    assert started(file, "nightly")["unit"]["job"] == "unit"
    assert findings(made) == []


@pytest.mark.parametrize(
    ("patterns", "expected"),
    [
        ((), ""),
        (("main",), 'pipeline.git.branch == "main"'),
        (
            ("feature/gpu-*", "main"),
            'pipeline.git.branch starts-with "feature/gpu-" or pipeline.git.branch == "main"',
        ),
        (("*-gpu", "main"), ""),
    ],
)
def test_a_filter_lets_through_at_least_what_is_wanted(patterns: tuple[str, ...], expected: str) -> None:
    assert filters.expression(patterns) == expected


def test_names_that_the_host_could_not_take() -> None:
    taken = tuple(replace(QUALITY, name=name) for name in ("plan", "3d", "a b", "deploy-staging"))
    reserved = ("deploy", "deploy-staging")
    assert [one.id for one in runners.of(taken, PIPELINE, reserved)] == [
        "job-plan",
        "job-3d",
        "a-b",
        "job-deploy-staging",
    ]


def test_legs_of_other_systems_are_refused() -> None:
    select = ("unit@{python},system={system}",)
    mixed = replace(UNIT, axes={"python": ("3.12",), "system": ("linux", "macos")}, select=select)
    with pytest.raises(UsageError, match="unit is to run on macos") as caught:
        read((mixed,))
    assert "systems" in str(caught.value.remedy)
    alone = replace(mixed, axes={"python": ("3.12",), "system": ("linux",)})
    assert list(read((alone,))["jobs"]["unit"]["parameters"]) == ["python", "system"]


@pytest.mark.parametrize(
    ("there", "instead", "key"),
    [
        ("image: cimg/python:3.13.13", "image: cimg/python:3.12", "ci.circleci.image"),
        ("resource_class: gpu.nvidia.small.multi", "resource_class: x", "ci.circleci.resource_classes.gpu"),
        ("docker_layer_caching: true", "docker_layer_caching: false", "ci.circleci.layer_cache"),
        ("REQUIREMENTS: .circleci/penstock.txt", "REQUIREMENTS: x", "ci.circleci.penstock"),
        ("parallelism: 3", "parallelism: 9", "jobs.unit.shards"),
        ("executor: gpu", "executor: standard", "ci.circleci.executors.gpu"),
        ('patience: "12m"', 'patience: "1m"', "jobs.integ.timeout, or ci.circleci.timeout for all that have none"),
        ("context: [keys]", "context: [others]", "ci.circleci.contexts"),
        ("requires: [plan, unit, quality]", "requires: [plan]", "jobs.*.needs, jobs.*.stage; deploy.*.after"),
        ("- unit: terminal", "- unit: success", f"{keys.KEPT} (it waits for every job, whatever becomes of it)"),
        ("type: approval", "type: no-op", "deploy.*.approval"),
        ("equal: [main, << pipeline.git.branch >>]", "equal: [x, << pipeline.git.branch >>]", "ci.circleci.branch"),
        ("- checkout:", "- checkedout:", keys.KEPT),
    ],
)
def test_an_edit_is_told_with_the_key_that_would_say_it(there: str, instead: str, key: str) -> None:
    settings = PIPELINE.circleci or CircleCI()
    wanted = text(pipeline=replace(PIPELINE, circleci=replace(settings, layer_cache=True)))
    assert there in wanted
    jobs = {one.id: one.of.jobs for one in runners.of(SLICES, PIPELINE)}
    found = differences(wanted.replace(there, instead, 1), wanted)
    assert {keys.key_of(one.path, jobs) for one in found} == {key}


JOBS = (
    builders.job("lint"),
    *(
        builders.job(f"unit@3.12#{index}/3", name="unit", shard=Shard(index=index, count=3), kind=JobKind.TEST)
        for index in (1, 2, 3)
    ),
    builders.job("unit@3.13", name="unit", kind=JobKind.TEST),
)


@pytest.mark.parametrize("count", [1, 2, 3, 5])
def test_every_shard_is_dealt_out_once_however_many_containers_there_are(count: int) -> None:
    found = [dealt(JOBS, ["unit@3.12#*"], index=index, count=count) for index in range(count)]
    assert sorted(name for each in found for name in each) == [f"unit@3.12#{index}/3" for index in (1, 2, 3)]


def test_what_the_plan_leaves_out_is_not_dealt_out() -> None:
    assert dealt(JOBS, ["unit@3.11#*", "types"], index=0, count=1) == []
    assert dealt(JOBS, ["lint", "types"], index=0, count=1) == ["lint"]
    # a leg that the plan does not spread is done once
    assert [dealt(JOBS, ["unit@3.13#*"], index=index, count=2) for index in (0, 1)] == [["unit@3.13"], []]


def test_a_container_knows_its_number() -> None:
    assert context.container({}) == (0, 1)
    assert context.container({"CIRCLE_NODE_INDEX": "2", "CIRCLE_NODE_TOTAL": "4"}) == (2, 4)
    for index in ("4", "-1", "x"):
        with pytest.raises(ValueError, match=r"container|invalid"):
            context.container({"CIRCLE_NODE_INDEX": index, "CIRCLE_NODE_TOTAL": "4"})
