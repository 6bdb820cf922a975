"""How far a running test job is, from what its guest has written so far. For the eye only: no verdict rests on it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import NamedTuple

import msgspec

from penstock.model.events import TestOutcome

_MOST_BYTES = 4 << 20  # in one look; the rest is for the next
_CHECKSUM = 9  # "crc32 in 8 hex digits, a space": what a reader for the eye does not check
_SAID_NO = frozenset({TestOutcome.FAILED, TestOutcome.ERRORED, TestOutcome.CRASHED, TestOutcome.TIMED_OUT})
_OVER = frozenset({TestOutcome.CRASHED, TestOutcome.TIMED_OUT})  # no teardown comes after these


class _Line(msgspec.Struct):
    """What is needed of any line; the rest (texts, output) is skipped over."""

    event: str
    id: str = ""
    ids: tuple[str, ...] = ()
    worker: str = ""
    at_s: float = 0.0
    phase: str = ""
    outcome: str = ""
    kind: str = ""
    message: str = ""
    engine: str = ""


class _Timings(msgspec.Struct):
    tests: dict[str, tuple[float, ...]]


class Failure(NamedTuple):
    """An attempt that said no. `kind`: the exception's type, or ""."""

    id: str
    outcome: str
    kind: str
    message: str


class Tally:
    """Counts of one log that grows. `collected` is 0 until it is known; a test that is tried again counts once.

    `failed`: tests of which no attempt has passed yet after one that said no; `flaky`: those of which one has.
    `running`: worker -> (test, when it began, on the machine's monotonic clock). `engine`: how the tests are run, in
    words. `expected`: gives seconds of tests by id, once it is known which there are; then `left_share` is known.
    """

    def __init__(self, path: Path, expected: Callable[[], Mapping[str, float]] = dict) -> None:
        self.collected = 0
        self.failed = 0
        self.flaky = 0
        self.engine = ""
        self.running: dict[str, tuple[str, float]] = {}
        self._ask = expected
        self._expected: Mapping[str, float] = {}
        self._mean_s = 0.0
        self._whole_s = 0.0
        self._done_s = 0.0
        self._ended: set[str] = set()
        self._said_no: dict[str, bool] = {}  # test -> whether its latest attempt did
        self._news: list[Failure] = []
        self._path = path
        self._offset = 0
        self._decode = msgspec.json.Decoder(_Line).decode

    @property
    def finished(self) -> int:
        """How many tests have ended."""
        return len(self._ended)

    @property
    def left_share(self) -> float | None:
        """What is left as a share of what is done, by the seconds that are expected; None if that is not known."""
        if not self._expected or not self._done_s:
            return None
        return max(self._whole_s - self._done_s, 0.0) / self._done_s

    def news(self) -> list[Failure]:
        """The failures that were not asked for before."""
        news, self._news = self._news, []
        return news

    def look(self) -> None:
        """Take in the lines that have come since the last look. A log that is not there yet has none."""
        try:
            with self._path.open("rb") as stream:
                stream.seek(self._offset)
                fresh = stream.read(_MOST_BYTES)
        except OSError:
            return
        whole = fresh[: fresh.rfind(b"\n") + 1]
        self._offset += len(whole)
        for line in whole.splitlines():
            try:
                self._take(self._decode(line[_CHECKSUM:]))
            except (msgspec.MsgspecError, UnicodeDecodeError):
                continue  # damage is told by those who judge

    def _take(self, line: _Line) -> None:
        if line.event == "TestStarted":
            self.running[line.worker] = (line.id, line.at_s)
            if line.id in self._said_no:
                self._said_no[line.id] = False  # another attempt
        elif line.event == "TestPhaseFinished":
            self._phase(line)
        elif line.event == "CollectionFinished":
            self._collect(line)

    def _collect(self, line: _Line) -> None:
        if not self.collected and (expected := self._ask()):
            self._expected = expected
            self._mean_s = sum(expected.values()) / len(expected)
        self.collected += len(line.ids)
        self.engine = line.engine or self.engine
        self._whole_s += sum(self._expected.get(each, self._mean_s) for each in line.ids) if self._expected else 0

    def _phase(self, line: _Line) -> None:
        if line.outcome in _SAID_NO:
            self._no(line)
        if line.phase == "teardown" or line.outcome in _OVER:
            self._end(line.id)

    def _no(self, line: _Line) -> None:
        if line.id not in self._said_no:
            self.failed += 1
            self._news.append(Failure(line.id, line.outcome, line.kind, line.message))
        self._said_no[line.id] = True

    def _end(self, name: str) -> None:
        if self._said_no.get(name) is False:
            del self._said_no[name]
            self.failed -= 1
            self.flaky += 1
        if name not in self._ended:
            self._ended.add(name)
            self._done_s += self._expected.get(name, self._mean_s)
        self.running = {worker: each for worker, each in self.running.items() if each[0] != name}


def expected(path: Path) -> Mapping[str, float]:
    """Seconds by test id, as a file of pinned timings has them; none where it cannot be read."""
    try:
        tests = msgspec.json.decode(path.read_bytes(), type=_Timings).tests
    except (OSError, msgspec.MsgspecError, UnicodeDecodeError):
        return {}
    return {name: sum(phases[:3]) for name, phases in tests.items()}
