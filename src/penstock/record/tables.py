"""The tables of the history: one class = one table = one schema, and the rows that one run adds. Pure.

Types are kept as plain as Parquet and SQL share them: text is "" where there is none, a moment is `wall_s` in epoch
seconds, UTC. A column may come with a newer penstock, and none changes its meaning.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from typing import get_type_hints

from penstock.model.pipeline import CHANGE, JobKind
from penstock.model.plan import Plan
from penstock.model.records import CoverageRecord, FindingRecord, JobRecord, Records, TestRecord
from penstock.model.trust import Trust
from penstock.model.verdict import Verdict
from penstock.util import digest
from penstock.value import Value

# The job of `penstock test` in the history: no job of a pipeline can have a name with a space in it.
ALONE = "penstock test"
_LONGEST_TEXT = 500  # characters of a message: its first line tells, the run's log has it all


class Row(Value, frozen=True, kw_only=True, omit_defaults=False):
    """What every row begins with. `wall_s`: when its run started."""

    run: str
    wall_s: float


class RunRow(Row, frozen=True, kw_only=True):
    """One run. `conclusion`, `exit_code`: its verdict. `trust`: see `model.trust`. `dirty`: its tree was not what the
    commit holds. `occasion`: what it was for, `change`, `nightly` or `release`.
    """

    duration_s: float
    finished: bool
    interrupted: str
    conclusion: str
    exit_code: int
    scope: str
    command: str
    plan: str
    commit: str
    branch: str
    trust: str
    platform: str
    dirty: bool = True  # an older penstock has not told
    occasion: str = CHANGE


class JobRow(Row, frozen=True, kw_only=True):
    """One job's end. `job`: "unit@3.12", `name`: "unit"; both are `ALONE` where `penstock test` ran.

    `cached_from`: the run that did the work, "" if this one did. `key`: of its code and environment. `measures`: its
    numbers by name, as in `records.JobRecord`.
    """

    job: str
    name: str
    python: str
    kind: str
    outcome: str
    reason: str
    required: bool
    started_s: float
    duration_s: float
    cpu_s: float
    memory_bytes: int
    cached_from: str
    key: str
    trust: str
    measures: dict[str, float]


class TestRow(Row, frozen=True, kw_only=True):
    """One attempt of one test, in the run that did the work. Seconds have three digits: their files stay small.
    `decision`: what its tries came to, as in `records.TestRecord`.
    """

    __test__ = False  # not a test class of pytest

    job: str
    test: str
    outcome: str
    attempt: int
    setup_s: float
    call_s: float
    teardown_s: float
    kind: str
    message: str
    line: str
    worker: str
    decision: str
    key: str
    trust: str


class CoverageRow(Row, frozen=True, kw_only=True):
    """One measured file."""

    path: str
    statements: int
    covered: int
    branches: int
    covered_branches: int
    trust: str
    flag: str = ""


class FindingRow(Row, frozen=True, kw_only=True):
    """One thing that a tool found."""

    job: str
    tool: str
    rule: str
    severity: str
    path: str
    line: int
    message: str
    trust: str


TABLES: Mapping[str, type[Row]] = {
    "runs": RunRow,
    "jobs": JobRow,
    "tests": TestRow,
    "coverage": CoverageRow,
    "findings": FindingRow,
}
# What a table's Parquet files are sorted by: equal values beside one another take next to no room.
ORDER: Mapping[str, tuple[str, ...]] = {
    "runs": ("wall_s", "run"),
    "jobs": ("job", "wall_s", "run"),
    "tests": ("job", "test", "wall_s", "run", "attempt"),
    "coverage": ("path", "wall_s", "run"),
    "findings": ("job", "tool", "rule", "path", "wall_s", "run", "line"),
}
_SQL = {str: "VARCHAR", float: "DOUBLE", int: "BIGINT", bool: "BOOLEAN", dict[str, float]: "MAP(VARCHAR, DOUBLE)"}


@cache
def columns(table: str) -> Mapping[str, str]:
    """Column -> SQL type, in order."""
    hints = get_type_hints(TABLES[table])
    return {name: _SQL[hints[name]] for name in TABLES[table].__struct_fields__}


@cache
def schema(table: str) -> str:
    """A short name for the table's columns and types, which changes when they do."""
    return digest.of_text(repr(columns(table)))[:12]


