"""Whether every declared permission for tests to fail is still in force, and what it forgives."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from penstock.judge.standing import expired
from penstock.model.events import Outcome, TestOutcome
from penstock.model.pipeline import JobKind, Quarantine
from penstock.model.plan import Plan, Scope
from penstock.model.records import Records, TestRecord, last_attempts
from penstock.model.verdict import CheckResult, Evidence, Status
from penstock.util.plural import plural

# Runs in a row, this one with them, after which a test may leave: one that still fails in one of ten has shown it by
# then with 96 % (1 - 0.9^30, METHODS §3.3). A single pass says next to nothing of a flaky test.
STEADY_RUNS = 30
_IDLE = frozenset({TestOutcome.SKIPPED, TestOutcome.NOT_RUN, TestOutcome.XFAILED})
_ENDED = frozenset({Outcome.PASSED, Outcome.FAILED})


class _Seen(NamedTuple):
    """One entry, and what became of the tests that it covers."""

    entry: Quarantine
    tests: list[TestRecord]

    @property
    def failing(self) -> list[TestRecord]:
        return [test for test in self.tests if test.bad and test.outcome not in _IDLE]

    @property
    def passing(self) -> bool:
        """Whether all of them ran and passed, without a try more."""
        return bool(self.tests) and all(
            not test.bad and test.outcome not in _IDLE and test.attempt == 1 for test in self.tests
        )


def passing(plan: Plan, records: Records) -> frozenset[str]:
    """The tests of entries of which all that ran here passed: those of which it is worth to know how long they do."""
    if not plan.quarantine:
        return frozenset()
    return frozenset(test.id for one in _seen(plan, records) if one.passing for test in one.tests)


class QuarantineCheck:
    """One answer where a quarantine is declared and tests are planned. An entry past its last day blocks by itself."""

    name = "quarantine"

    def answer(self, evidence: Evidence) -> Iterable[CheckResult]:
        """The answer: none without entries, and none for a part of the plan without tests."""
        entries = evidence.plan.quarantine
        if not entries or not any(job.kind is JobKind.TEST for job in evidence.plan.jobs):
            return
        seen = _seen(evidence.plan, evidence.records)
        if evidence.plan.command == "test":  # it answers for the tests that it ran, and not for the pipeline
            seen = [one for one in seen if one.tests]
        if not seen:
            return
        over = [one for one in seen if expired(one.entry, evidence.today)]
        failing = {test.id for one in seen for test in one.failing}
        yield CheckResult(
            name=self.name,
            status=Status.FAILED if over else Status.PASSED,
            summary=_ended(over) if over else _told(len(failing)),
            number=len(failing),
            examined=len(seen),
            expected=len(seen),
            remedy="mend the tests and take the entries out, or give them a new day with the reason" if over else None,
            details=tuple(_details(evidence, seen)),
        )


def _seen(plan: Plan, records: Records) -> list[_Seen]:
    planned = {job.id for job in plan.jobs if job.kind is JobKind.TEST}
    rows = [test for (job, _), test in last_attempts(records.tests).items() if job in planned]
    return [_Seen(entry, [test for test in rows if entry.covers(test.id)]) for entry in plan.quarantine]


def _ended(over: list[_Seen]) -> str:
    first = over[0].entry
    more = f", and {len(over) - 1} more" if len(over) > 1 else ""
    return f"the quarantine of {first.test} ended on {first.until} (owner: {first.owner}){more}"


def _told(failing: int) -> str:
    if not failing:
        return "no test in quarantine failed"
    return f"{plural(failing, 'failing test')} in quarantine: not blocking"


def _details(evidence: Evidence, seen: Iterable[_Seen]) -> Iterator[str]:
    every_row_is_here = _every_row_is_here(evidence)
    for one in seen:
        entry = one.entry
        over = "ended on" if expired(entry, evidence.today) else "until"
        told = f"(owner: {entry.owner}, {over} {entry.until}: {entry.reason})"
        legs: dict[str, list[str]] = {}
        for test in one.failing:
            legs.setdefault(test.id, []).append(test.job)
        for test_id, jobs in legs.items():
            yield f"{test_id} fails in {', '.join(jobs)} {told}"
        if one.passing and _steady(evidence, one):
            yield f"{entry.test} passed in its last {STEADY_RUNS} runs: it can leave quarantine {told}"
        elif not one.tests and every_row_is_here:
            yield f"{entry.test} is no test that was collected: take the entry out, or correct it {told}"
        elif over == "ended on" and not legs:
            yield f"{entry.test} {told}"


def _steady(evidence: Evidence, one: _Seen) -> bool:
    return all(evidence.passed_before.get(test.id, 0) + 1 >= STEADY_RUNS for test in one.tests)


def _every_row_is_here(evidence: Evidence) -> bool:
    """Whether the tests of the whole pipeline were collected by this run itself: a cached result has no rows."""
    ended = {
        record.job
        for record in evidence.records.jobs
        if record.outcome in _ENDED and record.cached_from is None and not record.measure("deselected")
    }
    tests = (job.id for job in evidence.plan.jobs if job.kind is JobKind.TEST)
    return evidence.plan.scope is Scope.FULL and all(job in ended for job in tests)
