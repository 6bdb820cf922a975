"""What happens, on GitHub: what it is called there, what an expression sees of it, which workflows it starts."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from penstock.model.answers import TAG
from penstock.providers.github.filters import selected
from penstock.providers.happening import Happening
from penstock.providers.yaml_values import Plain, table, words

_NUMBER = 1  # of a pull request that is only imagined
_TYPES = ("opened", "synchronize", "reopened")  # of a pull request, where `on` names none
_PUSHED = "synchronize"  # what a pull request is, once it has got another commit


def name_of(what: Happening) -> str:
    """As GitHub calls the event: a tag is pushed, too."""
    return "push" if what.event == TAG else what.event


def context(what: Happening) -> Mapping[str, Any]:
    """The context `github`, as far as conditions of jobs ask for it."""
    proposed = what.event == "pull_request"
    ref = _ref(what)
    return {
        "event_name": name_of(what),
        "ref": ref,
        "ref_name": ref.removeprefix("refs/heads/").removeprefix("refs/tags/").removeprefix("refs/pull/"),
        "ref_type": "tag" if what.event == TAG else "branch",
        "head_ref": what.branch if proposed else "",
        "base_ref": what.base if proposed else "",
        "event": {
            "repository": {"default_branch": what.default, "fork": False},
            **({"pull_request": _pull_request(what)} if proposed else {}),
            **({"merge_group": {"base_ref": f"refs/heads/{what.base}"}} if what.event == "merge_group" else {}),
        },
    }


def _ref(what: Happening) -> str:
    heads = {"merge_group": f"gh-readonly-queue/{what.base}/pr-{_NUMBER}", "schedule": what.default}
    named = {TAG: f"refs/tags/{what.tag}", "pull_request": f"refs/pull/{_NUMBER}/merge"}
    return named.get(what.event) or f"refs/heads/{heads.get(what.event) or what.branch}"


def _pull_request(what: Happening) -> Mapping[str, Any]:
    theirs = "somebody/fork" if what.fork else "owner/project"
    return {
        "number": _NUMBER,
        "draft": False,
        "head": {"ref": what.branch, "repo": {"full_name": theirs, "fork": what.fork}},
        "base": {"ref": what.base, "repo": {"full_name": "owner/project", "fork": False}},
    }


def starts(on: Plain, what: Happening, changed: tuple[str, ...] | None) -> tuple[bool, str]:
    """Whether a workflow with this `on` starts, and what decides. `changed`: the files, None where they are not known:
    then a path filter lets it start.
    """
    named: Mapping[str, Plain] = on if isinstance(on, dict) else dict.fromkeys(words(on))
    if name_of(what) not in named:
        return False, f"`on` names no {name_of(what)}"
    if name_of(what) == "schedule" and isinstance(crons := named["schedule"], list):
        return True, f"on.schedule: {', '.join(str(table(each).get('cron', '')) for each in crons)}"
    filters = table(named[name_of(what)])
    for look in (_of_types, _of_names, _of_paths):
        if told := look(what, filters, changed):
            return False, told
    rules = [f"on.{name_of(what)}.{key}: {', '.join(words(each))}" for key, each in filters.items()]
    return True, "; ".join(rules) or f"on.{name_of(what)}"


def _of_types(what: Happening, filters: Mapping[str, Plain], changed: object) -> str:
    del changed
    types = words(filters.get("types")) or _TYPES
    proposed = what.event == "pull_request"
    return f"on.pull_request.types: {', '.join(types)}" if proposed and _PUSHED not in types else ""


def _of_names(what: Happening, filters: Mapping[str, Plain], changed: object) -> str:
    """A filter of branches alone keeps every tag away, and the other way round."""
    del changed
    mine, other = ("tags", "branches") if what.event == TAG else ("branches", "tags")
    name = (
        what.tag if what.event == TAG else what.base if what.event in ("pull_request", "merge_group") else what.branch
    )
    if f"{mine}-ignore" in filters and selected(words(filters[f"{mine}-ignore"]), name):
        return f"on.{name_of(what)}.{mine}-ignore: {', '.join(words(filters[f'{mine}-ignore']))}"
    if mine in filters and not selected(words(filters[mine]), name):
        return f"on.{name_of(what)}.{mine}: {', '.join(words(filters[mine]))} fits no {name}"
    only = {other, f"{other}-ignore"} & filters.keys() and not {mine, f"{mine}-ignore"} & filters.keys()
    return f"on.{name_of(what)} is about {other} alone" if only and name_of(what) == "push" else ""


def _of_paths(what: Happening, filters: Mapping[str, Plain], changed: tuple[str, ...] | None) -> str:
    """A workflow starts where one of the files is selected; it is ignored where all are. A tag has no files."""
    if changed is None or what.event == TAG:
        return ""
    asked: Mapping[str, Callable[[tuple[str, ...]], bool]] = {
        "paths": lambda patterns: any(selected(patterns, path) for path in changed),
        "paths-ignore": lambda patterns: not all(selected(patterns, path) for path in changed),
    }
    found = (key for key, passes in asked.items() if key in filters and not passes(words(filters[key])))
    return next((f"on.{name_of(what)}.{key}: {', '.join(words(filters[key]))}" for key in found), "")
