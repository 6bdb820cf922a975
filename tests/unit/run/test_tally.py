"""How far a test job is, read while its guest writes."""

from __future__ import annotations

from pathlib import Path

from penstock.model import events
from penstock.model.events import CollectionFinished
from penstock.run.tally import Tally, expected
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


def started(name: str, worker: str = "", at_s: float = 0.0) -> bytes:
    return encode_line(events.TestStarted(id=name, at_s=at_s, worker=worker))


def test_a_test_that_passes_at_its_second_try_is_flaky_and_counts_once(tmp_path: Path) -> None:
    log = tmp_path / "tests.jsonl"
    tally = Tally(log)
    log.write_bytes(started("a") + ended("a", "call", "failed") + ended("a", "teardown", "passed"))
    tally.look()
    assert (tally.finished, tally.failed, tally.flaky) == (1, 1, 0)
    assert [failure.id for failure in tally.news()] == ["a"]
    with log.open("ab") as stream:
        stream.write(started("a", "gw1") + ended("a", "call", "passed") + ended("a", "teardown", "passed"))
    tally.look()
    assert (tally.finished, tally.failed, tally.flaky, tally.news()) == (1, 0, 1, [])


def test_a_failure_is_news_once_and_tries_that_fail_again_are_none(tmp_path: Path) -> None:
    log = tmp_path / "tests.jsonl"
    again = started("a") + ended("a", "setup", "errored") + ended("a", "teardown", "errored")
    log.write_bytes(again + again)
    tally = Tally(log)
    tally.look()
    assert (tally.finished, tally.failed, len(tally.news())) == (1, 1, 1)


def test_it_knows_what_each_worker_runs_and_a_crash_ends_it(tmp_path: Path) -> None:
    log = tmp_path / "tests.jsonl"
    tally = Tally(log)
    log.write_bytes(started("a", "gw0", 1.0) + started("b", "gw1", 2.0) + ended("a", "call", "crashed"))
    tally.look()
    assert tally.running == {"gw1": ("b", 2.0)}
    assert (tally.finished, tally.failed) == (1, 1)


def test_the_engine_is_told(tmp_path: Path) -> None:
    log = tmp_path / "tests.jsonl"
    log.write_bytes(encode_line(CollectionFinished(ids=("a",), digest="", deselected=0, engine="2 forked workers")))
    tally = Tally(log)
    tally.look()
    assert tally.engine == "2 forked workers"


def test_what_is_left_is_a_share_of_what_is_done(tmp_path: Path) -> None:
    log = tmp_path / "tests.jsonl"
    tally = Tally(log, lambda: {"a": 1.0, "b": 3.0})
    collected = encode_line(CollectionFinished(ids=("a", "b", "new"), digest="", deselected=0))
    log.write_bytes(collected)
    tally.look()
    assert tally.left_share is None, "nothing is done"
    log.write_bytes(collected + started("a") + ended("a", "teardown", "passed"))
    tally.look()
    assert tally.left_share == 5.0, "3 s known, 2 s the mean for the new one"


def test_damage_is_left_to_those_who_judge(tmp_path: Path) -> None:
    log = tmp_path / "tests.jsonl"
    log.write_bytes(b"00000000 {nonsense\n\xff\n" + started("a", "gw0"))
    tally = Tally(log)
    tally.look()
    assert "gw0" in tally.running


def test_what_is_expected_stands_in_a_run_s_pinned_timings(tmp_path: Path) -> None:
    path = tmp_path / "timings.json"
    assert expected(path) == {}
    path.write_text('{"version":1,"tests":{"a":[1,0.5,0.25,7,1]}}')
    assert expected(path) == {"a": 1.75}
    path.write_text("no")
    assert expected(path) == {}
