"""The run that this one's tests are held against, from the history: of the base's commit, or the last protected one.

It has passed, was of the whole pipeline, on this platform, and of a clean tree: what nobody has verified sets no floor.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from pathlib import Path
from typing import TypeVar

import msgspec

from penstock.cli import keeping
from penstock.errors import PenstockError
from penstock.model.events import TestOutcome
from penstock.model.pipeline import CHANGE
from penstock.model.records import TestRecord, last_attempts
from penstock.model.tested import Before, JobBefore
from penstock.model.trust import Trust
from penstock.record.manifest import File
from penstock.record.store import History
from penstock.value import Value

_Row = TypeVar("_Row", bound="_Of")


class _Of(Value, frozen=True):
    """What every row begins with."""

    run: str


class _Run(_Of, frozen=True):
    """What of a row of the history's table `runs` matters here."""

    wall_s: float
    commit: str
    trust: str
    conclusion: str
    scope: str
    command: str
    platform: str
    dirty: bool | None = True
    occasion: str | None = CHANGE  # an older penstock knew no other


class _Job(_Of, frozen=True):
    """Of the table `jobs`."""

    job: str
    name: str
    kind: str
    cached_from: str


class _Test(_Of, frozen=True):
    """Of the table `tests`."""

    job: str
    test: str
    outcome: str
    attempt: int
    decision: str = ""


class Ends(Value, frozen=True):
    """The tests of a run: those of its jobs, without shards, that have the row that decides."""

    run: str
    commit: str
    of_base: bool
    jobs: Mapping[str, tuple[TestRecord, ...]]
    names: Mapping[str, str]  # job -> its name


def of_base(state: Path, base: str, platform: str, trust: Trust, occasion: str = CHANGE) -> Ends | str | None:
    """The run that counts; None if there is none; in words, why the history cannot be read. One of another `occasion`
    has other jobs: the night's more tests, a release perhaps none.

    `trust`: the reader's. Floors come from protected runs; who works alone has his own.
    """
    history = History(keeping.history(state))
    try:
        files = history.read().files
        every = _rows(history, files, "runs", _Run, None)
        runs = [run for run in every if (run.occasion or CHANGE) == occasion]
        found = _best(
            runs, base, platform, {Trust.PROTECTED, Trust.LOCAL} if trust is Trust.LOCAL else {Trust.PROTECTED}
        )
        return None if found is None else _ends(history, files, *found)
    except (PenstockError, OSError, ValueError) as error:
        return getattr(error, "message", None) or str(error)


def before(
    ends: Ends, now: Collection[tuple[str, str]], is_there: Callable[[str], bool], away: Collection[str] = ()
) -> Before:
    """What of a run this one's tests are held against. `now`: (job without shard, test) of all that has an end now;
    `is_there`: whether a test that has none is still in the tree; `away`: names of jobs that are for other runs.
    """
    ran: dict[str, set[str]] = {}
    for job, tests in ends.jobs.items():
        ran.setdefault(ends.names[job], set()).update(test.id for test in tests if test.outcome not in _IDLE)
    return Before(
        run=ends.run,
        commit=ends.commit,
        of_base=ends.of_base,
        ran=sum(len(tests) for name, tests in ran.items() if name not in away),
        jobs=tuple(_job(job, tests, now, is_there) for job, tests in ends.jobs.items()),
    )


_IDLE = frozenset({TestOutcome.SKIPPED, TestOutcome.NOT_RUN})


def _job(
    job: str, tests: Iterable[TestRecord], now: Collection[tuple[str, str]], is_there: Callable[[str], bool]
) -> JobBefore:
    by_outcome: dict[TestOutcome, list[str]] = {}
    lost = []
    for test in tests:
        by_outcome.setdefault(test.outcome, []).append(test.id)
        if test.outcome not in _IDLE and (job, test.id) not in now:
            lost.append(test.id)
    hidden = tuple(test for test in lost if is_there(test))
    return JobBefore(
        job=job,
        skipped=tuple(by_outcome.get(TestOutcome.SKIPPED, ())),
        xfailed=(*by_outcome.get(TestOutcome.XFAILED, ()), *by_outcome.get(TestOutcome.XPASSED, ())),
        hidden=hidden,
        gone=len(lost) - len(hidden),
    )


def _best(runs: Iterable[_Run], base: str, platform: str, accepted: Collection[Trust]) -> tuple[_Run, bool] | None:
    """The newest run of the base that this reader believes, else the newest protected one; and which of them it is."""
    fit = [
        run
        for run in runs
        if run.conclusion == "passed"
        and run.scope == "full"
        and run.command == "run"
        and run.platform == platform
        and run.dirty is False
    ]
    newest = sorted(fit, key=lambda run: run.wall_s, reverse=True)
    for run in newest:
        if base and run.commit == base and run.trust in accepted:
            return run, True
    return next(((run, False) for run in newest if run.trust == Trust.PROTECTED), None)


def _ends(history: History, files: Collection[File], run: _Run, of_base: bool) -> Ends:  # noqa: FBT001  # one of a pair
    jobs = [job for job in _rows(history, files, "jobs", _Job, {run.run}) if job.kind == "test"]
    made_by = {job.job: job.cached_from or run.run for job in jobs}
    tests: dict[str, list[TestRecord]] = {job.job.partition("#")[0]: [] for job in jobs}
    for row in _rows(history, files, "tests", _Test, set(made_by.values())):
        if made_by.get(row.job) == row.run:
            whole = row.job.partition("#")[0]
            outcome = TestOutcome(row.outcome)
            tests[whole].append(
                TestRecord(job=whole, id=row.test, outcome=outcome, attempt=row.attempt, decision=row.decision)
            )
    missing = [job for job, rows in tests.items() if not rows]
    if missing:
        raise ValueError(f"the run {run.run} has no rows of {missing[0]}")
    decided = {job: tuple(last_attempts(rows).values()) for job, rows in tests.items()}
    names = {job.job.partition("#")[0]: job.name for job in jobs}
    return Ends(run.run, run.commit, of_base, decided, names)


def _rows(
    history: History, files: Collection[File], table: str, kind: type[_Row], runs: Collection[str] | None
) -> list[_Row]:
    """The rows of some runs, or of all. Raises PenstockError, OSError, ValueError for what cannot be read."""
    of_table = [file for file in files if file.table == table]
    if any(file.form == "parquet" for file in of_table):
        return _of_parquet(history, table, kind, runs)
    sound = set(history.sound(aside=False, among=of_table).files)
    if bad := [file.path for file in of_table if file not in sound]:
        raise ValueError(f"{bad[0]} is not what was written")
    words = None if runs is None else [msgspec.json.encode(run) for run in runs]
    decoder = msgspec.json.Decoder(kind)
    lines = (line for file in of_table for line in history.lines(file))
    found = (decoder.decode(line) for line in lines if words is None or any(word in line for word in words))
    return [row for row in found if runs is None or row.run in runs]


def _of_parquet(history: History, table: str, kind: type[_Row], runs: Collection[str] | None) -> list[_Row]:
    from penstock.record.query import ask

    names = kind.__struct_fields__
    where = "" if runs is None else " WHERE list_contains($runs, run)"
    answer = ask(history, f"SELECT {', '.join(names)} FROM {table}{where}", {"runs": sorted(runs or ())})  # noqa: S608  # the names are this file's
    return [kind(*row) for row in answer.rows]
