"""How a run is known to be protected: by what the CI host says, never by what a change could say."""

from __future__ import annotations

from typing import Any

import pytest

from penstock.model.run_context import RunContext
from penstock.model.trust import Trust
from penstock.providers import context

HEAD, MERGE = "1" * 40, "2" * 40
PUSH = {
    "CI": "true",
    "GITHUB_ACTIONS": "true",
    "GITHUB_EVENT_NAME": "push",
    "GITHUB_REF": "refs/heads/main",
    "GITHUB_REF_PROTECTED": "true",
    "GITHUB_REPOSITORY": "acme/pool",
    "GITHUB_SERVER_URL": "https://github.com",
    "GITHUB_SHA": MERGE,
    "GITHUB_RUN_ID": "7000000001",
    "GITHUB_RUN_ATTEMPT": "2",
}
CIRCLE = {
    "CI": "true",
    "CIRCLECI": "true",
    "CIRCLE_BRANCH": "main",
    "CIRCLE_SHA1": HEAD,
    "CIRCLE_BUILD_NUM": "12",
    "CIRCLE_BUILD_URL": "https://circleci.com/gh/acme/pool/12",
    "CIRCLE_PROJECT_USERNAME": "acme",
    "CIRCLE_PROJECT_REPONAME": "pool",
}


def event(head: str | None = "acme/pool", base: str = "acme/pool") -> dict[str, Any]:
    return {
        "pull_request": {
            "number": 7,
            "head": {"sha": HEAD, "repo": None if head is None else {"full_name": head}},
            "base": {"repo": {"full_name": base}},
        }
    }


def trust(environ: dict[str, str], told: dict[str, Any] | None = None) -> Trust:
    return context.of(environ, told or {}).trust


def test_a_push_to_a_protected_branch() -> None:
    found = context.of(PUSH, {})
    assert found == RunContext(
        provider="github",
        trust=Trust.PROTECTED,
        repository="acme/pool",
        branch="main",
        works_on="main",
        commit=MERGE,
        order=7_000_000_001,
        attempt=2,
        api="https://api.github.com",
        url="https://github.com/acme/pool/actions/runs/7000000001",
    )
    assert found.trusted(MERGE) is Trust.PROTECTED
    assert found.trusted(HEAD) is Trust.LOCAL, "something else is checked out than the host speaks of"
    assert found.trusted(None) is Trust.LOCAL


def test_a_run_on_somebodys_machine_is_local_whatever_else_is_set() -> None:
    assert context.of({}, {}) == RunContext()
    assert trust({**PUSH, "GITHUB_ACTIONS": ""}) is Trust.LOCAL
    assert trust({**PUSH, "ACT": "true"}) is Trust.LOCAL, "act plays GitHub on one's own machine"
    assert RunContext().trusted("") is Trust.LOCAL


@pytest.mark.parametrize(
    ("environ", "expected"),
    [
        ({"GITHUB_EVENT_NAME": "schedule"}, Trust.PROTECTED),
        ({"GITHUB_EVENT_NAME": "workflow_dispatch"}, Trust.PROTECTED),
        ({"GITHUB_REF_PROTECTED": "false"}, Trust.BRANCH),
        ({"GITHUB_REF_PROTECTED": ""}, Trust.BRANCH),
        ({"GITHUB_REF": "refs/tags/v1"}, Trust.BRANCH),
        ({"GITHUB_EVENT_NAME": "merge_group", "GITHUB_REF": "refs/heads/gh-readonly-queue/main/pr-7"}, Trust.BRANCH),
        ({"GITHUB_EVENT_NAME": "workflow_run"}, Trust.LOCAL),
        ({"GITHUB_EVENT_NAME": "issue_comment"}, Trust.LOCAL),
        ({"GITHUB_EVENT_NAME": "a_new_one"}, Trust.LOCAL),
    ],
)
def test_what_begins_a_run_decides(environ: dict[str, str], expected: Trust) -> None:
    assert trust(PUSH | environ) is expected


@pytest.mark.parametrize("name", ["pull_request", "pull_request_target", "pull_request_review"])
def test_a_pull_request_is_never_protected(name: str) -> None:
    environ = PUSH | {"GITHUB_EVENT_NAME": name}  # with pull_request_target, the ref is the protected base
    ours = context.of(environ, event())
    assert (ours.trust, ours.fork, ours.pull_request, ours.head, ours.branch) == (Trust.BRANCH, False, 7, HEAD, "")
    for head in ("mallory/pool", None):
        theirs = context.of(environ, event(head))
        assert (theirs.trust, theirs.fork) == (Trust.LOCAL, True)
    expected = Trust.LOCAL if name == "pull_request_target" else Trust.BRANCH
    assert ours.trusted(MERGE) is expected, "that event's commit is the base's"
    assert trust(environ) is Trust.LOCAL, "without an event, nothing is known of it"


