"""How long each test of a job took, and how often it failed on good code: learnt at each run's end, pinned for a run.

METHODS §3.4: a test's duration is the median of its last five runs. One table a job and a level of trust; a shard
learns into the table of its job. Pure: `record.timing_files` keeps the tables on disk.
"""

from __future__ import annotations

import math
import zlib
from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

import msgspec

from penstock.errors import StateError
from penstock.model.events import TestOutcome
from penstock.model.records import TestRecord
from penstock.model.testlog import RED, TOGETHER
from penstock.model.trust import Trust
from penstock.value import Value

VERSION = 1
KEPT = 5  # durations of a test
FORGOTTEN_AFTER = 20  # whole runs in which a test was not seen
MOST = 200_000  # tests of one job
_LEAST_S = 1e-5  # a test that takes no time would be free to schedule (METHODS §3.4: never zero)
_CHEAP_S = 1e-3  # a setup of less charges nothing that could be charged once
_LONGEST_S = 1e7

_TELLING = frozenset(
    {TestOutcome.PASSED, TestOutcome.FAILED, TestOutcome.XFAILED, TestOutcome.XPASSED, TestOutcome.SKIPPED}
)  # the others did not end by themselves, or never reached the call
_UNTRIED = frozenset({TestOutcome.SKIPPED, TestOutcome.NOT_RUN})


class Took(Value, frozen=True, array_like=True, order=True):
    """One run of a test: the run's start in epoch milliseconds, then seconds of call, setup and teardown."""

    at_ms: int
    call_s: float
    setup_s: float
    teardown_s: float


class Known(Value, frozen=True, array_like=True):
    """What is known of one test.

    `took`: its last runs, the newest last. `runs` and `failures`: first attempts on code that is good for the test (it
    passed on it, at once, when tried again, or in another run), and how many of them failed. `together`: it was seen to
    pass only behind the tests before it in its file. `missed`: whole runs since
    it was seen. `doubts`: failures on the code `doubt` that no pass has explained yet. `passed`: whether it did, on the
    code of the table's `key`.
    """

    took: tuple[Took, ...] = ()
    runs: int = 0
    failures: int = 0
    missed: int = 0
    doubt: str = ""
    doubts: int = 0
    passed: bool = False
    together: bool = False


class Table(Value, frozen=True, kw_only=True, omit_defaults=False):
    """All tests of one job. `key`: the code and environment of the newest run (the job's cache key, shortened)."""

    job: str
    trust: Trust
    version: int = VERSION
    key: str = ""
    tests: Mapping[str, Known] = {}


def table_of(job: str) -> str:
    """The job whose table a job learns into: all shards of a job share one."""
    return job.partition("#")[0]


def learn(table: Table, tests: Iterable[TestRecord], *, at_s: float, key: str, whole: bool) -> Table:
    """`table` with one run's attempts. `at_s`: the run's start, epoch seconds; `whole`: the run asked for all tests.

    Durations do not depend on the order in which runs are learnt.
    """
    key = key[:16]
    attempts: dict[str, list[TestRecord]] = {}
    for test in tests:
        attempts.setdefault(test.id, []).append(test)
    same = bool(key) and key == table.key
    known = {
        name: msgspec.structs.replace(one, missed=one.missed + whole, passed=one.passed and same)
        for name, one in table.tests.items()
        if name not in attempts and one.missed + whole < FORGOTTEN_AFTER
    }
    nothing, at_ms = Known(), round(at_s * 1000)
    for name, tries in attempts.items():
        tries.sort(key=_number)
        known[name] = _learn(table.tests.get(name, nothing), tries, at_ms=at_ms, key=key, same=same)
    return msgspec.structs.replace(table, tests=_bounded(known), key=key)


def _number(record: TestRecord) -> int:
    return record.attempt


def _bounded(known: Mapping[str, Known]) -> Mapping[str, Known]:
    if len(known) <= MOST:
        return known
    kept = sorted(known, key=lambda name: (known[name].missed, -_newest(known[name]), name))[:MOST]
    return {name: known[name] for name in kept}


def _newest(one: Known) -> int:
    return one.took[-1].at_ms if one.took else 0


def _learn(known: Known, tries: Sequence[TestRecord], *, at_ms: int, key: str, same: bool) -> Known:
    """One test after one run. `same`: of the code that `known.passed` is about."""
    telling = [record for record in tries if record.outcome in _TELLING]
    took = _last((*known.took, _took(telling[-1], at_ms))) if telling else known.took
    tally = _Tally(known.runs, known.failures, known.doubt, known.doubts, known.passed and same)
    runs, failures, doubt, doubts, passed = _count(tally, tries, key)
    together = known.together or any(record.decision == TOGETHER for record in tries)
    return Known(took, runs, failures, 0, doubt, doubts, passed, together)


def _took(record: TestRecord, at_ms: int) -> Took:
    return Took(at_ms, _sound(record.call_s), _sound(record.setup_s), _sound(record.teardown_s))


def _sound(seconds: float) -> float:
    return round(min(max(seconds, 0.0), _LONGEST_S), 5) if math.isfinite(seconds) else 0.0


