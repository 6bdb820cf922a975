"""The one issue that stands open while something is not green.

It is found by its label, its mark and its author; nothing that anybody else has opened is touched. It is edited in
place, so that nobody is written to every night. Two runs at once may each open one: the next run keeps the older, and
closes the other.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

import msgspec

from penstock.errors import PublishError
from penstock.providers.github import stamp as stamps
from penstock.providers.github.account import User, is_login
from penstock.providers.github.client import Api
from penstock.providers.github.stamp import Stamp
from penstock.util import percent
from penstock.value import Value

READ = "issues: read"
WRITE = "issues: write"
_TRIES = 3
_GONE = frozenset({404, 410})

# The text that the issue has now, "" before there is one -> the text that it is to have.
Render = Callable[[str], str]


class Wanted(Value, frozen=True, kw_only=True):
    """Which issue is meant. `mark`: the first line of its text; `stamp`: what its second is."""

    repository: str
    label: str
    title: str
    mark: str
    stamp: Stamp

    @property
    def path(self) -> str:
        """Of the repository's issues."""
        return f"/repos/{self.repository}/issues"


class _Issue(Value, frozen=True):
    number: int
    body: str | None = None
    user: User | None = None
    html_url: str = ""
    pull_request: dict[str, object] | None = None


class _Opened(Value, frozen=True):
    html_url: str = ""


def stand(api: Api, wanted: Wanted, render: Render) -> Iterator[str]:
    """Have it open, with its text of now; tells what was done. Raises PublishError.

    Where nobody knows whether a new one was taken, it is looked for before it is sent again.
    """
    login = api.viewer()
    for rest in reversed(range(_TRIES)):
        found = _open(api, wanted, login)
        if _is_late(found, wanted):
            yield "nothing: a later run has told"
            return
        try:
            yield _edited(api, wanted, found[0], render) if found else _opened(api, wanted, render(""))
        except PublishError as error:
            gone = bool(found) and error.status in _GONE  # somebody has taken it away meanwhile
            if not rest or not (error.uncertain or gone):
                raise
            api.rest()
            continue
        for other in found[1:]:
            yield _closed(api, wanted, other, f"This is told in #{found[0].number}.", reason="not_planned")
        return


def end(api: Api, wanted: Wanted, comment: str) -> Iterator[str]:
    """Close it, with a comment; tells what was done. Raises PublishError."""
    found = _open(api, wanted, api.viewer())
    if not found:
        yield "nothing: no issue is open"
    elif _is_late(found, wanted):
        yield "nothing: a later run has told"
    else:
        for issue in found:
            yield _closed(api, wanted, issue, comment)


def _open(api: Api, wanted: Wanted, login: str) -> list[_Issue]:
    """Ours that are open, the oldest first."""
    path = f"{wanted.path}?state=open&labels={percent.quoted(wanted.label).replace('/', '%2F')}"
    every = (each for page in api.pages(path, tuple[_Issue, ...], need=READ) for each in page)
    return sorted((each for each in every if _is_ours(each, wanted, login)), key=lambda issue: issue.number)


def _is_ours(issue: _Issue, wanted: Wanted, login: str) -> bool:
    if issue.pull_request is not None or issue.user is None or not is_login(issue.user, login):
        return False
    stamp = stamps.read(issue.body or "", wanted.mark)
    return stamp is not None and stamp.project == wanted.stamp.project


def _is_late(found: list[_Issue], wanted: Wanted) -> bool:
    there = (stamps.read(each.body or "", wanted.mark) for each in found)
    return any(each is not None and each.newer_than(wanted.stamp) for each in there)


def _opened(api: Api, wanted: Wanted, text: str) -> str:
    body = {"title": wanted.title, "body": text, "labels": [wanted.label]}
    answer = api.send("POST", wanted.path, body, need=WRITE, repeatable=False)
    try:
        address = msgspec.json.decode(answer, type=_Opened).html_url
    except (msgspec.MsgspecError, UnicodeDecodeError):
        address = ""
    return f"opened {address}".rstrip()


def _edited(api: Api, wanted: Wanted, issue: _Issue, render: Render) -> str:
    text = render((issue.body or "").replace("\r\n", "\n"))
    api.send("PATCH", f"{wanted.path}/{issue.number}", {"body": text}, need=WRITE)
    return f"brought up to date {issue.html_url}".rstrip()


def _closed(api: Api, wanted: Wanted, issue: _Issue, comment: str, *, reason: str = "completed") -> str:
    """Closed first: whoever is interrupted between the two does not say it again."""
    path = f"{wanted.path}/{issue.number}"
    api.send("PATCH", path, {"state": "closed", "state_reason": reason}, need=WRITE)
    api.send("POST", f"{path}/comments", {"body": comment}, need=WRITE)
    return f"closed {issue.html_url}".rstrip()
