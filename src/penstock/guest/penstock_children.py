"""Starts a process of the project's, and waits for it with a limit. Standard library, Python >= 3.9.

What it puts out is kept in part: its head and its tail, whatever its length. Its whole group is ended with it when it
runs into its limit; what it leaves otherwise is the supervisor's, who tells of it.
"""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import threading
import time
from collections.abc import Mapping, Sequence
from typing import NamedTuple

_HEAD = 16 << 10  # bytes
_TAIL = 48 << 10
_STEP_S = 0.05
_GRACE_S = 2.0  # between TERM and KILL
_DRAIN_S = 1.0  # for what is left in the pipe, which a grandchild may hold open


class End(NamedTuple):
    """How a process ended. `code` is negative for a signal; `text`: its output, with a mark where some is left out."""

    code: int
    late: bool  # it ran into its limit
    seconds: float
    text: str

    @property
    def good(self) -> bool:
        """Whether it ended by itself, with 0."""
        return self.code == 0 and not self.late

    @property
    def last(self) -> str:
        """The last line that it put out which says something, "" if there is none."""
        return next((line.strip() for line in reversed(self.text.splitlines()) if line.strip()), "")


def run(
    argv: Sequence[str], *, limit_s: float, folder: str | None = None, variables: Mapping[str, str] | None = None
) -> End:
    """Run to the end. A program that cannot be started has ended with 127, with the reason as its output."""
    began = time.monotonic()
    try:
        process = subprocess.Popen(
            list(argv),
            cwd=folder,
            env={**os.environ, **(variables or {})},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    except OSError as error:
        return End(127, late=False, seconds=0.0, text=f"{argv[0]} could not be started: {error.strerror}")
    output = _Output(process)
    try:
        late = not _ended(process, output, began + limit_s)
    finally:  # also when we are told to end
        if process.poll() is None:
            _end(process)
    output.join(_DRAIN_S)
    return End(process.wait(), late=late, seconds=time.monotonic() - began, text=output.text)


def _ended(process: subprocess.Popen[bytes], output: _Output, until: float) -> bool:
    """Wait for the end; whether it came in time. The end of its output comes at once, and is not asked for."""
    while process.poll() is None:
        left = until - time.monotonic()
        if left <= 0:
            return False
        if output.is_alive():
            output.join(min(left, _STEP_S))
        else:
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(left)
    return True


def _end(process: subprocess.Popen[bytes]) -> None:
    for number in (signal.SIGTERM, signal.SIGKILL):
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, number)
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(_GRACE_S)


class _Output(threading.Thread):
    """Reads the output to its end, and keeps its head and its tail."""

    def __init__(self, process: subprocess.Popen[bytes]) -> None:
        super().__init__(daemon=True)
        self._process = process
        self._head = b""
        self._tail = b""
        self._left_out = 0
        self.start()

    def run(self) -> None:
        stream = self._process.stdout
        if stream is None:
            return
        with stream:
            for chunk in iter(lambda: os.read(stream.fileno(), 65536), b""):
                room = _HEAD - len(self._head)
                self._head += chunk[:room]
                rest = self._tail + chunk[room:]
                self._left_out += max(0, len(rest) - _TAIL)
                self._tail = rest[-_TAIL:]

    @property
    def text(self) -> str:
        """What is kept, as text."""
        gap = f"\n… {self._left_out} bytes left out …\n".encode() if self._left_out else b""
        return (self._head + gap + self._tail).decode("utf-8", "replace")
