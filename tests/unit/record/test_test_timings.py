from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import msgspec
import pytest

from penstock.errors import StateError
from penstock.model.events import TestOutcome as Ended
from penstock.model.records import TestRecord as Attempt
from penstock.model.trust import Trust
from penstock.record import test_timings as timings
from penstock.record.test_timings import NewerError, Table, learn
from penstock.record.timing_files import TimingFiles

EMPTY = Table(job="unit@3.12", trust=Trust.LOCAL)


def tried(name: str, *outcomes: str, call_s: float = 1.0, setup_s: float = 0.0) -> list[Attempt]:
    """The attempts of one test in one run."""
    return [
        Attempt(job="unit@3.12", id=name, outcome=Ended(outcome), attempt=number, call_s=call_s, setup_s=setup_s)
        for number, outcome in enumerate(outcomes, start=1)
    ]


def after(*runs: tuple[str, list[Attempt]], table: Table = EMPTY, whole: bool = True) -> Table:
    """`table` after runs of (key, attempts), a second apart."""
    for at_s, (key, attempts) in enumerate(runs, start=1):
        table = learn(table, attempts, at_s=at_s, key=key, whole=whole)
    return table


def told(*tables: Table, tallies: Iterable[Table] | None = None) -> dict[str, list[float]]:
    """What the engine is given."""
    content = timings.pinned(tables, tables if tallies is None else tuple(tallies))
    document = msgspec.json.decode(content)
    assert document["version"] == 1
    tests: dict[str, list[float]] = document["tests"]
    return tests


def test_the_median_of_the_last_five_runs_is_told() -> None:
    table = after(*(("k", tried("t", "passed", call_s=s)) for s in (100.0, 1.0, 2.0, 9.0, 3.0, 4.0)))
    assert told(table) == {"t": [3.0, 0.0, 0.0, 6, 0]}


def test_a_setup_that_only_the_first_of_a_module_pays_is_told_as_what_it_costs() -> None:
    table = after(*(("k", tried("t", "passed", setup_s=s)) for s in (0.0001, 2.0, 0.0002, 0.0001)))
    assert told(table)["t"][1] == 2.0
    table = after(*(("k", tried("t", "passed", setup_s=s)) for s in (0.0001, 0.0003, 0.0002)))
    assert told(table)["t"][1] == 0.0002


def test_a_test_that_builds_on_those_before_it_is_told_as_such_from_then_on() -> None:
    bound = [msgspec.structs.replace(tried("t", "passed")[0], decision="together")]
    table = after(("k", bound), ("k", tried("t", "passed")))
    assert told(table) == {"t": [1.0, 0.0, 0.0, 2, 0, 1]}
    other = after(("k", tried("t", "passed")))
    assert timings.merge(other, table).tests["t"].together


def test_no_test_is_free() -> None:
    assert told(after(("k", tried("t", "skipped", call_s=0.0)))) == {"t": [1e-5, 0.0, 0.0, 0, 0]}


@pytest.mark.parametrize("outcome", ["crashed", "timed_out", "errored", "not_run"])
def test_what_did_not_end_by_itself_tells_no_duration(outcome: str) -> None:
    assert told(after(("k", tried("t", outcome)))) == {}


def test_the_attempt_that_decides_tells_the_duration() -> None:
    second = Attempt(job="unit@3.12", id="t", outcome=Ended.PASSED, attempt=2, call_s=2.0)
    attempts = [*tried("t", "failed", call_s=30.0), second]
    assert told(after(("k", attempts)))["t"][0] == 2.0


@pytest.mark.parametrize(
    ("runs", "tally"),
    [
        ([("k", ["passed"])], (1, 0)),
        ([("k", ["failed", "passed"])], (1, 1)),
        ([("k", ["failed", "failed", "passed"])], (1, 1)),
        ([("k", ["failed", "failed"])], (0, 0)),  # it may be broken
        ([("k", ["failed"]), ("k2", ["passed"])], (1, 0)),  # it was broken
        ([("k", ["failed"]), ("k", ["passed"])], (2, 1)),  # the same code passes: it was not
        ([("k", ["failed"]), ("k", ["failed"]), ("k", ["passed"])], (3, 2)),
        ([("k", ["passed"]), ("k", ["failed"])], (2, 1)),
        ([("k", ["passed"]), ("k2", ["failed"]), ("k", ["passed"])], (2, 0)),
        ([("", ["failed"]), ("", ["passed"])], (1, 0)),  # unknown code is not the same code
        ([("", ["passed"]), ("", ["failed"])], (1, 0)),
        ([("k", ["skipped"]), ("k", ["not_run"])], (0, 0)),
        ([("k", ["xfailed"])], (1, 0)),
    ],
)
def test_a_failure_counts_only_on_code_that_is_good(runs: list[tuple[str, list[str]]], tally: tuple[int, int]) -> None:
    known = after(*((key, tried("t", *outcomes)) for key, outcomes in runs)).tests["t"]
    assert (known.runs, known.failures) == tally


def test_a_test_not_seen_for_twenty_whole_runs_is_forgotten() -> None:
    table = after(("k", tried("gone", "passed") + tried("t", "passed")))
    part = after(*[("k", tried("t", "passed"))] * 30, table=table, whole=False)
    assert set(part.tests) == {"gone", "t"}
    nearly = after(*[("k", tried("t", "passed"))] * 19, table=table)
    assert set(nearly.tests) == {"gone", "t"}
    assert set(after(("k", tried("t", "passed")), table=nearly).tests) == {"t"}
    assert set(after(("k", tried("gone", "passed")), table=nearly).tests) == {"gone", "t"}


