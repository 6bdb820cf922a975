"""Known vulnerabilities of the dependencies, against the audit gate."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from penstock.judge import measures, permissions
from penstock.judge.answer import options_of_gate
from penstock.judge.permissions import Sifted
from penstock.model.pipeline import Ignored, JobKind, Mode
from penstock.model.plan import Job
from penstock.model.records import FindingRecord, JobRecord
from penstock.model.scales import UNAUDITED, VULNERABILITIES
from penstock.model.verdict import CheckResult, Evidence, Status
from penstock.util.plural import noun, plural

NAME = "audit"
_SHOWN = 10


class AuditCheck:
    """No dependency has a known vulnerability, but what is ignored with a reason and a last day; all were asked for."""

    name = NAME

    def answer(self, evidence: Evidence) -> Iterable[CheckResult]:
        """One answer a job that audits."""
        return measures.of_jobs(evidence, JobKind.AUDIT, self.name, _audit)


def _audit(evidence: Evidence, job: Job, record: JobRecord, findings: tuple[FindingRecord, ...]) -> CheckResult:
    def covers(entry: Ignored, finding: FindingRecord) -> bool:
        others = (record.note(f"aliases:{finding.rule}") or "").split()
        named = finding.anchor if finding.rule == UNAUDITED else finding.rule
        return entry.id in {named, *others}

    mode = measures.mode(evidence.plan, job, NAME)
    sifted = permissions.sift(findings, permissions.of_gate(evidence.plan, NAME), evidence.today, covers)
    unasked = [each for each in sifted.bad if each.rule == UNAUDITED]
    least = options_of_gate(evidence.plan, NAME).get("severity", VULNERABILITIES[0])
    wanted = {*VULNERABILITIES[VULNERABILITIES.index(least) if least in VULNERABILITIES else 0 :], "unknown"}
    found = [each for each in sifted.bad if each.rule != UNAUDITED]
    bad = [each for each in found if each.severity in wanted]
    bad = measures.new(evidence, job, bad) if mode is Mode.RATCHET else bad
    unseen = int(record.measure("findings") or 0) - len(findings)  # more than are kept
    total, audited = int(record.measure("dependencies") or 0), int(record.measure("audited") or 0)
    permitted = sum(each.rule == UNAUDITED for each in sifted.forgiven)
    return CheckResult(
        name=NAME,
        status=_status(bad, unasked, sifted, unseen),
        summary=f"{_counted(bad, mode)} in {audited} of {plural(total, 'dependency', 'dependencies')}"
        + sifted.counted
        + (f", {len(found) - len(bad)} that do not count" if len(found) > len(bad) else "")
        + (f", {unseen} more that were not kept" if unseen > 0 else "")
        + (f"; not audited: {', '.join(each.anchor for each in unasked[:_SHOWN])}" if unasked else ""),
        mode=mode,
        number=len(bad) + max(unseen, 0),
        limit=0,
        examined=audited,
        expected=total - permitted,
        remedy=_remedy(record, bad, unasked, sifted),
        details=(*sifted.told(NAME), *map(measures.told, (*unasked, *bad)[:_SHOWN])),
        job=job.id,
    )


def _status(bad: Sequence[FindingRecord], unasked: Sequence[FindingRecord], sifted: Sifted, unseen: int) -> Status:
    if bad or sifted.void or unseen > 0:
        return Status.FAILED
    return Status.MISSING if unasked else Status.PASSED


def _counted(bad: Sequence[FindingRecord], mode: Mode) -> str:
    """`2 new vulnerabilities (1 critical, 1 unknown)`."""
    words = [
        f"{number} {word}"
        for word in (*reversed(VULNERABILITIES), "unknown")
        if (number := sum(each.severity == word for each in bad))
    ]
    known = noun(len(bad), "known vulnerability", "known vulnerabilities")
    by_severity = f" ({', '.join(words)})" if words else ""
    return f"{len(bad)}{measures.NEW[mode]} {known}{by_severity}"


def _remedy(
    record: JobRecord, bad: Sequence[FindingRecord], unasked: Sequence[FindingRecord], sifted: Sifted
) -> str | None:
    if bad:
        named = dict.fromkeys(each.anchor for each in bad)
        mended = [f"{name} to {version}" for name in named if (version := record.note(f"fixed:{name}"))]
        raised = f"raise {', '.join(mended[:_SHOWN])}; " if mended else ""
        return f"{raised}or declare them in gates.{NAME}.ignore with a reason and a last day".removeprefix("or ")
    if sifted.void:
        return sifted.renewed(NAME)
    if unasked:
        return f"install it from an index, or permit it by its name in gates.{NAME}.ignore with a reason and a last day"
    return None
