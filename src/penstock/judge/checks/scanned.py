"""Whether the linters and type checkers looked at everything they should, and found nothing."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from penstock.model.events import Outcome
from penstock.model.pipeline import JobKind
from penstock.model.plan import Job
from penstock.model.records import FindingRecord, JobRecord
from penstock.model.verdict import CheckResult, Evidence, Status

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
            yield _answer(name, job, records.get(job.id), findings)


def _answer(name: str, job: Job, record: JobRecord | None, findings: list[FindingRecord]) -> CheckResult:
    if record is None or record.outcome not in {Outcome.PASSED, Outcome.FAILED}:
        return CheckResult(name=name, status=Status.MISSING, summary="not run to an end", mode=job.mode, job=job.id)
    files = int(record.measure("files") or 0)
    number = int(record.measure("findings") or 0)
    clean = record.outcome is Outcome.PASSED
    return CheckResult(
        name=name,
        status=Status.PASSED if clean else Status.FAILED,
        summary=f"{number} findings in {files} files" if number else (record.reason if not clean else f"{files} files"),
        mode=job.mode,
        number=number,
        limit=0,
        examined=files,
        expected=int(record.measure("expected") or 0),
        remedy=record.note("remedy"),
        details=tuple(_told(finding) for finding in findings[:_SHOWN]),
        job=job.id,
    )


def _told(finding: FindingRecord) -> str:
    place = ":".join(str(part) for part in (finding.path, finding.line, finding.column) if part)
    return f"{place} {finding.rule} {finding.message}".strip()
