"""Tests that are quietly left out, held against the base; each alarm beside what must not alarm."""

from __future__ import annotations

from typing import Any

import pytest

from penstock.judge.checks.tests_kept import TestsKeptCheck as Check
from penstock.model.change import Facts
from penstock.model.pipeline import CheckSpec, Ignored, JobKind, Mode
from penstock.model.plan import Job, LeftOut, Plan, Scope
from penstock.model.tested import Before, JobBefore, Lookalike, Tested
from penstock.model.verdict import CheckResult, Status
from tests.builders import job, plan
from tests.verdicts import attempt, evidence, job_record, records

OLD, NEW = job("unit@3.11"), job("unit@3.12")
GATE = CheckSpec(name="tests")


def ignoring(name: str, until: str = "2027-01-01") -> CheckSpec:
    return CheckSpec(name="tests", ignored=(Ignored(id=name, reason="r", until=until),))


def answers(whole: Plan, ends: dict[str, str], facts: Facts, *, legs: tuple[Job, ...] = (NEW,)) -> list[CheckResult]:
    kept = records(
        *(job_record(leg, measures={"collected": len(ends), "passed": len(ends)}) for leg in legs),
        tests=tuple(attempt(leg, name, outcome, message="later") for leg in legs for name, outcome in ends.items()),
    )
    return list(Check().answer(evidence(whole, kept, facts=facts)))


def left_out(
    ends: dict[str, str], before: JobBefore | None, gate: CheckSpec = GATE, *, why: str = "", **fields: Any
) -> CheckResult:
    known = None if before is None else Before(run="r0", commit="0123456789", of_base=True, ran=2, jobs=(before,))
    facts = Facts(tested=Tested(before=known, lookalikes=(), **fields), why=why)
    return next(each for each in answers(plan(NEW, gates=(gate,)), ends, facts) if each.name == "tests.left_out")


@pytest.mark.parametrize(
    ("outcome", "words"), [("skipped", "skipped"), ("xfailed", "expected to fail"), ("xpassed", "expected to fail")]
)
def test_a_test_that_ran_before_is_named_with_its_reason(outcome: str, words: str) -> None:
    result = left_out({"t.py::a": "passed", "t.py::b": outcome}, JobBefore(job="unit@3.12"))
    assert (result.status, result.number) == (Status.FAILED, 1)
    assert result.summary == f"left out since the base, 0123456: 1 {words}"
    assert result.details == (f"t.py::b is {words} in unit@3.12: later",)
    assert "Policy: WHY" in (result.remedy or "")


def test_what_was_left_out_before_is_known() -> None:
    before = JobBefore(job="unit@3.12", skipped=("t.py::b",), xfailed=("t.py::c",))
    ends = {"t.py::a": "passed", "t.py::b": "xfailed", "t.py::c": "skipped"}
    assert left_out(ends, before).status is Status.PASSED


def test_one_that_is_run_again_does_not_pay_for_another() -> None:
    before = JobBefore(job="unit@3.12", skipped=("t.py::b",))
    assert left_out({"t.py::a": "skipped", "t.py::b": "passed"}, before).number == 1


def test_a_skipped_test_that_moved_is_the_same_one() -> None:
    before = JobBefore(job="unit@3.12", skipped=("t.py::TestA::b[1]",))
    assert left_out({"other.py::b[1]": "skipped"}, before).status is Status.PASSED
    assert left_out({"other.py::b[1]": "skipped", "third.py::b[1]": "skipped"}, before).number == 1


def test_hidden_tests_count_unless_another_job_runs_them() -> None:
    result = left_out({"t.py::a": "passed"}, JobBefore(job="unit@3.12", hidden=("t.py::b", "t.py::a"), gone=2))
    assert result.details == (
        "t.py::b is not collected any more in unit@3.12",
        "2 others that ran then are not in the tree any more",
    )
    other = job("integ@3.12")
    known = Before(run="r", commit="c", of_base=True, ran=1, jobs=(JobBefore(job="unit@3.12", hidden=("t.py::b",)),))
    kept = records(job_record(NEW), job_record(other), tests=(attempt(NEW, "t.py::a"), attempt(other, "t.py::b")))
    moved = evidence(plan(NEW, other), kept, facts=Facts(tested=Tested(before=known, lookalikes=())))
    assert {each.status for each in Check().answer(moved)} == {Status.PASSED}


