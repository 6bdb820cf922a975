"""Labels and the one comment, against a GitHub that holds every request against its published description."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest

from penstock.errors import PublishError
from penstock.judge.pull_request import size
from penstock.providers.github import stamp as stamps
from penstock.providers.github.client import PATIENCE_S, Api
from penstock.providers.github.publish import Told, Wanted, publish
from penstock.providers.github.rehearsal import Rehearsal
from penstock.providers.github.stamp import Stamp
from penstock.util.web import Answer, NoAnswerError, Request
from tests.fakes.clock import FakeClock
from tests.fakes.github import BOT, TOKEN, GitHub, said
from tests.fakes.web import FakeWeb

HEAD, OTHER = "a" * 40, "b" * 40
MARK = "<!-- penstock: verdict -->"


def wanted(text: str = "green", *, order: int = 50, attempt: int = 1, head: str = HEAD, project: str = "") -> Wanted:
    stamp = Stamp(project=project, provider="github", order=order, attempt=attempt, head=head)
    body = stamps.stamped(f"{MARK}\n{text}\n", stamp)
    return Wanted(repository="acme/pool", number=7, mark=MARK, body=body, stamp=stamp)


def relabel(label: str) -> Callable[[tuple[str, ...]], tuple[tuple[str, ...], tuple[str, ...]]]:
    return lambda present: size.labels(label, present)


class Bench:
    """A GitHub, a clock, and what was told."""

    def __init__(self) -> None:
        self.github = GitHub(head=HEAD)
        self.clock = FakeClock()
        self.web = FakeWeb(self.github.serve)

    def publish(self, what: Wanted | None = None, label: str | None = "S", token: str = TOKEN) -> list[Told]:
        api = Api(self.web, self.clock, base=self.github.base, token=token)
        return list(publish(api, what or wanted(), relabel(label) if label else None))

    def bodies(self) -> list[str]:
        return [each["body"] for each in self.github.comments]

    def written(self) -> list[tuple[str, str]]:
        return [(method, path) for method, path in self.github.asked if method != "GET" and path != "/graphql"]


@pytest.fixture
def bench() -> Bench:
    return Bench()


def test_a_comment_and_a_label_come_and_are_brought_up_to_date_in_place(bench: Bench) -> None:
    bench.github.labels = ["bug", "size/XXL", "size/XL"]
    first = bench.publish()
    assert [told.error for told in first] == [None, None]
    assert first[0].what == "labels size/S (taken off: size/XL)"
    assert first[1].what.startswith("comment https://github.com/acme/pool/pull/7#issuecomment-")
    assert bench.github.labels == ["bug", "size/XXL", "size/S"], "what is not ours stays"
    assert bench.bodies() == [wanted().body]
    again = bench.publish(wanted("red", attempt=2))
    assert bench.bodies() == [wanted("red", attempt=2).body]
    assert [told.what for told in again] == [first[1].what], "the label is right: nothing is sent, nothing told"


def test_a_repository_that_spells_its_labels_otherwise_has_one_of_them(bench: Bench) -> None:
    bench.github.repository_labels = {"Size/s", "Size/xl"}
    bench.publish(label="XL")
    bench.publish(wanted(order=51), label="S")
    bench.publish(wanted(order=52), label="S")
    assert bench.github.labels == ["Size/s"]


def test_a_size_that_is_not_known_leaves_the_labels(bench: Bench) -> None:
    bench.github.labels = ["size/XL"]
    bench.publish(label=None)
    assert bench.github.labels == ["size/XL"]


def test_our_comment_is_found_among_hundreds(bench: Bench) -> None:
    for number in range(120):
        bench.github.comment(f"comment {number}", "alice", "User")
    bench.publish()
    for number in range(120):
        bench.github.comment(f"later {number}", "alice", "User")
    bench.publish(wanted("red", order=51))
    ours = [body for body in bench.bodies() if body.startswith(MARK)]
    assert ours == [wanted("red", order=51).body]
    assert len(bench.github.comments) == 241
    assert sum(path.endswith("/comments") for _, path in bench.github.asked) == 2 + 1 + 3, "pages, the comment, pages"


@pytest.mark.parametrize(("login", "type_"), [("mallory", "User"), ("github-actions", "User"), ("evil[bot]", "Bot")])
def test_a_comment_of_somebody_else_is_never_touched(bench: Bench, login: str, type_: str) -> None:
    forged = bench.github.comment(wanted("forged", order=99).body, login, type_)["body"]
    bench.publish()
    bench.publish(wanted("second", order=51))
    assert bench.bodies() == [forged, wanted("second", order=51).body]


@pytest.mark.parametrize("body", ["", MARK, f"{MARK}\nby hand", f"see:\n{wanted().body}", f"x{wanted().body}"])
def test_our_own_account_writes_other_things_too(bench: Bench, body: str) -> None:
    bench.github.comment(body)
    bench.publish()
    assert bench.bodies() == [body, wanted().body]


def test_the_browser_turns_line_ends_around(bench: Bench) -> None:
    bench.github.comment(wanted().body.replace("\n", "\r\n"))
    bench.publish(wanted("second", order=51))
    assert bench.bodies() == [wanted("second", order=51).body]


def test_each_project_of_a_repository_has_its_own(bench: Bench) -> None:
    bench.publish(wanted("a", project="packages/a"))
    bench.publish(wanted("b", project="packages/b"))
    bench.publish(wanted("a again", project="packages/a", order=51))
    assert bench.bodies() == [
        wanted("a again", project="packages/a", order=51).body,
        wanted("b", project="packages/b").body,
    ]


def test_a_user_s_token_edits_the_user_s_comment(bench: Bench) -> None:
    bench.github.viewer = "alice"
    bench.publish()
    bench.publish(wanted("second", order=51))
    assert bench.bodies() == [wanted("second", order=51).body]


def test_a_login_without_its_suffix_is_the_program_s(bench: Bench) -> None:
    bench.github.comment(wanted("first", order=49).body)
    bench.github.viewer = BOT.removesuffix("[bot]")
    bench.publish()
    assert bench.bodies() == [wanted().body]


def test_what_a_later_run_has_published_stays(bench: Bench) -> None:
    bench.publish(wanted("newest", order=51))
    before = bench.written()
    bench.github.labels = ["size/XL"]
    for old in (wanted("late", order=50), wanted("rerun", order=50, attempt=9)):
        assert [told.what for told in bench.publish(old)] == ["nothing: a later run has published"]
    assert (bench.bodies(), bench.written(), bench.github.labels) == (
        [wanted("newest", order=51).body],
        before,
        ["size/XL"],
    )
    bench.publish(wanted("same run, second try", order=51, attempt=2))
    assert "second try" in bench.bodies()[0]


def test_a_commit_that_is_not_the_newest_any_more_is_not_told_of(bench: Bench) -> None:
    bench.github.head = OTHER
    (told,) = bench.publish()
    assert told == Told("nothing: the pull request is at bbbbbbbbbbbb now, and this tells of aaaaaaaaaaaa")
    assert bench.written() == []


def test_two_comments_of_runs_that_began_at_once_become_one(bench: Bench) -> None:
    bench.github.comment(wanted("one", order=40).body)
    bench.github.comment("between", "alice", "User")
    bench.github.comment(wanted("two", order=41).body)
    bench.publish()
    assert bench.bodies() == [wanted().body, "between"]


def test_a_token_that_may_only_read_is_told_with_the_permission_that_lacks(bench: Bench) -> None:
    bench.github.may = {"read"}
    labels, comment = bench.publish()
    assert (labels.what, comment.what) == ("labels", "comment")
    assert isinstance(labels.error, PublishError)
    assert isinstance(comment.error, PublishError)
    assert labels.error.remedy == (
        "give the job the permission: `permissions: { pull-requests: write, issues: write }`"
    )
    assert comment.error.remedy == "give the job the permission: `permissions: { pull-requests: write }`"
    assert comment.error.message == "GitHub refuses it: Resource not accessible by integration"
    assert bench.bodies() == []


def test_a_label_that_cannot_be_made_keeps_no_comment_away(bench: Bench) -> None:
    bench.github.repository_labels.clear()
    labels, comment = bench.publish()
    assert labels.error is not None
    assert comment.error is None
    assert bench.bodies() == [wanted().body]
    bench.github.may.add("issues")
    assert bench.publish(wanted("x", order=51))[0].what == "labels size/S"


@pytest.mark.parametrize(
    ("token", "may", "said_"),
    [
        ("", {"read", "write"}, "GitHub does not know the token: Bad credentials"),
        ("ghp_expired", {"read", "write"}, "GitHub does not know the token: Bad credentials"),
        (TOKEN, set(), "GitHub finds nothing there, or the token may not see it: Not Found"),
    ],
)
def test_a_token_that_is_none_or_may_nothing(bench: Bench, token: str, may: set[str], said_: str) -> None:
    bench.github.may = may
    (told,) = bench.publish(token=token)
    assert (told.what, str(told.error)) == ("nothing", said_)
    assert bench.written() == []


def once(*troubles: Answer | Exception) -> Callable[[Request], Answer | Exception | None]:
    left = list(troubles)
    return lambda _: left.pop(0) if left else None


@pytest.mark.parametrize(
    ("trouble", "least_s", "most_s"),
    [
        (said(429, retry_after="17"), 17, 18),
        (said(503, retry_after="5"), 5, 6),
        (said(403, retry_after="30"), 30, 31),
        (said(403, "You have exceeded a secondary rate limit."), 60, 61),
        (said(403, "API rate limit exceeded", x_ratelimit_remaining="0", x_ratelimit_reset="1800000040"), 40, 42),
        (said(429, x_ratelimit_remaining="0", x_ratelimit_reset="soon"), 60, 61),
        (said(502), 1, 2),
        (TimeoutError("no answer within 30 s"), 1, 2),
        (NoAnswerError("connection refused"), 1, 2),
    ],
)
def test_it_waits_as_long_as_github_asks_for(
    bench: Bench, trouble: Answer | Exception, least_s: float, most_s: float
) -> None:
    bench.github.trouble = once(trouble)
    before_s = bench.clock.monotonic_s()
    assert all(told.error is None for told in bench.publish())
    assert least_s <= bench.clock.monotonic_s() - before_s <= most_s
    assert bench.bodies() == [wanted().body]


def test_a_date_says_when_too(bench: Bench) -> None:
    bench.github.trouble = once(said(503, retry_after="Fri, 15 Jan 2027 08:00:20 GMT"))  # FakeClock begins at 08:00:00
    before_s = bench.clock.monotonic_s()
    bench.publish()
    assert bench.clock.monotonic_s() - before_s == 20


@pytest.mark.parametrize(
    ("trouble", "words"),
    [
        (said(429, retry_after="3600"), "GitHub wants to be left alone until 09:00:00 UTC"),
        (said(500), "GitHub answers 500"),
        (NoAnswerError("connection refused"), "GitHub does not answer: connection refused"),
    ],
)
def test_the_patience_ends(bench: Bench, trouble: Answer | Exception, words: str) -> None:
    bench.github.trouble = lambda _: trouble
    before_s = bench.clock.monotonic_s()
    (told,) = bench.publish()
    assert str(told.error) == words
    assert bench.clock.monotonic_s() - before_s <= PATIENCE_S
    assert len(bench.github.asked) < 12


@pytest.mark.parametrize("lost", [TimeoutError("no answer"), NoAnswerError("cut"), said(502)])
def test_a_comment_that_may_have_been_taken_is_not_written_twice(bench: Bench, lost: Answer | Exception) -> None:
    troubles = [lost]

    def after(request: Request) -> Answer | Exception | None:
        new = request.method == "POST" and request.url.endswith("/comments")
        return troubles.pop() if new and troubles else None

    bench.github.after = after
    assert all(told.error is None for told in bench.publish())
    assert bench.bodies() == [wanted().body]


def test_a_comment_that_was_deleted_meanwhile_is_written_anew(bench: Bench) -> None:
    bench.publish()

    def gone(request: Request) -> None:
        if request.method == "PATCH":
            bench.github.comments.clear()

    bench.github.trouble = gone
    assert all(told.error is None for told in bench.publish(wanted("second", order=51)))
    assert bench.bodies() == [wanted("second", order=51).body]


def test_a_label_that_somebody_takes_off_at_the_same_time(bench: Bench) -> None:
    bench.github.labels = ["size/XL"]

    def gone(request: Request) -> None:
        if request.method == "DELETE":
            bench.github.labels.remove("size/XL")

    bench.github.trouble = gone
    assert all(told.error is None for told in bench.publish())
    assert bench.github.labels == ["size/S"]


@pytest.mark.parametrize("body", [b"<html>", b"[]", b"3", b"\xff", b'{"head": 1}'])
def test_an_answer_that_is_not_github_s(bench: Bench, body: bytes) -> None:
    bench.github.trouble = lambda _: Answer(status=200, body=body)
    (told,) = bench.publish()
    assert told.error is not None
    assert told.error.remedy == "is GITHUB_API_URL the address of GitHub's interface?"


def test_the_token_goes_to_no_other_server(bench: Bench) -> None:
    bench.github.trouble = once(
        Answer(status=307, headers={"location": "https://evil.example/repos/acme/pool/pulls/7"})
    )
    (told,) = bench.publish()
    assert str(told.error) == "GitHub's answer leads to another server"
    link = {"link": '<https://evil.example/x?page=2>; rel="next"'}
    bench.github.trouble = lambda request: (
        Answer(status=200, headers=link, body=b"[]") if "/comments" in request.url else None
    )
    (told,) = bench.publish()
    assert str(told.error) == "GitHub's answer leads to another server"
    assert all(request.url.startswith("https://api.github.com/") for request in bench.web.asked)


def test_a_repository_that_was_renamed_is_followed(bench: Bench) -> None:
    moved = Answer(status=301, headers={"location": f"{bench.github.base}/repos/acme/pool/pulls/7"})
    bench.github.trouble = once(moved)
    assert all(told.error is None for told in bench.publish())
    bench.github.trouble = lambda _: moved
    (told,) = bench.publish()
    assert told.error is not None, "a circle ends"


def test_a_message_that_quotes_the_token_does_not_reach_anybody(bench: Bench) -> None:
    bench.github.trouble = lambda _: said(400, f"what is Bearer {TOKEN}?")
    (told,) = bench.publish()
    assert str(told.error) == "GitHub answers 400: what is Bearer ***?"


def test_an_app_s_token_that_may_not_ask_whose_it_is(bench: Bench) -> None:
    bench.github.trouble = lambda request: said(403) if request.url.endswith("/graphql") else None
    assert all(told.error is None for told in bench.publish())
    bench.github.token = "ghp_1"
    (told,) = bench.publish(token="ghp_1")
    assert told.error is not None, "whose a user's token is nobody can guess"


def test_a_rehearsal_reads_and_writes_nothing(bench: Bench) -> None:
    bench.github.labels = ["size/XL"]
    bench.github.comment(wanted("old", order=40).body)
    rehearsal = Rehearsal(bench.web)
    api = Api(rehearsal, bench.clock, base=bench.github.base, token=TOKEN)
    assert all(told.error is None for told in publish(api, wanted(), relabel("S")))
    assert bench.written() == []
    assert [request.method for request in rehearsal.noted] == ["POST", "DELETE", "PATCH"]
    assert json.loads(rehearsal.noted[2].body) == {"body": wanted().body}
    nothing = Rehearsal(None)
    api = Api(nothing, bench.clock, base=bench.github.base, token="")
    assert all(told.error is None for told in publish(api, wanted(), relabel("S")))
    assert [request.method for request in nothing.noted] == ["POST", "POST"]
