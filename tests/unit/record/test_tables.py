from __future__ import annotations

import msgspec
import pytest

from penstock.model.pipeline import JobKind
from penstock.model.records import CoverageRecord, FindingRecord, Records
from penstock.model.trust import Trust
from penstock.record import tables
from penstock.record.tables import Row
from tests import builders, stories
from tests.builders import job
from tests.verdicts import attempt, job_record, records

UNIT, LINT, COVER = job("unit@3.12"), job("lint", kind=JobKind.LINT), job("coverage", kind=JobKind.COVERAGE)


def rows_of(kept: Records) -> dict[str, list[Row]]:
    planned = builders.plan(UNIT, LINT, COVER, commit="c0ffee")
    verdict = stories.red().verdict
    return tables.rows(planned, kept, verdict, branch="main", platform="linux-x86_64", trust=Trust.LOCAL)


def test_a_run_adds_a_row_to_each_table_for_what_it_did() -> None:
    kept = records(
        job_record(UNIT, key="0123456789abcdef0123"),
        job_record(LINT, "failed"),
        job_record(COVER),
        tests=(attempt(UNIT, "t", "failed", call_s=1.23456, message="m" * 900), attempt(UNIT, "t", attempt=2)),
        findings=(FindingRecord(job="lint", tool="ruff", rule="F401", message="unused", path="a.py", line=3),),
        coverage=(CoverageRecord(path="a.py", statements=4, covered=3),),
    )
    rows = rows_of(kept)
    assert {table: len(those) for table, those in rows.items()} == {
        "runs": 1,
        "jobs": 3,
        "tests": 2,
        "coverage": 1,
        "findings": 1,
    }
    (run,) = msgspec.to_builtins(rows["runs"])
    assert (run["conclusion"], run["commit"], run["branch"], run["trust"]) == ("failed", "c0ffee", "main", "local")
    first, second = msgspec.to_builtins(rows["tests"])
    assert (first["outcome"], first["call_s"], len(first["message"])) == ("failed", 1.23, 500)
    assert (second["outcome"], second["attempt"], second["key"]) == ("passed", 2, "0123456789abcdef")


def test_what_a_cached_job_did_is_told_by_the_run_that_did_it() -> None:
    kept = records(
        job_record(UNIT, cached_from="r0"),
        job_record(COVER, cached_from="r0"),
        coverage=(CoverageRecord(path="a.py", statements=4, covered=3),),
    )
    assert kept.tests
    rows = rows_of(kept)
    assert (rows["tests"], rows["coverage"]) == ([], [])
    assert [row["cached_from"] for row in msgspec.to_builtins(rows["jobs"])] == ["r0", "r0"]


def test_the_job_of_penstock_test_has_a_name_that_no_job_of_a_pipeline_can_have() -> None:
    alone = job("test")
    planned = msgspec.structs.replace(builders.plan(alone), command="test")
    kept = records(job_record(alone), tests=(attempt(alone, "t"),))
    rows = tables.rows(planned, kept, stories.red().verdict, branch="", platform="", trust=Trust.LOCAL)
    (told,) = msgspec.to_builtins(rows["jobs"])
    assert (told["job"], told["name"]) == (tables.ALONE, tables.ALONE)
    assert [row["job"] for row in msgspec.to_builtins(rows["tests"])] == [tables.ALONE]


def test_nothing_that_a_format_cannot_hold_gets_into_a_row() -> None:
    kept = records(
        job_record(UNIT, measures={"odd\udc80": 1.0, "endless": float("inf")}, duration_s=float("nan")),
        tests=(attempt(UNIT, "t[\udc80]", "failed", message="\ud800"),),
    )
    rows = rows_of(kept)
    (test,) = msgspec.to_builtins(rows["tests"])
    assert (test["test"], test["message"]) == ("t[\\udc80]", "\\ud800")
    assert msgspec.to_builtins(rows["jobs"])[0]["measures"] == {"odd\\udc80": 1.0}
    msgspec.json.encode([row for those in rows.values() for row in those])


@pytest.mark.parametrize(
    ("seconds", "kept"), [(0.0, 0.0), (0.0000123, 0.00001), (0.012345, 0.0123), (123.456, 123.0), (-1.0, -1.0)]
)
def test_seconds_have_three_digits(seconds: float, kept: float) -> None:
    assert tables._seconds(seconds) == kept


def test_the_columns_that_are_written_do_not_change_unseen() -> None:
    """A column may be added. To take one away, or change what it means, is a new format of the history."""
    assert {table: ", ".join(tables.columns(table)) for table in tables.TABLES} == {
        "runs": "run, wall_s, duration_s, finished, interrupted, conclusion, exit_code, scope, command, plan, commit, "
        "branch, trust, platform, dirty, occasion",
        "jobs": "run, wall_s, job, name, python, kind, outcome, reason, required, started_s, duration_s, cpu_s, "
        "memory_bytes, cached_from, key, trust, measures",
        "tests": "run, wall_s, job, test, outcome, attempt, setup_s, call_s, teardown_s, kind, message, line, worker, "
        "decision, key, trust",
        "coverage": "run, wall_s, path, statements, covered, branches, covered_branches, trust, flag",
        "findings": "run, wall_s, job, tool, rule, severity, path, line, message, trust",
    }
