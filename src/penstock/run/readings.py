"""Several commands, one job: how their readings add up."""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

from penstock.model.events import Outcome, TestOutcome
from penstock.model.records import Reading, TestRecord
from penstock.model.testlog import ENDED_IN_IT, LEFT
from penstock.util.sizes import spoken

# From bad to good, in the order of the exit codes they lead to: a plain no outweighs what could not be asked.
_WORST_FIRST = (
    Outcome.FAILED,
    Outcome.TIMED_OUT,
    Outcome.CANCELLED,
    Outcome.ERRORED,
    Outcome.SKIPPED,
    Outcome.PASSED,
)


def combine(readings: Iterable[Reading]) -> Reading:
    """One reading for a whole job: the worst outcome with its reason, numbers added up, lists joined.

    No readings at all is an error: nothing was asked.
    """
    parts = tuple(readings)
    if not parts:
        return Reading(outcome=Outcome.ERRORED, reason="no command was run", problem="the job has no command")
    worst = min(parts, key=lambda part: _WORST_FIRST.index(part.outcome))
    measures: dict[str, float] = {}
    notes: dict[str, str] = {}
    for part in parts:
        for name, number in part.measures.items():
            measures[name] = (
                max(measures.get(name, 0), number) if name == "expected" else measures.get(name, 0) + number
            )
        notes |= part.notes
    passed = worst.outcome is Outcome.PASSED
    reasons = dict.fromkeys(
        part.reason for part in parts if part.reason and (passed or part.outcome is not Outcome.PASSED)
    )
    return Reading(
        outcome=worst.outcome,
        reason=" · ".join(reasons),
        problem=worst.problem,
        remedy=worst.remedy,
        measures=measures,
        notes=notes,
        findings=tuple(finding for part in parts for finding in part.findings),
        before=tuple(finding for part in parts for finding in part.before),
        tests=tuple(test for part in parts for test in part.tests),
        coverage=tuple(record for part in parts for record in part.coverage),
        shard=next((part.shard for part in parts if part.shard is not None), None),
    )


def with_notes(reading: Reading, notes: dict[str, str]) -> Reading:
    """The same reading with further notes."""
    return msgspec.structs.replace(reading, notes={**reading.notes, **notes})


def with_peak(reading: Reading, used_bytes: int, limit_bytes: int) -> Reading:
    """The same reading with what was seen of its memory, beside the limit that it was held to."""
    if not used_bytes:
        return reading
    measures = {**reading.measures, "memory_peak_bytes": used_bytes, "memory_limit_bytes": limit_bytes}
    return msgspec.structs.replace(reading, measures=measures)


def cut_short(cancelled: Reading, said: Reading) -> Reading:
    """What was done by the time a signal ended it: the tests that had ended, and those that had not as not run."""
    tests = tuple(_not_run(test) if test.message in {ENDED_IN_IT, LEFT} else test for test in said.tests)
    measures = dict(said.measures)
    for before, after in zip(said.tests, tests, strict=True):
        if before is not after:
            measures[before.outcome] = measures.get(before.outcome, 0) - 1
            measures["not_run"] = measures.get("not_run", 0) + 1
    return msgspec.structs.replace(cancelled, tests=tests, measures=measures, notes=said.notes)


def too_large(reading: Reading, limit_bytes: int, used_bytes: int) -> Reading:
    """What a tool had said by the time its processes held more memory than the job may: a plain no."""
    return msgspec.structs.replace(
        reading,
        outcome=Outcome.FAILED,
        reason=f"went over its memory limit of {spoken(limit_bytes)}: {spoken(used_bytes)}",
        problem=None,
        remedy="raise the job's `memory`, or find out what holds it",
    )


def _not_run(test: TestRecord) -> TestRecord:
    return msgspec.structs.replace(test, outcome=TestOutcome.NOT_RUN, message="it was running when the run was ended")


def timed_out(reading: Reading, timeout_s: float | None) -> Reading:
    """What a tool had said by the time its limit ended it: its evidence is kept, its outcome is not."""
    limit = "" if timeout_s is None else f" {timeout_s:g} s"
    return msgspec.structs.replace(
        reading,
        outcome=Outcome.TIMED_OUT,
        reason=f"ran longer than its limit{limit}",
        problem=None,
        remedy=reading.remedy or "raise the job's `timeout`, or find out what it waits for (its log ends there)",
    )
