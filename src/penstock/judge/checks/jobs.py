"""Whether everything that was planned ran to its end and passed."""

from __future__ import annotations

from collections.abc import Iterable

from penstock.judge import standing
from penstock.judge.standing import Stand, Standing
from penstock.model.verdict import CheckResult, Evidence, Status


class JobsCheck:
    """All obligations of the plan, held against their ends. What is forgiven is counted as answered, and listed."""

    name = "jobs"

    def answer(self, evidence: Evidence) -> Iterable[CheckResult]:
        """One answer for the whole plan; none for an empty plan (`decide` judges that)."""
        stands = standing.of_jobs(evidence)
        if not stands:
            return
        forgiven = {Standing.TOLERATED, Standing.WARNED}
        answered = [stand for stand in stands.values() if stand.standing in {Standing.PASSED, *forgiven}]
        failed = [stand for stand in stands.values() if stand.standing is Standing.FAILED]
        unfinished = [stand for stand in stands.values() if stand.standing is Standing.UNFINISHED]
        yield CheckResult(
            name=self.name,
            status=_status(failed, unfinished),
            summary=_summary(stands.values()),
            number=len(answered),
            limit=len(stands),
            examined=len(answered) + len(failed),
            expected=len(stands),
            details=tuple(f"{stand.job}: {stand.reason}" for stand in (*failed, *unfinished)),
        )


def _status(failed: list[Stand], unfinished: list[Stand]) -> Status:
    if failed:
        return Status.FAILED
    return Status.MISSING if unfinished else Status.PASSED


def _summary(stands: Iterable[Stand]) -> str:
    counts: dict[str, int] = {}
    for stand in stands:
        counts[stand.standing] = counts.get(stand.standing, 0) + 1
    return ", ".join(f"{counts[kind]} {kind}" for kind in Standing if kind in counts)
