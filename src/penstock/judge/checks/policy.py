"""Whether the change weakens the policy that it is judged by, without saying why."""

from __future__ import annotations

from collections.abc import Iterable

from penstock.model.verdict import CheckResult, Evidence, Status
from penstock.util.plural import plural

_SHOWN = 10


class PolicyCheck:
    """One answer where the base asks for more; *missing* in a pull request whose base is not known."""

    name = "policy"

    def answer(self, evidence: Evidence) -> Iterable[CheckResult]:
        """The answer: none where nothing is weaker, or where there is no base and no pull request."""
        facts = evidence.facts
        if facts.proposed and facts.change is None:
            yield _missing(facts.unknown)
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


def _missing(unknown: str) -> CheckResult:
    return CheckResult(
        name=PolicyCheck.name,
        status=Status.MISSING,
        summary=f"what the change asks less for than its base is not known: {unknown or 'nobody asked git'}",
        remedy="fetch the base branch with its history (`fetch-depth: 0`)",
    )
