from __future__ import annotations

from collections.abc import Iterable

import pytest
from msgspec import structs

from penstock.model import events as of
from penstock.model.events import Event, Outcome
from penstock.model.pipeline import JobKind
from penstock.model.plan import Job
from penstock.model.records import Reading
from penstock.ports import Ended
from penstock.tools import recorded
from tests.fakes.guest_events import PASSED, encoded, events_of, session

Said = of.TestOutcome
FAILED = {**PASSED, "call": Said.FAILED}
SKIPPED = {"setup": Said.SKIPPED, "teardown": Said.PASSED}


def _read(
    events: Iterable[Event] | bytes,
    *,
    exit_code: int | None = 0,
    signal: int | None = None,
    cause: str = "",
    output: bytes = b"",
    python: str | None = "3.12",
    expected_tests: int = 0,
) -> Reading:
    ended = Ended(
        task="unit", exit_code=exit_code, signal=signal, cause=cause, duration_s=1.0, cpu_s=1.0, memory_bytes=1,
        tail=output,
    )  # fmt: skip
    job = Job(
        id="unit", name="unit", kind=JobKind.TEST, stage="", commands=(), python=python, expected_tests=expected_tests
    )
    content = events if isinstance(events, bytes) else encoded(events)
    reports = {recorded.EVENTS: content} if content else {}
    return recorded.read(ended, reports, job, own=lambda module: module.startswith("pkg"), unheard="look")


def test_a_whole_log_and_exit_0_are_a_pass_with_numbers() -> None:
    reading = _read(session({"a": PASSED, "b": SKIPPED}, deselected=3))
    assert (reading.outcome, reading.reason) == (Outcome.PASSED, "1 passed, 1 skipped")
    assert reading.measures["collected"] == reading.measures["ran"] == 2
    assert (reading.measures["deselected"], reading.measures["skipped"]) == (3, 1)
    assert (reading.notes["python"], reading.notes["implementation"]) == ("3.12.1", "cpython")


def test_failures_are_a_no() -> None:
    reading = _read(session({"a": PASSED, "b": FAILED}, exit_code=1), exit_code=1)
    assert (reading.outcome, reading.reason) == (Outcome.FAILED, "1 failed, 1 passed")


def _saying(*said: tuple[str, str]) -> list[Event]:
    """A session of failed tests, each with its kind and message."""
    details = dict(zip((f"t{number}" for number in range(len(said))), said, strict=True))
    return [
        structs.replace(event, kind=details[event.id][0], message=details[event.id][1])
        if isinstance(event, of.TestPhaseFinished) and event.outcome is Said.FAILED
        else event
        for event in session(dict.fromkeys(details, FAILED), exit_code=1)
    ]


LACKING = ("ModuleNotFoundError", "ModuleNotFoundError: No module named 'yaml'")


@pytest.mark.parametrize(
    ("said", "outcome"),
    [
        ((LACKING,), Outcome.ERRORED),
        ((LACKING, ("RuntimeError", "RuntimeError: cannot import levenshtein.distance")), Outcome.ERRORED),
        ((LACKING, ("ValueError", "ValueError: 3")), Outcome.FAILED),
        ((("ModuleNotFoundError", "No module named 'pkg.gone'"),), Outcome.FAILED),
        ((("AssertionError", "assert 'No module named x' in text"),), Outcome.FAILED),
        ((("ImportError", "ImportError: cannot import name 'a' from 'b'"),), Outcome.FAILED),
    ],
)
def test_failures_for_want_of_foreign_modules_alone_were_not_asked(
    said: tuple[tuple[str, str], ...], outcome: Outcome
) -> None:
    reading = _read(_saying(*said), exit_code=1)
    assert reading.outcome is outcome
    assert ("yaml" in (reading.remedy or "")) is (outcome is Outcome.ERRORED)


def test_failures_that_tell_of_the_network_say_so() -> None:
    cut_off = ("ConnectionError", "NameResolutionError: Failed to resolve 'example.org'")
    reading = _read(_saying(cut_off, ("AssertionError", "assert 1 == 2")), exit_code=1)
    assert reading.outcome is Outcome.FAILED
    assert reading.remedy == "1 of 2 failures told of a network that cannot be reached from here"


@pytest.mark.parametrize("exit_code", [0, 1, 2, 5, 77])
def test_failures_are_a_no_whatever_the_exit_code(exit_code: int) -> None:
    assert _read(session({"a": FAILED}), exit_code=exit_code).outcome is Outcome.FAILED


def test_exit_0_without_a_finish_record_ended_early() -> None:
    reading = _read([*session({"a": PASSED}, collected=("a", "b"))[:-1], *events_of("b", {})])
    assert reading.outcome is Outcome.ERRORED
    assert reading.reason == "the tests ended early with 0: the process left without its finish record, in b"


def test_a_finish_record_without_exit_0_is_no_pass() -> None:
    assert _read(session({"a": PASSED}), exit_code=1).outcome is Outcome.FAILED
    assert _read(session({"a": PASSED}), exit_code=3).outcome is Outcome.ERRORED
    assert _read(session({"a": PASSED}, exit_code=1), exit_code=0).outcome is Outcome.ERRORED


