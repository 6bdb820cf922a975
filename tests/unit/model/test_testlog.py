from __future__ import annotations

from penstock.model import events as of
from penstock.model.events import CollectionFinished, SessionFinished
from penstock.model.testlog import fold, ids_digest
from tests.fakes.guest_events import PASSED, events_of, session

Said = of.TestOutcome


def test_a_whole_session_passes_and_tells_its_numbers() -> None:
    log = fold("unit", session({"a": PASSED, "b": {"setup": Said.SKIPPED, "teardown": Said.PASSED}}))
    assert log.passed
    assert (log.collected, log.ran, log.counts["passed"], log.counts["skipped"]) == (2, 2, 1, 1)
    assert (log.python, log.runner, log.sessions) == ("3.12.1", "pytest 9.2.0", 1)
    assert (log.records[0].setup_s, log.records[0].call_s, log.records[0].teardown_s) == (0.1, 0.1, 0.1)


def test_no_events_are_no_pass() -> None:
    assert not fold("unit", []).passed


def test_the_test_that_was_running_when_the_log_stopped_has_crashed_and_the_rest_did_not_run() -> None:
    events = session({"a": PASSED}, collected=("a", "b", "c"))[:-1]
    log = fold("unit", [*events, *events_of("b", {"setup": Said.PASSED})])
    assert {record.id: record.outcome for record in log.records} == {
        "a": Said.PASSED,
        "b": Said.CRASHED,
        "c": Said.NOT_RUN,
    }
    assert not log.complete
    assert log.missing == ("c",)


def test_a_test_left_before_its_teardown_in_a_process_that_lived_on_is_errored() -> None:
    log = fold("unit", session({"a": {"setup": Said.PASSED}}))
    assert log.records[0].outcome is Said.ERRORED


def test_a_test_that_was_only_set_up_did_not_run() -> None:
    log = fold("unit", session({"a": {"setup": Said.PASSED, "teardown": Said.PASSED}}))
    assert log.records[0].outcome is Said.NOT_RUN
    assert not log.passed


def test_a_failing_teardown_fails_a_test_that_passed() -> None:
    log = fold("unit", session({"a": {**PASSED, "teardown": Said.ERRORED}}))
    assert log.records[0].outcome is Said.ERRORED


def test_a_failing_subtest_fails_its_test() -> None:
    phases = {"setup": Said.PASSED, "subtest": Said.FAILED, "call": Said.PASSED}
    log = fold("unit", session({"a": {**phases, "teardown": Said.PASSED}}))
    assert log.records[0].outcome is Said.FAILED


def test_a_second_attempt_is_a_record_of_its_own_and_the_test_is_flaky() -> None:
    first = events_of("a", {"setup": Said.PASSED, "call": Said.FAILED})
    second = [
        of.TestPhaseFinished(id="a", phase=phase, outcome=Said.PASSED, duration_s=0.1, attempt=2)
        for phase in ("setup", "call", "teardown")
    ]
    whole = session({"a": PASSED}, told=False)
    log = fold("unit", [*whole[:2], *first, *second, whole[-1]])
    assert [(record.attempt, record.outcome) for record in log.records] == [
        (1, Said.FAILED),
        (2, Said.PASSED),
    ]
    assert log.flaky == ("a",)
    assert log.passed


def test_a_session_that_starts_inside_another_is_not_trusted() -> None:
    events = session({"a": PASSED})
    assert "second test process" in (fold("unit", [*events[:-1], *session({"b": PASSED})]).problem or "")


def test_sessions_one_after_another_add_up() -> None:
    log = fold("unit", [*session({"a": PASSED}), *session({"b": PASSED})])
    assert log.passed
    assert (log.collected, log.sessions) == (2, 2)


def test_what_contradicts_itself_is_not_trusted() -> None:
    start, collection, *tests, end = session({"a": PASSED}, told=False)
    assert isinstance(collection, CollectionFinished)
    assert isinstance(end, SessionFinished)
    wrong_digest = CollectionFinished(ids=("a",), digest="0", deselected=0)
    twice = CollectionFinished(ids=("a", "a"), digest=ids_digest(("a", "a")), deselected=0)
    assert fold("unit", [start, wrong_digest, *tests, end]).problem
    assert fold("unit", [start, twice, *tests, end]).problem
    assert fold("unit", [start, collection, *tests[:1], end]).problem  # it says that one ran
    assert fold("unit", [start, collection, *tests[1:], end]).problem  # a phase without a start
    assert fold("unit", [collection, *tests, end]).problem
    assert fold("unit", [start, collection, *tests, end, of.TestStarted(id="b", at_s=2.0)]).problem
    assert fold("unit", [start, collection, *tests, end], torn=True).problem
    assert fold("unit", [start, collection, *tests, end], damaged=("line 3",)).problem
    assert not fold("unit", [start, collection, *tests, end]).problem