def test_no_more_tests_are_kept_than_the_bound(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(timings, "MOST", 3)
    table = after(("k", tried("a", "passed") + tried("b", "passed")))
    table = after(("k", tried("c", "passed") + tried("d", "passed")), table=table)
    assert len(table.tests) == 3
    assert {"c", "d"} <= set(table.tests)


def test_nonsense_from_a_log_does_not_spoil_the_table() -> None:
    table = after(("k", tried("t", "passed", call_s=float("nan"), setup_s=-3.0)))
    assert told(table) == {"t": [1e-5, 0.0, 0.0, 1, 0]}


def test_of_a_file_that_was_changed_nothing_is_believed() -> None:
    content = timings.encode(after(("k", tried("t", "passed"))))
    wrong = []
    for at in range(len(content)):
        for damaged in (content[:at], content[:at] + bytes([content[at] ^ 1 << at % 8]) + content[at + 1 :]):
            try:
                if timings.decode(damaged) != timings.decode(content):
                    wrong.append(at)
            except StateError:
                continue
    assert wrong == []


def files(folder: Path) -> TimingFiles:
    return TimingFiles(folder / "history" / "timings", folder / "locks" / "timings")


def put(place: TimingFiles, table: Table) -> Path:
    """Write a table where the files have it."""
    path = place._path(table.trust, table.job)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(timings.encode(table))
    return path


def pinned(place: TimingFiles, trust: Trust, job: str) -> dict[str, list[float]]:
    content, notes = place.pinned(trust, job)
    assert notes == []
    tests: dict[str, list[float]] = msgspec.json.decode(content)["tests"]
    return tests


def test_a_job_and_its_shards_learn_into_one_table_each_leg_into_its_own(tmp_path: Path) -> None:
    place = files(tmp_path)
    for job, name in (("unit@3.12#1/2", "a"), ("unit@3.12#2/2", "b"), ("unit@3.13", "c")):
        place.learn(Trust.LOCAL, job, tried(name, "passed"), at_s=1.0, key="k", whole=False)
    assert set(pinned(place, Trust.LOCAL, "unit@3.12")) == {"a", "b"}
    assert set(pinned(place, Trust.LOCAL, "unit@3.13#3/9")) == {"c"}


def test_a_leg_without_durations_gets_those_of_the_other_legs(tmp_path: Path) -> None:
    place = files(tmp_path)
    place.learn(Trust.LOCAL, "unit@3.12", tried("a", "passed", call_s=2.0), at_s=1.0, key="k", whole=True)
    place.learn(Trust.LOCAL, "units@3.12", tried("z", "passed"), at_s=1.0, key="k", whole=True)
    assert pinned(place, Trust.LOCAL, "unit@3.14") == {"a": [2.0, 0.0, 0.0, 0, 0]}


def test_only_ones_own_level_of_trust_or_a_higher_one_is_learnt_from(tmp_path: Path) -> None:
    place = files(tmp_path)
    for trust, seconds in ((Trust.PROTECTED, 1.0), (Trust.BRANCH, 2.0), (Trust.LOCAL, 3.0)):
        runs = (("k", tried("t", "failed", "passed", call_s=seconds)),)
        put(place, after(*runs, table=Table(job="unit", trust=trust)))
    # Durations of the own level first; excuses from protected runs, and for a local run from local ones, too.
    assert pinned(place, Trust.PROTECTED, "unit")["t"] == [1.0, 0.0, 0.0, 1, 1]
    assert pinned(place, Trust.BRANCH, "unit")["t"] == [2.0, 0.0, 0.0, 1, 1]
    assert pinned(place, Trust.LOCAL, "unit")["t"] == [3.0, 0.0, 0.0, 2, 2]


def test_a_damaged_table_is_named_and_put_aside(tmp_path: Path) -> None:
    place = files(tmp_path)
    path = put(place, after(("k", tried("t", "passed"))))
    path.write_bytes(path.read_bytes()[:-9])
    content, notes = place.pinned(Trust.LOCAL, "unit@3.12")
    assert msgspec.json.decode(content)["tests"] == {}
    assert len(notes) == 1
    assert "is damaged" in notes[0]
    said = place.learn(Trust.LOCAL, "unit@3.12", tried("u", "passed"), at_s=1.0, key="k", whole=True)
    assert said is not None
    assert "put aside" in said
    assert set(pinned(place, Trust.LOCAL, "unit@3.12")) == {"u"}
    assert len(list((tmp_path / "history" / "quarantine").iterdir())) == 1


def test_a_newer_table_is_refused_and_left_as_it_is(tmp_path: Path) -> None:
    place = files(tmp_path)
    path = put(place, msgspec.structs.replace(after(("k", tried("t", "passed"))), version=2))
    content = path.read_bytes()
    assert "format 2" in place.pinned(Trust.LOCAL, "unit@3.12")[1][0]
    with pytest.raises(NewerError):
        place.learn(Trust.LOCAL, "unit@3.12", tried("u", "passed"), at_s=1.0, key="k", whole=True)
    assert path.read_bytes() == content


def test_folders_are_merged(tmp_path: Path) -> None:
    one, other = files(tmp_path / "one"), files(tmp_path / "other")
    one.learn(Trust.LOCAL, "unit", tried("a", "passed"), at_s=1.0, key="k", whole=True)
    other.learn(Trust.LOCAL, "unit", tried("a", "passed", call_s=3.0), at_s=2.0, key="k", whole=True)
    other.learn(Trust.LOCAL, "types", tried("b", "passed"), at_s=2.0, key="k", whole=True)
    for _ in range(2):
        assert one.merge(other) == []
        assert pinned(one, Trust.LOCAL, "unit") == {"a": [2.0, 0.0, 0.0, 1, 0]}
        assert set(pinned(one, Trust.LOCAL, "types")) == {"b"}