def rows(
    plan: Plan, records: Records, verdict: Verdict, *, branch: str, platform: str, trust: Trust, dirty: bool = True
) -> dict[str, list[Row]]:
    """Table -> the rows that a run adds. What a cached job did is told by the run that did it."""
    run, wall_s = records.run.run, records.run.wall_s
    first = RunRow(
        run=run,
        wall_s=wall_s,
        duration_s=_seconds(records.run.duration_s),
        finished=records.run.finished,
        interrupted=records.run.interrupted,
        conclusion=verdict.conclusion,
        exit_code=int(verdict.exit_code),
        scope=plan.scope,
        command=plan.command,
        plan=plan.digest,
        commit=plan.commit or "",
        branch=branch,
        trust=trust,
        platform=platform,
        dirty=dirty,
        occasion=plan.occasion,
    )
    worked = {record.job: record for record in records.jobs if record.cached_from is None}
    measured = any(record.kind is JobKind.COVERAGE for record in worked.values())
    return {
        "runs": [first],
        "jobs": [*_jobs(plan, records.jobs, first)],
        "tests": [_test(test, worked[test.job].key[:16], first) for test in records.tests if test.job in worked],
        "coverage": [_file(record, first) for record in records.coverage if measured],
        "findings": [_finding(finding, first) for finding in records.findings if finding.job in worked],
    }


def _jobs(plan: Plan, records: Iterable[JobRecord], run: RunRow) -> Iterator[JobRow]:
    planned = {job.id: job for job in plan.jobs}
    for record in records:
        job = planned.get(record.job)
        yield JobRow(
            run=run.run,
            wall_s=run.wall_s,
            job=_job(record.job, run),
            name=_job(job.name if job else record.job, run),
            python=(job.python or "") if job else "",
            kind=record.kind,
            outcome=record.outcome,
            reason=_clean(record.reason),
            required=job is None or job.required,
            started_s=_seconds(record.started_s),
            duration_s=_seconds(record.duration_s),
            cpu_s=_seconds(record.cpu_s),
            memory_bytes=record.memory_bytes,
            cached_from=record.cached_from or "",
            key=record.key[:16],
            trust=run.trust,
            measures={_clean(name): number for name, number in record.measures.items() if math.isfinite(number)},
        )


def _test(test: TestRecord, key: str, run: RunRow) -> TestRow:
    return TestRow(
        run=run.run,
        wall_s=run.wall_s,
        job=_job(test.job, run),
        test=_clean(test.id, longest=None),
        outcome=test.outcome,
        attempt=test.attempt,
        setup_s=_seconds(test.setup_s),
        call_s=_seconds(test.call_s),
        teardown_s=_seconds(test.teardown_s),
        kind=_clean(test.kind),
        message=_clean(test.message),
        line=_clean(test.line),
        worker=test.worker,
        decision=test.decision,
        key=key,
        trust=run.trust,
    )


def _file(record: CoverageRecord, run: RunRow) -> CoverageRow:
    return CoverageRow(
        run=run.run,
        wall_s=run.wall_s,
        path=_clean(record.path, longest=None),
        flag=_clean(record.flag),
        statements=record.statements,
        covered=record.covered,
        branches=record.branches,
        covered_branches=record.covered_branches,
        trust=run.trust,
    )


def _finding(finding: FindingRecord, run: RunRow) -> FindingRow:
    return FindingRow(
        run=run.run,
        wall_s=run.wall_s,
        job=_job(finding.job, run),
        tool=finding.tool,
        rule=_clean(finding.rule),
        severity=finding.severity,
        path=_clean(finding.path, longest=None),
        line=finding.line,
        message=_clean(finding.message),
        trust=run.trust,
    )


def _job(name: str, run: RunRow) -> str:
    return _clean(f"penstock {name}" if run.command == "test" else name)


def _clean(text: str, *, longest: int | None = _LONGEST_TEXT) -> str:
    """Text that every format can hold: no lone surrogates; only so long."""
    whole = text if text.isascii() else text.encode("utf-8", "backslashreplace").decode()
    return whole[:longest]


def _seconds(seconds: float) -> float:
    """Three digits, and not finer than 10 µs: clocks do not know more, and a column of few values is small."""
    if not math.isfinite(seconds):
        return 0.0
    return round(float(f"{seconds:.3g}"), 5)
