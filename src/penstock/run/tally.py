"""How far a running test job is, from what its guest has written so far. For the eye only: no verdict rests on it."""

from __future__ import annotations

from pathlib import Path

from penstock.model.events import CollectionFinished
from penstock.util import eventlog

# As they stand in a line of the log; inside a text of the project's every quote has a backslash before it.
_COLLECTED = b'"event":"CollectionFinished"'
_TORN_DOWN = b'"phase":"teardown"'
_SAID_NO = (b'"outcome":"failed"', b'"outcome":"errored"')
_MOST_BYTES = 4 << 20  # in one look; the rest is for the next


class Tally:
    """Counts of one log that grows. `collected` is 0 until it is known; `failed` counts phases that said no."""

    def __init__(self, path: Path) -> None:
        self.collected = 0
        self.finished = 0
        self.failed = 0
        self._path = path
        self._offset = 0

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
        self.finished += whole.count(_TORN_DOWN)
        self.failed += sum(whole.count(word) for word in _SAID_NO)
        if _COLLECTED in whole:
            lines = b"".join(line for line in whole.splitlines(keepends=True) if _COLLECTED in line)
            events = eventlog.decode_lines(lines).events
            self.collected += sum(len(event.ids) for event in events if isinstance(event, CollectionFinished))