def test_no_log_is_no_pass_and_repeats_what_the_runner_said() -> None:
    assert _read(b"").reason == "the process ended with 0 and told of no test"
    usage = b"ERROR: usage: pytest [options]\npytest: error: unrecognized arguments: -n\n  rootdir: /x\n"
    reading = _read(b"", exit_code=4, output=usage)
    assert reading.outcome is Outcome.ERRORED
    assert "pytest: error: unrecognized arguments: -n" in reading.reason


@pytest.mark.parametrize(
    ("cause", "outcome", "words"),
    [
        ("", Outcome.FAILED, "killed by SIGSEGV in b"),
        ("oom", Outcome.FAILED, "killed by SIGSEGV, out of memory in b"),
        ("outside", Outcome.ERRORED, "killed from outside by SIGSEGV in b"),
        ("timeout", Outcome.TIMED_OUT, "ran into its time limit in b"),
    ],
)
def test_deaths_are_told_apart(cause: str, outcome: Outcome, words: str) -> None:
    log = [*session({"a": PASSED}, collected=("a", "b", "c"))[:-1], *events_of("b", {"setup": Said.PASSED})]
    reading = _read(log, exit_code=None, signal=11, cause=cause)
    assert (reading.outcome, reading.reason) == (outcome, words)
    died = {test.id: test.outcome for test in reading.tests}
    assert died["b"] is (Said.TIMED_OUT if cause == "timeout" else Said.CRASHED)
    assert died["c"] is Said.NOT_RUN
    counted = {name: reading.measures[name] for name in ("crashed", "timed_out", "not_run")}
    assert counted == {"crashed": cause != "timeout", "timed_out": cause == "timeout", "not_run": 1}


def test_a_signal_in_no_test_is_an_error() -> None:
    assert _read(session({"a": PASSED}), exit_code=None, signal=9).outcome is Outcome.ERRORED


def test_a_damaged_log_is_not_trusted() -> None:
    content = encoded(session({"a": PASSED})).replace(b'"passed"', b'"Passed"', 1)
    reading = _read(content)
    assert reading.outcome is Outcome.ERRORED
    assert "cannot be trusted" in reading.reason


@pytest.mark.parametrize(
    ("kinds", "outcome"),
    [
        (("ModuleNotFoundError: yaml",), Outcome.ERRORED),
        (("ModuleNotFoundError: yaml.nodes", "ModuleNotFoundError: attr"), Outcome.ERRORED),
        (("ModuleNotFoundError: pkg.gone",), Outcome.FAILED),
        (("ModuleNotFoundError: yaml", "SyntaxError: invalid syntax"), Outcome.FAILED),
        (("ImportError: cannot import name 'x' from 'pkg'",), Outcome.FAILED),
    ],
)
def test_collection_errors(kinds: tuple[str, ...], outcome: Outcome) -> None:
    errors = tuple((f"t{number}.py", kind, "text") for number, kind in enumerate(kinds))
    reading = _read(session({}, collected=("a",), errors=errors, exit_code=2), exit_code=2)
    assert reading.outcome is outcome
    if outcome is Outcome.ERRORED:
        assert kinds[0].partition(" ")[2] in (reading.remedy or "")


def test_a_failure_beside_a_missing_module_is_a_no() -> None:
    errors = (("t.py", "ModuleNotFoundError: yaml", "text"),)
    assert _read(session({"a": FAILED}, errors=errors, exit_code=1), exit_code=1).outcome is Outcome.FAILED


def test_nothing_collected_is_no_pass() -> None:
    assert _read(session({}, exit_code=5), exit_code=5).reason == "no tests"
    assert _read(session({}, exit_code=5, deselected=4), exit_code=5).reason == "no tests: all 4 were deselected"


def test_tests_that_did_not_run_are_no_pass() -> None:
    reading = _read(session({"a": PASSED}, collected=("a", "b")))
    assert (reading.outcome, reading.reason) == (Outcome.ERRORED, "1 of 2 collected tests did not run")


def test_guard_g2_counts_functions_and_not_their_parameters() -> None:
    tests = {f"t.py::test_a[{number}]": PASSED for number in range(10)}
    assert _read(session(tests), expected_tests=2).outcome is Outcome.PASSED
    reading = _read(session(tests), expected_tests=3)
    assert reading.outcome is Outcome.ERRORED
    assert reading.reason == "1 test function ran, 3 were counted in the files"


def test_the_interpreter_is_the_one_of_the_leg() -> None:
    assert _read(session({"a": PASSED}, python="3.13.0")).outcome is Outcome.ERRORED
    assert _read(session({"a": PASSED}, python="3.1.2"), python="3.12").outcome is Outcome.ERRORED
    assert _read(session({"a": PASSED}, python="3.13.0"), python="3.13t").outcome is Outcome.PASSED
    assert _read(session({"a": PASSED}, python="3.10.13"), python="pypy3.10").outcome is Outcome.PASSED


def test_skips_that_name_missing_modules_are_told() -> None:
    reading = _read(session({"a": PASSED}, skipped=(("t.py", "could not import 'pytz': No module named 'pytz'"),)))
    assert reading.notes["skipped_for"] == "pytz"
