"""What checks over jobs that measure have in common: the job passes once it saw all, the gate judges what it found."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

from msgspec.structs import replace

from penstock.judge import ratchet, upgraded
from penstock.model.events import Outcome
from penstock.model.pipeline import JobKind, Mode
from penstock.model.plan import Job, Plan
from penstock.model.records import FindingRecord, JobRecord
from penstock.model.verdict import CheckResult, Evidence, Status

NEW = {Mode.ERROR: "", Mode.WARN: "", Mode.RATCHET: " new"}

Judge = Callable[[Evidence, Job, JobRecord, tuple[FindingRecord, ...]], CheckResult]


def of_jobs(evidence: Evidence, kind: JobKind, name: str, judge: Judge) -> Iterator[CheckResult]:
    """One answer a job of the kind: missing where it did not run to its end, else what `judge` makes of it.

    `name`: of the gate, or of a part of it (`complexity.index`).
    """
    records = {record.job: record for record in evidence.records.jobs}
    for job in evidence.plan.jobs:
        if job.kind is not kind:
            continue
        record = records.get(job.id)
        ends = mode(evidence.plan, job, name.partition(".")[0])
        if record is None or record.outcome is not Outcome.PASSED:
            reason = "not run to an end" if record is None else record.reason or "not run to an end"
            yield CheckResult(name=name, status=Status.MISSING, summary=reason, mode=ends, job=job.id)
            continue
        findings = tuple(each for each in evidence.records.findings if each.job == job.id)
        answer = judge(evidence, job, record, findings)
        yield _with_upgrades(evidence, job, answer) if ends is Mode.RATCHET else answer


def _with_upgrades(evidence: Evidence, job: Job, answer: CheckResult) -> CheckResult:
    """The answer, with what newer tools find that was there before."""
    told = ratchet.of_job(evidence, job)
    since = f", {len(told.since)} {upgraded.since(evidence, job)}" if told.since else ""
    words = tuple(upgraded.words(evidence, job, told.since, told.new))
    return replace(answer, summary=f"{answer.summary}{since}", details=(*answer.details, *words))


def mode(plan: Plan, job: Job, name: str) -> Mode:
    """The gate's, if there is one; of a gate that nobody declared, the job's."""
    declared = next((gate.mode for gate in plan.gates if gate.name == name), job.mode)
    return Mode.WARN if job.mode is Mode.WARN else declared


def new(evidence: Evidence, job: Job, findings: Iterable[FindingRecord]) -> list[FindingRecord]:
    """Those that the baseline does not know, in their order."""
    fresh = set(map(id, ratchet.of_job(evidence, job).new))
    return [each for each in findings if id(each) in fresh]


def told(finding: FindingRecord) -> str:
    """The finding in one line."""
    place = ":".join(str(part) for part in (finding.path, finding.line) if part)
    return f"{place} {finding.rule} {finding.message}".strip()
