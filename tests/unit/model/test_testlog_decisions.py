"""Tries of one test in fresh processes: what counts is what was decided, and never a pass alone."""

from __future__ import annotations

import itertools

import pytest

from penstock.model import events as of
from penstock.model.events import Event
from penstock.model.records import flaky_tests
from penstock.model.testlog import TestLog, fold, ids_digest
from tests.fakes.guest_events import PASSED, session

Said = of.TestOutcome
ENDS = {"P": Said.PASSED, "F": Said.FAILED, "S": Said.SKIPPED, "C": Said.CRASHED}


def log(word: str, *decided: str, modes: bool = True) -> TestLog:
    """A session with one test: its tries in order, then what was decided."""
    return fold("unit", events_of(word, *decided, modes=modes))


def events_of(word: str, *decided: str, modes: bool = True, told: bool = True) -> list[Event]:
    """Its events. `told`: the finish record says how many there are."""
    whole = session({"t": PASSED})
    events: list[Event] = list(whole[:2])
    for number, end in enumerate(word):
        mode = ("alone", "behind")[number % 2] if number and modes else ""
        events.append(of.TestStarted(id="t", at_s=1.0, mode=mode))
        phases = {"setup": Said.PASSED, "call": ENDS[end], "teardown": Said.PASSED}
        for phase, said in phases.items():
            if end != "C" or phase != "teardown":
                events.append(
                    of.TestPhaseFinished(id="t", phase=phase, outcome=said, duration_s=0.1, attempt=number + 1)
                )
    events += [of.TestDecided(id="t", action=action, reason=f"so {action}") for action in decided]
    ran = ["t"] if set(word) - {"C"} else []
    last = of.SessionFinished(
        collected=1,
        ran=len(ran),
        digest=ids_digest(ran),
        exit_code=0,
        duration_s=1.0,
        events=len(events) if told else -1,
    )
    return [*events, last]


def test_an_excused_test_is_flaky_and_passed() -> None:
    seen = log("FPFP", "excused")
    assert seen.passed
    assert seen.flaky == flaky_tests(seen.records) == ("t",)
    assert [record.outcome.value for record in seen.records] == ["failed", "passed", "failed", "passed"]
    (last,) = seen.last
    assert (last.attempt, last.decision, last.why, last.mode) == (2, "excused", "so excused", "behind")


def test_an_excused_test_is_passed_though_its_last_try_failed() -> None:
    seen = log("FPF", "excused")
    assert seen.passed
    assert seen.last[0].attempt == 2


@pytest.mark.parametrize(
    ("word", "decided"),
    [
        ("FP", ()),
        ("FP", ("red",)),
        ("FPP", ("excused", "red")),
        ("FPP", ("red", "excused")),
        ("FF", ("excused",)),
        ("FP", ("together",)),
        ("FF", ("together",)),
        ("FPF", ("together", "red")),
    ],
)
def test_without_an_excuse_a_pass_after_a_failure_counts_for_nothing(word: str, decided: tuple[str, ...]) -> None:
    seen = log(word, *decided)
    assert not seen.passed
    assert seen.last[0].outcome is Said.FAILED
    assert seen.flaky == ()


def test_what_only_the_cut_of_its_file_made_fail_passed_and_that_is_all() -> None:
    seen = log("FPFP", "together")
    assert seen.passed
    assert (seen.flaky, seen.together) == ((), ("t",))
    (only,) = seen.records
    assert (only.attempt, only.mode, only.decision, only.why) == (1, "", "together", "so together")


def test_a_skip_excuses_nothing() -> None:
    assert not log("FS", "excused").passed


def test_a_crash_can_be_excused_by_a_pass() -> None:
    assert log("CP", "excused").passed
    assert not log("CP", "red").passed


def test_why_a_test_was_not_tried_again_stands_in_its_record() -> None:
    (last,) = log("F", "red").last
    assert (last.decision, last.why) == ("red", "so red")


def test_what_a_plugin_of_the_project_tries_again_goes_by_its_last_try() -> None:
    assert log("FP", modes=False).passed


def test_no_line_that_is_lost_makes_it_better() -> None:
    for length in (1, 2, 3):
        for word in map("".join, itertools.product("FPS", repeat=length)):
            for decided in (("red",), ("excused",), *[("together",)] * (word.count("F") > 1)):
                events = events_of(word, *decided, told=False)
                passed = fold("unit", events).passed
                for number in range(len(events)):
                    without = fold("unit", events[:number] + events[number + 1 :])
                    assert passed or not without.passed, (word, decided, events[number])


def test_a_decision_on_no_test_makes_the_log_untrusted() -> None:
    events = session({"t": PASSED}, told=False)
    stray = of.TestDecided(id="other", action="excused", reason="")
    assert fold("unit", [*events[:-1], stray, events[-1]]).problem is not None
