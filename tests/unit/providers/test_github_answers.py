"""Which generated jobs an event starts, by the nodes that are written."""

from __future__ import annotations

from typing import Any

import pytest

from penstock.model.answers import JobAnswer, State, WorkflowAnswer
from penstock.model.hosts import GitHub
from penstock.model.pipeline import JobKind, Secret
from penstock.model.plan import Job, LeftOut
from penstock.providers import slices
from penstock.providers.github import ci, pr
from penstock.providers.github.answers import answer
from penstock.providers.github.happening import context, starts
from penstock.providers.happening import Happening
from penstock.providers.planned import Planned
from penstock.providers.yaml_text import Above, Flow, Node
from tests import builders

LINT = builders.job("lint", kind=JobKind.LINT, reasons=("declared at a.toml:1",))
TYPES = builders.job("types", kind=JobKind.TYPES, reasons=("declared at a.toml:2",))
UNIT = (
    builders.job("unit@3.12", name="unit", leg=(("python", "3.12"),), reasons=("declared", "src/a.py changed")),
    builders.job("unit@3.13", name="unit", leg=(("python", "3.13"),), reasons=("declared", "src/a.py changed")),
)
INTEG = builders.job("integ", needs=("unit@3.12",), secrets=(Secret(name="TOKEN"),))
DOCS = builders.job("docs", needs=("integ",))
EVERY = (LINT, TYPES, *UNIT, INTEG, DOCS)
REQUIRED = frozenset({ci.VERDICT, "pr"})
PUSH = Happening(event="push", branch="main")
FORK = Happening(event="pull_request", branch="main", base="main", fork=True)


def planned(*jobs: Job, left_out: tuple[LeftOut, ...] = (), **without: str) -> Planned:
    return Planned(
        every=slices.of(EVERY),
        slices=slices.of(jobs, homes=slices.homes_of(EVERY)),
        jobs=jobs,
        left_out=left_out,
        without=without,
    )


def asked(what: Happening, plan: Planned, tree: dict[str, Node] | None = None) -> WorkflowAnswer:
    tree = tree or ci.workflow(slices.of(EVERY), GitHub())
    return answer(ci.PATH, tree, what, plan, required=REQUIRED)


def by_name(found: WorkflowAnswer) -> dict[str, JobAnswer]:
    return {each.job: each for each in found.jobs}


def states(found: WorkflowAnswer) -> dict[str, str]:
    return {each.job: each.state.value for each in found.jobs}


def test_what_is_planned_runs_with_the_rule_that_wants_it() -> None:
    found = asked(PUSH, planned(*EVERY))
    assert (found.starts, found.rule) == (True, "on.push.branches: main")
    assert set(states(found).values()) == {"runs"}
    told = by_name(found)
    assert (told["unit"].rule, told["unit"].runners) == ("src/a.py changed", 2)
    assert told["quality"].rule == "lint: declared at a.toml:1; types: declared at a.toml:2"
    assert told["plan"].rule == "no condition"
    assert told["verdict"].rule == "`always()`"


def test_what_the_plan_leaves_out_is_skipped_with_its_reason_and_the_verdict_runs() -> None:
    left = (LeftOut(id="docs", reason="only nightly", declared=True), LeftOut(id="types", reason="none", declared=True))
    told = by_name(asked(PUSH, planned(LINT, *UNIT, INTEG, left_out=left)))
    assert (told["docs"].state, told["docs"].rule, told["docs"].runners) == (
        State.SKIPPED,
        "without docs: only nightly",
        0,
    )
    assert told["quality"].rule == "declared at a.toml:1; without types: none"
    assert told["verdict"].state is State.RUNS


def test_what_cannot_succeed_blocks_and_so_does_what_waits_for_it() -> None:
    found = asked(FORK, planned(*EVERY, integ="a fork is not given the secret TOKEN"))
    assert states(found) == {
        "plan": "runs",
        "quality": "runs",
        "unit": "runs",
        "integ": "blocks",
        "docs": "blocks",
        "verdict": "blocks",
    }
    told = by_name(found)
    assert told["integ"].rule.startswith("a fork is not given the secret TOKEN")
    assert (told["docs"].rule, told["docs"].runners) == ("it waits for integ", 0)
    assert told["verdict"].rule == "`always()`: it runs, and is not green: it waits for integ, docs"


def test_a_required_check_of_a_workflow_that_does_not_start_never_reports() -> None:
    tree = {**ci.workflow(slices.of(EVERY), GitHub()), "on": {"push": None}}
    found = asked(FORK, planned(*EVERY), tree)
    assert (found.starts, found.rule) == (False, "`on` names no pull_request")
    assert states(found)["verdict"] == "blocks"
    assert set(states(found).values()) == {"blocks", "skipped"}
    tag = asked(Happening(event="tag", tag="v1"), planned(*EVERY))
    assert (tag.rule, set(states(tag).values())) == ("on.push is about branches alone", {"skipped"})


def test_a_condition_that_is_not_understood_blocks_and_says_so() -> None:
    tree: Any = ci.workflow(slices.of(EVERY), GitHub())
    tree["jobs"]["docs"]["if"] = "${{ hashFiles('x') != '' }}"
    told = by_name(asked(PUSH, planned(*EVERY), tree))
    assert told["docs"].state is State.BLOCKS
    assert "the function `hashfiles`" in told["docs"].rule
    assert told["verdict"].state is State.BLOCKS


