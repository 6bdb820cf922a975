"""Starting a shim and speaking with it: `guest/shim.py` from penstock's side."""

from __future__ import annotations

import contextlib
import functools
import importlib.util
import os
import signal
import sys
from collections.abc import Mapping
from pathlib import Path

from penstock.guest import shim as guest
from penstock.ports import Launch
from penstock.value import Value

TAG = "PENSTOCK_TAG"  # the variable that marks every process of a run: "<run>/<task>"

# What penstock's own interpreter may need to find its libraries, where it runs without its surroundings.
_LOADER_VARIABLES = ("LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH", "DYLD_FALLBACK_LIBRARY_PATH")
_PIPE_BYTES = 1 << 20  # Linux lets everybody have that; fewer switches between a job that prints and us
_LOWEST_SOURCE = 10  # descriptors that become 0 to 4 in the shim must not be 0 to 4 here


class Account(Value, frozen=True, kw_only=True):
    """What the shim told before it left. `asked`: it ended the tree because it was told to; `since_s`: the command
    itself had been gone for so long, while what it left was waited for and ended.
    """

    exit_code: int | None
    signal: int | None
    asked: bool
    since_s: float
    cpu_s: float
    memory_bytes: int
    leaked: tuple[str, ...]


class Shim:
    """A running shim: its pid and our ends of its pipes. The pid is ours until `reap`, so it names no one else."""

    def __init__(self, pid: int, *, report: int, orders: int, output: int, stdout: int | None) -> None:
        self.pid = pid
        self.report = report
        self.orders = orders
        self.output = output
        self.stdout = stdout
        self._said = b""

    def order_end(self, grace_s: float, *, gently: bool = False) -> None:
        """TERM now (gently: SIGINT to the command before), KILL after `grace_s`. May be repeated with a shorter one."""
        guest.write_frame(self.orders, guest.INTERRUPT if gently else guest.STOP, grace_s)

    def hear(self) -> bool:
        """Take in what the shim says. False: it has left and its last words are complete."""
        try:
            said = os.read(self.report, 1 << 16)
        except BlockingIOError:
            return True
        self._said += said
        return bool(said)

    def reap(self) -> tuple[int, float, int]:
        """Wait for the shim's own death: wait status, CPU seconds, and largest resident set of itself and below."""
        _, status, usage = os.wait4(self.pid, 0)
        return status, usage.ru_utime + usage.ru_stime, usage.ru_maxrss * _maxrss_unit()

    def close(self) -> None:
        """Give our descriptors back."""
        for descriptor in (self.report, self.orders, self.output, self.stdout):
            if descriptor is not None:
                os.close(descriptor)

    def last_words(self) -> tuple[Account | None, str | None]:
        """What it told of the end (None: it was killed before it could), and why the command could not start."""
        account, problem, rest = None, None, self._said
        while len(rest) >= 8:  # frames: 8 hex digits of length, then the fields
            length = int(rest[:8], 16)
            kind, *fields = (os.fsdecode(field) for field in rest[8 : 8 + length].split(b"\0"))
            rest = rest[8 + length :]
            if kind == "problem":
                problem = fields[0]
            else:
                account = _account(fields)
        return account, problem


def _account(fields: list[str]) -> Account:
    code, number, asked, since_s, cpu_s, memory, *leaked = fields
    return Account(
        exit_code=int(code) if code else None,
        signal=int(number) if number else None,
        asked=asked == "1",
        since_s=float(since_s),
        cpu_s=float(cpu_s),
        memory_bytes=int(memory) * _maxrss_unit(),
        leaked=tuple(leaked),
    )


def _maxrss_unit() -> int:
    """Bytes in one unit of ru_maxrss: Linux counts KiB, macOS bytes (getrusage(2) of both)."""
    return 1 if sys.platform == "darwin" else 1024


