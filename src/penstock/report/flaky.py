"""Tests that failed and then passed: which try passed, why that is believed, and what the failed try said."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from penstock.model.records import TestRecord, last_attempts
from penstock.report import sanitize
from penstock.report.screen import Screen, cells, fit, paint, wrap
from penstock.report.story import Story
from penstock.util.plural import plural
from penstock.value import Value

LISTED = 8
_LINES = 4  # of each failed try: its end, where the error stands


class Flaky(Value, frozen=True, kw_only=True):
    """One test that is flaky in one job. `failed`: its first failed try; `passed`: the one that counts."""

    failed: TestRecord
    passed: TestRecord
    tries: int


def of(story: Story) -> tuple[Flaky, ...]:
    """All of them, in the order in which they ran. A cached result is never flaky, so that the rows know all."""
    # Most tests of a large run never failed: only the tries of the others are looked at together.
    tries: dict[tuple[str, str], list[TestRecord]] = {}
    for test in story.records.tests:
        if test.bad:
            tries[test.job, test.id] = []
    if not tries:
        return ()
    known = [test for test in story.records.tests if (test.job, test.id) in tries]
    for test in known:
        tries[test.job, test.id].append(test)
    decides = last_attempts(known)
    return tuple(
        Flaky(failed=next(test for test in seen if test.bad), passed=decides[key], tries=len(seen))
        for key in dict.fromkeys((test.job, test.id) for test in known)
        if len(seen := tries[key]) > 1 and not decides[key].bad
    )


def passed_on(story: Story) -> Mapping[tuple[str, str], int]:
    """(job, test id) -> the number of the try that passed."""
    return {(one.passed.job, one.passed.id): one.passed.attempt for one in of(story)}


def lines(story: Story, screen: Screen) -> list[str]:
    """A few lines a test."""
    every = of(story)
    if not every:
        return []
    bars = "━━" if screen.unicode else "=="
    told = ["", f"{bars} flaky: {plural(len(every), 'test')} failed, and passed in a further try"]
    for one in every[:LISTED]:
        told += _one(one, screen)
    return told + ([f"  and {len(every) - LISTED} more"] if len(every) > LISTED else [])


def _one(one: Flaky, screen: Screen) -> Iterator[str]:
    where = f"passed on try {one.passed.attempt} in {sanitize.line(one.passed.job)}"
    why = f": {sanitize.line(one.passed.why)}" if one.passed.why else ""
    yield from wrap(f"  {sanitize.line(one.failed.id)}  {where}{why}", screen.width, indent=6)
    for line in _end(one.failed):
        yield paint(screen, fit(screen, f"      {sanitize.line(line)}", max(screen.width, cells("      x"))), "2")


def _end(test: TestRecord) -> list[str]:
    told = [line for line in test.text.split("\n") if line.strip()][-_LINES:]
    return told or [f"{test.outcome.value.replace('_', ' ')}: {test.message}".removesuffix(": ")]
