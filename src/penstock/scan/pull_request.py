"""The pull request at hand: from the host's event file, or made up from the local branch. All of it is foreign text."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from penstock.errors import UsageError
from penstock.model.change import Change, PullRequest

MOST_BYTES = 25 << 20  # what GitHub delivers at most
_EVENTS = frozenset({"pull_request", "pull_request_target", "pull_request_review"})


def of_event(environ: Mapping[str, str]) -> PullRequest | str | None:
    """What GitHub's runner says of the event: None where it is about no pull request, or why it cannot be read."""
    name, path = environ.get("GITHUB_EVENT_NAME"), environ.get("GITHUB_EVENT_PATH")
    if name not in _EVENTS:
        return None
    if not path:
        return f"the host says {name}, and names no event file (GITHUB_EVENT_PATH)"
    try:
        return of_file(Path(path))
    except UsageError as error:
        return f"the host says {name}, and its event file tells nothing: {error}"


def of_file(path: Path) -> PullRequest:
    """The pull request that an event file tells of. Raises UsageError if it tells of none."""
    try:
        if path.stat().st_size > MOST_BYTES:
            raise UsageError(f"{path} is larger than an event may be")
        event = json.loads(path.read_bytes())
    except (OSError, ValueError, RecursionError) as error:
        raise UsageError(f"{path} is no event file: {error}", remedy="name the file of GITHUB_EVENT_PATH") from error
    found = event.get("pull_request") if isinstance(event, dict) else None
    if not isinstance(found, dict):
        raise UsageError(f"{path} tells of no pull request", remedy="name the file of a pull_request event")
    author = _table(found, "user")
    login = _text(author, "login")
    return PullRequest(
        title=_text(found, "title"),
        body=_text(found, "body"),
        number=_whole(found, "number"),
        author=login,
        bot=_text(author, "type") == "Bot" or login.endswith("[bot]"),
        draft=found.get("draft") is True,
        labels=tuple(_text(each, "name") for each in found.get("labels") or () if isinstance(each, dict)),
        base=_text(_table(found, "base"), "ref"),
        head=_text(_table(found, "head"), "ref"),
        source="event",
    )


def of_branch(change: Change | None, branch: str | None) -> PullRequest | None:
    """The pull request that the local branch would be: the title and the body of its first commit.

    None where it has no commit of its own.
    """
    if change is None or not change.commits:
        return None
    first, *others = change.commits
    bodies = (first.body, *(f"{other.subject}\n\n{other.body}" for other in others))
    return PullRequest(
        title=first.subject,
        body="\n\n".join(body.strip() for body in bodies if body.strip()),
        base=change.branch,
        head=branch or "",
        source="branch",
    )


def _table(value: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    found = value.get(name)
    return found if isinstance(found, dict) else {}


def _text(value: Mapping[str, Any], name: str) -> str:
    found = value.get(name)
    return found if isinstance(found, str) else ""


def _whole(value: Mapping[str, Any], name: str) -> int:
    found = value.get(name)
    return found if isinstance(found, int) and not isinstance(found, bool) else 0
