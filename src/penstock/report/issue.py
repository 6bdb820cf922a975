"""The issue that stands open while a run that nobody waits for is not green, and what is said when it is again. Pure.

A hidden line counts the runs, so that the text says for how long it has been so.
"""

from __future__ import annotations

import re

from penstock.report import markdown
from penstock.report.inert import span
from penstock.report.story import Story
from penstock.util.plural import plural
from penstock.value import Value

MARK = "<!-- penstock: issue -->"
TITLE = "The nightly run is not green"
_LINE = re.compile(r"<!-- penstock: since=(?P<day>\d{4}-\d\d-\d\d) count=(?P<runs>\d{1,6}) last=(?P<last>\d{1,18}) -->")
_ROOM = 2_000  # bytes for what stands around the page


class Standing(Value, frozen=True, kw_only=True):
    """For how long it has not been green: the first day, how many runs, and the number of the last of them."""

    day: str
    runs: int = 1
    last: int = 0

    def __str__(self) -> str:
        """The hidden line."""
        return f"<!-- penstock: since={self.day} count={self.runs} last={self.last} -->"


def standing(before: str, day: str, order: int) -> Standing:
    """With the run at hand. `before`: the issue's text of before; `order`: the host's number of the run, 0 = none.

    A run that is tried again is one run.
    """
    found = next((match for line in before.split("\n")[:4] if (match := _LINE.fullmatch(line))), None)
    if found is None:
        return Standing(day=day, last=order)
    again = order > 0 and int(found["last"]) == order
    return Standing(day=found["day"], runs=int(found["runs"]) + (not again), last=order)


def text(page: str, told: Standing, url: str) -> str:
    """The issue's text, with a newline at its end. `url`: the page of the run, "" where there is none."""
    since = f"Not green since {told.day}: {plural(told.runs, 'run')}." if told.runs > 1 else f"Since {told.day}."
    run = f" The newest of them: {url}" if url else ""
    close = "It is closed when a run is green."
    return "\n".join([MARK, str(told), "", f"{since}{run}", "", page.strip("\n"), "", f"<sub>{close}</sub>", ""])


def page(story: Story) -> str:
    """The run, as a pull request's comment tells of it."""
    return markdown.text(story, markdown.COMMENT_BYTES - _ROOM).partition("\n")[2]


def unjudged(why: str, remedy: str | None = None) -> str:
    """In its place, where there is nothing that could be judged."""
    more = ["", f"Remedy: {span(remedy, 400)}"] if remedy else []
    return "\n".join(["## ⚠️ NOT VERIFIED", "", f"**Why** {span(why, 400)}", *more])


def green(story: Story, url: str) -> str:
    """The comment with which it is closed."""
    commit = f" on commit {span(story.plan.commit[:12])}" if story.plan.commit else ""
    return f"✅ Green again{commit}{f': {url}' if url else '.'}"