def _last(took: tuple[Took, ...]) -> tuple[Took, ...]:
    """The newest, one a run."""
    if len(took) < 2 or took[-2].at_ms < took[-1].at_ms:  # as nearly always: the others are in order
        return took[-KEPT:]
    return _newest_of(took)


def _newest_of(took: Iterable[Took]) -> tuple[Took, ...]:
    return tuple(sorted({one.at_ms: one for one in sorted(took)}.values()))[-KEPT:]


class _Tally(NamedTuple):
    """The fields of `Known` that count."""

    runs: int
    failures: int
    doubt: str
    doubts: int
    passed: bool


def _count(tally: _Tally, tries: Sequence[TestRecord], key: str) -> _Tally:
    """Count the first attempt, if the code is known to be good for the test."""
    tried = [record.bad for record in tries if record.outcome not in _UNTRIED]
    if not tried or (any(record.decision == RED for record in tries) and not all(tried)):
        return tally  # a pass that was decided to be none says nothing of the code
    runs, failures, doubt, doubts, passed = tally
    if not all(tried):
        if key and key == doubt:  # these failures were of the same code
            return _Tally(runs + 1 + doubts, failures + tried[0] + doubts, "", 0, passed=True)
        return _Tally(runs + 1, failures + tried[0], doubt, doubts, passed=bool(key))
    if passed:  # on this very code, in an earlier run
        return _Tally(runs + 1, failures + 1, doubt, doubts, passed)
    return _Tally(runs, failures, key, doubts + 1 if doubt == key else 1, passed)


def merge(one: Table, other: Table) -> Table:
    """Both tables of a job as one; in any order, and as often as wanted, the same.

    Tallies that overlap cannot be added: the larger counts.
    """
    tests = dict(one.tests)
    for name, theirs in other.tests.items():
        ours = tests.get(name)
        tests[name] = theirs if ours is None else _merge(ours, theirs)
    if one.key == other.key:
        return msgspec.structs.replace(one, tests=_bounded(tests))
    forgotten = {name: msgspec.structs.replace(known, passed=False) for name, known in tests.items()}
    return msgspec.structs.replace(one, tests=_bounded(forgotten), key="")


def _merge(one: Known, other: Known) -> Known:
    runs, failures = max((one.runs, one.failures), (other.runs, other.failures))
    doubts, doubt = max((one.doubts, one.doubt), (other.doubts, other.doubt))
    return Known(
        took=_newest_of((*one.took, *other.took)),
        runs=runs,
        failures=failures,
        missed=min(one.missed, other.missed),
        doubt=doubt,
        doubts=doubts,
        passed=one.passed or other.passed,
        together=one.together or other.together,
    )


def pinned(durations: Sequence[Table], tallies: Sequence[Table]) -> bytes:
    """The file that the test engine of one job gets: `{"version":1,"tests":{id:[call,setup,teardown,runs,failures]}}`,
    and a last 1 where a test builds on those before it in its file.

    `durations`: the first table that knows a test's tells them. `tallies`: added up over these. Its bytes are a
    function of what it says, so that its sha256 can be compared between runners.
    """
    names = sorted({name for table in durations for name, known in table.tests.items() if known.took})
    bound = {name for table in durations for name, known in table.tests.items() if known.together}
    tests = {
        name: [*_seconds(name, durations), *_counts(name, tallies), *([1] if name in bound else [])] for name in names
    }
    return msgspec.json.encode({"version": VERSION, "tests": tests})


def _seconds(name: str, tables: Sequence[Table]) -> tuple[float, float, float]:
    took = next(table.tests[name].took for table in tables if name in table.tests and table.tests[name].took)
    setups = [one.setup_s for one in took]
    dear = [seconds for seconds in setups if seconds >= _CHEAP_S]  # it was the first that needed the fixture
    return (
        max(_median([one.call_s for one in took]), _LEAST_S),
        _median(dear or setups),
        _median([one.teardown_s for one in took]),
    )


def _counts(name: str, tables: Sequence[Table]) -> tuple[int, int]:
    known = [table.tests[name] for table in tables if name in table.tests]
    return sum(one.runs for one in known), sum(one.failures for one in known)


def _median(seconds: Sequence[float]) -> float:
    ordered = sorted(seconds)
    middle = len(ordered) // 2
    return ordered[middle] if len(ordered) % 2 else round((ordered[middle - 1] + ordered[middle]) / 2, 6)


def encode(table: Table) -> bytes:
    """The content of a table's file: a checksum, then JSON."""
    text = msgspec.json.encode(table)
    return b"%08x %b\n" % (zlib.crc32(text), text)


def decode(content: bytes) -> Table:
    """The table that a file holds. Raises StateError if it is damaged, NewerError if it is of a newer penstock."""
    checksum, _, text = content.rstrip(b"\n").partition(b" ")
    if checksum != b"%08x" % zlib.crc32(text):
        raise StateError("the checksum does not fit")
    try:
        if (version := msgspec.json.decode(text, type=_Versioned).version) > VERSION:
            raise NewerError(f"it has format {version}; this penstock knows up to {VERSION}")
        return msgspec.json.decode(text, type=Table)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        raise StateError(str(error)) from error


class _Versioned(Value, frozen=True, kw_only=True):
    version: int = VERSION


class NewerError(StateError):
    """It was written by a newer penstock: to be left as it is."""