def test_tests_that_are_deleted_are_told_and_no_more() -> None:
    result = left_out({"t.py::a": "passed"}, JobBefore(job="unit@3.12", gone=3))
    assert (result.status, result.details) == (
        Status.PASSED,
        ("3 others that ran then are not in the tree any more",),
    )


def test_a_reason_of_the_change_permits_it_and_stays_on_the_screen() -> None:
    result = left_out({"t.py::a": "skipped"}, JobBefore(job="unit@3.12"), why="the service is down until May")
    assert result.status is Status.PASSED
    assert result.summary.endswith("1 skipped: the service is down until May")
    assert result.details


@pytest.mark.parametrize(
    ("gate", "status"),
    [
        (ignoring("t.py::a"), Status.PASSED),
        (ignoring("t.py"), Status.PASSED),
        (ignoring("t*::*"), Status.PASSED),
        (ignoring("t.py::b"), Status.FAILED),
        (ignoring("t.py::a", until="2026-01-01"), Status.FAILED),
    ],
)
def test_a_permission_holds_for_what_it_names_until_its_day(gate: CheckSpec, status: Status) -> None:
    assert left_out({"t.py::a": "skipped"}, JobBefore(job="unit@3.12"), gate).status is status


def test_without_a_record_that_is_said() -> None:
    result = left_out({"t.py::a": "passed", "t.py::b": "skipped"}, None)
    assert result.status is Status.PASSED
    assert result.summary == "1 left out; there is no record of the base to hold them against"


def marked(ends: dict[str, str], *idled: tuple[str, str], why: str = "") -> CheckResult:
    """Without a record of the base: what the change itself marks."""
    facts = Facts(tested=Tested(lookalikes=()), idled=idled, why=why)
    return next(each for each in answers(plan(NEW, gates=(GATE,)), ends, facts) if each.name == "tests.left_out")


@pytest.mark.parametrize("place", ["tests/t.py::TestA::b", "tests/t.py::TestA", "tests/t.py", "tests/", ""], ids=repr)
def test_without_a_record_what_the_change_marks_counts(place: str) -> None:
    ends = {"tests/t.py::TestA::a": "passed", "tests/t.py::TestA::b[1]": "skipped"}
    result = marked(ends, (place, "later"))
    assert (result.status, result.summary) == (Status.FAILED, "1 skipped by this change")
    assert result.details == ("tests/t.py::TestA::b[1] is skipped in unit@3.12: later",)
    assert marked(ends, (place, "later"), why="it is rewritten").status is Status.PASSED


def test_a_runner_that_names_less_of_the_path_is_understood() -> None:
    for name in ("t.py::TestA::b", "tests.t.TestA.b", "t.TestA.b"):
        assert marked({"a": "passed", name: "skipped"}, ("tests/t.py::TestA::b", "")).number == 1, name
        assert marked({"a": "passed", name: "skipped"}, ("tests/t.py::TestA::c", "")).status is Status.PASSED, name


def test_what_it_marks_elsewhere_or_for_another_reason_does_not() -> None:
    ends = {"tests/t.py::a": "passed", "tests/t.py::b": "skipped"}
    for place in (("tests/t.py::bb", ""), ("tests/u.py", ""), ("unit/", ""), ("tests/t.py", "no fire there")):
        assert marked(ends, place).status is Status.PASSED, place
    assert marked({"tests/t.py::a": "passed"}, ("tests/t.py", "")).status is Status.PASSED


