"""How a check of a commit ended, as GitHub tells it."""

from __future__ import annotations

import pytest

from penstock.model.release import HostCheck
from penstock.providers.github import checks
from penstock.providers.github.client import Api
from tests.fakes.clock import FakeClock
from tests.fakes.github import TOKEN, GitHub
from tests.fakes.web import FakeWeb

COMMIT, OTHER = "a" * 40, "b" * 40


@pytest.fixture
def github() -> GitHub:
    return GitHub(head=COMMIT)


def newest(github: GitHub) -> HostCheck:
    api = Api(FakeWeb(github.serve), FakeClock(), base=github.base, token=TOKEN)
    return checks.newest(api, "acme/pool", COMMIT, "verdict")


def test_the_newest_run_of_github_s_own_counts(github: GitHub) -> None:
    assert newest(github) == HostCheck(name="verdict")
    github.tracker.check("verdict", "failure", commit=COMMIT)
    github.tracker.check("verdict", "success", commit=COMMIT)
    github.tracker.check("verdict", "failure", commit=OTHER)
    github.tracker.check("nightly verdict", "failure", commit=COMMIT)
    github.tracker.check("verdict", "failure", commit=COMMIT, app="somebody-else")
    found = newest(github)
    assert (found.conclusion, found.count) == ("success", 2)
    assert found.url == "https://github.com/acme/pool/runs/9001"


def test_a_forged_success_of_another_app_is_none(github: GitHub) -> None:
    github.tracker.check("verdict", "success", commit=COMMIT, app="somebody-else")
    assert newest(github).count == 0


def test_one_that_runs_again_has_not_ended(github: GitHub) -> None:
    github.tracker.check("verdict", "success", commit=COMMIT)
    github.tracker.check("verdict", None, commit=COMMIT, status="in_progress")
    assert newest(github).conclusion == ""


def test_what_the_token_may_not_see_is_not_known(github: GitHub) -> None:
    github.may = set()
    found = newest(github)
    assert "finds nothing there" in found.unknown
    assert found.remedy == "give the job the permission: `permissions: { checks: read }`"
