"""Something that happens in a repository, before any host has a name for it."""

from __future__ import annotations

from penstock.model.answers import TAG
from penstock.value import Value


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
    def works_on(self) -> str:
        """The branch that the `branches` of jobs are held against, as `model.run_context` has it."""
        if self.event == "pull_request":
            return "" if self.fork else self.branch
        return {"merge_group": self.base, "schedule": self.default, TAG: ""}.get(self.event, self.branch)
