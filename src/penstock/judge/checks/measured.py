"""Answers of jobs that measure and leave it to a gate how much is too much: complexity and security."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

from penstock.judge import ratchet
from penstock.judge.answer import options_of_gate
from penstock.judge.standing import expired
from penstock.model.events import Outcome
from penstock.model.pipeline import Ignored, JobKind, Mode
from penstock.model.plan import Job, Plan
from penstock.model.records import FindingRecord, JobRecord
from penstock.model.scales import GRADES, SEVERITIES
from penstock.model.verdict import CheckResult, Evidence, Status
from penstock.util.globs import matching

_SHOWN = 5
DEFAULT_GRADE = "B"  # REQUIREMENTS.md E2: B or better, as advice
DEFAULT_SEVERITY = "medium"  # E2: no high, no medium

_NEW = {Mode.ERROR: "", Mode.WARN: "", Mode.RATCHET: " new"}

Judge = Callable[[Evidence, Job, JobRecord, tuple[FindingRecord, ...]], CheckResult]


class ComplexityCheck:
    """No function has a worse grade than the gate allows."""

    name = "complexity"

    def answer(self, evidence: Evidence) -> Iterable[CheckResult]:
        """One answer a job that measures it; advice where no gate is declared."""
        return _each(evidence, JobKind.COMPLEXITY, self.name, _complexity)


class SecurityCheck:
    """Nothing was found of the gate's severity or a worse one, but what is ignored with a reason and a last day."""

    name = "security"

    def answer(self, evidence: Evidence) -> Iterable[CheckResult]:
        """One answer a job that looks for it."""
        return _each(evidence, JobKind.SECURITY, self.name, _security)


def _each(evidence: Evidence, kind: JobKind, name: str, judge: Judge) -> Iterator[CheckResult]:
    records = {record.job: record for record in evidence.records.jobs}
    for job in evidence.plan.jobs:
        if job.kind is not kind:
            continue
        record = records.get(job.id)
        mode = _mode(evidence.plan, job, name)
        if record is None or record.outcome is not Outcome.PASSED:
            reason = "not run to an end" if record is None else record.reason or "not run to an end"
            yield CheckResult(name=name, status=Status.MISSING, summary=reason, mode=mode, job=job.id)
            continue
        findings = tuple(each for each in evidence.records.findings if each.job == job.id)
        yield judge(evidence, job, record, findings)


def _mode(plan: Plan, job: Job, name: str) -> Mode:
    """The gate's, if there is one; of a gate that nobody declared, the job's."""
    declared = next((gate.mode for gate in plan.gates if gate.name == name), job.mode)
    return Mode.WARN if job.mode is Mode.WARN else declared


def _complexity(evidence: Evidence, job: Job, record: JobRecord, findings: tuple[FindingRecord, ...]) -> CheckResult:
    most = options_of_gate(evidence.plan, "complexity").get("max", DEFAULT_GRADE).upper()
    limit = GRADES.get(most, GRADES[DEFAULT_GRADE])
    worse = [each for each in findings if GRADES.get(each.rule, 0) > limit]
    number = sum(int(record.measure(f"grade_{grade}") or 0) for grade, bound in GRADES.items() if bound > limit)
    mode = _mode(evidence.plan, job, "complexity")
    if mode is Mode.RATCHET and len(worse) == number:
        worse = _new(evidence, job, worse)
        number = len(worse)
    functions, files = int(record.measure("functions") or 0), int(record.measure("files") or 0)
    worst = record.measure("worst") or 0
    return CheckResult(
        name="complexity",
        status=Status.FAILED if number else Status.PASSED,
        summary=f"{number}{_NEW[mode]} of {functions} functions worse than grade {most}, the worst {worst:g}",
        mode=mode,
        number=worst,
        limit=None if limit == float("inf") else limit,
        examined=files,
        expected=int(record.measure("expected") or 0),
        remedy="split the functions named, or raise gates.complexity.max" if number else None,
        details=tuple(_told(each) for each in worse[:_SHOWN]),
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
    mode = _mode(evidence.plan, job, "security")
    bad = _new(evidence, job, bad) if mode is Mode.RATCHET else bad
    unseen = sum(int(record.measure(f"severity_{name}") or 0) for name in wanted) - len(counted)  # more than are kept
    parts = [f"{sum(each.severity == name for each in bad)} {name}" for name in reversed(wanted)]
    said = ", ".join(parts) + _NEW[mode] + (f", {len(forgiven)} ignored" if forgiven else "")
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
            *map(_told, bad[:_SHOWN]),
        ),
        job=job.id,
    )


def _new(evidence: Evidence, job: Job, findings: Iterable[FindingRecord]) -> list[FindingRecord]:
    """Those that the baseline does not know, in their order."""
    new = set(map(id, ratchet.of_job(evidence, job).new))
    return [each for each in findings if id(each) in new]


def _covers(entry: Ignored, finding: FindingRecord) -> bool:
    """Whether a finding is meant. ruff's S101 is bandit's B101."""
    same = finding.rule in {entry.id, f"S{entry.id[1:]}" if entry.id.startswith("B") else entry.id}
    return same and (not entry.paths or bool(matching(entry.paths, (finding.path,))))


def _remedy(bad: list[FindingRecord], void: list[Ignored]) -> str | None:
    if void:
        return "mend what it was for, or declare a new last day in gates.security.ignore"
    return "mend them, or declare them in gates.security.ignore with a reason and a last day" if bad else None


def _told(finding: FindingRecord) -> str:
    place = ":".join(str(part) for part in (finding.path, finding.line) if part)
    return f"{place} {finding.rule} {finding.message}".strip()
