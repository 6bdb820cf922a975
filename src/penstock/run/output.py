"""What a job prints: drained as bytes, kept on disk up to a cap and in memory at both ends only."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import TYPE_CHECKING

if TYPE_CHECKING:  # a run without secrets imports none of it
    from penstock.guest.penstock_redaction import Stream

KEPT_BYTES = 64 << 10  # of each end
CAP_BYTES = 64 << 20  # of one log file


class Output:
    """One stream. It is always taken in whole, so that a job never waits for us; what is kept of it is bounded.

    A file that cannot be written (full disk, read-only folder) loses the log, never the job: `trouble` says why.
    `redaction`: takes secrets out before anything is kept or shown.
    """

    def __init__(
        self,
        path: str,
        *,
        cap_bytes: int = CAP_BYTES,
        echo: Callable[[bytes], None] | None = None,
        redaction: Stream | None = None,
    ) -> None:
        self.total_bytes = 0
        self._redaction = redaction
        self.trouble: str | None = None
        self._head = bytearray()
        self._tail = bytearray()
        self._echo = echo
        self._dropped_bytes = 0
        self._cap_bytes = cap_bytes
        self._room_bytes = 0
        self._descriptor: int | None = None
        try:
            self._descriptor = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC, 0o644)
            self._room_bytes = max(cap_bytes - os.fstat(self._descriptor).st_size, 0)
        except OSError as error:
            self._give_up(error)

    @property
    def echoes(self) -> bool:
        """Whether somebody watches it."""
        return self._echo is not None

    @property
    def head(self) -> bytes:
        """The first bytes."""
        return bytes(self._head)

    @property
    def tail(self) -> bytes:
        """The last bytes of what came after the head."""
        return bytes(self._tail[-KEPT_BYTES:])

    def take(self, chunk: memoryview) -> None:
        """Take in the next bytes."""
        self.total_bytes += len(chunk)
        self._keep(chunk if self._redaction is None else memoryview(self._redaction.feed(chunk)))

    def _keep(self, chunk: memoryview) -> None:
        self._pass_on(chunk)
        self._log(chunk)
        if len(self._head) < KEPT_BYTES:
            room = KEPT_BYTES - len(self._head)
            self._head += chunk[:room]
            chunk = chunk[room:]
        self._tail += chunk[-KEPT_BYTES:]
        if len(self._tail) > 2 * KEPT_BYTES:
            del self._tail[:-KEPT_BYTES]

    def close(self) -> None:
        """End the file; where bytes were left out, with their number and the last of them."""
        if self._redaction is not None:
            self._keep(memoryview(self._redaction.finish()))
            self._redaction = None
        if self._dropped_bytes:
            last = self._tail[-min(self._dropped_bytes, KEPT_BYTES) :]
            self._write(b"[penstock: %d bytes left out, the last of them follow]\n" % (self._dropped_bytes - len(last)))
            self._write(last)
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None

    def _pass_on(self, chunk: memoryview) -> None:
        if self._echo is not None:
            try:
                self._echo(bytes(chunk))
            except OSError:  # the terminal is gone; the job and its log are not
                self._echo = None

    def _log(self, chunk: memoryview) -> None:
        fitting = chunk[: self._room_bytes]
        self._room_bytes -= len(fitting)
        self._write(fitting)
        if len(fitting) < len(chunk):
            if not self._dropped_bytes:
                cap = f"{self._cap_bytes / (1 << 20):g} MiB"
                self.trouble = self.trouble or f"the output was cut at the log's cap of {cap}"
                self._write(f"\n[penstock: the log's cap of {cap} is reached]\n".encode())
            self._dropped_bytes += len(chunk) - len(fitting)

    def _write(self, content: bytes | bytearray | memoryview) -> None:
        view = memoryview(content)
        while view and self._descriptor is not None:
            try:
                view = view[os.write(self._descriptor, view) :]
            except OSError as error:
                self._give_up(error)

    def _give_up(self, error: OSError) -> None:
        self.trouble = f"the output could not be written: {error.strerror}"
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None
