"""The one issue, against a GitHub that holds every request against its published description."""

from __future__ import annotations

import pytest

from penstock.errors import PublishError
from penstock.providers.github import issues
from penstock.providers.github import stamp as stamps
from penstock.providers.github.client import Api
from penstock.providers.github.issues import Wanted
from penstock.providers.github.stamp import Stamp
from penstock.report.issue import MARK
from penstock.util.web import Answer, NoAnswerError, Request
from tests.fakes.clock import FakeClock
from tests.fakes.github import BOT, TOKEN, GitHub, said
from tests.fakes.web import FakeWeb


def wanted(*, order: int = 50, project: str = "", label: str = "nightly") -> Wanted:
    stamp = Stamp(project=project, provider="github", order=order, attempt=1, head="a" * 40)
    return Wanted(repository="acme/pool", label=label, title="Not green", mark=MARK, stamp=stamp)


def text(what: Wanted, words: str = "red") -> str:
    return stamps.stamped(f"{MARK}\n{words}\n", what.stamp)


class Bench:
    """A GitHub, and what was told."""

    def __init__(self) -> None:
        self.github = GitHub(head="a" * 40)
        self.tracker = self.github.tracker
        self.clock = FakeClock()

    def api(self) -> Api:
        return Api(FakeWeb(self.github.serve), self.clock, base=self.github.base, token=TOKEN)

    def red(self, what: Wanted | None = None, words: str = "red") -> list[str]:
        meant = what or wanted()
        return list(issues.stand(self.api(), meant, lambda before: text(meant, f"{words} {len(before) > 0}")))

    def green(self, what: Wanted | None = None) -> list[str]:
        return list(issues.end(self.api(), what or wanted(), "green again"))

    def written(self) -> list[tuple[str, str]]:
        return [(method, path) for method, path in self.github.asked if method != "GET" and path != "/graphql"]


@pytest.fixture
def bench() -> Bench:
    return Bench()


def test_it_is_opened_once_brought_up_to_date_in_place_and_closed(bench: Bench) -> None:
    assert bench.red() == ["opened https://github.com/acme/pool/issues/20"]
    (issue,) = bench.tracker.issues
    assert (issue["title"], [each["name"] for each in issue["labels"]]) == ("Not green", ["nightly"])
    assert bench.red(wanted(order=51)) == ["brought up to date https://github.com/acme/pool/issues/20"]
    assert issue["body"] == text(wanted(order=51), "red True")
    assert bench.tracker.said == {}, "nobody is written to again"
    assert bench.green(wanted(order=52)) == ["closed https://github.com/acme/pool/issues/20"]
    assert (issue["state"], issue["state_reason"]) == ("closed", "completed")
    assert bench.tracker.said == {20: ["green again"]}
    assert bench.green(wanted(order=53)) == ["nothing: no issue is open"]
    assert bench.red(wanted(order=54)) == ["opened https://github.com/acme/pool/issues/21"]


def test_what_an_earlier_run_says_late_changes_nothing(bench: Bench) -> None:
    bench.red(wanted(order=60))
    before = bench.tracker.issues[0]["body"]
    assert bench.red(wanted(order=59)) == ["nothing: a later run has told"]
    assert bench.green(wanted(order=59)) == ["nothing: a later run has told"]
    assert bench.tracker.issues[0]["body"] == before
    assert len(bench.tracker.open()) == 1


def test_what_anybody_else_has_opened_is_not_touched(bench: Bench) -> None:
    body = text(wanted())
    for login, type_, words, labels in (
        ("mallory", "User", body, ["nightly"]),
        (BOT, "Bot", "another of ours", ["nightly"]),
        (BOT, "Bot", f"x\n{body}", ["nightly"]),
        (BOT, "Bot", body, ["bug"]),
        (BOT, "Bot", text(wanted(project="packages/other")), ["nightly"]),
    ):
        bench.tracker.issue("theirs", words, labels, login, type_)
    there = [dict(each) for each in bench.tracker.issues]
    bench.red()
    bench.red(wanted(order=51))
    bench.green(wanted(order=52))
    assert bench.tracker.issues[:-1] == there
    assert bench.tracker.issues[-1]["state"] == "closed"


def test_it_is_found_among_hundreds_and_a_pull_request_is_none(bench: Bench) -> None:
    bench.red()
    pull = bench.tracker.issue("a pull request", text(wanted()), ["nightly"], BOT)
    pull["pull_request"] = dict.fromkeys(
        ("url", "html_url", "diff_url", "patch_url"), "https://github.com/acme/pool/pull/9"
    )
    for number in range(120):
        bench.tracker.issue(f"other {number}", "x", ["nightly"], "alice", "User")
    assert bench.red(wanted(order=51)) == ["brought up to date https://github.com/acme/pool/issues/20"]


def test_of_two_that_were_opened_at_once_the_older_stays(bench: Bench) -> None:
    for _ in range(2):
        bench.tracker.issue("Not green", text(wanted()), ["nightly"], BOT)
    told = bench.red(wanted(order=51))
    assert told == [
        "brought up to date https://github.com/acme/pool/issues/20",
        "closed https://github.com/acme/pool/issues/21",
    ]
    assert [each["number"] for each in bench.tracker.open()] == [20]
    assert bench.tracker.issues[1]["state_reason"] == "not_planned"
    assert bench.tracker.said == {21: ["This is told in #20."]}


def test_one_that_may_have_been_opened_is_looked_for_before_it_is_sent_again(bench: Bench) -> None:
    lost: list[Request] = []

    def cut_off(request: Request) -> NoAnswerError | None:
        if request.method == "POST" and request.url.endswith("/issues") and not lost:
            lost.append(request)
            return NoAnswerError("cut off")
        return None

    bench.github.after = cut_off
    assert bench.red() == ["brought up to date https://github.com/acme/pool/issues/20"]
    assert len(bench.tracker.issues) == 1


def test_one_that_is_taken_away_meanwhile_is_opened_anew(bench: Bench) -> None:
    bench.red()

    def gone(request: Request) -> Answer | None:
        if request.method != "PATCH":
            return None
        bench.tracker.issues[0]["labels"] = []
        return said(410, "This issue was deleted")

    bench.github.trouble = gone
    assert bench.red(wanted(order=51)) == ["opened https://github.com/acme/pool/issues/21"]


@pytest.mark.parametrize(
    ("may", "status", "remedy"), [({"read"}, 403, "`permissions: { issues: write }`"), ({}, 404, "")]
)
def test_what_the_token_may_not_do_is_said_with_the_permission(
    bench: Bench, may: set[str], status: int, remedy: str
) -> None:
    bench.github.may = set(may)
    with pytest.raises(PublishError) as caught:
        bench.red()
    assert caught.value.status == status
    assert remedy in (caught.value.remedy or "")


def test_a_repository_without_issues_says_so(bench: Bench) -> None:
    bench.tracker.switched_off = True
    with pytest.raises(PublishError, match="410: Issues are disabled"):
        bench.red()


def test_a_label_is_quoted_where_it_is_searched_for(bench: Bench) -> None:
    odd = "nightly & co/é"
    bench.red(wanted(label=odd))
    assert bench.red(wanted(label=odd, order=51))[0].startswith("brought up to date")
