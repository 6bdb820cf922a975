"""The protection of branches, at a GitHub that keeps rulesets."""

from __future__ import annotations

from typing import Any

import pytest

from penstock.errors import NotVerifiedError, PublishError
from penstock.providers.github import ci, pr, protection
from penstock.providers.github.client import Api
from tests.fakes.clock import FakeClock
from tests.fakes.github import TOKEN, GitHub, said
from tests.fakes.web import FakeWeb

WANTED = protection.ruleset(("main", "release/*"))
OURS = "/repos/acme/pool/rulesets"


@pytest.fixture
def github() -> GitHub:
    return GitHub(head="0" * 40)


def applied(github: GitHub, wanted: dict[str, Any] | None = None) -> str:
    api = Api(FakeWeb(github.serve), FakeClock(), base=github.base, token=TOKEN)
    return protection.apply(api, "acme/pool", wanted or WANTED)


def writes(github: GitHub) -> list[tuple[str, str]]:
    return [(method, path) for method, path in github.asked if method != "GET"]


def test_it_is_made_once_and_then_left_alone(github: GitHub) -> None:
    assert applied(github) == "made"
    assert applied(github) == "is as it should be"
    assert writes(github) == [("POST", OURS)]
    (kept,) = github.rulesets.kept.values()
    assert list(protection.lacking(WANTED, kept)) == []


def test_what_somebody_changed_is_brought_back(github: GitHub) -> None:
    applied(github)
    github.rulesets.kept[1]["rules"].pop()
    assert applied(github) == "brought up to date"
    assert writes(github)[-1] == ("PUT", f"{OURS}/1")
    assert applied(github) == "is as it should be"


def test_rulesets_of_others_stay_as_they_are(github: GitHub) -> None:
    other, above = github.rulesets.put("theirs"), github.rulesets.put("penstock", source_type="Organization")
    before = [dict(other), dict(above)]
    assert applied(github) == "made"
    assert [other, above] == before


def test_a_rule_that_github_takes_and_does_not_keep_is_no_success(github: GitHub) -> None:
    github.rulesets.forgets = {"required_linear_history"}
    with pytest.raises(NotVerifiedError, match="keeps it without required_linear_history"):
        applied(github)


@pytest.mark.parametrize("status", [403, 404])
def test_a_token_that_may_not_is_told_whose_may(github: GitHub, status: int) -> None:
    github.trouble = lambda _: said(status)
    with pytest.raises(PublishError) as caught:
        applied(github)
    assert "of an administrator" in (caught.value.remedy or "")


def test_the_required_checks_are_the_generated_jobs_and_of_actions_itself() -> None:
    rules = {rule["type"]: rule.get("parameters", {}) for rule in WANTED["rules"]}
    checks = rules["required_status_checks"]
    assert checks["required_status_checks"] == [
        {"context": ci.VERDICT, "integration_id": 15368},
        {"context": pr.JOB, "integration_id": 15368},
    ]
    assert checks["strict_required_status_checks_policy"] is True
    assert rules.keys() >= {"deletion", "non_fast_forward", "required_linear_history"}
    request = rules["pull_request"]
    assert request["required_approving_review_count"] == 1
    assert request["require_code_owner_review"] is request["required_review_thread_resolution"] is True
    assert "merge" not in request["allowed_merge_methods"]
    assert WANTED["bypass_actors"] == []
    assert WANTED["conditions"]["ref_name"]["include"] == [
        "~DEFAULT_BRANCH",
        "refs/heads/main",
        "refs/heads/release/*",
    ]


WEAKER: list[tuple[str, Any, list[str]]] = [
    ("enforcement", "disabled", ["enforcement"]),
    ("bypass_actors", [{"actor_id": 5, "actor_type": "RepositoryRole", "bypass_mode": "always"}], ["bypass_actors"]),
    ("conditions", {"ref_name": {"include": [], "exclude": []}}, ["conditions"]),
    ("rules", [rule for rule in WANTED["rules"] if rule["type"] != "deletion"], ["deletion"]),
    ("rules", None, [rule["type"] for rule in WANTED["rules"]]),
]


@pytest.mark.parametrize(("key", "value", "lacks"), WEAKER)
def test_what_is_weaker_is_named(key: str, value: Any, lacks: list[str]) -> None:
    assert list(protection.lacking(WANTED, {**WANTED, key: value})) == lacks


def test_a_check_that_any_app_may_report_is_not_the_same_check() -> None:
    loose = [{"context": name} for name in protection.CHECKS]
    rules = [dict(rule) for rule in WANTED["rules"]]
    rules[-1]["parameters"] = {**rules[-1]["parameters"], "required_status_checks": loose}
    assert list(protection.lacking(WANTED, {**WANTED, "rules": rules})) == ["required_status_checks"]


@pytest.mark.parametrize(
    ("text", "owned"),
    [
        ("", False),
        ("# /.github/ @acme\n", False),
        ("/.github/ @acme/platform\n", True),
        (".github/ a@b.example # of CI\n", True),
        ("* @acme\n", True),
        ("/.github/ @acme\n* \n", False),
        ("/.github/ @acme\n/.github/workflows/\n", False),
        ("/docs/ @acme\n", False),
    ],
)
def test_whether_somebody_owns_what_the_checks_are_made_of(text: str, *, owned: bool) -> None:
    assert protection.owned(text, "/.github/") is owned


def test_the_lines_of_owners_are_owned_by_them() -> None:
    lines = protection.owners("penstock.toml", "@acme/platform")
    assert [line.split() for line in lines] == [["/.github/", "@acme/platform"], ["/penstock.toml", "@acme/platform"]]
    assert all(protection.owned("\n".join(lines), line.split()[0]) for line in lines)
