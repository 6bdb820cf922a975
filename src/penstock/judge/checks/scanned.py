"""Whether the linters and type checkers looked at everything they should, and found nothing."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from msgspec.structs import replace

from penstock.judge import ratchet, upgraded
from penstock.model.baseline import NAME
from penstock.model.events import Outcome
from penstock.model.pipeline import JobKind, Mode
from penstock.model.plan import Job
from penstock.model.records import FindingRecord, JobRecord
from penstock.model.verdict import CheckResult, Evidence, Status
from penstock.util.plural import plural

_SHOWN = 5


class LintCheck:
    """One answer a lint job."""

    name = "lint"

    def answer(self, evidence: Evidence) -> Iterable[CheckResult]:
        """The answers: none if no linter is planned."""
        return _answers(evidence, JobKind.LINT, self.name)


class TypesCheck:
    """One answer a type checking job."""

    name = "types"

    def answer(self, evidence: Evidence) -> Iterable[CheckResult]:
        """The answers: none if no type checker is planned."""
        return _answers(evidence, JobKind.TYPES, self.name)


def _answers(evidence: Evidence, kind: JobKind, name: str) -> Iterator[CheckResult]:
    records = {record.job: record for record in evidence.records.jobs}
    for job in evidence.plan.jobs:
        if job.kind is kind:
            findings = [finding for finding in evidence.records.findings if finding.job == job.id]
            answer = _answer(name, job, records.get(job.id), findings)
            if job.mode is Mode.RATCHET:
                record = records.get(job.id)
                answer = _ratcheted(evidence, job, answer, doubt=(record and record.note("doubt")) or "")
            yield answer


def _answer(name: str, job: Job, record: JobRecord | None, findings: list[FindingRecord]) -> CheckResult:
    if record is None or record.outcome not in {Outcome.PASSED, Outcome.FAILED}:
        return CheckResult(name=name, status=Status.MISSING, summary="not run to an end", mode=job.mode, job=job.id)
    files = int(record.measure("files") or 0)
    number = int(record.measure("findings") or 0)
    clean = record.outcome is Outcome.PASSED
    return CheckResult(
        name=name,
        status=Status.PASSED if clean else Status.FAILED,
        summary=_summary(number, files, "" if clean else record.reason),
        mode=job.mode,
        number=number,
        limit=0,
        examined=files,
        expected=int(record.measure("expected") or 0),
        remedy=record.note("remedy"),
        details=tuple(_told(finding) for finding in findings[:_SHOWN]),
        job=job.id,
    )


def _summary(number: int, files: int, reason: str) -> str:
    """`1 finding in 12 files`; without a finding the `reason` that it did not pass, or what was looked at."""
    looked = plural(files, "file")
    return f"{plural(number, 'finding')} in {looked}" if number else reason or looked


def _ratcheted(evidence: Evidence, job: Job, answer: CheckResult, *, doubt: str) -> CheckResult:
    """The answer where only what is new counts. What the baseline still names, and is gone, is told."""
    if answer.status is Status.MISSING:
        return answer
    told = ratchet.of_job(evidence, job)
    kept = len(told.new) + len(told.known)
    if kept < (answer.number or 0):  # more than are kept: nobody can say that all of them were there
        return answer
    if doubt and not told.new:
        return replace(answer, status=Status.MISSING, summary=doubt)
    gone = f", {len(told.slack)} of the baseline gone" if told.slack else ""
    since = f", {len(told.since)} {upgraded.since(evidence, job)}" if told.since else ""
    words = upgraded.words(evidence, job, told.since, told.new)
    loose = ("`penstock gate tighten` takes out of the baseline what is gone",) if told.slack else ()
    return replace(
        answer,
        status=Status.FAILED if told.new or (answer.status is Status.FAILED and not kept) else Status.PASSED,
        summary=f"{len(told.new)} new of {plural(kept, 'finding')} in {plural(answer.examined, 'file')}{since}{gone}",
        number=len(told.new),
        remedy=f"mend what is new; {NAME} holds what was there before" if told.new else None,
        details=(*(_told(finding) for finding in told.new[:_SHOWN]), *words, *loose),
    )


def _told(finding: FindingRecord) -> str:
    place = ":".join(str(part) for part in (finding.path, finding.line, finding.column) if part)
    return f"{place} {finding.rule} {finding.message}".strip()
