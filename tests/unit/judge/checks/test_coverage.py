from __future__ import annotations

from typing import Any

import pytest

from penstock.judge.checks.coverage import CoverageCheck
from penstock.model.change import Change, Facts, FileChange, FileStatus
from penstock.model.pipeline import CheckSpec, JobKind, Mode
from penstock.model.plan import LeftOut
from penstock.model.records import CoverageRecord
from penstock.model.verdict import CheckResult, Status
from tests.builders import job, plan
from tests.verdicts import evidence, job_record, records

UNIT = job("unit@3.12")
COVERAGE = job("coverage", kind=JobKind.COVERAGE, needs=("unit@3.12",))


def gate(mode: Mode = Mode.ERROR, branch: str | None = None, **limits: float) -> CheckSpec:
    options = () if branch is None else (("branch", branch),)
    return CheckSpec(name="coverage", mode=mode, limits=tuple(limits.items()), options=options)


def file(path: str, covered: int, statements: int, **fields: Any) -> CoverageRecord:
    return CoverageRecord(path=path, covered=covered, statements=statements, **fields)


def answers(
    *files: CoverageRecord, gates: tuple[CheckSpec, ...] = (), unit: dict[str, Any] | None = None, **fields: Any
) -> dict[str, CheckResult]:
    fields = {"measures": {"files": len(files)}} | fields
    facts = fields.pop("facts", Facts())
    kept = records(job_record(UNIT, **(unit or {})), job_record(COVERAGE, **fields), coverage=files)
    asked = evidence(plan(UNIT, COVERAGE, gates=gates), kept, facts=facts)
    return {result.name: result for result in CoverageCheck().answer(asked)}


@pytest.mark.parametrize(
    ("covered", "limit", "status"),
    [
        (80, 80.0, Status.PASSED),
        (79, 80.0, Status.FAILED),
        (899_999, 90.0, Status.FAILED),
        (900_000, 90.0, Status.PASSED),
        (100, 100.0, Status.PASSED),
        (0, 0.0, Status.PASSED),
    ],
)
def test_the_total_against_its_limit(covered: int, limit: float, status: Status) -> None:
    total = 100 if covered <= 100 else 999_999
    assert answers(file("a.py", covered, total), gates=(gate(total=limit),))["coverage.total"].status is status


@pytest.mark.parametrize(
    ("covered", "statements", "limit"), [(8999, 10_000, 90.0), (9995, 10_000, 99.96), (999_999, 1_000_000, 100.0)]
)
def test_rounding_lifts_nothing_over_a_limit(covered: int, statements: int, limit: float) -> None:
    result = answers(file("a.py", covered, statements), gates=(gate(total=limit),))["coverage.total"]
    assert result.status is Status.FAILED
    assert "100.00 %" not in result.summary.replace("of 100 %", "")
    assert result.details
    assert result.remedy is not None
    assert result.remedy.startswith("cover 1 more")


def test_limits_are_exact_decimals() -> None:
    # 29.3 % of 1000 is 293; as binary floats 29.3 * 1000 / 100 is a little less than 293.
    assert answers(file("a.py", 293, 1000), gates=(gate(total=29.3),))["coverage.total"].status is Status.PASSED
    assert answers(file("a.py", 292, 1000), gates=(gate(total=29.3),))["coverage.total"].status is Status.FAILED


def test_branches_count_where_they_were_measured_as_coverage_py_counts_them() -> None:
    lines_only = file("a.py", 10, 10, branches=10, covered_branches=0)
    measured: dict[str, Any] = {"measures": {"files": 1, "branches": 10}}
    assert answers(lines_only, gates=(gate(total=60.0),), **measured)["coverage.total"].status is Status.FAILED
    off = answers(lines_only, gates=(gate(total=60.0, branch="false"),), **measured)
    assert off["coverage.total"].status is Status.PASSED


def test_branches_that_are_asked_for_must_have_been_measured() -> None:
    result = answers(file("a.py", 10, 10), gates=(gate(total=60.0, branch="true"),))["coverage.total"]
    assert (result.status, result.summary) == (Status.MISSING, "branches are asked for and were not measured")


def test_each_file() -> None:
    result = answers(file("a.py", 6, 10), file("b.py", 59, 100), file("c.py", 0, 0), gates=(gate(file=60.0),))
    per_file = result["coverage.file"]
    assert per_file.status is Status.FAILED
    assert per_file.summary == "2 of 3 files at 60 % or more; the least: b.py 59.00 %"
    assert per_file.details == ("b.py 59.00 % (59/100)",)


def test_the_projects_own_limit_holds_where_none_is_declared() -> None:
    own: dict[str, Any] = {"measures": {"files": 1, "fail_under": 90.0}}
    assert answers(file("a.py", 8, 10), **own)["coverage.total"].status is Status.FAILED
    declared = answers(file("a.py", 8, 10), gates=(gate(total=50.0),), **own)
    assert declared["coverage.total"].status is Status.PASSED


def test_without_a_limit_the_figure_is_told() -> None:
    result = answers(file("a.py", 8, 10))["coverage.total"]
    assert (result.status, result.summary, result.limit) == (Status.PASSED, "80.00 % (8/10), no limit is set", None)


@pytest.mark.parametrize("outcome", ["failed", "errored", "skipped", "cancelled", "timed_out"])
def test_a_figure_that_was_not_made_is_missing_with_its_lower_bound(outcome: str) -> None:
    result = answers(file("a.py", 8, 10), outcome=outcome, reason="no data")["coverage.total"]
    assert (result.status, result.summary) == (
        Status.MISSING,
        "no data; at least 80.00 % (8/10)".replace(" (8/10)", ""),
    )