@pytest.mark.parametrize(
    ("note", "facts", "said"),
    [
        ("deselected", {"deselected": ("tests/t.py::b",)}, "tests/t.py::b is not collected any more in unit@3.12"),
        ("deselected", {"deselected": ("tests/",)}, "tests/t.py::b is not collected any more in unit@3.12"),
        ("skipped_files", {"idled": (("tests/t.py", ""),)}, "tests/t.py is skipped in unit@3.12"),
        ("deselected", {"deselected": ("tests/t.py::c",)}, ""),
        ("skipped_files", {"idled": (("tests/u.py", ""),)}, ""),
    ],
)
def test_what_the_change_takes_out_by_a_marker_or_with_its_file_counts(
    note: str, facts: dict[str, Any], said: str
) -> None:
    left = "tests/t.py::b" if note == "deselected" else "tests/t.py"
    kept = records(
        job_record(NEW, measures={"collected": 1, "passed": 1}, notes={note: left}),
        tests=(attempt(NEW, "tests/a.py::a", "passed"),),
    )
    about = Facts(tested=Tested(lookalikes=()), **facts)
    found = Check().answer(evidence(plan(NEW, gates=(GATE,)), kept, facts=about))
    result = next(each for each in found if each.name == "tests.left_out")
    assert (result.status, result.details) == ((Status.FAILED, (said,)) if said else (Status.PASSED, ()))


def test_a_record_that_cannot_be_read_is_no_evidence() -> None:
    assert left_out({"t.py::a": "passed"}, None, unread="rows/x is gone").status is Status.MISSING


def test_legs_of_one_test_are_told_together_and_a_leg_without_a_record_is_not_held_to_anything() -> None:
    jobs = (JobBefore(job="unit@3.11"), JobBefore(job="unit@3.12"))
    new = job("unit@3.14")
    known = Before(run="r0", commit="0123456789", of_base=False, ran=2, jobs=jobs)
    facts = Facts(tested=Tested(before=known, lookalikes=()))
    legs = (OLD, NEW, new)
    result, _ = answers(plan(*legs, gates=(GATE,)), {"t.py::a": "skipped"}, facts, legs=legs)
    assert result.details == ("t.py::a is skipped in unit@3.11, unit@3.12: later",)
    assert "the last protected run, 0123456" in result.summary


def test_a_job_that_did_not_end_is_told_by_its_own_answer() -> None:
    known = Before(run="r", commit="c", of_base=True, ran=1, jobs=(JobBefore(job="unit@3.12", hidden=("t.py::a",)),))
    kept = records(job_record(NEW, "errored", measures={"collected": 1}))
    result = evidence(plan(NEW), kept, facts=Facts(tested=Tested(before=known, lookalikes=())))
    (told,) = Check().answer(result)
    assert told.status is Status.PASSED


# --- lookalikes ------------------------------------------------------------------------------------------------------

LOOK = Lookalike(path="tests/test_b.py", line=3, name="test_x")


def uncollected(*those: Lookalike, gate: CheckSpec | None = GATE, why: str = "", **fields: Any) -> CheckResult:
    whole = plan(NEW, gates=() if gate is None else (gate,), **({"source": "pyproject.toml"} | fields))
    facts = Facts(tested=Tested(lookalikes=those), why=why)
    ends = {"tests/test_a.py::test_x": "passed", "tests/test_a.py::TestA::test_y[1]": "passed"}
    return next(each for each in answers(whole, ends, facts) if each.name == "tests.uncollected")


def test_what_looks_like_a_test_is_named_by_its_file() -> None:
    result = uncollected(LOOK, Lookalike(path="tests/test_b.py", line=9, name="test_y"))
    assert (result.status, result.number, result.mode) == (Status.FAILED, 2, Mode.ERROR)
    assert result.details == ("tests/test_b.py:3 test_x, test_y",)


@pytest.mark.parametrize(
    "benign",
    [
        Lookalike(path="tests/test_a.py", line=1, name="test_x"),
        Lookalike(path="tests/test_a.py", line=1, name="TestA"),
        Lookalike(path="below/tests/test_a.py", line=1, name="TestA::test_y"),
    ],
)
def test_what_was_collected_after_all_is_not(benign: Lookalike) -> None:
    assert uncollected(benign).status is Status.PASSED


