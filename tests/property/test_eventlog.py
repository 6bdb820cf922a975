"""The event log under every cut and every flip: a prefix of the events, or told as damage."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from penstock.model import events as nouns  # by module: pytest would collect TestStarted
from penstock.model.events import Event, JobFinished, JobStarted, Outcome, RunFinished
from penstock.util.eventlog import decode_lines, encode_line

TEXTS = st.text(max_size=20)
NUMBERS = st.floats(allow_nan=False, allow_infinity=False, width=32)
EVENTS: st.SearchStrategy[Event] = st.one_of(
    st.builds(JobStarted, job=TEXTS, attempt=st.integers(0, 9), at_s=NUMBERS),
    st.builds(nouns.TestStarted, id=TEXTS, at_s=NUMBERS, worker=TEXTS),
    st.builds(JobFinished, job=TEXTS, outcome=st.sampled_from(Outcome), reason=TEXTS, at_s=NUMBERS, duration_s=NUMBERS),
    st.builds(RunFinished, run=TEXTS, at_s=NUMBERS, wall_s=NUMBERS),
)
LOGS = st.lists(EVENTS, max_size=6)


@given(LOGS)
def test_a_log_comes_back_as_it_was_written(events: list[Event]) -> None:
    log = decode_lines(b"".join(map(encode_line, events)))
    assert (log.events, log.damaged, log.torn) == (tuple(events), (), False)


@given(LOGS)
def test_every_cut_leaves_a_prefix_of_the_events(events: list[Event]) -> None:
    lines = [encode_line(event) for event in events]
    content = b"".join(lines)
    ends = [sum(map(len, lines[:count])) for count in range(len(lines) + 1)]
    for cut in range(len(content) + 1):
        log = decode_lines(content[:cut])
        whole = sum(end <= cut for end in ends) - 1
        assert log.events == tuple(events[:whole])
        assert log.damaged == ()
        assert log.torn == (cut not in ends)


@given(st.lists(EVENTS, min_size=1, max_size=6), st.data())
def test_a_flipped_bit_is_told_and_costs_no_other_line(events: list[Event], drawn: st.DataObject) -> None:
    lines = [encode_line(event) for event in events]
    content = bytearray(b"".join(lines))
    position = drawn.draw(st.integers(0, len(content) - 1))
    content[position] ^= 1 << drawn.draw(st.integers(0, 7))
    log = decode_lines(bytes(content))
    assert log.damaged or log.torn
    remaining = list(log.events)
    assert all(event in events for event in remaining)
    assert len(remaining) >= len(events) - 2  # a flipped newline joins two lines


@given(st.binary(max_size=200))
def test_anything_can_be_read(content: bytes) -> None:
    log = decode_lines(content)
    assert log.events == ()
    assert len(log.damaged) == content.count(b"\n")
