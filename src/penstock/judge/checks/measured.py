"""Answers of jobs that measure and leave it to a gate how much is too much: complexity and security."""

from __future__ import annotations

from collections.abc import Iterable

from penstock.judge import measures, permissions
from penstock.judge.answer import limits_of_gate, options_of_gate
from penstock.judge.permissions import Sifted
from penstock.model.pipeline import Ignored, JobKind, Mode
from penstock.model.plan import Job
from penstock.model.records import FindingRecord, JobRecord
from penstock.model.scales import GRADES, SEVERITIES
from penstock.model.verdict import CheckResult, Evidence, Status
from penstock.util.plural import plural

_SHOWN = 5
DEFAULT_GRADE = "B"  # REQUIREMENTS.md E2: B or better, as advice
DEFAULT_SEVERITY = "medium"  # E2: no high, no medium


class ComplexityCheck:
    """No function has a worse grade than the gate allows."""

    name = "complexity"

    def answer(self, evidence: Evidence) -> Iterable[CheckResult]:
        """Two answers a job that measures it: of functions, and where it is declared of files."""
        yield from measures.of_jobs(evidence, JobKind.COMPLEXITY, self.name, _complexity)
        if "index" in limits_of_gate(evidence.plan, self.name):
            yield from measures.of_jobs(evidence, JobKind.COMPLEXITY, "complexity.index", _index)


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
        summary=f"{number}{measures.NEW[mode]} of {plural(functions, 'function')} worse than grade {most}, "
        f"the worst {worst:g}",
        mode=mode,
        number=worst,
        limit=None if limit == float("inf") else limit,
        examined=files,
        expected=int(record.measure("expected") or 0),
        remedy="split the functions named, or raise gates.complexity.max" if number else None,
        details=tuple(measures.told(each) for each in worse[:_SHOWN]),
        job=job.id,
    )


def _index(evidence: Evidence, job: Job, record: JobRecord, findings: tuple[FindingRecord, ...]) -> CheckResult:
    limit = limits_of_gate(evidence.plan, "complexity")["index"]
    mode = measures.mode(evidence.plan, job, "complexity")
    least, files = record.measure("index"), int(record.measure("files") or 0)
    if least is None:
        return CheckResult(
            name="complexity.index",
            status=Status.MISSING,
            summary="the maintainability index was not measured",
            mode=mode,
            limit=limit,
            remedy=f'radon measures it: jobs.{job.name}.tool = "radon"',
            job=job.id,
        )
    below = [each for each in findings if each.rule.startswith("MI") and int(each.rule[2:]) < limit]
    # A cached job tells the least index and names no file.
    refused = bool(below) or least < limit
    if mode is Mode.RATCHET and below:
        below = measures.new(evidence, job, below)
        refused = bool(below) or record.measure("findings") != len(findings)
    return CheckResult(
        name="complexity.index",
        status=Status.FAILED if refused else Status.PASSED,
        summary=f"{len(below) or 'some' if refused else 'none'}{measures.NEW[mode]} of {plural(files, 'file')} "
        f"below {limit:g}, the least {int(least * 10) / 10:g}",
        mode=mode,
        number=least,
        limit=limit,
        examined=files,
        expected=int(record.measure("expected") or 0),
        remedy="divide the files named, or lower gates.complexity.index" if refused else None,
        details=tuple(measures.told(each) for each in below[:_SHOWN]),
        job=job.id,
    )


def _security(evidence: Evidence, job: Job, record: JobRecord, findings: tuple[FindingRecord, ...]) -> CheckResult:
    least = options_of_gate(evidence.plan, "security").get("severity", DEFAULT_SEVERITY)
    wanted = SEVERITIES[SEVERITIES.index(least) if least in SEVERITIES else 0 :]
    counted = [each for each in findings if each.severity in wanted]
    sifted = permissions.sift(counted, permissions.of_gate(evidence.plan, "security"), evidence.today, _covers)
    mode = measures.mode(evidence.plan, job, "security")
    bad = measures.new(evidence, job, sifted.bad) if mode is Mode.RATCHET else list(sifted.bad)
    unseen = sum(int(record.measure(f"severity_{name}") or 0) for name in wanted) - len(counted)  # more than are kept
    parts = [f"{sum(each.severity == name for each in bad)} {name}" for name in reversed(wanted)]
    said = ", ".join(parts) + measures.NEW[mode] + sifted.counted
    said += f", {unseen} more that were not kept" if unseen > 0 else ""
    return CheckResult(
        name="security",
        status=Status.FAILED if bad or sifted.void or unseen > 0 else Status.PASSED,
        summary=f"{said} in {plural(int(record.measure('files') or 0), 'file')}",
        mode=mode,
        number=len(bad) + max(unseen, 0),
        limit=0,
        examined=int(record.measure("files") or 0),
        expected=int(record.measure("expected") or 0),
        remedy=_remedy(bad, sifted),
        details=(
            *(f"the permission for {entry.id} ended on {entry.until}" for entry in sifted.void),
            *map(measures.told, bad[:_SHOWN]),
        ),
        job=job.id,
    )


def _covers(entry: Ignored, finding: FindingRecord) -> bool:
    """Whether a finding is meant. ruff's S101 is bandit's B101, whichever of them found it."""
    bandits = finding.rule[1:] == entry.id[1:] and {finding.rule[:1], entry.id[:1]} <= {"S", "B"}
    return finding.rule == entry.id or bandits


def _remedy(bad: list[FindingRecord], sifted: Sifted) -> str | None:
    if sifted.void:
        return sifted.renewed("security")
    return "mend them, or declare them in gates.security.ignore with a reason and a last day" if bad else None
