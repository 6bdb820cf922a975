"""A command that serves: started, watched, and ended with all that it started (stdlib only, Python >= 3.9).

Its output goes to a file, up to a cap; the last of it is kept for the reader of a failure.
"""

from __future__ import annotations

import collections
import contextlib
import os
import signal
import subprocess
import threading
import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from penstock.guest.shim import Process, below, control_process, name_of, processes
else:
    from shim import below, control_process, name_of, processes

GRACE_S = 10.0  # between TERM and KILL
_LOG_BYTES = 4 << 20
_TAIL_LINES = 15
_SUBREAPER = 36  # prctl: what its processes leave becomes a child of ours, and is found below us


class NotStartedError(Exception):
    """The command could not be started: why."""


class Served:
    """The running command. Raises NotStartedError."""

    def __init__(self, argv: list[str], environment: dict[str, str], log: str) -> None:
        control_process(_SUBREAPER, 1)
        try:
            self._process = subprocess.Popen(
                argv,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                env=environment,
                start_new_session=True,  # what it does to its own group concerns nobody else
            )
        except OSError as error:
            raise NotStartedError(f"{argv[0]} could not be started: {error.strerror}") from error
        self._tail: collections.deque[bytes] = collections.deque(maxlen=_TAIL_LINES)
        self._reader = threading.Thread(target=self._copy, args=(log,), daemon=True)
        self._reader.start()

    def _copy(self, log: str) -> None:
        stream = self._process.stdout
        if stream is None:
            return
        room = _LOG_BYTES
        with open(log, "wb") as file:
            while line := stream.readline(1 << 16):
                self._tail.append(line[:500])
                if room > 0:
                    file.write(line[:room])
                    file.flush()
                room -= len(line)
            if room < 0:
                file.write(b"\n... %d bytes are left out\n" % -room)

    def ended(self) -> str:
        """How it ended, "" while it runs."""
        code = self._process.poll()
        return "" if code is None else how(code)

    def tail(self) -> str:
        """The last lines that it wrote."""
        if self._process.poll() is not None:
            self._reader.join(timeout=1.0)
        return b"".join(list(self._tail)).decode("utf-8", "replace").rstrip()

    def end(self, grace_s: float = GRACE_S) -> str:
        """End it and all below it: TERM, `grace_s`, KILL. What would not end by itself, "" if all did."""
        deadline = time.monotonic() + grace_s
        for process in self._left():
            _send(process.pid, signal.SIGTERM)
        while self._left() and time.monotonic() < deadline:
            time.sleep(0.02)
        stubborn = [name_of(process.pid) for process in self._left()]
        while (left := self._left()) and time.monotonic() < deadline + GRACE_S:
            for process in left:
                _send(process.pid, signal.SIGKILL)
            time.sleep(0.02)
        self._reader.join(timeout=1.0)
        return ", ".join(stubborn)

    def _left(self) -> list[Process]:
        """What runs of it: everything below us."""
        self._process.poll()
        return below(os.getpid(), processes())


def _send(pid: int, number: signal.Signals) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.kill(pid, number)


def how(code: int) -> str:
    """`ended with exit code 3`, `was ended by SIGSEGV`."""
    if code >= 0:
        return f"ended with exit code {code}"
    try:
        return f"was ended by {signal.Signals(-code).name}"
    except ValueError:
        return f"was ended by signal {-code}"
