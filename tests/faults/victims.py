"""Job processes that do not want to end. `python -I -S victims.py NAME MARK`: every process of it has MARK in its argv.

Standard library only, quick to start: several are started for every test run.
"""

from __future__ import annotations

import os
import signal
import sys
import time


def rest(mark: str) -> None:
    """Become a process that does nothing for a day."""
    os.execvp("sleep", ["sleep", mark])


def spawned(mark: str, *, session: bool = False, clean: bool = False, close: bool = False) -> int:
    """A child that rests; by wish in a session of its own, without any environment, with the output closed."""
    pid = os.fork()
    if pid == 0:
        if session:
            os.setsid()
        if close:
            null = os.open(os.devnull, os.O_RDWR)
            for descriptor in (0, 1, 2):
                os.dup2(null, descriptor)
        if clean:
            os.execve("/bin/sleep", ["sleep", mark], {})
        rest(mark)
    return pid


def patient(mark: str) -> None:
    """The well-behaved one: it ends at TERM."""
    print("ready", flush=True)
    rest(mark)


def deaf(mark: str) -> None:
    """Ignores TERM, and so do its children."""
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    for _ in range(3):
        spawned(mark)
    print("ready", flush=True)
    rest(mark)


def daemon(mark: str) -> None:
    """Double-forks, as daemons do, and ends with 0."""
    if os.fork() == 0:
        os.setsid()
        spawned(mark, close=True)
        os._exit(0)
    os.wait()


def clean_daemon(mark: str) -> None:
    """The same without a trace in its environment, and deaf."""
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    if os.fork() == 0:
        os.setsid()
        spawned(mark, session=True, clean=True, close=True)
        os._exit(0)
    os.wait()


def holder(mark: str) -> None:
    """Ends with 0 and leaves a child that holds its output."""
    print("done", flush=True)
    spawned(mark)


def sleeper(mark: str) -> None:
    """Leaves a child that is stopped."""
    child = spawned(mark)
    time.sleep(0.1)  # it has become `sleep` by then
    os.kill(child, signal.SIGSTOP)


def stopped(mark: str) -> None:
    """Stops itself."""
    print("ready", flush=True)
    os.kill(os.getpid(), signal.SIGSTOP)
    rest(mark)


def hydra(mark: str) -> None:
    """Every head that is told to end grows two more, five times over, each in a session of its own."""
    grow(5, first=True)


def grow(lives: int, *, first: bool = False) -> None:
    """A head. The first one says when it can be struck."""

    def struck(number: int, frame: object) -> None:
        if lives:
            for _ in range(2):
                if os.fork() == 0:
                    os.setsid()
                    grow(lives - 1)

    signal.signal(signal.SIGTERM, struck)
    if first:
        print("ready", flush=True)
    while True:
        time.sleep(60)


def brood(mark: str) -> None:
    """Forty processes that keep replacing themselves: each forks its successor and dies."""
    for _ in range(40):
        if os.fork() == 0:
            signal.signal(signal.SIGTERM, signal.SIG_IGN)
            for _ in range(10_000):
                time.sleep(0.1)
                if os.fork() != 0:
                    os._exit(0)
            os._exit(0)
    print("ready", flush=True)
    rest(mark)


def parricide(mark: str) -> None:
    """Kills its supervisor, having hidden a daemon first."""
    clean_daemon(mark)
    spawned(mark, session=True)
    os.kill(os.getppid(), signal.SIGKILL)
    rest(mark)


def suicide(mark: str) -> None:
    """Kills its whole process group."""
    spawned(mark)
    os.kill(0, signal.SIGKILL)


def garbage(mark: str) -> None:
    """Prints what is no text."""
    os.write(1, bytes(range(256)) * 16)
    os.write(2, b"\xff\xfe\x00\x00")


def flood(mark: str) -> None:
    """Prints MARK mebibytes."""
    block = b"x" * ((1 << 20) - 1) + b"\n"
    for _ in range(int(mark)):
        os.write(1, block)


def hog(mark: str) -> None:
    """Takes memory until it is not given any more."""
    held = []
    while True:
        held.append(b"\1" * (8 << 20))


if __name__ == "__main__":
    {made.__name__.replace("_", "-"): made for made in list(globals().values()) if hasattr(made, "__code__")}[
        sys.argv[1]
    ](sys.argv[2])
