from __future__ import annotations

import pytest

from penstock.errors import StateError, UsageError
from penstock.model.records import FailureRecord
from penstock.record import failures
from tests.builders import job
from tests.verdicts import attempt, job_record, records

LINT, UNIT = job("lint"), job("unit@3.12")
KEPT = records(
    job_record(LINT, "failed"),
    job_record(UNIT, "failed"),
    tests=(
        attempt(UNIT, "a"),
        attempt(UNIT, "b", "failed"),
        attempt(UNIT, "c", "failed"),
        attempt(UNIT, "c", attempt=2),
        attempt(UNIT, "d", "crashed"),
        attempt(UNIT, "e", "skipped"),
    ),
)


def test_failures_are_numbered_jobs_first_then_tests_as_they_ran() -> None:
    assert [(f.token, f.job, f.test) for f in failures.number(KEPT)] == [
        ("7f3b9c.1", "lint", ""),
        ("7f3b9c.2", "unit@3.12", "b"),
        ("7f3b9c.3", "unit@3.12", "d"),
    ]


def test_a_green_run_has_none() -> None:
    assert failures.number(records(job_record(UNIT))) == ()


def test_they_survive_the_file() -> None:
    numbered = failures.number(KEPT)
    assert failures.decode(failures.encode(numbered)) == numbered


@pytest.mark.parametrize("content", [b"", b"{", b'{"failures": 3}', b"\xff", b"[" * 100_000])
def test_a_damaged_file_is_an_expected_end(content: bytes) -> None:
    with pytest.raises(StateError):
        failures.decode(content)


def test_find() -> None:
    numbered = failures.number(KEPT)
    assert failures.find("7f3b9c.2", numbered).test == "b"
    with pytest.raises(UsageError) as caught:
        failures.find("7f3b9c.9", numbered)
    assert caught.value.remedy == "this run has 7f3b9c.1 to 7f3b9c.3"
    with pytest.raises(UsageError):
        failures.find("x", ())


def test_the_short_name_is_what_people_type() -> None:
    assert failures.short_name("20261121-145200-7f3b9c") == "7f3b9c"
    assert failures.find("a.1", (FailureRecord(token="a.1", job="j"),)).job == "j"
