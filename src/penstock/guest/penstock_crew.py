"""The workers as their leader sees them: a process, the file of its reports, and what is left when it dies.

PYTEST_DONT_REWRITE

Standard library only, Python >= 3.9.
"""

from __future__ import annotations

import contextlib
import os
import signal
import time
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from penstock.guest.penstock_identity import Identity
    from penstock.guest.penstock_reports import Inbox
    from penstock.guest.penstock_tries import Errand
else:
    from penstock_reports import Inbox
    from penstock_tries import Errand

TRACE_SIGNAL = signal.SIGRTMAX - 3 if hasattr(signal, "SIGRTMAX") else 0  # "write down where every thread is"
_TRACE_S = 0.3
_STUCK_S = 10.0
_WORDS_BYTES = 32 << 10


class Ended(NamedTuple):
    """How a process ended. `status`: 0 = in peace. `words`: "died of SIGSEGV", "left with exit code 1"."""

    status: int
    words: str


class Member:
    """One worker."""

    def __init__(self, folder: str, identity: Identity) -> None:
        self.identity = identity
        self.pid = 0
        self.outbox = os.path.join(folder, f"{identity.name}.reports")
        self.errors = os.path.join(folder, f"{identity.name}.errors")
        self.inbox = Inbox(self.outbox)
        self.over_since_s = 0.0  # when it had told everything
        self.killed_for = ""
        self.is_warm = False  # forked from a process that had collected
        self.is_withdrawn = False  # its test is begun again elsewhere, as if nothing had been
        self.errand = Errand()
        self._ticks = -1  # of processor time, when it was last seen to work
        self._idle_since_s = 0.0
        self.claim: int | None = None  # the processor of the run's pool that it uses

    def poll(self) -> Ended | None:
        """How it ended, None while it runs."""
        try:
            pid, status = os.waitpid(self.pid, os.WNOHANG)
        except ChildProcessError:  # the project has the system forget its children, or waits for all of them itself
            return Ended(0, "ended, and nobody knows how")
        return ended(status) if pid else None

    def close(self) -> None:
        """Read nothing more of it."""
        self.inbox.close()

    def interrupt(self) -> None:
        """As Ctrl-C does."""
        with contextlib.suppress(OSError):
            os.kill(self.pid, signal.SIGINT)

    def kill(self) -> None:
        """End it with all that it started; its threads' stacks are written down before."""
        if TRACE_SIGNAL:
            before = self._size()
            with contextlib.suppress(OSError):
                os.kill(self.pid, TRACE_SIGNAL)
            until_s = time.monotonic() + _TRACE_S
            while self._size() == before and time.monotonic() < until_s:
                time.sleep(0.01)
            time.sleep(0.02)
        kill_tree(self.pid)

    def is_stuck(self, now_s: float) -> bool:
        """Whether it has waited for a lock, without any work, for so long that nobody can be about to give it back."""
        ticks = _ticks(self.pid)
        if ticks != self._ticks:
            self._ticks, self._idle_since_s = ticks, now_s
        if now_s - self._idle_since_s < _STUCK_S:
            return False
        try:
            with open(f"/proc/{self.pid}/wchan", encoding="ascii", errors="replace") as stream:
                where = stream.read()
        except OSError:
            where = ""
        return "futex" in where

    def last_words(self) -> str:
        """What it wrote before it died: a stack, or an error of its own."""
        try:
            with open(self.errors, "rb") as stream:
                return stream.read(_WORDS_BYTES).decode("utf-8", "replace").strip()
        except OSError:
            return ""

    def _size(self) -> int:
        try:
            return os.path.getsize(self.errors)
        except OSError:
            return -1


def ended(status: int) -> Ended:
    """What waitpid's status says."""
    if os.WIFSIGNALED(status):
        number = os.WTERMSIG(status)
        try:
            name = signal.Signals(number).name
        except ValueError:
            name = f"signal {number}"
        return Ended(-number, f"died of {name}")
    code = os.WEXITSTATUS(status)
    return Ended(code, f"left with exit code {code}")


def kill_tree(pid: int) -> None:
    """SIGKILL to a process and all that descends from it; children may be born meanwhile, so until none is found."""
    for _ in range(5):
        found = [pid, *_descendants(pid)]
        for each in found:
            with contextlib.suppress(OSError):
                os.kill(each, signal.SIGKILL)
        if len(found) == 1:
            return


def _ticks(pid: int) -> int:
    """The processor time that a process has used, in the system's ticks; -1 where that cannot be told."""
    try:
        with open(f"/proc/{pid}/stat", "rb") as stream:
            fields = stream.read().rpartition(b")")[2].split()
        return int(fields[11]) + int(fields[12])
    except (OSError, ValueError, IndexError):
        return -1


def _descendants(pid: int) -> list[int]:
    children: dict[int, list[int]] = {}
    for name in os.listdir("/proc") if os.path.isdir("/proc/self") else ():
        if name.isdigit():
            with contextlib.suppress(OSError, ValueError, IndexError), open(f"/proc/{name}/stat", "rb") as stream:
                parent = int(stream.read().rpartition(b")")[2].split()[1])
                children.setdefault(parent, []).append(int(name))
    found, open_ = [], [pid]
    while open_:
        below = children.get(open_.pop(), [])
        found += below
        open_ += below
    return found
