"""Secrets, and dependencies that are unused or undeclared: each finding counts that is neither permitted nor known."""

from __future__ import annotations

from collections.abc import Iterable

from penstock.judge import measures, permissions
from penstock.model.pipeline import Ignored, JobKind, Mode
from penstock.model.plan import Job
from penstock.model.records import FindingRecord, JobRecord
from penstock.model.verdict import CheckResult, Evidence, Status
from penstock.util.plural import noun, plural

_SHOWN = 10


class SecretsCheck:
    """No file that git knows holds a secret, but what is ignored with a reason and a last day."""

    name = "secrets"

    def answer(self, evidence: Evidence) -> Iterable[CheckResult]:
        """One answer a job that looks for them."""
        return measures.of_jobs(evidence, JobKind.SECRETS, self.name, _secrets)


class DependenciesCheck:
    """What is imported is declared, and what is declared is imported."""

    name = "dependencies"

    def answer(self, evidence: Evidence) -> Iterable[CheckResult]:
        """One answer a job that compares them."""
        return measures.of_jobs(evidence, JobKind.DEPENDENCIES, self.name, _dependencies)


def _secrets(evidence: Evidence, job: Job, record: JobRecord, findings: tuple[FindingRecord, ...]) -> CheckResult:
    remedy = (
        "take each out and make it void where it is valid (what was committed is known); what is none, declare in "
        "gates.secrets.ignore with a reason and a last day"
    )
    return _judged(evidence, job, record, findings, name="secrets", words=("secret", "secrets"), remedy=remedy)


def _dependencies(evidence: Evidence, job: Job, record: JobRecord, findings: tuple[FindingRecord, ...]) -> CheckResult:
    remedy = "declare what is imported, take out what is not, or say in [tool.deptry] why it is as it is"
    words = ("dependency issue", "dependency issues")
    return _judged(evidence, job, record, findings, name="dependencies", words=words, remedy=remedy)


def _judged(
    evidence: Evidence,
    job: Job,
    record: JobRecord,
    findings: tuple[FindingRecord, ...],
    *,
    name: str,
    words: tuple[str, str],
    remedy: str,
) -> CheckResult:
    mode = measures.mode(evidence.plan, job, name)
    sifted = permissions.sift(findings, permissions.of_gate(evidence.plan, name), evidence.today, _covers)
    bad = measures.new(evidence, job, sifted.bad) if mode is Mode.RATCHET else list(sifted.bad)
    unseen = int(record.measure("findings") or 0) - len(findings)  # more than are kept
    files = int(record.measure("files") or 0)
    more = f", {unseen} more that were not kept" if unseen > 0 else ""
    told = f"{len(bad)}{measures.NEW[mode]} {noun(len(bad), *words)}"
    failed = bool(bad or sifted.void or unseen > 0)
    late = sifted.renewed(name) if sifted.void else None
    return CheckResult(
        name=name,
        status=Status.FAILED if failed else Status.PASSED,
        summary=f"{told} in {plural(files, 'file')}{sifted.counted}{more}",
        mode=mode,
        number=len(bad) + max(unseen, 0),
        limit=0,
        examined=files,
        expected=int(record.measure("expected") or 0),
        remedy=remedy if bad or unseen > 0 else late,
        details=(*sifted.told(name), *map(measures.told, bad[:_SHOWN])),
        job=job.id,
    )


def _covers(entry: Ignored, finding: FindingRecord) -> bool:
    return entry.id == finding.rule
