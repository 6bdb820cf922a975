"""Something that happens on GitHub: what it is called there, what an expression sees of it, what it starts."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from penstock.model.answers import TAG
from penstock.providers.github.filters import selected
from penstock.providers.yaml_values import Plain, table, words
from penstock.value import Value

_NUMBER = 1  # of a pull request that is only imagined
_TYPES = ("opened", "synchronize", "reopened")  # of a pull request, where `on` names none
_PUSHED = "synchronize"  # what a pull request is, once it has got another commit


class Happening(Value, frozen=True, kw_only=True):
    """One event. `event`: of `answers.EVENTS`. `branch`: that is pushed, or runs by hand; of a pull request its own.
    `base`: where a pull request or a queue leads to. `fork`: the pull request comes from another repository. `default`:
    the branch that schedules run on.
    """

    event: str
    branch: str = ""
    base: str = ""
    tag: str = ""
    fork: bool = False
    default: str = "main"

    @property
    def name(self) -> str:
        """As GitHub calls the event: a tag is pushed, too."""
        return "push" if self.event == TAG else self.event

    @property
    def works_on(self) -> str:
        """The branch that the `branches` of jobs are held against, as `model.run_context` has it."""
        if self.event == "pull_request":
            return "" if self.fork else self.branch
        return {"merge_group": self.base, "schedule": self.default, TAG: ""}.get(self.event, self.branch)

    @property
    def context(self) -> Mapping[str, Any]:
        """The context `github`, as far as conditions of jobs ask for it."""
        proposed = self.event == "pull_request"
        ref = self._ref()
        return {
            "event_name": self.name,
            "ref": ref,
            "ref_name": ref.removeprefix("refs/heads/").removeprefix("refs/tags/").removeprefix("refs/pull/"),
            "ref_type": "tag" if self.event == TAG else "branch",
            "head_ref": self.branch if proposed else "",
            "base_ref": self.base if proposed else "",
            "event": {
                "repository": {"default_branch": self.default, "fork": False},
                **({"pull_request": self._pull_request()} if proposed else {}),
                **({"merge_group": {"base_ref": f"refs/heads/{self.base}"}} if self.event == "merge_group" else {}),
            },
        }

    def _ref(self) -> str:
        heads = {"merge_group": f"gh-readonly-queue/{self.base}/pr-{_NUMBER}", "schedule": self.default}
        named = {TAG: f"refs/tags/{self.tag}", "pull_request": f"refs/pull/{_NUMBER}/merge"}
        return named.get(self.event) or f"refs/heads/{heads.get(self.event) or self.branch}"

    def _pull_request(self) -> Mapping[str, Any]:
        theirs = "somebody/fork" if self.fork else "owner/project"
        return {
            "number": _NUMBER,
            "draft": False,
            "head": {"ref": self.branch, "repo": {"full_name": theirs, "fork": self.fork}},
            "base": {"ref": self.base, "repo": {"full_name": "owner/project", "fork": False}},
        }


def starts(on: Plain, what: Happening, changed: tuple[str, ...] | None) -> tuple[bool, str]:
    """Whether a workflow with this `on` starts, and what decides. `changed`: the files, None where they are not known:
    then a path filter lets it start.
    """
    named: Mapping[str, Plain] = on if isinstance(on, dict) else dict.fromkeys(words(on))
    if what.name not in named:
        return False, f"`on` names no {what.name}"
    if what.name == "schedule" and isinstance(crons := named["schedule"], list):
        return True, f"on.schedule: {', '.join(str(table(each).get('cron', '')) for each in crons)}"
    filters = table(named[what.name])
    for look in (_of_types, _of_names, _of_paths):
        if told := look(what, filters, changed):
            return False, told
    rules = [f"on.{what.name}.{key}: {', '.join(words(each))}" for key, each in filters.items()]
    return True, "; ".join(rules) or f"on.{what.name}"


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
        return f"on.{what.name}.{mine}-ignore: {', '.join(words(filters[f'{mine}-ignore']))}"
    if mine in filters and not selected(words(filters[mine]), name):
        return f"on.{what.name}.{mine}: {', '.join(words(filters[mine]))} fits no {name}"
    only = {other, f"{other}-ignore"} & filters.keys() and not {mine, f"{mine}-ignore"} & filters.keys()
    return f"on.{what.name} is about {other} alone" if only and what.name == "push" else ""


def _of_paths(what: Happening, filters: Mapping[str, Plain], changed: tuple[str, ...] | None) -> str:
    """A workflow starts where one of the files is selected; it is ignored where all are. A tag has no files."""
    if changed is None or what.event == TAG:
        return ""
    asked: Mapping[str, Callable[[tuple[str, ...]], bool]] = {
        "paths": lambda patterns: any(selected(patterns, path) for path in changed),
        "paths-ignore": lambda patterns: not all(selected(patterns, path) for path in changed),
    }
    found = (key for key, passes in asked.items() if key in filters and not passes(words(filters[key])))
    return next((f"on.{what.name}.{key}: {', '.join(words(filters[key]))}" for key in found), "")