def test_the_branch_that_jobs_are_held_against_is_never_a_forks() -> None:
    environ = PUSH | {"GITHUB_EVENT_NAME": "pull_request", "GITHUB_REF": "refs/pull/7/merge"}

    def on(head: str | None, variables: dict[str, str] = environ) -> str:
        told = event(head)
        told["pull_request"]["head"]["ref"] = "main"
        return context.of(variables, told).works_on

    assert [on("acme/pool"), on("mallory/pool"), on(None)] == ["main", "", ""]
    assert context.of(environ, {}).works_on == ""
    queue = PUSH | {"GITHUB_EVENT_NAME": "merge_group", "GITHUB_REF": "refs/heads/gh-readonly-queue/main/pr-7"}
    assert context.of(queue, {"merge_group": {"base_ref": "refs/heads/release/2"}}).works_on == "release/2"
    assert context.of(queue, {"merge_group": []}).works_on == ""
    assert context.of(PUSH | {"GITHUB_REF": "refs/tags/v1"}, {}).works_on == ""
    assert on("acme/pool", environ | {"ACT": "true"}) == "main", "where act plays GitHub, the same jobs run"
    circle = CIRCLE | {"CIRCLE_PULL_REQUEST": "https://github.com/acme/pool/pull/8", "CIRCLE_BRANCH": "mine"}
    assert context.of(circle, {}).works_on == "mine"
    assert context.of(CIRCLE | {"CIRCLE_PR_NUMBER": "7", "CIRCLE_BRANCH": "pull/7"}, {}).works_on == ""


def test_branches_that_the_hosts_settings_name() -> None:
    settings = {"PENSTOCK_PROTECTED_BRANCHES": "main release/*"}
    unsaid = {**PUSH, "GITHUB_REF_PROTECTED": "false", **settings}
    assert trust(unsaid) is Trust.PROTECTED
    assert trust({**unsaid, "GITHUB_REF": "refs/heads/release/2"}) is Trust.PROTECTED
    for other in ("evil/main", "main/x", "release/2/x", "xmain", "releases"):
        assert trust({**unsaid, "GITHUB_REF": f"refs/heads/{other}"}) is Trust.BRANCH
    assert trust({**unsaid, "GITHUB_EVENT_NAME": "pull_request_target"}, event()) is Trust.BRANCH
    assert trust({**unsaid, "GITHUB_EVENT_NAME": "workflow_run"}) is Trust.LOCAL
    assert trust(settings) is Trust.LOCAL


def test_circleci_says_nothing_of_protection() -> None:
    assert trust(CIRCLE) is Trust.BRANCH
    settings = CIRCLE | {"PENSTOCK_PROTECTED_BRANCHES": "main"}
    found = context.of(settings, {})
    assert (found.trust, found.repository, found.order, found.branch) == (Trust.PROTECTED, "acme/pool", 12, "main")
    fork = settings | {"CIRCLE_PR_NUMBER": "7", "CIRCLE_PR_USERNAME": "mallory", "CIRCLE_BRANCH": "pull/7"}
    assert (trust(fork), context.of(fork, {}).pull_request) == (Trust.LOCAL, 7)
    own = settings | {"CIRCLE_PULL_REQUEST": "https://github.com/acme/pool/pull/8"}
    request = context.of(own, {})
    assert (request.trust, request.pull_request, request.head, request.branch) == (Trust.BRANCH, 8, HEAD, "")
    assert trust({**settings, "CIRCLE_BRANCH": "", "CIRCLE_TAG": "main"}) is Trust.BRANCH


@pytest.mark.parametrize("value", [None, [], "x", {"number": "7; rm"}, {"number": True, "head": 3, "base": []}])
def test_an_event_of_another_shape_is_a_forks(value: object) -> None:
    found = context.of(PUSH | {"GITHUB_EVENT_NAME": "pull_request"}, {"pull_request": value})
    assert (found.trust, found.fork, found.pull_request, found.head) == (Trust.LOCAL, True, 0, "")


def test_a_tag_s_run_and_the_default_branch() -> None:
    environ = PUSH | {"GITHUB_REF": "refs/tags/v1.2.3", "GITHUB_REF_PROTECTED": "true"}
    found = context.of(environ, {"repository": {"default_branch": "trunk"}})
    assert (found.tag, found.branch, found.default, found.trust) == ("v1.2.3", "", "trunk", Trust.BRANCH)
    assert context.of(PUSH, {"repository": {"default_branch": 3}}).default == ""