def test_a_name_that_another_took_is_lost_though_it_is_among_the_collected() -> None:
    shadowed = Lookalike(path="tests/test_a.py", line=1, name="test_x", why="line 9 takes its name", lost=True)
    result = uncollected(shadowed)
    assert (result.status, result.details) == (
        Status.FAILED,
        ("tests/test_a.py:1 test_x: line 9 takes its name",),
    )


def test_a_doubt_is_told_and_does_not_fail() -> None:
    result = uncollected(
        Lookalike(path="t.py", line=2, name="test_x", doubt=True, why="it lies in a folder of samples")
    )
    assert (result.status, result.details) == (
        Status.PASSED,
        ("in doubt: t.py:2 test_x: it lies in a folder of samples",),
    )


@pytest.mark.parametrize(
    ("fields", "status", "mode"),
    [
        ({"source": None, "gate": None}, Status.FAILED, Mode.WARN),
        ({"gate": None}, Status.FAILED, Mode.ERROR),
        ({"gate": CheckSpec(name="tests", options=(("uncollected", "warn"),))}, Status.FAILED, Mode.WARN),
        ({"why": "kept for the next release"}, Status.PASSED, Mode.ERROR),
        ({"gate": ignoring("tests/test_b.py")}, Status.PASSED, Mode.ERROR),
    ],
)
def test_who_is_asked_how_strictly(fields: dict[str, Any], status: Status, mode: Mode) -> None:
    result = uncollected(LOOK, **fields)
    assert (result.status, result.mode) == (status, mode)


def test_where_nothing_is_configured_what_the_change_adds_blocks_all_the_same() -> None:
    new = Lookalike(path="tests/test_b.py", line=3, name="test_x", new=True)
    assert uncollected(new, source=None, gate=None).mode is Mode.ERROR


def test_nobody_looked_is_no_pass() -> None:
    facts = Facts(tested=Tested(unseen="unit came from the cache"))
    *_, result = answers(plan(NEW, gates=(GATE,)), {"t.py::a": "passed"}, facts)
    assert (result.name, result.status) == ("tests.uncollected", Status.MISSING)


def test_what_lies_with_the_tests_of_other_runs_is_asked_there_and_the_rest_here() -> None:
    def failed(*paths: str) -> bool:
        left = LeftOut(id="slow", reason="only nightly", declared=True, kind=JobKind.TEST, paths=paths)
        facts = Facts(tested=Tested(lookalikes=(LOOK,)))
        *_, result = answers(plan(NEW, gates=(GATE,), left_out=(left,)), {"t.py::a": "passed"}, facts)
        assert result.name == "tests.uncollected"
        return result.status is Status.FAILED

    assert failed("tests/slow")
    assert not failed("tests/slow", LOOK.path)


@pytest.mark.parametrize(
    "whole",
    [
        plan(NEW, gates=(CheckSpec(name="tests", options=(("uncollected", "off"),)),)),
        plan(NEW, left_out=(LeftOut(id="integ", reason="r", declared=True, kind=JobKind.TEST),)),
        plan(NEW, scope=Scope.PARTIAL),
        plan(NEW, command="test"),
        plan(job("lint", kind=JobKind.LINT)),
    ],
)
def test_where_it_is_not_asked(whole: Plan) -> None:
    named = [each.name for each in answers(whole, {"t.py::a": "passed"}, Facts(tested=Tested(lookalikes=(LOOK,))))]
    assert "tests.uncollected" not in named


# --- names -----------------------------------------------------------------------------------------------------------


def named(**notes: dict[str, str]) -> list[CheckResult]:
    legs = tuple(job(name) for name in notes)
    kept = records(*(job_record(leg, notes=notes[leg.id]) for leg in legs))
    return [each for each in Check().answer(evidence(plan(*legs), kept)) if each.name == "tests.names"]


def test_a_name_that_no_job_knows_fails() -> None:
    (result,) = named(unit={"unknown_names": "-m slwo\n-k tset"})
    assert result.status is Status.FAILED
    assert result.details == ("`-m slwo` in unit", "`-k tset` in unit")


def test_a_name_that_another_job_knows_does_not() -> None:
    assert named(unit={"unknown_names": "-m slow"}, integ={"names": "-m slow"}) == []
