"""What a run is asked for, and where it leaves what it makes."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

from penstock.model.events import Event
from penstock.run.folder import RunFolder
from penstock.run.results import Results
from penstock.run.secrets import NO_SECRETS, Secrets
from penstock.util.eventlog import EventLog


class Wishes(NamedTuple):
    """How to run, as the command line says."""

    argv: tuple[str, ...] = ()
    exit_first: bool = False
    echo: bool = False
    offline: bool = False
    whole: bool = False  # a report file is wanted: bring every cached result back with its files


class MemorySink:
    """The event log on disk, and the same events in memory: a disk that fails costs the file, not the verdict. Neither
    holds a secret.
    """

    def __init__(self, path: Path, secrets: Secrets = NO_SECRETS) -> None:
        self._secrets = secrets
        self.events: list[Event] = []
        self.trouble: str | None = None
        self._log: EventLog | None = None
        try:
            self._log = EventLog(path)
        except OSError as error:
            self.trouble = f"the event log cannot be written: {error}"

    def append(self, event: Event) -> None:
        """See `ports.EventSink`."""
        clean = self._secrets.clean(event)
        self.events.append(clean)
        self._write(lambda log: log.append(clean))

    def sync(self) -> None:
        """See `ports.EventSink`."""
        self._write(lambda log: log.sync())

    def _write(self, what: Callable[[EventLog], None]) -> None:
        if self._log is None:
            return
        try:
            what(self._log)
        except OSError as error:
            self.trouble = f"the event log on disk is not whole: {error}"
            self._log = None


class Places(NamedTuple):
    """Where a run leaves what it makes. `temporary` is gone when it is over."""

    folder: RunFolder
    temporary: Path
    results: Results
    sink: MemorySink