def spawn(launch: Launch, tag: str) -> Shim:
    """Start `launch` under a new shim. Raises OSError (no descriptors, no processes, no memory) and leaves nothing."""
    ours: list[int] = []
    theirs: list[int] = []
    try:
        output, output_in = _pipe(ours, theirs, large=True)
        stdout, stdout_in = _pipe(ours, theirs, large=True) if launch.stdout is not None else (None, output_in)
        report, report_in = _pipe(ours, theirs)
        orders_out, orders = _pipe(theirs, ours)
        variables = dict(launch.environment) | {TAG: tag}
        pid = _start(tag, variables, {1: stdout_in, 2: output_in, guest.REPORT: report_in, guest.ORDERS: orders_out})
    except OSError:
        for descriptor in ours:
            os.close(descriptor)
        raise
    finally:
        for descriptor in theirs:
            os.close(descriptor)
    pairs = [text for pair in variables.items() for text in pair]
    priority = guest.BACKGROUND if launch.background else guest.FOREGROUND
    guest.write_frame(orders, priority, launch.directory, len(launch.argv), *launch.argv, *pairs)
    for descriptor in ours:
        os.set_blocking(descriptor, False)
    return Shim(pid, report=report, orders=orders, output=output, stdout=stdout)


def _start(tag: str, variables: Mapping[str, str], places: Mapping[int, int]) -> int:
    """The shim's pid. It gets `places` (its descriptor: ours), /dev/null as stdin, and signals as if at boot."""
    argv = [sys.executable, "-I", "-S", "-X", "utf8", _shim_file(), tag, str(os.getpid())]
    environment = {name: variables[name] for name in (TAG, *_LOADER_VARIABLES) if name in variables}
    actions: list[tuple[int, int, str, int, int] | tuple[int, int, int]] = [
        (os.POSIX_SPAWN_OPEN, 0, os.devnull, os.O_RDONLY, 0)
    ]
    actions += [(os.POSIX_SPAWN_DUP2, source, place) for place, source in places.items()]
    defaults = (signal.SIGHUP, signal.SIGINT, signal.SIGQUIT, signal.SIGTERM, signal.SIGPIPE, signal.SIGCHLD)
    try:
        return os.posix_spawn(
            sys.executable, argv, environment, file_actions=actions, setsid=True, setsigmask=(), setsigdef=defaults
        )
    except NotImplementedError:  # an old system; the shim then leads its session a moment later
        return os.posix_spawn(
            sys.executable, argv, environment, file_actions=actions, setsigmask=(), setsigdef=defaults
        )


@functools.cache
def _shim_file() -> str:
    """The compiled shim where Python has kept it and it is that of the source: it saves 4 of 20 ms CPU a start."""
    source = Path(guest.__file__)
    compiled = Path(importlib.util.cache_from_source(guest.__file__))
    try:
        facts, head = source.stat(), compiled.read_bytes()[:16]
    except OSError:
        return str(source)
    # PEP 552: magic, flags (0: by time), then the source's modification time and size, as Python itself compares them.
    of_source = (int(facts.st_mtime) & 0xFFFFFFFF).to_bytes(4, "little") + facts.st_size.to_bytes(4, "little")
    return str(compiled if head == importlib.util.MAGIC_NUMBER + bytes(4) + of_source else source)


def _pipe(readers: list[int], writers: list[int], *, large: bool = False) -> tuple[int, int]:
    """A pipe whose ends are not inherited; each is noted in its list as soon as it exists."""
    import fcntl

    low = os.pipe()
    try:
        for descriptor, kept in zip(low, (readers, writers), strict=True):
            kept.append(fcntl.fcntl(descriptor, fcntl.F_DUPFD_CLOEXEC, _LOWEST_SOURCE))
    finally:
        for descriptor in low:
            os.close(descriptor)
    if large and hasattr(fcntl, "F_SETPIPE_SZ"):
        with contextlib.suppress(OSError):  # many pipes are open already: the default size will do
            fcntl.fcntl(readers[-1], fcntl.F_SETPIPE_SZ, _PIPE_BYTES)
    return readers[-1], writers[-1]
