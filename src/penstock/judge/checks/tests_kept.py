"""Whether tests were quietly left out: skipped, expected to fail or not collected where they ran before; looking like
tests and collected by nobody; chosen by a name that means nothing.

A change says why (`Policy: WHY`), or the configuration permits it until a day (`gates.tests.ignore`).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from fnmatch import fnmatchcase
from typing import Any

from msgspec.structs import replace

from penstock.judge import permissions
from penstock.judge.answer import mode_of_gate, options_of_gate
from penstock.judge.standing import expired
from penstock.model.collected import Collected, collected, has_end, place
from penstock.model.events import Outcome, TestOutcome
from penstock.model.pipeline import Ignored, JobKind, Mode, Quarantine
from penstock.model.plan import Scope
from penstock.model.records import TestRecord, last_attempts
from penstock.model.tested import Before, JobBefore, Lookalike, Tested
from penstock.model.verdict import CheckResult, Evidence, Status
from penstock.util.globs import matching
from penstock.util.plural import plural
from penstock.value import Value

_SHOWN = 10
_IDLE = {TestOutcome.SKIPPED: "skipped", TestOutcome.XFAILED: "xfailed", TestOutcome.XPASSED: "xfailed"}
_WORDS = {"skipped": "skipped", "xfailed": "expected to fail", "hidden": "not collected any more"}
_SAY_WHY = "say why: a line `Policy: WHY` in a commit's or the pull request's description, or in gates.tests.ignore"


class _Lost(Value, frozen=True, kw_only=True):
    """A test that ran, or was not there, in the run that counts. `how`: a key of `_WORDS`."""

    test: str
    how: str
    reason: str
    legs: tuple[str, ...]

    def __str__(self) -> str:
        because = f": {self.reason}" if self.reason else ""
        return f"{self.test} is {_WORDS[self.how]} in {', '.join(self.legs)}{because}"


class TestsKeptCheck:
    """One answer each: names that mean nothing, tests that are left out now, lookalikes that nobody collected."""

    __test__ = False  # not a test class of pytest
    name = "tests"

    def answer(self, evidence: Evidence) -> Iterable[CheckResult]:
        """The answers: none where there are no tests, or only a part was asked for."""
        if evidence.plan.command != "run" or not any(job.kind is JobKind.TEST for job in evidence.plan.jobs):
            return
        yield from _names(evidence)
        if evidence.plan.scope is Scope.PARTIAL or evidence.facts.tested is None:
            return
        entries = permissions.of_gate(evidence.plan, "tests")
        yield from _left_out(evidence, evidence.facts.tested, entries)
        yield from _lookalikes(evidence, evidence.facts.tested, entries)


def _names(evidence: Evidence) -> Iterator[CheckResult]:
    """Names in -m and -k that fit no test of any job, and that nobody declares."""
    known: set[str] = set()
    unknown: dict[str, list[str]] = {}
    for record in evidence.records.jobs:
        known.update((record.note("names") or "").splitlines())
        for name in (record.note("unknown_names") or "").splitlines():
            unknown.setdefault(name, []).append(record.job)
    lost = {name: jobs for name, jobs in unknown.items() if name not in known}
    if lost:
        told = tuple(f"`{name}` in {', '.join(jobs)}" for name, jobs in lost.items())
        yield CheckResult(
            name="tests.names",
            status=Status.FAILED,
            summary=f"{', '.join(f'`{name}`' for name in lost)}: fits no test, and is declared nowhere",
            mode=mode_of_gate(evidence.plan, "tests"),
            number=len(lost),
            limit=0,
            examined=len(lost),
            remedy="spell it as the tests do, declare the marker in pytest's `markers`, or take it out",
            details=told,
        )


# --- against the run that counts -------------------------------------------------------------------------------------


def _left_out(evidence: Evidence, tested: Tested, entries: tuple[Ignored, ...]) -> Iterator[CheckResult]:
    ends = last_attempts(evidence.records.tests)
    declared = any(gate.name == "tests" for gate in evidence.plan.gates)
    idle = sum(test.outcome in _IDLE for test in ends.values())
    result = CheckResult(
        name="tests.left_out",
        status=Status.PASSED,
        summary="",
        mode=mode_of_gate(evidence.plan, "tests"),
        examined=_collected(evidence),
        limit=0,
    )
    if tested.before is None:
        lost = [each for each in _idled(evidence, ends) if not _permitted(each.test, entries, evidence.today)]
        if tested.unread:
            yield _of(result, Status.MISSING, f"what ran before cannot be told: {tested.unread}")
        elif lost:
            yield _judged(result, evidence, len(lost), f"{_kinds(lost)} by this change", _named(lost))
        elif declared:
            yield _of(result, Status.PASSED, f"{idle} left out; there is no record of the base to hold them against")
        return
    lost = [each for each in _lost(evidence, tested.before, ends) if not _permitted(each.test, entries, evidence.today)]
    gone = sum(job.gone for job in tested.before.jobs)
    told = _kinds(lost)
    over = f"{plural(gone, 'other')} that ran then {'is' if gone == 1 else 'are'} not in the tree any more"
    details = [*_named(lost), *([over] if gone else [])]
    said = f"left out since {tested.before}: {told}" if told else f"no more are left out than in {tested.before}"
    yield _judged(result, evidence, len(lost), said, details)


def _named(lost: list[_Lost]) -> list[str]:
    more = [f"and {len(lost) - _SHOWN} more"] if len(lost) > _SHOWN else []
    return [*map(str, lost[:_SHOWN]), *more]


def _kinds(lost: Iterable[_Lost]) -> str:
    """`2 skipped, 1 expected to fail`."""
    counts = Counter(each.how for each in lost)
    return ", ".join(f"{counts[how]} {word}" for how, word in _WORDS.items() if counts[how])


def _idled(evidence: Evidence, ends: Mapping[tuple[str, str], TestRecord]) -> list[_Lost]:
    """Tests that did not run and that the change itself marks so, where there is no record of what ran before."""
    facts = evidence.facts
    legs: dict[tuple[str, str, str], list[str]] = {}
    names = {job.id: job.whole for job in evidence.plan.jobs if job.kind is JobKind.TEST}
    for (job, test), record in ends.items():
        how = _IDLE.get(record.outcome)
        if how and job in names and any(_marks(*each, test, record.message) for each in facts.idled):
            legs.setdefault((test, how, record.message), []).append(names[job])
    ran = {test for (_, test), record in ends.items() if record.outcome not in _IDLE}
    for each in evidence.records.jobs:
        for file in (each.note("skipped_files") or "").splitlines():
            if any(_marks(where, "", file, "") for where, _ in facts.idled):
                legs.setdefault((file, "skipped", ""), []).append(names.get(each.job, each.job))
        for test in (each.note("deselected") or "").splitlines():
            if test not in ran and any(_marks(where, "", test, "") for where in facts.deselected):
                legs.setdefault((test, "hidden", ""), []).append(names.get(each.job, each.job))
    return [
        _Lost(test=test, how=how, reason=reason, legs=tuple(dict.fromkeys(where)))
        for (test, how, reason), where in sorted(legs.items())
    ]


def _marks(where: str, reason: str, test: str, message: str) -> bool:
    """Whether a mark there (a test, a class, a file, a folder) is why the test did not run. A runner that was started
    below the root names less of the path.
    """
    path, name = (test, "") if test.endswith(".py") else place(test)
    marked, _, inner = where.partition("::")
    if where.endswith("/") or not where:
        within = path.startswith(where) or "/" not in path
    else:
        within = f"/{marked}".endswith(f"/{path}") and f"{name}::".startswith(f"{inner}::" if inner else "")
    return within and (not reason or reason in message)


def _lost(evidence: Evidence, before: Before, ends: Mapping[tuple[str, str], TestRecord]) -> list[_Lost]:
    """Each test once, with the legs in which it is left out."""
    now: dict[str, dict[str, TestRecord]] = {}
    names = {job.id: job.whole for job in evidence.plan.jobs if job.kind is JobKind.TEST}
    for (job, test), record in ends.items():
        if job in names:
            now.setdefault(names[job], {})[test] = record
    over = _ended(evidence)
    found: dict[tuple[str, str], tuple[str, list[str]]] = {}
    for job_before in before.jobs:
        if job_before.job not in over:
            continue
        for test, how, reason in (*_idle(job_before, now.get(job_before.job, {})), *_hidden(job_before, now)):
            found.setdefault((test, how), (reason, []))[1].append(job_before.job)
    return [
        _Lost(test=test, how=how, reason=reason, legs=tuple(legs))
        for (test, how), (reason, legs) in sorted(found.items())
    ]


def _collected(evidence: Evidence) -> int:
    return sum(int(record.measure("collected") or 0) for record in evidence.records.jobs)


def _ended(evidence: Evidence) -> frozenset[str]:
    """Test jobs, without their shards, all of which ran to an end: of others their own answer tells."""
    ended = {each.job for each in evidence.records.jobs if each.outcome in {Outcome.PASSED, Outcome.FAILED}}
    jobs = [job for job in evidence.plan.jobs if job.kind is JobKind.TEST]
    return frozenset(job.whole for job in jobs) - {job.whole for job in jobs if job.id not in ended}


def _idle(before: JobBefore, now: Mapping[str, TestRecord]) -> Iterator[tuple[str, str, str]]:
    """Tests that are skipped or expected to fail now and were not. One that has only moved is the same test."""
    known = {*before.skipped, *before.xfailed}
    moved = Counter(_leaf(test) for test in known if test not in now)
    for test, record in now.items():
        if record.outcome not in _IDLE or test in known:
            continue
        if moved[_leaf(test)] > 0:
            moved[_leaf(test)] -= 1
        else:
            yield test, _IDLE[record.outcome], record.message


def _hidden(before: JobBefore, now: Mapping[str, Mapping[str, TestRecord]]) -> Iterator[tuple[str, str, str]]:
    """Tests that ran, are still in the tree, and have no end: neither here nor in another job."""
    name = before.job.partition("@")[0]
    others = [tests for job, tests in now.items() if job == before.job or job.partition("@")[0] != name]
    for test in before.hidden:
        if not any(test in tests for tests in others):
            yield test, "hidden", ""


def _leaf(test: str) -> str:
    return test.rpartition("::")[2]


# --- lookalikes ------------------------------------------------------------------------------------------------------


def _lookalikes(evidence: Evidence, tested: Tested, entries: tuple[Ignored, ...]) -> Iterator[CheckResult]:
    plan = evidence.plan
    option = options_of_gate(plan, "tests").get("uncollected", "error")
    away = [left for left in plan.left_out if left.kind is JobKind.TEST]
    if option == "off" or any(not left.paths for left in away) or _unended(evidence):
        return
    ends = collected(plan, evidence.records.jobs, evidence.records.tests)
    result = CheckResult(
        name="tests.uncollected",
        status=Status.MISSING,
        summary="",
        mode=Mode.WARN if option == "warn" else mode_of_gate(plan, "tests"),
        limit=0,
        examined=_collected(evidence),
    )
    if tested.lookalikes is None:
        yield _of(result, Status.MISSING, f"what looks like a test was not looked for: {tested.unseen}")
        return
    elsewhere = tuple(path for each in away for path in each.paths)  # their own runs ask
    left = [each for each in tested.lookalikes if _alone(each, ends) and not matching(elsewhere, (each.path,))]
    left = [each for each in left if not _permitted(each.id, entries, evidence.today)]
    sure = [each for each in left if not each.doubt]
    new = any(each.new for each in sure)
    if plan.source is None and not new:  # nobody configured anything: advice
        result = _of(result, result.status, "", mode=Mode.WARN)
    details = [*_told(sure), *(f"in doubt: {each}" for each in _told([each for each in left if each.doubt]))]
    if left or entries:
        said = f"{len(sure)} look{'s' * (len(sure) == 1)} like a test and {'is' if len(sure) == 1 else 'are'}"
        yield _judged(result, evidence, len(sure), f"{said} not collected", details)
    else:
        yield _of(result, Status.PASSED, "all that looks like a test was collected")


def _unended(evidence: Evidence) -> bool:
    whole = {job.whole for job in evidence.plan.jobs if job.kind is JobKind.TEST}
    return bool(whole - _ended(evidence))


def _alone(each: Lookalike, ends: Collected) -> bool:
    return each.lost or not has_end(each.name, ends.of(each.path))


def _told(left: Iterable[Lookalike]) -> list[str]:
    """Each file once, with what is in it."""
    files: dict[tuple[str, str], list[Lookalike]] = {}
    for each in left:
        files.setdefault((each.path, each.why), []).append(each)
    lines = [_line(path, why, those) for (path, why), those in files.items()]
    return [*lines[:_SHOWN], *([f"and in {len(lines) - _SHOWN} more places"] if len(lines) > _SHOWN else [])]


def _line(path: str, why: str, those: list[Lookalike]) -> str:
    named = ", ".join(each.name for each in those[:3] if each.name)
    more = f" and {len(those) - 3} more" if len(those) > 3 else ""
    return f"{path}:{those[0].line} {named}{more}{f': {why}' if why else ''}"


# --- what is permitted -----------------------------------------------------------------------------------------------


def _permitted(test: str, entries: Iterable[Ignored], today: str) -> bool:
    path = test.partition("::")[0]
    return any(not expired(each, today) and (_covers(each, test) or fnmatchcase(path, each.id)) for each in entries)


def _covers(entry: Ignored, test: str) -> bool:
    return Quarantine(test=entry.id, owner="", reason="", until="").covers(test)


def _judged(result: CheckResult, evidence: Evidence, number: int, said: str, details: list[str]) -> CheckResult:
    why = evidence.facts.why
    if not number:
        return _of(result, Status.PASSED, said, number=0, details=tuple(details))
    if why:
        return _of(result, Status.PASSED, f"{said}: {why}", number=number, details=tuple(details))
    mend = "let it be collected, or " if result.name == "tests.uncollected" else ""
    return _of(result, Status.FAILED, said, number=number, details=tuple(details), remedy=f"{mend}{_SAY_WHY}")


def _of(result: CheckResult, status: Status, summary: str, **fields: Any) -> CheckResult:
    return replace(result, status=status, summary=summary, **fields)
