from __future__ import annotations

import itertools

import pytest

from penstock.model.events import Outcome
from penstock.model.records import FindingRecord, Reading
from penstock.run.readings import combine, timed_out, with_notes

ORDER = ("failed", "timed_out", "cancelled", "errored", "skipped", "passed")


def reading(outcome: str, **fields: object) -> Reading:
    return Reading(outcome=Outcome(outcome), reason=f"it {outcome}", **fields)  # type: ignore[arg-type]  # any field


def test_no_reading_at_all_is_no_pass() -> None:
    assert combine(()).outcome is Outcome.ERRORED
    assert combine(()).problem


@pytest.mark.parametrize(("one", "other"), [*itertools.product(ORDER, ORDER)])
def test_the_worse_of_two_counts_in_either_order(one: str, other: str) -> None:
    worse = min(one, other, key=ORDER.index)
    assert combine((reading(one), reading(other))).outcome.value == worse


def test_adding_a_reading_that_is_no_pass_never_makes_it_better() -> None:
    for parts in itertools.product(ORDER, repeat=3):
        whole = combine(map(reading, parts)).outcome.value
        assert all(ORDER.index(whole) <= ORDER.index(part) for part in parts)


def test_numbers_add_up_lists_are_joined_and_only_bad_reasons_are_told() -> None:
    finding = FindingRecord(job="a", tool="t", rule="r", message="m")
    whole = combine(
        (
            reading("passed", measures={"files": 2, "expected": 9}, notes={"a": "1"}, findings=(finding,)),
            reading(
                "failed", measures={"files": 3, "expected": 5}, notes={"b": "2"}, findings=(finding,), remedy="mend"
            ),
            reading("failed"),
        )
    )
    assert whole.measures == {"files": 5, "expected": 9}
    assert whole.notes == {"a": "1", "b": "2"}
    assert whole.findings == (finding, finding)
    assert (whole.reason, whole.remedy) == ("it failed", "mend")


def test_what_passed_tells_all_its_reasons() -> None:
    one, other = Reading(outcome=Outcome.PASSED, reason="a"), Reading(outcome=Outcome.PASSED, reason="b")
    assert combine((one, other)).reason == "a · b"


def test_the_limit_keeps_the_evidence_and_changes_the_outcome() -> None:
    late = timed_out(reading("passed", measures={"passed": 3}, problem="x"), 2.5)
    assert (late.outcome, late.reason, late.problem) == (Outcome.TIMED_OUT, "ran longer than its limit 2.5 s", None)
    assert late.measures == {"passed": 3}
    assert late.remedy
    assert with_notes(late, {"a": "b"}).notes == {"a": "b"}
