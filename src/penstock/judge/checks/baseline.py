"""Whether the baseline names findings that are gone: each of them would let the same finding come back unseen."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from penstock.judge import ratchet, upgraded
from penstock.judge.answer import options_of_gate
from penstock.model.baseline import NAME
from penstock.model.events import Outcome
from penstock.model.pipeline import Mode
from penstock.model.plan import Job, Scope
from penstock.model.verdict import CheckResult, Evidence, Status
from penstock.util.plural import plural

_SHOWN = 5
_FETCH = "fetch the base with its history (`fetch-depth: 0`)"


class BaselineCheck:
    """One answer where a ratchet is asked and there is a baseline; advice, unless the gate is strict. And one where a
    newer tool finds what it does not have.
    """

    name = "baseline"

    def answer(self, evidence: Evidence) -> Iterable[CheckResult]:
        """The answer: none without a ratchet or a baseline, of a part, or where a job has no answer itself."""
        number = len(evidence.facts.baseline)
        jobs = ratchet.jobs(evidence.plan)
        yield from _outdated(evidence, jobs)
        if not jobs or not number or evidence.plan.scope is Scope.PARTIAL or not _whole(evidence, jobs):
            return
        slack = ratchet.slack(evidence)
        strict = options_of_gate(evidence.plan, "baseline").get("strict") == "true"
        yield CheckResult(
            name=self.name,
            status=Status.FAILED if slack else Status.PASSED,
            summary=f"{len(slack)} of {plural(number, 'finding')} in {NAME} gone",
            mode=Mode.ERROR if strict else Mode.WARN,
            number=len(slack),
            limit=0,
            examined=number,
            remedy="penstock gate tighten" if slack else None,
            details=slack[:_SHOWN],
        )


def _outdated(evidence: Evidence, jobs: tuple[Job, ...]) -> Iterable[CheckResult]:
    """That newer tools find more, of which a baseline that is tightened would know. Never more than advice: it is told
    of the base's file, and merging is what mends that.
    """
    open_jobs = [job for job in jobs if not upgraded.is_noted(evidence, job)]
    found = [(job, ratchet.of_job(evidence, job)) for job in open_jobs]
    told = [f"{len(parts.since)} {upgraded.since(evidence, job)}" for job, parts in found if parts.since]
    blind = [line for job, parts in found for line in upgraded.blind(evidence, job, parts.new)]
    absent = evidence.facts.unknown or upgraded.NOBODY
    if told or blind:
        words = ", ".join(dict.fromkeys(told)) or "what only these find is not told from what the change adds"
        yield CheckResult(
            name="baseline",
            status=Status.FAILED,
            summary=f"{NAME} is older than the tools: {words}",
            mode=Mode.WARN,
            number=sum(len(parts.since) for _, parts in found),
            limit=0,
            examined=len(found),
            remedy="penstock gate tighten" if told else _FETCH if blind[0].endswith(absent) else None,
            details=tuple(dict.fromkeys(blind)),
        )


def _whole(evidence: Evidence, jobs: tuple[Job, ...]) -> bool:
    """Whether each job has an answer, and all that it found is here."""
    records = {record.job: record for record in evidence.records.jobs}
    kept = Counter(each.job for each in evidence.records.findings)
    return all(
        job.id in records
        and records[job.id].outcome in {Outcome.PASSED, Outcome.FAILED}
        and kept[job.id] >= (records[job.id].measure("findings") or 0)
        for job in jobs
    )