def test_jobs_that_no_plan_knows_go_by_their_own_conditions() -> None:
    one: Node = Above("a comment", {"needs": Flow(["plan"]), "if": "${{ github.event_name == 'schedule' }}"})
    grid: Node = {"strategy": {"matrix": {"a": Flow(["1", "2"]), "b": Flow(["x", "y", "z"])}}}
    tree: dict[str, Node] = {
        "on": {"push": None},
        "jobs": {"plan": {}, "one": one, "after": {"needs": "one"}, "grid": grid},
    }
    told = by_name(answer("x.yml", tree, PUSH, Planned()))
    assert [(name, each.state.value) for name, each in told.items()] == [
        ("plan", "runs"),
        ("one", "skipped"),
        ("after", "skipped"),
        ("grid", "runs"),
    ]
    assert told["one"].rule == "`github.event_name == 'schedule'`"
    assert told["grid"].runners == 6


def test_an_output_that_nobody_knows_beforehand_is_not_guessed() -> None:
    after: Node = {"needs": "one", "if": "${{ needs.one.outputs.final == 'true' }}"}
    jobs: dict[str, Node] = {"one": {"outputs": {"final": "${{ steps.x.outputs.final }}"}}, "after": after}
    tree: dict[str, Node] = {"on": {"push": None}, "jobs": jobs}

    def asked_of(**fields: Any) -> JobAnswer:
        return by_name(answer("x.yml", tree, PUSH, Planned(**fields)))["after"]

    assert asked_of().state is State.BLOCKS
    assert "the output `final`, which is known when its job has run" in asked_of().rule
    assert [asked_of(outputs={"one": {"final": said}}).state for said in ("true", "false")] == [
        State.RUNS,
        State.SKIPPED,
    ]
    assert asked_of(failing={"one": "it is no version"}).rule.endswith("it waits for one")


def test_the_check_of_pull_requests() -> None:
    tree = pr.workflow(GitHub())
    found = answer(pr.PATH, tree, FORK, Planned(), required=REQUIRED)
    assert (found.starts, states(found)) == (True, {"pr": "runs"})
    assert found.rule.startswith("on.pull_request.types: opened, ")
    assert not answer(pr.PATH, tree, PUSH, Planned(), required=REQUIRED).starts


PULL = Happening(event="pull_request", branch="mine", base="release/2")


@pytest.mark.parametrize(
    ("on", "what", "changed", "expected", "rule"),
    [
        ("push", PUSH, None, True, "on.push"),
        (["push", "pull_request"], PULL, None, True, "on.pull_request"),
        (["push"], PULL, None, False, "`on` names no pull_request"),
        ({"push": None}, Happening(event="tag", tag="v1"), None, True, "on.push"),
        ({"push": {"tags": ["v*"]}}, Happening(event="tag", tag="v1"), None, True, "on.push.tags: v*"),
        ({"push": {"tags": ["v*"]}}, PUSH, None, False, "on.push is about tags alone"),
        ({"push": {"branches-ignore": ["ma*"]}}, PUSH, None, False, "on.push.branches-ignore: ma*"),
        (
            {"pull_request": {"branches": ["main"]}},
            PULL,
            None,
            False,
            "on.pull_request.branches: main fits no release/2",
        ),
        ({"pull_request": {"branches": ["release/**"]}}, PULL, None, True, "on.pull_request.branches: release/**"),
        ({"pull_request": {"types": ["edited"]}}, PULL, None, False, "on.pull_request.types: edited"),
        ({"schedule": [{"cron": "0 2 * * *"}]}, Happening(event="schedule"), None, True, "on.schedule: 0 2 * * *"),
        ({"push": {"paths": ["docs/**"]}}, PUSH, ("src/a.py",), False, "on.push.paths: docs/**"),
        ({"push": {"paths": ["docs/**"]}}, PUSH, ("src/a.py", "docs/a"), True, "on.push.paths: docs/**"),
        ({"push": {"paths": ["docs/**"]}}, PUSH, None, True, "on.push.paths: docs/**"),
        ({"push": {"paths-ignore": ["docs/**"]}}, PUSH, ("docs/a",), False, "on.push.paths-ignore: docs/**"),
        ({"push": {"paths-ignore": ["docs/**"]}}, PUSH, ("docs/a", "b"), True, "on.push.paths-ignore: docs/**"),
    ],
)
def test_the_trigger_decides_whether_a_workflow_starts(
    on: Any, what: Happening, changed: tuple[str, ...] | None, rule: str, *, expected: bool
) -> None:
    assert starts(on, what, changed) == (expected, rule)


@pytest.mark.parametrize(
    ("what", "ref", "works_on"),
    [
        (PUSH, "refs/heads/main", "main"),
        (PULL, "refs/pull/1/merge", "mine"),
        (FORK, "refs/pull/1/merge", ""),
        (Happening(event="merge_group", base="dev"), "refs/heads/gh-readonly-queue/dev/pr-1", "dev"),
        (Happening(event="schedule", default="trunk"), "refs/heads/trunk", "trunk"),
        (Happening(event="tag", tag="v1"), "refs/tags/v1", ""),
        (Happening(event="workflow_dispatch", branch="b"), "refs/heads/b", "b"),
    ],
)
def test_what_an_expression_sees_of_an_event(what: Happening, ref: str, works_on: str) -> None:
    assert (context(what)["ref"], what.works_on) == (ref, works_on)
    assert context(what)["event_name"] == ("push" if what.event == "tag" else what.event)