@pytest.mark.parametrize(
    "unit",
    [
        {"outcome": "errored"},
        {"outcome": "timed_out"},
        {"outcome": "cancelled"},
        {"measures": {"collected": 2, "passed": 1, "crashed": 1}},
        {"outcome": "failed", "measures": {"collected": 2, "passed": 1, "not_run": 1}},
    ],
)
def test_lost_measurements_make_the_figure_missing(unit: dict[str, Any]) -> None:
    assert answers(file("a.py", 8, 10), unit=unit)["coverage.total"].status is Status.MISSING


def test_a_failing_test_loses_no_measurement() -> None:
    unit = {"outcome": "failed", "measures": {"collected": 2, "passed": 1, "failed": 1}}
    assert answers(file("a.py", 8, 10), unit=unit)["coverage.total"].status is Status.PASSED


def test_a_limit_that_cannot_be_answered_is_missing() -> None:
    assert answers(file("a.py", 1, 1), gates=(gate(moon=90.0),))["coverage.moon"].status is Status.MISSING


# --- the changed lines -----------------------------------------------------------------------------------------------

CORE = file(
    "src/demo/core.py",
    6,
    10,
    missing=(4, 8, 9, 10),
    ran=((1, 3), (5, 7)),
    branches=4,
    covered_branches=3,
    forks=((3, 2, 2), (5, 2, 1)),
)


def difference(*changed: FileChange, files: tuple[CoverageRecord, ...] = (CORE,), **limits: Any) -> CheckResult:
    facts = Facts(change=Change(base="0", files=changed), packages=("src/demo",))
    branch = limits.pop("branch", "false")
    gates, measures = (gate(branch=branch, diff=limits.get("diff", 75.0)),), {"files": 1, "branches": 4}
    return answers(*files, gates=gates, facts=facts, measures=measures)["coverage.diff"]


def changed(path: str, *lines: tuple[int, int], **fields: Any) -> FileChange:
    return FileChange(path=path, lines=lines, added=1, **fields)


@pytest.mark.parametrize(
    ("lines", "told", "status"),
    [
        (((1, 3),), "3 of 3 changed lines", Status.PASSED),
        (((1, 4),), "3 of 4 changed lines", Status.PASSED),
        (((3, 5),), "2 of 3 changed lines", Status.FAILED),
        (((2, 2), (9, 30)), "1 of 3 changed lines", Status.FAILED),
    ],
)
def test_only_changed_lines_that_count_are_held_against_the_limit(
    lines: tuple[tuple[int, int], ...], told: str, status: Status
) -> None:
    result = difference(changed("src/demo/core.py", *lines))
    assert told in result.summary
    assert result.status is status


def test_what_lacks_is_named_line_by_line_and_branches_count_where_they_are_asked_for() -> None:
    result = difference(changed("src/demo/core.py", (3, 10)), diff=100.0)
    assert result.details == ("src/demo/core.py: lines 4, 8-10 not run",)
    with_exits = difference(changed("src/demo/core.py", (3, 7)), diff=90.0, branch="true")
    assert "7 of 9 changed lines and branches" in with_exits.summary
    assert with_exits.details == ("src/demo/core.py: line 4 not run; not all exits of 5",)


def test_a_change_of_nothing_that_counts_passes_and_says_so() -> None:
    for files in ((), (changed("README.md", (1, 5)),), (changed("src/demo/core.py", (40, 60)),)):
        result = difference(*files, diff=100.0)
        assert (result.status, result.summary) == (Status.PASSED, "no line that counts is changed")
        assert result.examined >= max(1, result.expected)


@pytest.mark.parametrize(
    ("file_change", "status"),
    [
        (changed("src/demo/new.py", (1, 5)), Status.MISSING),
        (changed("tests/test_new.py", (1, 5)), Status.PASSED),
        (changed("src/demo/gone.py", status=FileStatus.DELETED), Status.PASSED),
        (changed("src/demo/_version.py", (1, 2), generated=True), Status.PASSED),
        (changed("src/demo/data.json", (1, 2)), Status.PASSED),
    ],
)
def test_changed_code_without_a_record_keeps_the_answer_open(file_change: FileChange, status: Status) -> None:
    assert difference(file_change).status is status


def test_without_the_change_there_is_no_answer() -> None:
    result = answers(CORE, gates=(gate(diff=1.0),), facts=Facts(unknown="there is no git repository"))["coverage.diff"]
    assert result.status is Status.MISSING
    assert "there is no git repository" in result.summary


def test_a_cached_figure_tells_its_sums() -> None:
    measures = {"files": 3, "statements": 10, "covered": 7, "branches": 10, "covered_branches": 9}
    result = answers(gates=(gate(total=80.0),), measures=measures, cached_from="r0")["coverage.total"]
    assert (result.status, result.summary, result.examined) == (Status.PASSED, "80.00 % (16/20), of 80 %", 3)


def test_the_gates_mode_is_the_answers() -> None:
    assert answers(file("a.py", 1, 10), gates=(gate(Mode.WARN, total=80.0),))["coverage.total"].mode is Mode.WARN


@pytest.mark.parametrize(("covered", "told"), [(79, ("not measured: unit@3.14",)), (80, ())])
def test_a_limit_that_is_missed_names_the_legs_that_did_not_run(covered: int, told: tuple[str, ...]) -> None:
    away = LeftOut(id="unit@3.14", reason="no Python 3.14 on this machine", kind=JobKind.TEST)
    kept = records(
        job_record(UNIT), job_record(COVERAGE, measures={"files": 1}), coverage=(file("a.py", covered, 100),)
    )
    gated = plan(UNIT, COVERAGE, gates=(gate(total=80.0),), left_out=(away,))
    (total,) = CoverageCheck().answer(evidence(gated, kept))
    assert total.details == told
