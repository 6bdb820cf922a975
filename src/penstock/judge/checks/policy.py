"""Whether the change weakens the policy that it is judged by, without saying why."""

from __future__ import annotations

from collections.abc import Iterable

from penstock.model.verdict import CheckResult, Evidence, Status
from penstock.util.plural import plural

_SHOWN = 10


class PolicyCheck:
    """One answer where the base's configuration is known and asks for more."""

    name = "policy"

    def answer(self, evidence: Evidence) -> Iterable[CheckResult]:
        """The answer: none where nothing is weaker, or where there is no base to compare with."""
        facts = evidence.facts
        if not facts.weakened:
            return
        number = len(facts.weakened)
        said = f"{plural(number, 'thing')} that the base asks for and this change does not"
        yield CheckResult(
            name=self.name,
            status=Status.PASSED if facts.why else Status.FAILED,
            summary=f"{said}: {facts.why}" if facts.why else said,
            number=number,
            limit=0,
            examined=1,
            remedy=None
            if facts.why
            else "say why: a line `Policy: WHY` in a commit's or the pull request's description",
            details=facts.weakened[:_SHOWN],
        )
