"""Answers of jobs that measure and leave it to a gate how much is too much: complexity and security."""

from __future__ import annotations

from collections.abc import Iterable

from penstock.judge import measures
from penstock.judge.answer import options_of_gate
from penstock.judge.standing import expired
from penstock.model.pipeline import Ignored, JobKind, Mode
from penstock.model.plan import Job
from penstock.model.records import FindingRecord, JobRecord
from penstock.model.scales import GRADES, SEVERITIES
from penstock.model.verdict import CheckResult, Evidence, Status
from penstock.util.globs import matching

_SHOWN = 5
DEFAULT_GRADE = "B"  # REQUIREMENTS.md E2: B or better, as advice
DEFAULT_SEVERITY = "medium"  # E2: no high, no medium


class ComplexityCheck:
    """No function has a worse grade than the gate allows."""

    name = "complexity"

    def answer(self, evidence: Evidence) -> Iterable[CheckResult]:
        """One answer a job that measures it; advice where no gate is declared."""
        return measures.of_jobs(evidence, JobKind.COMPLEXITY, self.name, _complexity)


class SecurityCheck:
    """Nothing was found of the gate's severity or a worse one, but what is ignored with a reason and a last day."""

    name = "security"

    def answer(self, evidence: Evidence) -> Iterable[CheckResult]:
        """One answer a job that looks for it."""
        return measures.of_jobs(evidence, JobKind.SECURITY, self.name, _security)


def _complexity(evidence: Evidence, job: Job, record: JobRecord, findings: tuple[FindingRecord, ...]) -> CheckResult:
    most = options_of_gate(evidence.plan, "complexity").get("max", DEFAULT_GRADE).upper()
    limit = GRADES.get(most, GRADES[DEFAULT_GRADE])
    worse = [each for each in findings if GRADES.get(each.rule, 0) > limit]
    number = sum(int(record.measure(f"grade_{grade}") or 0) for grade, bound in GRADES.items() if bound > limit)
    mode = measures.mode(evidence.plan, job, "complexity")
    if mode is Mode.RATCHET and len(worse) == number:
        worse = measures.new(evidence, job, worse)
        number = len(worse)
    functions, files = int(record.measure("functions") or 0), int(record.measure("files") or 0)
    worst = record.measure("worst") or 0
    return CheckResult(
        name="complexity",
        status=Status.FAILED if number else Status.PASSED,
        summary=f"{number}{measures.NEW[mode]} of {functions} functions worse than grade {most}, the worst {worst:g}",
        mode=mode,
        number=worst,
        limit=None if limit == float("inf") else limit,
        examined=files,
        expected=int(record.measure("expected") or 0),
        remedy="split the functions named, or raise gates.complexity.max" if number else None,
        details=tuple(measures.told(each) for each in worse[:_SHOWN]),
        job=job.id,
    )


def _security(evidence: Evidence, job: Job, record: JobRecord, findings: tuple[FindingRecord, ...]) -> CheckResult:
    least = options_of_gate(evidence.plan, "security").get("severity", DEFAULT_SEVERITY)
    wanted = SEVERITIES[SEVERITIES.index(least) if least in SEVERITIES else 0 :]
    entries = next((gate.ignored for gate in evidence.plan.gates if gate.name == "security"), ())
    void = [entry for entry in entries if expired(entry, evidence.today)]
    counted = [each for each in findings if each.severity in wanted]
    forgiven = [each for each in counted if any(_covers(entry, each) for entry in entries if entry not in void)]
    bad = [each for each in counted if each not in forgiven]
    mode = measures.mode(evidence.plan, job, "security")
    bad = measures.new(evidence, job, bad) if mode is Mode.RATCHET else bad
    unseen = sum(int(record.measure(f"severity_{name}") or 0) for name in wanted) - len(counted)  # more than are kept
    parts = [f"{sum(each.severity == name for each in bad)} {name}" for name in reversed(wanted)]
    said = ", ".join(parts) + measures.NEW[mode] + (f", {len(forgiven)} ignored" if forgiven else "")
    said += f", {unseen} more that were not kept" if unseen > 0 else ""
    return CheckResult(
        name="security",
        status=Status.FAILED if bad or void or unseen > 0 else Status.PASSED,
        summary=f"{said} in {int(record.measure('files') or 0)} files",
        mode=mode,
        number=len(bad) + max(unseen, 0),
        limit=0,
        examined=int(record.measure("files") or 0),
        expected=int(record.measure("expected") or 0),
        remedy=_remedy(bad, void),
        details=(
            *(f"the permission for {entry.id} ended on {entry.until}" for entry in void),
            *map(measures.told, bad[:_SHOWN]),
        ),
        job=job.id,
    )


def _covers(entry: Ignored, finding: FindingRecord) -> bool:
    """Whether a finding is meant. ruff's S101 is bandit's B101."""
    same = finding.rule in {entry.id, f"S{entry.id[1:]}" if entry.id.startswith("B") else entry.id}
    return same and (not entry.paths or bool(matching(entry.paths, (finding.path,))))


def _remedy(bad: list[FindingRecord], void: list[Ignored]) -> str | None:
    if void:
        return "mend what it was for, or declare a new last day in gates.security.ignore"
    return "mend them, or declare them in gates.security.ignore with a reason and a last day" if bad else None
