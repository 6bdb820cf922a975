"""Labels and the one comment of a pull request, brought to what they should be.

The comment is found by its mark and by its author: what anybody else has written is never touched, whatever it begins
with. What a later run has published stays.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import NamedTuple

from penstock.errors import PublishError
from penstock.providers.github import stamp as stamps
from penstock.providers.github.account import User, is_login
from penstock.providers.github.client import Api
from penstock.providers.github.stamp import Stamp
from penstock.util import percent
from penstock.value import Value

READ = "pull-requests: read"
WRITE = "pull-requests: write"
LABEL = "pull-requests: write, issues: write"  # the second while the repository does not have the label yet
_TRIES = 3

# Present labels -> those to add, those to take off.
Relabel = Callable[[tuple[str, ...]], tuple[tuple[str, ...], tuple[str, ...]]]


class Wanted(Value, frozen=True, kw_only=True):
    """What to publish. `repository`: "owner/name"; `mark`: the first line of `body`; `stamp`: what its second is."""

    repository: str
    number: int
    mark: str
    body: str
    stamp: Stamp


class Told(NamedTuple):
    """One thing that was done, or the error that kept it from being done."""

    what: str
    error: PublishError | None = None


class _Comment(Value, frozen=True):
    id: int
    body: str | None = None
    user: User | None = None
    html_url: str = ""


class _Head(Value, frozen=True):
    sha: str = ""


class _Label(Value, frozen=True):
    name: str = ""


class _PullRequest(Value, frozen=True):
    head: _Head = _Head()
    labels: tuple[_Label, ...] = ()


class _Created(Value, frozen=True):
    html_url: str = ""


def publish(api: Api, wanted: Wanted, relabel: Relabel | None) -> Iterator[Told]:
    """Do it, and tell of each part: one that fails keeps no other from being done. `relabel`: None leaves labels."""
    found = _looked(api, wanted)
    if isinstance(found, Told):
        yield found
        return
    request, own = found
    if relabel is not None:
        yield from _labels(api, wanted, request, relabel)
    try:
        yield Told(f"comment {_comment(api, wanted, own)}".rstrip())
    except PublishError as error:
        yield Told("comment", error)


class _Own(NamedTuple):
    """Our comments on the pull request, the oldest first; one, if all is well."""

    login: str
    comments: tuple[_Comment, ...]


def _looked(api: Api, wanted: Wanted) -> tuple[_PullRequest, _Own] | Told:
    """What is there; or why nothing is to be done."""
    try:
        request = api.get(f"/repos/{wanted.repository}/pulls/{wanted.number}", _PullRequest, need=READ)
        if wanted.stamp.head and request.head.sha not in ("", wanted.stamp.head):
            now, then = request.head.sha[:12], wanted.stamp.head[:12]
            return Told(f"nothing: the pull request is at {now} now, and this tells of {then}")
        own = _own(api, wanted, api.viewer())
    except PublishError as error:
        return Told("nothing", error)
    there = [stamps.read(each.body or "", wanted.mark) for each in own.comments]
    if any(each is not None and each.newer_than(wanted.stamp) for each in there):
        return Told("nothing: a later run has published")
    return request, own


def _own(api: Api, wanted: Wanted, login: str) -> _Own:
    """The comments with our mark, of our project, by the account whose token this is."""
    path = f"/repos/{wanted.repository}/issues/{wanted.number}/comments"
    every = [each for page in api.pages(path, tuple[_Comment, ...], need=READ) for each in page]
    return _Own(login, tuple(each for each in every if _is_ours(each, wanted, login)))


def _is_ours(comment: _Comment, wanted: Wanted, login: str) -> bool:
    if comment.user is None or not is_login(comment.user, login):
        return False
    stamp = stamps.read(comment.body or "", wanted.mark)
    return stamp is not None and stamp.project == wanted.stamp.project


def _labels(api: Api, wanted: Wanted, request: _PullRequest, relabel: Relabel) -> Iterator[Told]:
    present = tuple(label.name for label in request.labels)
    path = f"/repos/{wanted.repository}/issues/{wanted.number}/labels"
    add, remove = relabel(present)
    try:
        if add:
            api.send("POST", path, {"labels": list(add)}, need=LABEL)
        for name in remove:
            _gone(api, f"{path}/{percent.quoted(name).replace('/', '%2F')}")
    except PublishError as error:
        yield Told("labels", error)
        return
    if add or remove:
        off = f" (taken off: {', '.join(remove)})" if remove else ""
        yield Told(f"labels {', '.join(add)}{off}" if add else f"labels{off}")


def _gone(api: Api, path: str) -> None:
    """Take away what may be gone already. Raises PublishError."""
    try:
        api.send("DELETE", path, None, need=WRITE)
    except PublishError as error:
        if error.status != 404:
            raise


def _comment(api: Api, wanted: Wanted, own: _Own) -> str:
    """Edit the comment, or write it; gives its address. Raises PublishError.

    Where nobody knows whether a new one was taken, it is looked for before it is sent again.
    """
    for rest in reversed(range(_TRIES)):
        try:
            return _edited(api, wanted, own) if own.comments else _created(api, wanted)
        except PublishError as error:
            gone = error.status == 404 and bool(own.comments)  # somebody has deleted it meanwhile
            if not rest or not (error.uncertain or gone):
                raise
            api.rest()
            own = _own(api, wanted, own.login)
    raise AssertionError("the last try returns or raises")


def _edited(api: Api, wanted: Wanted, own: _Own) -> str:
    first, *others = own.comments
    path = f"/repos/{wanted.repository}/issues/comments"
    api.send("PATCH", f"{path}/{first.id}", {"body": wanted.body}, need=WRITE)
    for other in others:  # two runs that began at once have each written one
        _gone(api, f"{path}/{other.id}")
    return first.html_url


def _created(api: Api, wanted: Wanted) -> str:
    import msgspec

    path = f"/repos/{wanted.repository}/issues/{wanted.number}/comments"
    answer = api.send("POST", path, {"body": wanted.body}, need=WRITE, repeatable=False)
    try:
        return msgspec.json.decode(answer, type=_Created).html_url
    except (msgspec.MsgspecError, UnicodeDecodeError):
        return ""
