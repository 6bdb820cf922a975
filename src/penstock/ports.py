"""The doors: Protocols by which effects and plugins enter.

Each has a fake in tests/fakes and one contract test that both the fake and the real thing pass.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Protocol

from penstock.model.events import Event, JobFinished
from penstock.model.pipeline import JobSpec, Quarantine
from penstock.model.plan import Command, Job
from penstock.model.snapshot import CoverageUse, Project, Suite, ToolUse
from penstock.value import Value

if TYPE_CHECKING:  # a plan has no use for these, and every start imports the doors
    from penstock.model.records import Reading
    from penstock.model.verdict import CheckResult, Evidence
    from penstock.util.process import Completed
    from penstock.util.web import Answer, Request


class Clock(Protocol):
    """Time. Durations and limits use `monotonic_s` only."""

    def monotonic_s(self) -> float:
        """Seconds on a clock that never goes back."""
        ...

    def wall_s(self) -> float:
        """Seconds since the epoch, UTC."""
        ...

    def sleep(self, seconds: float) -> None:
        """Do nothing for so long."""
        ...


class Processes(Protocol):
    """Starts short processes and waits for them (git, an interpreter asked for its version, uv)."""

    def run(
        self,
        argv: Sequence[str],
        *,
        directory: str,
        environment: Mapping[str, str] | None = None,
        timeout_s: float = 60.0,
        stdin: bytes = b"",
    ) -> Completed:
        """Run to the end. Raises FileNotFoundError if the program is missing, TimeoutError past `timeout_s`."""
        ...


class Web(Protocol):
    """Asks servers by HTTP. It follows no redirection: what is secret goes where it is sent, and nowhere else."""

    def ask(self, request: Request, *, timeout_s: float = 30.0) -> Answer:
        """The whole answer, whatever its status. Raises NoAnswerError, and TimeoutError past `timeout_s`.

        No error quotes the address or a header: either may be a secret.
        """
        ...


class Launch(Value, frozen=True, kw_only=True):
    """One supervised process, fully concrete: nothing left to look up.

    `output`: the file that gets stdout and stderr (appended, capped); with `stdout`, that file gets stdout
    alone. `timeout_s`, `grace_s` in seconds. `echo`: the output is passed on to the terminal as it comes (`-s`).
    `memory_bytes`: what its processes may hold together, 0 = not limited. `background`: at the lowest priority, where
    the system has one. `tears_down`: interrupted by SIGINT, the command
    puts away what it has set up, so it gets one before it is ended.
    """

    task: str
    argv: tuple[str, ...]
    directory: str
    environment: tuple[tuple[str, str], ...]
    output: str
    stdout: str | None = None
    timeout_s: float | None = None
    memory_bytes: int = 0
    grace_s: float = 10.0
    echo: bool = False
    background: bool = False
    tears_down: bool = False


class Ended(Value, frozen=True, kw_only=True):
    """How a launched process and its whole tree ended. See `events.CommandFinished` for the units and causes.

    `head + tail` is the whole output where that is no longer than both; otherwise its first and its last bytes.
    `used_bytes`: the most that its processes were seen to hold together, where that is limited.
    """

    task: str
    exit_code: int | None
    signal: int | None
    cause: str
    duration_s: float
    cpu_s: float
    memory_bytes: int
    used_bytes: int = 0
    leaked: tuple[str, ...] = ()
    output_bytes: int = 0
    head: bytes = b""  # bounded, 64 KiB each
    tail: bytes = b""
    problem: str | None = None  # it could not be started: why
    directory: str = ""  # where it ran, absolute: reports name files in it by their whole path
    unlogged: str | None = None  # the output on disk is not whole (cap reached, disk full, read-only): why


class Executor(Protocol):
    """Runs processes with their trees, several at once. One owner; not thread-safe."""

    def start(self, launch: Launch) -> None:
        """Start it. A program that cannot be started is an `Ended` with `problem`, not an exception."""
        ...

    def wait(self, timeout_s: float | None) -> list[Ended]:
        """Block until something ends or `timeout_s` is over; enforce time limits meanwhile. May return []."""
        ...

    def stop(self, task: str, cause: str, *, grace_s: float | None = None) -> None:
        """End a task's tree: TERM, grace, KILL, sweep. Its `Ended` arrives by `wait`."""
        ...

    def close(self) -> None:
        """Kill what is left and sweep. No process of the run lives afterwards."""
        ...


class EventSink(Protocol):
    """The event log."""

    def append(self, event: Event) -> None:
        """Durable against the death of this process when it returns."""
        ...

    def sync(self) -> None:
        """Durable against the death of the machine when it returns."""
        ...


class Entry(Value, frozen=True, kw_only=True):
    """A cached job result: the finish event and the job's files. `key_parts` as in `model.plan.Binding`."""

    key: str
    job: str
    wall_s: float
    run: str
    finished: JobFinished
    files: tuple[tuple[str, str], ...]  # name below the job's folder -> sha256
    platform: str = ""
    key_parts: Mapping[str, str] = {}


class CacheBackend(Protocol):
    """Job results by input-addressed key. A damaged entry is a miss, never an error and never a wrong hit."""

    def get(self, key: str) -> Entry | None:
        """The verified entry, or None."""
        ...

    def put(self, entry: Entry, folder: str) -> None:
        """Store an entry with its files from `folder`, atomically; concurrent writers of one key are fine."""
        ...

    def restore(self, entry: Entry, folder: str) -> bool:
        """Bring the entry's files into `folder`, each verified; False (and nothing there) if one is damaged."""
        ...

    def nearest(self, job: str, platform: str) -> Mapping[str, str] | None:
        """The key parts of the job's newest entry, to explain a miss."""
        ...


class ToolContext(Value, frozen=True, kw_only=True):
    """What a tool's adapter may know when it makes a job's commands."""

    project: Project
    spec: JobSpec
    suite: Suite | None = None
    use: ToolUse | None = None
    coverage: CoverageUse | None = None  # measure, if not None
    python: str | None = None
    files: tuple[str, ...] = ()  # tracked Python files, for tools that want a count
    pytest_args: tuple[str, ...] = ()  # from the command line, after --
    edited: tuple[str, ...] = ()  # files that the change adds or edits, where that is known
    against: str = ""  # the commit that the change's base branch is at, where that is known
    quarantine: tuple[Quarantine, ...] = ()
    base: str = ""  # the commit to compare with
    chosen: tuple[str, ...] = ()  # files that the job names by patterns
    engine: str = ""  # the path of the container engine that answers


class Tool(Protocol):
    """One program: how to call it, how to read what it leaves. Pure."""

    name: str
    # penstock's own pin, "ruff==0.14.5", with a line for each Python that needs its own; "" if it comes with the
    # project or with Python
    requirement: str

    def commands(self, context: ToolContext) -> tuple[Command, ...]:
        """The processes to start, with tokens for whatever only the machine knows."""
        ...

    def read(self, ended: Ended, reports: Mapping[str, bytes], job: Job) -> Reading:
        """What it said. `reports`: file name -> content of the job's report folder, `ended.head/tail` its output."""
        ...


class Check(Protocol):
    """One question over the evidence. Pure."""

    name: str

    def answer(self, evidence: Evidence) -> Iterable[CheckResult]:
        """The answers: none if the question does not arise in this plan."""
        ...
