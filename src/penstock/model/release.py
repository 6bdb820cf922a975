"""What is known of a tag that is to be released."""

from __future__ import annotations

from penstock.value import Value


class Tagged(Value, frozen=True, kw_only=True):
    """A tag, as git knows it. `commit`: that it stands on, "" where there is no such tag; `head`: that is checked out;
    `branch`: the default branch, "" where it was not fetched; `merged`: whether that holds the commit, None: nobody can
    tell; `before`: the tag of the release before, "" = none.
    """

    tag: str
    commit: str = ""
    head: str = ""
    branch: str = ""
    merged: bool | None = None
    shallow: bool = False
    before: str = ""


class HostCheck(Value, frozen=True, kw_only=True):
    """How the host's newest check of one name ended on a commit. `conclusion`: "" while it runs. `unknown`: why nobody
    can tell.
    """

    name: str
    conclusion: str = ""
    count: int = 0
    url: str = ""
    unknown: str = ""
    remedy: str | None = None
