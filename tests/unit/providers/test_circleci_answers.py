"""Which jobs of CircleCI's configuration an event starts, by the tables that are written."""

from __future__ import annotations

from typing import Any

import pytest

from penstock.model.answers import JobAnswer
from penstock.model.circleci import CircleCI
from penstock.model.pipeline import Deployment, JobKind, JobSpec, Pipeline
from penstock.model.plan import Job, LeftOut
from penstock.providers import slices
from penstock.providers.circleci import config
from penstock.providers.circleci.answers import answers
from penstock.providers.happening import Happening
from penstock.providers.planned import Planned
from penstock.providers.yaml_text import Node
from tests import builders

UNIT = tuple(
    builders.job(f"unit@{python}", name="unit", leg=(("python", python),), reasons=("declared", "src/a.py changed"))
    for python in ("3.12", "3.13")
)
INTEG = builders.job("integ", needs=("unit@3.12",), reasons=("declared at a.toml:1",))
GPU = builders.job("gpu", reasons=("declared at a.toml:2",))
DOCS = builders.job("docs", reasons=("declared at a.toml:3",))
EVERY = (*UNIT, INTEG, GPU, DOCS)
PIPELINE = Pipeline(
    jobs=(
        JobSpec(name="unit", kind=JobKind.TEST),
        JobSpec(name="integ", kind=JobKind.TEST),
        JobSpec(name="gpu", kind=JobKind.TEST, branches=("main", "feature/gpu-*")),
        JobSpec(name="docs", kind=JobKind.RUN),
    ),
    circleci=CircleCI(),
    deployments=(
        Deployment(name="live", run=("x",), health=("http", "https://example.org"), approval=True, branches=("main",)),
    ),
)
WRITTEN = slices.of(EVERY)


def asked(what: Happening, *jobs: Job, tree: dict[str, Node] | None = None, **fields: Any) -> Any:
    """Workflow -> (starts, rule, job -> answer)."""
    planned = Planned(every=WRITTEN, slices=slices.of(jobs), jobs=jobs, **fields)
    row = config.row(WRITTEN, PIPELINE)
    tree = tree or config.config(WRITTEN, WRITTEN, PIPELINE)
    found = answers(config.PATH, tree, what, {"change": (planned, row), "nightly": (planned, row)})
    return {each.path.split()[1]: (each.starts, each.rule, {job.job: job for job in each.jobs}) for each in found}


def told(jobs: dict[str, JobAnswer]) -> dict[str, tuple[str, int]]:
    return {name: (each.state.value, each.runners) for name, each in jobs.items()}


def test_a_push_to_main_starts_everything_of_the_day() -> None:
    found = asked(Happening(event="push", branch="main"), *EVERY)
    starts, rule, jobs = found["ci"]
    assert (starts, rule) == (True, "the parameter `occasion` is change")
    assert told(jobs) == {
        "plan": ("runs", 1),
        "unit": ("runs", 2),
        "integ": ("runs", 1),
        "gpu": ("runs", 1),
        "docs": ("runs", 1),
        "verdict": ("runs", 1),
        "hold-live": ("runs", 0),
        "deploy-live": ("runs", 1),
    }
    assert jobs["unit"].rule == "src/a.py changed"
    assert jobs["hold-live"].rule == "somebody has to approve it"
    assert found["nightly"][:2] == (False, "it is for nightly, and the parameter `occasion` is change")


def test_the_hosts_filter_and_the_plan_each_leave_out_what_they_know_of() -> None:
    left = (LeftOut(id="docs", reason="none of 1 changed file matches docs/**", declared=True),)
    jobs = asked(Happening(event="pull_request", branch="mine", base="main"), *UNIT, INTEG, left_out=left)["ci"][2]
    assert told(jobs)["gpu"] == ("skipped", 0)
    assert jobs["gpu"].rule.startswith('filters: pipeline.git.branch == "main" or ')
    assert told(jobs)["docs"] == ("skipped", 1)
    assert jobs["docs"].rule == "it starts, and stops: without docs: none of 1 changed file matches docs/**"
    assert told(jobs)["deploy-live"] == ("skipped", 0)
    assert told(jobs)["verdict"] == ("runs", 1)


def test_what_cannot_succeed_blocks_what_waits_for_it() -> None:
    fork = Happening(event="pull_request", branch="main", base="main", fork=True)
    jobs = asked(fork, *UNIT, INTEG, DOCS, without={"unit": "a fork is not given the secret TOKEN"})["ci"][2]
    assert told(jobs)["gpu"] == ("skipped", 0), "a fork's branch is called by its number"
    assert told(jobs)["unit"] == ("blocks", 2)
    assert jobs["integ"].rule == "it waits for unit"
    assert jobs["verdict"].rule == "it runs, and is not green: it waits for unit, integ"


@pytest.mark.parametrize(
    ("what", "starting"),
    [
        (Happening(event="schedule", default="main"), ["nightly"]),
        (Happening(event="workflow_dispatch", branch="main"), ["ci"]),
        (Happening(event="merge_group", base="main"), ["ci"]),
        (Happening(event="tag", tag="v1"), []),
    ],
)
def test_the_occasion_chooses_the_workflow_and_a_tag_starts_none(what: Happening, starting: list[str]) -> None:
    found = asked(what, *EVERY)
    assert [name for name, (starts, _, _) in found.items() if starts] == starting


def test_a_filter_of_another_form_blocks_and_is_told() -> None:
    tree: Any = config.config(WRITTEN, WRITTEN, PIPELINE)
    odd: Any = {"docs": {"requires": ["plan"], "filters": "pipeline.git.tag matches /v.*/"}}
    entries = tree["workflows"]["ci"]["jobs"]
    tree["workflows"]["ci"]["jobs"] = [odd if "docs" in each else each for each in entries]
    jobs = asked(Happening(event="push", branch="main"), *EVERY, tree=tree)["ci"][2]
    assert jobs["docs"].rule == "`pipeline.git.tag matches /v.*/` is not understood here"
    assert told(jobs)["verdict"][0] == "blocks"
