"""The text of the issue, and for how long it says that it has been so."""

from __future__ import annotations

import pytest
from markdown_it import MarkdownIt

from penstock.report import issue
from tests import stories
from tests.fakes.payloads import PAYLOADS

URL = "https://github.com/acme/pool/actions/runs/7"
READER = MarkdownIt("commonmark").enable("table")


def test_it_counts_the_runs_and_a_run_that_is_tried_again_once() -> None:
    first = issue.standing("", "2026-11-20", 7)
    assert first == issue.Standing(day="2026-11-20", runs=1, last=7)
    text = issue.text("page", first, URL)
    assert f"Since 2026-11-20. The newest of them: {URL}" in text
    again = issue.standing(text, "2026-11-20", 7)
    assert (again.runs, again.day) == (1, "2026-11-20")
    later = issue.standing(issue.text("page", again, URL), "2026-11-22", 9)
    assert (later.runs, later.day, later.last) == (2, "2026-11-20", 9)
    assert f"Not green since 2026-11-20: 2 runs. The newest of them: {URL}" in issue.text("page", later, URL)


def test_runs_without_a_number_are_each_counted() -> None:
    text = issue.text("page", issue.standing("", "2026-11-20", 0), "")
    assert issue.standing(text, "2026-11-21", 0).runs == 2


@pytest.mark.parametrize(
    "before", ["by hand", "x\n" * 5 + str(issue.Standing(day="2020-01-01", runs=9)), "<!-- penstock:"]
)
def test_what_is_not_ours_counts_nothing(before: str) -> None:
    assert issue.standing(before, "2026-11-20", 1).runs == 1


def test_the_page_is_that_of_a_comment_without_its_mark() -> None:
    page = issue.page(stories.red())
    assert page.startswith("## ❌ FAIL")
    assert "<!--" not in page
    assert len(issue.text(page * 1, issue.standing("", "2026-11-20", 1), URL).encode()) < 60_000


def structure(text: str) -> list[str]:
    return [token.type for token in READER.parse(text)]


@pytest.mark.parametrize("payload", PAYLOADS, ids=range(len(PAYLOADS)))
def test_why_it_could_not_be_judged_is_nothing_but_text(payload: str) -> None:
    plain = structure(issue.unjudged("benign", "benign"))
    assert structure(issue.unjudged(f"a{payload}z", f"a{payload}z")) == plain


def test_what_is_said_when_it_is_green() -> None:
    assert issue.green(stories.green(), URL).startswith("✅ Green again")
    assert issue.green(stories.green(), URL).endswith(URL)
