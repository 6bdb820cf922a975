"""The protection of a branch that belongs to the generated workflows, as a ruleset of the repository.

A ruleset binds everybody who is not named as passing it by: with nobody named, administrators, too. Its required checks
are bound to GitHub Actions itself, so that no other app and no token can report them.

https://docs.github.com/en/rest/repos/rules#create-a-repository-ruleset
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from penstock.errors import NotVerifiedError, PublishError
from penstock.providers.github.ci import VERDICT
from penstock.providers.github.client import Api
from penstock.providers.github.pr import JOB
from penstock.value import Value

NAME = "penstock"
ACTIONS = 15368  # GitHub Actions, among GitHub's apps: GET /apps/github-actions
CHECKS = (VERDICT, JOB)
OWNERS = ".github/CODEOWNERS"
PLACES = (OWNERS, "CODEOWNERS", "docs/CODEOWNERS")  # where GitHub looks for it, in this order
_NEED = "administration: write"
_WHO = (
    "GH_TOKEN=$(gh auth token) of an administrator: no workflow's own token may do this, and a private repository may "
    "need a paid plan"
)


class _Listed(Value, frozen=True):
    id: int
    name: str
    source_type: str = "Repository"


def ruleset(branches: Sequence[str]) -> dict[str, Any]:
    """As GitHub's interface takes it. `branches`: names and patterns of those that are verified."""
    return {
        "name": NAME,
        "target": "branch",
        "enforcement": "active",
        "bypass_actors": [],
        "conditions": {
            "ref_name": {"include": ["~DEFAULT_BRANCH", *(f"refs/heads/{one}" for one in branches)], "exclude": []}
        },
        "rules": [
            {"type": "deletion"},
            {"type": "non_fast_forward"},
            {"type": "required_linear_history"},
            {
                "type": "pull_request",
                "parameters": {
                    "allowed_merge_methods": ["squash", "rebase"],
                    "dismiss_stale_reviews_on_push": True,
                    "require_code_owner_review": True,
                    "require_last_push_approval": True,
                    "required_approving_review_count": 1,
                    "required_review_thread_resolution": True,
                },
            },
            {
                "type": "required_status_checks",
                "parameters": {
                    "strict_required_status_checks_policy": True,
                    "required_status_checks": [{"context": name, "integration_id": ACTIONS} for name in CHECKS],
                },
            },
        ],
    }


def owners(source: str, owner: str) -> tuple[str, ...]:
    """Lines of CODEOWNERS over what the checks are made of. `source`: the file of the configuration."""
    width = max(len("/.github/"), len(source) + 1)
    return tuple(f"{place:<{width}} {owner}" for place in ("/.github/", f"/{source}"))


def owned(text: str, place: str) -> bool:
    """Whether the last line of a CODEOWNERS that is about the place, which begins with `/`, names somebody, and none
    about a part of it names nobody.
    """
    folders = {"*", "**", place, place.strip("/"), place.lstrip("/"), place.rstrip("/"), f"{place}*", f"{place}**"}
    lines = [line.partition("#")[0].split() for line in text.splitlines()]
    about = [words for words in lines if words and words[0] in folders]
    freed = any(words[0].startswith(place) and len(words) == 1 for words in lines if words)
    return bool(about) and len(about[-1]) > 1 and not freed


def apply(api: Api, repository: str, wanted: Mapping[str, Any]) -> str:
    """Make it, or bring it to what it should be; says what was done.

    Raises PublishError, and NotVerifiedError where GitHub took it and has something else.
    """
    path = f"/repos/{repository}/rulesets"
    try:
        listed = [each for page in api.pages(path, tuple[_Listed, ...], need=_NEED) for each in page]
        own = next((one for one in listed if one.name == NAME and one.source_type == "Repository"), None)
        if own is None:
            return _sent(api, "POST", path, wanted, "made")
        if not list(lacking(wanted, api.get(f"{path}/{own.id}", dict[str, Any], need=_NEED))):
            return "is as it should be"
        return _sent(api, "PUT", f"{path}/{own.id}", wanted, "brought up to date")
    except PublishError as error:
        if error.status in (403, 404):
            raise PublishError(error.message, remedy=_WHO, status=error.status) from error
        raise


def _sent(api: Api, method: str, path: str, wanted: Mapping[str, Any], done: str) -> str:
    import msgspec

    answer = api.send(method, path, wanted, need=_NEED, repeatable=method == "PUT")
    lacks = list(lacking(wanted, msgspec.json.decode(answer, type=dict[str, Any])))
    if lacks:
        raise NotVerifiedError(
            f"GitHub has taken the ruleset, and keeps it without {', '.join(lacks)}",
            remedy="look at it on the repository's page, Settings, Rules",
        )
    return done


def lacking(wanted: Mapping[str, Any], there: Mapping[str, Any]) -> Iterator[str]:
    """What of a ruleset is not as wanted, by name. What there is beside it is no matter, but for who may pass it by."""
    for key in ("target", "enforcement", "conditions", "bypass_actors"):
        if not _holds(wanted[key], there.get(key)):
            yield key
    rules = {rule.get("type"): rule for rule in there.get("rules") or ()}
    for rule in wanted["rules"]:
        found = rules.get(rule["type"])
        if found is None or not _holds(rule.get("parameters", {}), found.get("parameters", {})):
            yield rule["type"]


def _holds(wanted: object, there: object) -> bool:
    """Whether it is there as wanted. A table may say more; a list may not."""
    if isinstance(wanted, Mapping):
        return isinstance(there, Mapping) and all(_holds(value, there.get(key)) for key, value in wanted.items())
    if isinstance(wanted, list):
        others: list[object] = there if isinstance(there, list) else []
        same = isinstance(there, list) and len(others) == len(wanted)
        return same and all(any(_holds(one, other) for other in others) for one in wanted)
    return wanted == there
