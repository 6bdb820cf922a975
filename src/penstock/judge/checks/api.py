"""Whether the public interface is what it was in the base, or the change says that it is not."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from fnmatch import fnmatchcase

from penstock.judge import measures, permissions
from penstock.judge.answer import mode_of_gate, options_of_gate
from penstock.model.events import Outcome
from penstock.model.pipeline import Ignored, JobKind, Mode
from penstock.model.plan import Job
from penstock.model.records import FindingRecord, JobRecord
from penstock.model.scales import OPAQUE
from penstock.model.verdict import CheckResult, Evidence, Status
from penstock.util.globs import matching
from penstock.util.plural import plural

_SHOWN = 5
GATE = "api"
ELSEWHERE = "api.elsewhere"


class ApiCheck:
    """Nothing that users could call has changed under them, but what is declared. With `critical`, one answer for these
    files and modules, which blocks, and one for the rest, which advises.
    """

    name = GATE

    def answer(self, evidence: Evidence) -> Iterable[CheckResult]:
        """The answers: none if nothing compares."""
        records = {record.job: record for record in evidence.records.jobs}
        jobs = [job for job in evidence.plan.jobs if job.kind is JobKind.API]
        for job in jobs:
            record = records.get(job.id)
            mode = Mode.WARN if job.mode is Mode.WARN else mode_of_gate(evidence.plan, GATE)
            if record is None or record.outcome is not Outcome.PASSED:
                reason = "not run to an end" if record is None else record.reason or "not run to an end"
                yield CheckResult(name=GATE, status=Status.MISSING, summary=reason, mode=mode, job=job.id)
            else:
                yield from _answers(evidence, job, record, mode)
        if not jobs:
            yield from _without_base(evidence)


def _without_base(evidence: Evidence) -> Iterator[CheckResult]:
    """Where there is nothing to compare with (adoption, no repository), that is said and does not block."""
    if any(gate.name == GATE for gate in evidence.plan.gates):
        for left in evidence.plan.left_out:
            if left.kind is JobKind.API and not left.declared and left.reason.startswith("nothing to compare with"):
                yield CheckResult(name=GATE, status=Status.MISSING, summary=left.reason, mode=Mode.WARN)


def _answers(evidence: Evidence, job: Job, record: JobRecord, mode: Mode) -> Iterator[CheckResult]:
    found = [each for each in evidence.records.findings if each.job == job.id]
    patterns = tuple(filter(None, options_of_gate(evidence.plan, GATE).get("critical", "").split(",")))
    if not patterns:
        yield _answer(evidence, (job, record), found, mode)
        return
    critical = [each for each in found if _is_critical(each, patterns)]
    yield _answer(evidence, (job, record), critical, mode)
    rest = [each for each in found if each not in critical]
    if rest:
        yield _answer(evidence, (job, record), rest, Mode.WARN, name=ELSEWHERE)


def _answer(
    evidence: Evidence, of: tuple[Job, JobRecord], found: list[FindingRecord], mode: Mode, *, name: str = GATE
) -> CheckResult:
    job, record = of
    sifted = permissions.sift(found, permissions.of_gate(evidence.plan, GATE), evidence.today, _covers)
    void = sifted.void if name == GATE else ()
    breaks = [each for each in found if each.rule != OPAQUE]
    hidden = [each for each in sifted.bad if each.rule == OPAQUE]
    bad = [each for each in sifted.bad if each.rule != OPAQUE]
    unseen = max(int(record.measure("findings") or 0) + int(record.measure("opaque") or 0) - _kept(evidence, job), 0)
    declared = _declared(evidence) if bad else ""
    refused = bool(void) or (not declared and bool(bad or unseen))
    status = Status.FAILED if refused else Status.MISSING if hidden else Status.PASSED
    names = int(record.measure("compared") or 0)
    words = [f"{plural(len(bad), 'break')} in {plural(names, 'public name')}"]
    words += [f"{len(breaks) - len(bad)} ignored"] if len(bad) < len(breaks) else []
    words += [f"{unseen} more that were not kept"] if unseen else []
    words += [f"declared by `{declared}`"] if declared else []
    words += [f"{len(hidden)} that cannot be compared"] if hidden else []
    words += [f"{record.note('new')} is new"] if record.note("new") and not breaks else []
    return CheckResult(
        name=name,
        status=status,
        summary=", ".join(words),
        mode=mode,
        number=len(bad) + unseen,
        limit=0,
        examined=int(record.measure("files") or 0),
        expected=int(record.measure("expected") or 0),
        remedy=_remedy(bad if refused else [], hidden, sifted.renewed(GATE) if void else ""),
        details=(
            *(f"the permission for {entry.id} ended on {entry.until}" for entry in void),
            *map(measures.told, (bad or hidden)[:_SHOWN]),
        ),
        job=job.id,
    )


def _kept(evidence: Evidence, job: Job) -> int:
    return sum(each.job == job.id for each in evidence.records.findings)


def _declared(evidence: Evidence) -> str:
    """The subject that declares a break: the pull request's title, or a commit's; "" where none does."""
    from penstock.judge.pull_request import title

    request, change = evidence.facts.pull_request, evidence.facts.change
    said = [(request.title, request.body)] if request is not None else []
    said += [(commit.subject, commit.body) for commit in change.commits] if change is not None else []
    return next((subject for subject, body in said if title.is_breaking(title.parse(subject), [body])), "")


def _is_critical(finding: FindingRecord, patterns: Iterable[str]) -> bool:
    name, _, shown = finding.anchor.partition(" in ")
    files = (finding.path, *shown.split(" in "))
    for pattern in patterns:
        if "/" in pattern or pattern.endswith((".py", ".pyi")):
            if matching((pattern,), tuple(filter(None, files))):
                return True
        elif _is_below(name, pattern):
            return True
    return False


def _is_below(name: str, pattern: str) -> bool:
    plain = name.partition("(")[0]
    return plain == pattern or plain.startswith(f"{pattern}.") or fnmatchcase(plain, pattern)


def _covers(entry: Ignored, finding: FindingRecord) -> bool:
    return finding.rule == entry.id or _is_below(finding.anchor.partition(" in ")[0], entry.id)


def _remedy(bad: list[FindingRecord], hidden: list[FindingRecord], renewed: str) -> str | None:
    if renewed:
        return renewed
    if bad:
        return "keep what users have, or declare the break: `feat!: …`, or a footer `BREAKING CHANGE: what to do`"
    return (
        "write stubs (`.pyi`) for the compiled modules, or name in gates.api.critical what counts" if hidden else None
    )
