"""What GitHub Actions says of a run, in the variables that its runner sets and in the event file.

https://docs.github.com/en/actions/reference/workflows-and-actions/variables
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

from penstock.model.run_context import RunContext
from penstock.model.trust import Trust

API = "https://api.github.com"
# Events whose run is on a branch's own newest commit, and was begun by who may write to the repository.
_ON_A_BRANCH = frozenset({"push", "schedule", "workflow_dispatch"})
# Others whose code is the repository's own. In a merge queue it is not merged yet.
_OF_THE_REPOSITORY = frozenset({*_ON_A_BRANCH, "merge_group", "release", "create"})
_PULL_REQUESTS = frozenset({"pull_request", "pull_request_target", "pull_request_review"})
_HEADS, _TAGS = "refs/heads/", "refs/tags/"


def of(environ: Mapping[str, str], event: Mapping[str, Any], protected: Callable[[str], bool]) -> RunContext:
    """What is known of this run. `protected`: of branches that GitHub itself does not call so."""
    name = environ.get("GITHUB_EVENT_NAME", "")
    ref = environ.get("GITHUB_REF", "")
    branch = ref.removeprefix(_HEADS) if ref.startswith(_HEADS) and name in _ON_A_BRANCH else ""
    request = event.get("pull_request") if name in _PULL_REQUESTS else None
    request = request if isinstance(request, dict) else {}
    fork = name in _PULL_REQUESTS and _is_fork(request)
    guarded = environ.get("GITHUB_REF_PROTECTED") == "true" or protected(branch)
    trust = Trust.BRANCH if name in _OF_THE_REPOSITORY or (request and not fork) else Trust.LOCAL
    return RunContext(
        provider="github",
        trust=Trust.PROTECTED if branch and guarded else trust,
        repository=environ.get("GITHUB_REPOSITORY", ""),
        branch=branch,
        works_on=branch or _works_on(name, event, request, fork=fork),
        pull_request=_whole(request.get("number")),
        fork=fork,
        commit="" if name == "pull_request_target" else environ.get("GITHUB_SHA", ""),  # of that event, the base's
        head=_commit(_table(request, "head").get("sha")),
        tag=ref.removeprefix(_TAGS) if ref.startswith(_TAGS) else "",
        default=_text(_table(event, "repository").get("default_branch")),
        order=_whole(environ.get("GITHUB_RUN_ID")),
        attempt=_whole(environ.get("GITHUB_RUN_ATTEMPT")),
        api=environ.get("GITHUB_API_URL") or API,
        url=_page(environ),
    )


def _works_on(name: str, event: Mapping[str, Any], request: Mapping[str, Any], *, fork: bool) -> str:
    """The branch of a proposal: a pull request's own, if it is of this repository, or the one that a queue leads to."""
    queue = name == "merge_group"
    told = _table(event, "merge_group").get("base_ref") if queue else _table(request, "head").get("ref")
    return told.removeprefix(_HEADS) if isinstance(told, str) and not fork else ""


def _is_fork(request: Mapping[str, Any]) -> bool:
    """Whether its commits come from elsewhere. A repository that is gone, or not told, is not ours."""
    theirs = _table(_table(request, "head"), "repo").get("full_name")
    ours = _table(_table(request, "base"), "repo").get("full_name")
    return not isinstance(theirs, str) or not isinstance(ours, str) or theirs.lower() != ours.lower()


def _page(environ: Mapping[str, str]) -> str:
    parts = [environ.get(name, "") for name in ("GITHUB_SERVER_URL", "GITHUB_REPOSITORY", "GITHUB_RUN_ID")]
    return f"{parts[0]}/{parts[1]}/actions/runs/{parts[2]}" if all(parts) else ""


def _table(value: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    found = value.get(name)
    return found if isinstance(found, dict) else {}


def _whole(value: object) -> int:
    if isinstance(value, str) and re.fullmatch(r"[0-9]{1,18}", value):
        return int(value)
    return value if isinstance(value, int) and not isinstance(value, bool) else 0


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""


def _commit(value: object) -> str:
    return value if isinstance(value, str) and re.fullmatch(r"[0-9a-f]{40}(?:[0-9a-f]{24})?", value) else ""
