"""The event log's form: one event a line, each line with its own checksum; loads after truncation at any byte.

`crc32 in 8 hex digits, space, JSON object with "event" and the event's fields, newline`. The guests write the same
form by hand. A last line without its newline was being written when its writer died: it is dropped. Any other line
that does not check is *damage*: told, never skipped silently.
"""

from __future__ import annotations

import os
import zlib
from pathlib import Path

import msgspec

from penstock.model.events import Event
from penstock.value import Value


class Log(Value, frozen=True, kw_only=True):
    """What a log file holds. `damaged`: lines that cannot be trusted, in words. `torn`: the last line was cut."""

    events: tuple[Event, ...]
    damaged: tuple[str, ...] = ()
    torn: bool = False


def encode_line(event: Event) -> bytes:
    """One event as one line."""
    text = msgspec.json.encode(event)
    return b"%08x %b\n" % (zlib.crc32(text), text)


def decode_lines(content: bytes) -> Log:
    """All events of a log, in order. Never raises for what the content says."""
    *lines, rest = content.split(b"\n")
    decoder: msgspec.json.Decoder[Event] = msgspec.json.Decoder(Event)
    events: list[Event] = []
    damaged: list[str] = []
    for number, line in enumerate(lines, start=1):
        checksum, _, text = line.partition(b" ")
        if checksum != b"%08x" % zlib.crc32(text):
            damaged.append(f"line {number}: the checksum does not fit the line")
            continue
        try:
            events.append(decoder.decode(text))
        except (ValueError, RecursionError) as error:
            damaged.append(f"line {number}: {error}")
    return Log(events=tuple(events), damaged=tuple(damaged), torn=bool(rest))


class EventLog:
    """The append-only log of one writer. Every `append` is one write: whole or torn, never interleaved."""

    def __init__(self, path: Path) -> None:
        self._descriptor = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC, 0o644)

    def append(self, event: Event) -> None:
        """Durable against the death of this process when it returns. Raises OSError (disk full)."""
        line = encode_line(event)
        if os.write(self._descriptor, line) != len(line):
            raise OSError("the event log took only a part of a line: is the disk full?")

    def sync(self) -> None:
        """Durable against the death of the machine when it returns."""
        os.fsync(self._descriptor)

    def close(self) -> None:
        """Give the descriptor back."""
        os.close(self._descriptor)
