"""No way of losing, cutting or adding evidence turns a test log into a pass."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from penstock.model import events as of
from penstock.model import testlog
from penstock.model.events import Event
from penstock.model.testlog import fold
from penstock.util import eventlog
from tests.fakes import guest_events

Said = of.TestOutcome

_PHASES = st.sampled_from(
    [
        guest_events.PASSED,
        guest_events.PASSED,
        {"setup": Said.SKIPPED, "teardown": Said.PASSED},
        {"setup": Said.PASSED, "call": Said.FAILED, "teardown": Said.PASSED},
        {"setup": Said.ERRORED, "teardown": Said.PASSED},
        {"setup": Said.PASSED, "call": Said.PASSED, "teardown": Said.ERRORED},
        {"setup": Said.PASSED, "call": Said.XFAILED, "teardown": Said.PASSED},
        {"setup": Said.PASSED, "subtest": Said.FAILED, "call": Said.PASSED,
         "teardown": Said.PASSED},
        {"setup": Said.PASSED},
    ]
)  # fmt: skip
_TESTS = st.dictionaries(st.sampled_from([f"t.py::test_{number}" for number in range(6)]), _PHASES, max_size=5)


@st.composite
def _sessions(draw: st.DrawFn) -> list[Event]:
    tests = draw(_TESTS)
    unrun = draw(st.sampled_from([(), (), ("t.py::unrun",)]))
    errors = draw(st.sampled_from([(), (), (("t.py", "SyntaxError: x", ""),)]))
    bad = any(said in {Said.FAILED, Said.ERRORED} for phases in tests.values() for said in phases.values())
    return guest_events.session(
        tests, collected=(*tests, *unrun), errors=errors, exit_code=int(bad), told=draw(st.booleans())
    )


def _fold(content: bytes) -> testlog.TestLog:
    log = eventlog.decode_lines(content)
    return fold("unit", log.events, damaged=log.damaged, torn=log.torn)


@given(_sessions(), st.data())
def test_an_event_taken_away_never_makes_a_pass(events: list[Event], data: st.DataObject) -> None:
    at = data.draw(st.integers(0, len(events) - 1))
    kept = events[:at] + events[at + 1 :]
    assert fold("unit", events).passed or not fold("unit", kept).passed


@given(_sessions(), st.data())
def test_a_failing_event_added_is_never_a_pass(events: list[Event], data: st.DataObject) -> None:
    at = data.draw(st.integers(2, len(events)))
    failure = of.TestPhaseFinished(
        id=data.draw(st.sampled_from(["t.py::test_0", "t.py::other"])),
        phase=data.draw(st.sampled_from(["setup", "call", "teardown", "subtest"])),
        outcome=data.draw(st.sampled_from([Said.FAILED, Said.ERRORED, Said.CRASHED])),
        duration_s=0.0,
    )
    assert not fold("unit", [*events[:at], failure, *events[at:]]).passed


@given(_sessions(), st.data())
def test_a_log_cut_anywhere_is_never_a_pass(events: list[Event], data: st.DataObject) -> None:
    content = guest_events.encoded(events)
    assert not _fold(content[: data.draw(st.integers(0, len(content) - 1))]).passed


def test_a_log_cut_at_any_byte_is_never_a_pass() -> None:
    content = guest_events.encoded(guest_events.session({"a": guest_events.PASSED}, told=False))
    assert _fold(content).passed
    assert not any(_fold(content[:at]).passed for at in range(len(content)))


@given(_sessions(), st.data())
def test_a_flipped_byte_is_never_a_pass(events: list[Event], data: st.DataObject) -> None:
    content = bytearray(guest_events.encoded(events))
    content[data.draw(st.integers(0, len(content) - 1))] ^= data.draw(st.integers(1, 255))
    assert not _fold(bytes(content)).passed


@given(_sessions())
def test_every_collected_test_has_a_record(events: list[Event]) -> None:
    log = fold("unit", events)
    assert log.collected == len(log.last) == sum(log.counts.values())
