"""Builders of evidence: a plan's jobs with their ends. What a test does not mention went well."""

from __future__ import annotations

from typing import Any

from penstock.model.events import Outcome, TestOutcome
from penstock.model.pipeline import JobKind
from penstock.model.plan import Job, Plan
from penstock.model.records import JobRecord, Records, RunRecord, TestRecord
from penstock.model.verdict import Evidence

GOOD_MEASURES: dict[JobKind, dict[str, float]] = {
    JobKind.TEST: {"collected": 2, "ran": 2, "passed": 2},
    JobKind.LINT: {"files": 3, "expected": 3, "findings": 0},
    JobKind.TYPES: {"files": 3, "expected": 3, "findings": 0},
    JobKind.BUILD: {"sdists": 1, "wheels": 1, "checked": 2},
    JobKind.COVERAGE: {"files": 1, "statements": 10, "covered": 9},
}


def job_record(job: Job, outcome: str = "passed", **fields: Any) -> JobRecord:
    """The end of a job; one that passed has the evidence that its kind needs."""
    defaults: dict[str, Any] = {"reason": "" if outcome == "passed" else f"it {outcome}", "duration_s": 1.0}
    if outcome == "passed":
        defaults["measures"] = GOOD_MEASURES.get(job.kind, {})
        defaults["notes"] = {"python": f"{job.python}.1", "implementation": "CPython"} if job.python else {}
    return JobRecord(job=job.id, kind=job.kind, outcome=Outcome(outcome), **(defaults | fields))


def attempt(job: Job, test_id: str, outcome: str = "passed", **fields: Any) -> TestRecord:
    """One attempt."""
    return TestRecord(job=job.id, id=test_id, outcome=TestOutcome(outcome), **fields)


def rows(record: JobRecord) -> tuple[TestRecord, ...]:
    """A row for every test that the measures of a test job tell."""
    if record.kind is not JobKind.TEST:
        return ()
    ends = [outcome for outcome in TestOutcome for _ in range(int(record.measures.get(outcome, 0)))]
    return tuple(
        TestRecord(job=record.job, id=f"tests/test_it.py::test_{number}", outcome=outcome)
        for number, outcome in enumerate(ends)
    )


def run_record(**fields: Any) -> RunRecord:
    """A run that was closed."""
    defaults: dict[str, Any] = {
        "run": "20261121-145200-7f3b9c",
        "plan": "plan",
        "wall_s": 1_000_000.0,
        "duration_s": 18.4,
        "finished": True,
    }
    return RunRecord(**(defaults | fields))


def records(*jobs: JobRecord, **fields: Any) -> Records:
    """Records of these jobs, with a row for each test."""
    defaults: dict[str, Any] = {"run": run_record(), "tests": tuple(row for record in jobs for row in rows(record))}
    return Records(jobs=jobs, **(defaults | fields))


def evidence(plan: Plan, kept: Records | None = None, **fields: Any) -> Evidence:
    """The evidence of a plan; without records, everything passed."""
    kept = records(*(job_record(job) for job in plan.jobs)) if kept is None else kept
    return Evidence(plan=plan, records=kept, **({"today": "2026-11-21"} | fields))
