"""How far a test job is, read while its guest writes."""

from __future__ import annotations

from pathlib import Path

from penstock.model import events
from penstock.model.events import CollectionFinished
from penstock.run.tally import Tally
from penstock.util.eventlog import encode_line


def ended(name: str, phase: str, outcome: str, text: str = "") -> bytes:
    event = events.TestPhaseFinished(
        id=name, phase=phase, outcome=events.TestOutcome(outcome), duration_s=0.1, text=text
    )
    return encode_line(event)


def test_it_counts_what_came_since_the_last_look(tmp_path: Path) -> None:
    log = tmp_path / "tests.jsonl"
    tally = Tally(log)
    tally.look()
    assert (tally.collected, tally.finished) == (0, 0)
    first = encode_line(CollectionFinished(ids=("a", "b", "c"), digest="", deselected=0))
    torn = ended("b", "call", "failed")
    log.write_bytes(first + ended("a", "call", "passed") + ended("a", "teardown", "passed") + torn[:20])
    tally.look()
    assert (tally.collected, tally.finished, tally.failed) == (3, 1, 0)
    with log.open("ab") as stream:
        stream.write(torn[20:] + ended("b", "teardown", "passed"))
    tally.look()
    assert (tally.collected, tally.finished, tally.failed) == (3, 2, 1)


def test_words_of_the_project_count_nothing(tmp_path: Path) -> None:
    log = tmp_path / "tests.jsonl"
    log.write_bytes(
        ended("a", "call", "passed", text='"phase":"teardown" "outcome":"failed" "event":"CollectionFinished"')
    )
    tally = Tally(log)
    tally.look()
    assert (tally.collected, tally.finished, tally.failed) == (0, 0, 0)
