"""Event logs as the guests write them, made without a guest."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from penstock.model.events import (
    CollectionFinished,
    Event,
    SessionFinished,
    SessionStarted,
    TestOutcome,
    TestPhaseFinished,
    TestStarted,
)
from penstock.model.testlog import ids_digest
from penstock.util import eventlog

PASSED = {"setup": TestOutcome.PASSED, "call": TestOutcome.PASSED, "teardown": TestOutcome.PASSED}


def events_of(name: str, phases: Mapping[str, TestOutcome] = PASSED) -> list[Event]:
    """One test's start and phases."""
    return [
        TestStarted(id=name, at_s=1.0),
        *(TestPhaseFinished(id=name, phase=phase, outcome=said, duration_s=0.1) for phase, said in phases.items()),
    ]


def session(
    tests: Mapping[str, Mapping[str, TestOutcome]],
    *,
    collected: Iterable[str] | None = None,
    exit_code: int = 0,
    errors: tuple[tuple[str, str, str], ...] = (),
    skipped: tuple[tuple[str, str], ...] = (),
    deselected: int = 0,
    python: str = "3.12.1",
    told: bool = True,
) -> list[Event]:
    """A whole session with its finish record. `told`: the record says how many events there are."""
    ids = tuple(tests if collected is None else collected)
    events: list[Event] = [
        SessionStarted(
            python=python, implementation="cpython", executable="/py", prefix="/", runner="pytest 9.2.0", pid=1
        ),
        CollectionFinished(ids=ids, digest=ids_digest(ids), deselected=deselected, errors=errors, skipped=skipped),
    ]
    for name, phases in tests.items():
        events += events_of(name, phases)
    ran = [name for name, phases in tests.items() if "teardown" in phases]
    events.append(
        SessionFinished(
            collected=len(ids),
            ran=len(ran),
            digest=ids_digest(sorted(ran)),
            exit_code=exit_code,
            duration_s=1.0,
            events=len(events) if told else -1,
        )
    )
    return events


def encoded(events: Iterable[Event]) -> bytes:
    """The log file's bytes."""
    return b"".join(eventlog.encode_line(event) for event in events)
