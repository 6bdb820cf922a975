"""Failures with a number each, so that one can be named on a command line: `penstock repro 7f3b9c.4`."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from penstock.errors import StateError, UsageError
from penstock.model.events import Outcome, TestOutcome
from penstock.model.records import FailureRecord, Records, last_attempts
from penstock.value import Value


class _Sheet(Value, frozen=True, kw_only=True):
    """The file `failures.json` in a run's folder."""

    version: int = 1
    failures: tuple[FailureRecord, ...] = ()


def short_name(run: str) -> str:
    """The part of a run's id that people type: `20261121-145200-7f3b9c` -> `7f3b9c`."""
    return run.rpartition("-")[2]


def number(records: Records) -> tuple[FailureRecord, ...]:
    """All failures in a stable order: jobs as planned, in each the tests that failed as they ran, else the job."""
    failed = list(_failed(records))
    name = short_name(records.run.run)
    return tuple(
        FailureRecord(token=f"{name}.{count}", job=job, test=test) for count, (job, test) in enumerate(failed, start=1)
    )


def _failed(records: Records) -> Iterator[tuple[str, str]]:
    by_job: dict[str, list[str]] = {}
    for (job, test), attempt in last_attempts(records.tests).items():
        if attempt.bad and attempt.outcome is not TestOutcome.NOT_RUN:  # that it did not run is the job's failure
            by_job.setdefault(job, []).append(test)
    for record in records.jobs:
        tests = by_job.get(record.job, [])
        yield from ((record.job, test) for test in tests)
        if not tests and record.outcome in {Outcome.FAILED, Outcome.ERRORED, Outcome.TIMED_OUT}:
            yield record.job, ""


def encode(failures: tuple[FailureRecord, ...]) -> bytes:
    """The content of `failures.json`."""
    return msgspec.json.encode(_Sheet(failures=failures))


def decode(content: bytes) -> tuple[FailureRecord, ...]:
    """The failures that `failures.json` holds. Raises StateError if it is damaged."""
    try:
        return msgspec.json.decode(content, type=_Sheet).failures
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        raise StateError(
            f"the run's list of failures cannot be read: {error}", remedy="run the pipeline again: penstock run"
        ) from error


def find(token: str, failures: tuple[FailureRecord, ...]) -> FailureRecord:
    """The failure that `token` names. Raises UsageError with the tokens there are."""
    for failure in failures:
        if failure.token == token:
            return failure
    there = f"this run has {failures[0].token} to {failures[-1].token}" if failures else "this run has no failures"
    raise UsageError(f"no failure is called {token}", remedy=there)
