"""Failures in quarantine: the job passes, the records keep them, and nothing else slips through with them."""

from __future__ import annotations

from collections.abc import Mapping

from penstock.model import events as of
from penstock.model.events import Event, Outcome
from penstock.model.pipeline import JobKind, Quarantine
from penstock.model.plan import Job
from penstock.model.records import Reading
from penstock.ports import Ended
from penstock.tools import recorded
from tests.fakes.guest_events import PASSED, encoded, session

Said = of.TestOutcome
FAILED = {**PASSED, "call": Said.FAILED}
ENTRY = Quarantine(test="t.py::test_shaky", owner="ops", reason="issue 12", until="2027-03-01")


def read(tests: Mapping[str, Mapping[str, Said]], exit_code: int, *, runner: str = "pytest 9") -> Reading:
    ended = Ended(task="unit", exit_code=exit_code, signal=None, cause="", duration_s=1.0, cpu_s=1.0, memory_bytes=1)
    job = Job(id="unit", name="unit", kind=JobKind.TEST, stage="", commands=(), quarantine=(ENTRY,))
    events: list[Event] = [
        of.SessionStarted(
            python="3.12.1", implementation="cpython", executable="/py", prefix="/", runner=runner, pid=1
        ),
        *session(tests, exit_code=exit_code)[1:],
    ]
    return recorded.read(ended, {recorded.EVENTS: encoded(events)}, job, own=lambda _: True, unheard="look")


def test_a_failure_in_quarantine_leaves_the_job_passed_and_its_record_failed() -> None:
    reading = read({"t.py::test_a": PASSED, "t.py::test_shaky[1]": FAILED}, 0)
    assert (reading.outcome, reading.reason) == (Outcome.PASSED, "1 quarantined, 1 passed")
    assert (reading.measures["quarantined"], reading.measures["failed"], reading.measures["collected"]) == (1, 0, 2)
    assert [test.outcome for test in reading.tests] == [Said.PASSED, Said.FAILED]


def test_another_failure_is_still_a_no() -> None:
    reading = read({"t.py::test_a": FAILED, "t.py::test_shaky": FAILED}, 1)
    assert (reading.outcome, reading.reason) == (Outcome.FAILED, "1 failed, 1 quarantined")


def test_a_plugins_no_beside_it_is_still_a_no() -> None:
    reading = read({"t.py::test_a": PASSED, "t.py::test_shaky": FAILED}, 1)
    assert (reading.outcome, reading.reason) == (Outcome.FAILED, "ended with 1 though no other test failed")
    assert read({"t.py::test_a": PASSED, "t.py::test_shaky": FAILED}, 3).outcome is Outcome.ERRORED


def test_unittest_has_nothing_but_failures_to_end_with_1_for() -> None:
    tests = {"t.py::test_a": PASSED, "t.py::test_shaky": FAILED}
    assert read(tests, 1, runner="unittest").outcome is Outcome.PASSED
    assert read(tests, 2, runner="unittest").outcome is Outcome.ERRORED
    assert read({"t.py::test_a": FAILED}, 1, runner="unittest").outcome is Outcome.FAILED


def test_a_crash_in_quarantine_is_forgiven_and_a_test_that_did_not_run_is_not() -> None:
    crashed = {"setup": Said.PASSED, "call": Said.CRASHED}
    assert read({"t.py::test_a": PASSED, "t.py::test_shaky": crashed}, 0).outcome is Outcome.PASSED
    assert read({"t.py::test_a": PASSED, "t.py::test_shaky": {}}, 0).outcome is Outcome.ERRORED
