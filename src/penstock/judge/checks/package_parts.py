"""The parts of the package gate: what is in the distributions, what their metadata say, and whether that is so."""

from __future__ import annotations

from collections.abc import Iterator

from penstock.judge.answer import options_of_gate
from penstock.model.events import Outcome
from penstock.model.pipeline import JobKind, Mode
from penstock.model.plan import Job
from penstock.model.records import FindingRecord, JobRecord
from penstock.model.verdict import CheckResult, Evidence, Status
from penstock.util.plural import noun, plural

GATE = "package"
# What a declared gate makes of each part. Without the gate all of them advise.
DEFAULTS = {
    "metadata": "error",
    "contents": "error",
    "license": "warn",
    "pythons": "warn",
    "typed": "warn",
    "version": "error",
}
_SHOWN = 5
_UNASKED = "unasked:"
_LOOK = {"contents": "contents"}  # the measure that a part rests on; of the others: metadata
_REMEDIES = {
    "metadata": "mend pyproject.toml",
    "contents": "say to the build backend which packages and files belong into the wheel",
    "license": 'say `license = "SPDX expression"` and `license-files = ["LICENSE*"]`',
    "pythons": "make `requires-python`, the classifiers and the Pythons that are tested one list",
    "typed": "add an empty py.typed to the package, and see that the wheel holds it",
    "version": "raise the version",
}


def answers(evidence: Evidence, job: Job, record: JobRecord) -> Iterator[CheckResult]:
    """One a part that is not switched off, of a build that ended."""
    options = options_of_gate(evidence.plan, GATE)
    declared = next((gate for gate in evidence.plan.gates if gate.name == GATE), None)
    advises = declared is None or declared.mode is Mode.WARN or job.mode is Mode.WARN
    for part, default in DEFAULTS.items():
        wish = options.get(part, default)
        if wish == "off":
            continue
        mode = Mode.WARN if advises or wish == "warn" else Mode.ERROR
        result = _answer(evidence, part, job, record, mode)
        if result is not None:
            yield result


def _answer(evidence: Evidence, part: str, job: Job, record: JobRecord, mode: Mode) -> CheckResult | None:
    looked = int(record.measure(_LOOK.get(part, "metadata")) or 0)
    why = record.note(f"{_UNASKED}{_LOOK.get(part, 'metadata')}")
    name = f"{GATE}.{part}"
    if not looked and not why and all(gate.name != GATE for gate in evidence.plan.gates):
        return None  # a run of before, and nobody asks
    if not looked or (why and part == "metadata"):
        summary = why or "nobody looked"
        return CheckResult(name=name, status=Status.MISSING, summary=summary, mode=mode, job=job.id)
    if part == "version":
        return _version(evidence, job, record, mode)
    found = [each for each in evidence.records.findings if each.job == job.id and _part(each) == part]
    bad = [_told(each) for each in found if each.severity == "error"]
    told = [_told(each) for each in found if each.severity != "error"]
    if part == "pythons":
        wrong, open_ = _legs(evidence, record)
        bad, told = [*bad, *wrong], [*told, *open_]
    if part == "typed" and record.note("package:typed") == "no" and _is_checked(evidence):
        told.append("its types are checked, and without py.typed nobody's type checker believes them")
    if all(gate.name != GATE for gate in evidence.plan.gates):
        told = []  # who declares no gate is told what harms, and nothing else
    return _of_part(part, (bad, told), looked, mode, job)


def _of_part(part: str, said: tuple[list[str], list[str]], looked: int, mode: Mode, job: Job) -> CheckResult:
    """What is wrong fails; what is only advice fails where the part only advises."""
    bad, told = said
    number = len(bad) + (len(told) if mode is Mode.WARN else 0)
    more = f", {len(told)} to think of" if told and mode is not Mode.WARN else ""
    problems = f"{number or 'no'} {noun(number, 'problem')}"
    return CheckResult(
        name=f"{GATE}.{part}",
        status=Status.FAILED if number else Status.PASSED,
        summary=f"{problems}{more} in {plural(looked, 'distribution')}",
        mode=mode,
        number=number,
        limit=0,
        examined=looked,
        expected=looked,
        remedy=_REMEDIES[part] if number else None,
        details=tuple((*bad, *told)[:_SHOWN]),
        job=job.id,
    )


def _part(finding: FindingRecord) -> str:
    if finding.tool == "check-wheel-contents":
        return "contents"
    return finding.rule.partition("-")[0] if finding.tool in {"packaging", "validate-pyproject"} else ""


def _told(finding: FindingRecord) -> str:
    return f"{finding.path} {finding.rule} {finding.message}".strip()


def _legs(evidence: Evidence, record: JobRecord) -> tuple[list[str], list[str]]:
    """The Pythons that were tested, held against those that the metadata promise: what is wrong, what is open."""
    ends = {each.job: each.outcome for each in evidence.records.jobs}
    tests = [job for job in evidence.plan.jobs if job.kind is JobKind.TEST and job.python]
    tested = {str(job.python) for job in tests if ends.get(job.id) in {Outcome.PASSED, Outcome.FAILED}}
    plain = {minor for minor in tested if minor.startswith("3.") and minor[2:].isdigit()}
    if not plain:
        return [], []
    named = (record.note("package:named") or "").split()
    allowed = (record.note("package:allowed") or "").split()
    wrong = [f"Python {minor} is tested, and `requires-python` excludes it" for minor in _sorted(plain - {*allowed})]
    open_ = [f"a classifier names Python {minor}, and no job tests on it" for minor in _sorted({*named} - plain)]
    if named:
        open_ += [f"Python {minor} is tested, and no classifier names it" for minor in _sorted(plain - {*named})]
    oldest = _sorted(plain)[0]
    older = [minor for minor in allowed if _number(minor) < _number(oldest) and minor not in named]
    if older and record.note("package:requires"):
        span = older[0] if len(older) == 1 else f"{older[0]} to {older[-1]}"
        open_.append(f"`requires-python` allows {span}, and the oldest that is tested is {oldest}")
    return wrong, open_


def _sorted(minors: set[str]) -> list[str]:
    return sorted(minors, key=_number)


def _number(minor: str) -> int:
    return int(minor[2:]) if minor[2:].isdigit() else 0


def _is_checked(evidence: Evidence) -> bool:
    return any(job.kind is JobKind.TYPES and job.required for job in evidence.plan.jobs)


def _version(evidence: Evidence, job: Job, record: JobRecord, mode: Mode) -> CheckResult | None:
    """Not lower than what was released. Without a tag that names a version there is nothing to go back from."""
    from packaging.version import InvalidVersion, Version

    released, tag = evidence.facts.released
    now = record.note("package:version") or ""
    if not released:
        return None
    try:
        back = Version(now) < Version(released)
    except InvalidVersion:
        summary = f"{now or 'the version'} cannot be compared with {released}"
        return CheckResult(name=f"{GATE}.version", status=Status.MISSING, summary=summary, mode=mode, job=job.id)
    return CheckResult(
        name=f"{GATE}.version",
        status=Status.FAILED if back else Status.PASSED,
        summary=f"{now} {'is lower than' if back else 'is not below'} {released}, which the tag {tag} names",
        mode=mode,
        examined=1,
        remedy=_REMEDIES["version"] if back else None,
        job=job.id,
    )
