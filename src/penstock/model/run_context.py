"""What a CI host says of the run at hand: on whose behalf it runs, and how far what it leaves may be believed."""

from __future__ import annotations

from penstock.model.trust import Trust
from penstock.value import Value


class RunContext(Value, frozen=True, kw_only=True):
    """One run, as its host tells of it; all "" and 0 on somebody's machine.

    `trust`: what holds where the checkout is of `commit`. `branch`: that the commit is on, "" for a tag, a merge queue
    or a pull request. `works_on`: the branch that the `branches` of jobs are held against: the same, of a pull request
    of the repository itself its own, in a merge queue the one that it leads to; "" for a tag and for a fork, whose
    branches may be called as ours. `pull_request`: its number; `fork`: its commits come from another repository.
    `commit`: that the host asked to be checked out (of a pull request on GitHub: the merge); `head`: the pull request's
    own newest commit. `tag`: that a tag's run is of; `default`: the repository's default branch. `order`: greater for
    a run that the host began later; `attempt` counts from 1. `api`, `url`: the host's interface, and the page of this
    run.
    """

    provider: str = "local"
    trust: Trust = Trust.LOCAL
    repository: str = ""
    branch: str = ""
    works_on: str = ""
    pull_request: int = 0
    fork: bool = False
    commit: str = ""
    head: str = ""
    tag: str = ""
    default: str = ""
    order: int = 0
    attempt: int = 0
    api: str = ""
    url: str = ""

    def trusted(self, commit: str | None) -> Trust:
        """The level of a run on this commit: only the one that the host speaks of has more than a local one's."""
        return self.trust if self.commit and commit == self.commit else Trust.LOCAL
