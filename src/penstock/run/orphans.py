"""Processes whose supervisor is gone: found by the tag in their environment, by descent, by session; and ended."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterable

from penstock.guest.shim import UNKILLABLE_S, Process, below, name_of, processes, read_file
from penstock.ports import Clock
from penstock.run.spawning import TAG

Found = Callable[[dict[int, Process]], Iterable[Process]]


def tag_of(pid: int) -> str | None:
    """The tag that a process was started with: "<run>/<task>". None if it has none or belongs to another user."""
    mark = f"{TAG}=".encode()
    for line in read_file(f"/proc/{pid}/environ").split(b"\0"):
        if line.startswith(mark):
            return line[len(mark) :].decode("utf-8", "replace")
    return None


def tagged(belongs: Callable[[str], bool]) -> Found:
    """Finds the living processes whose tag `belongs` accepts, what descends from them, and what shares their session
    (a server that overwrites its environment to show a title loses its tag, not its session).
    """

    def find(table: dict[int, Process]) -> Iterable[Process]:
        mine = {}
        for process in table.values():
            tag = None if process.zombie else tag_of(process.pid)
            if tag is not None and belongs(tag):
                mine[process.pid] = process
        for pid in list(mine):
            mine |= {process.pid: process for process in below(pid, table)}
        sessions = {process.session for process in mine.values()}
        mine |= {
            process.pid: process for process in table.values() if process.session in sessions and not process.zombie
        }
        return mine.values()

    return find


def adopted(supervised: Iterable[int]) -> Found:
    """Finds what came to us, as the subreaper, from a shim that was killed: our descendants in sessions that are not
    ours and that no shim of `supervised` (pids) leads. Short processes of our own stay in our session.
    """
    shims = set(supervised)

    def find(table: dict[int, Process]) -> Iterable[Process]:
        me = os.getpid()
        own = table[me].session if me in table else -1
        for child in table.values():
            if child.parent == me and child.session != own and child.pid not in shims:
                yield child
                yield from below(child.pid, table)

    return find


def end(finders: Iterable[Found], clock: Clock) -> tuple[str, ...]:
    """Kill what the finders find until they find nothing more. Gives the names (argv) of all that was found.

    Blocks for milliseconds; at most `UNKILLABLE_S` for what hangs in the kernel, which is then named as such.
    """
    named: dict[tuple[int, int], str] = {}
    limit = clock.monotonic_s() + UNKILLABLE_S
    pause_s = 0.001
    asked = tuple(finders)
    while living := _living(asked):
        for process in living:
            named.setdefault((process.pid, process.start), name_of(process.pid))
            _kill(process)
        if clock.monotonic_s() > limit:
            return tuple(f"{name} (still lives: it cannot be killed)" for name in named.values())
        time.sleep(pause_s)
        pause_s = min(pause_s * 2, 0.1)
    return tuple(named.values())


def _living(finders: Iterable[Found]) -> list[Process]:
    table = processes()
    found = {process.pid: process for find in finders for process in find(table)}
    for process in found.values():
        if process.zombie and process.parent == os.getpid():
            _reap(process.pid)
    kept = _above(os.getpid(), table)
    return [process for process in found.values() if not process.zombie and process.pid not in kept]


def _above(pid: int, table: dict[int, Process]) -> set[int]:
    """The process itself and its ancestors: never ours to end, whatever they are tagged with."""
    chain: set[int] = set()
    while pid in table and pid not in chain:
        chain.add(pid)
        pid = table[pid].parent
    return chain


def _reap(pid: int) -> None:
    try:
        os.waitpid(pid, os.WNOHANG)
    except ChildProcessError:
        return


def _kill(process: Process) -> None:
    """KILL, if the pid still is that process: held by a pidfd, looked at again, then signalled through it."""
    import signal

    try:
        held = os.pidfd_open(process.pid)
    except OSError:
        return
    try:
        stat = read_file(f"/proc/{process.pid}/stat")
        if b")" in stat and Process(process.pid, stat).start == process.start:
            signal.pidfd_send_signal(held, signal.SIGKILL)
    except OSError:
        return
    finally:
        os.close(held)
