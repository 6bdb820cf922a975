"""The evidence: what happened, one event a line, appended before it is acted on. A closed union.

The guests (`penstock.guest`) write the test events with the standard library alone, in this same form:
`crc32 of the JSON in 8 hex digits, a space, one line of JSON with "event" and the fields below, a newline`.
Times: `at_s` is the machine's monotonic clock in seconds (equal in all its processes; only differences mean anything);
`wall_s` is epoch seconds, UTC.
"""

from collections.abc import Mapping
from enum import StrEnum

from penstock.value import Value


class Outcome(StrEnum):
    """How a job ended. Flaky and cached are facts beside it."""

    PASSED = "passed"
    FAILED = "failed"  # ran, and said no
    ERRORED = "errored"  # could not be asked
    TIMED_OUT = "timed_out"
    CANCELLED = "cancelled"
    SKIPPED = "skipped"  # not run, because a job it needs did not pass


class TestOutcome(StrEnum):
    """How a test ended."""

    PASSED = "passed"
    FAILED = "failed"
    ERRORED = "errored"
    SKIPPED = "skipped"
    XFAILED = "xfailed"
    XPASSED = "xpassed"
    TIMED_OUT = "timed_out"
    CRASHED = "crashed"
    NOT_RUN = "not_run"


class EventBase(Value, frozen=True, tag=True, tag_field="event"):
    """One line of the log: a JSON object whose "event" is the class's name."""


class RunStarted(EventBase, frozen=True, kw_only=True):
    """Announces all obligations: what is not finished below was not done."""

    run: str
    plan: str  # digest
    obligations: tuple[str, ...]
    at_s: float
    wall_s: float
    penstock: str  # version
    argv: tuple[str, ...] = ()


class JobStarted(EventBase, frozen=True, kw_only=True):
    """A job's first process is about to start. `background`: at the lowest priority, while others have the cpus."""

    job: str
    attempt: int
    at_s: float
    key: str = ""
    background: bool = False


class CommandFinished(EventBase, frozen=True, kw_only=True):
    """One process of a job ended. `signal`: what killed it, None if it exited. `cpu_s` is user + system of the whole
    tree, `memory_bytes` the largest resident set of one process. `cause` tells signals apart: "timeout", "oom",
    "memory" (over the job's own limit), "interrupt", "outside" or "". `leaked`: processes that outlived the command and
    were ended by the supervisor.
    """

    job: str
    attempt: int
    command: int
    argv: tuple[str, ...]
    exit_code: int | None
    signal: int | None
    cause: str
    at_s: float
    duration_s: float
    cpu_s: float
    memory_bytes: int
    leaked: tuple[str, ...] = ()
    output_bytes: int = 0


class PreparationFinished(EventBase, frozen=True, kw_only=True):
    """Something that jobs stand on was made or found: the project's wheel (`wheel@3.12`) or an environment
    (`3.12/test`). `reused`: it was there already. A preparation that did not pass makes the jobs on it errored.
    """

    id: str
    outcome: Outcome
    reason: str
    at_s: float
    duration_s: float
    reused: bool = False
    notes: Mapping[str, str] = {}  # "packages": digest of what is installed; "added": by import closure; …


class JobFinished(EventBase, frozen=True, kw_only=True):
    """A job's end, as the verdict will see it. `measures`: named numbers (see `records.JobRecord`). `reports`: file
    name in the job's folder -> sha256. `cached_from`: the run that did the work, if this one did not.
    """

    job: str
    outcome: Outcome
    reason: str
    at_s: float
    duration_s: float
    measures: Mapping[str, float] = {}
    notes: Mapping[str, str] = {}  # named texts: tool versions, interpreter seen, remedy
    reports: Mapping[str, str] = {}
    cached_from: str | None = None
    cached_wall_s: float | None = None
    flaky: tuple[str, ...] = ()


class RunFinished(EventBase, frozen=True, kw_only=True):
    """Closes the log of the supervisor. `interrupted`: the signal's name, or ""."""

    run: str
    at_s: float
    wall_s: float
    interrupted: str = ""


# --- written by the guests, inside the project's interpreter -------------------------------------------------------


class SessionStarted(EventBase, frozen=True, kw_only=True):
    """A test process proves what it is, before it collects. `python` is sys.version's "3.12.1"."""

    python: str
    implementation: str
    executable: str
    prefix: str
    runner: str  # "pytest 9.2.0", "unittest"
    pid: int
    seed: str = ""
    plugins: tuple[str, ...] = ()
    directory: str = ""
    argv: tuple[str, ...] = ()


class ShardProof(Value, frozen=True, kw_only=True):
    """What shows which part of a collection a session kept, and of what.

    `digest`: sha256 of all that the shards of one split must agree on (`guest.penstock_shards.digest`); `pin`: sha256
    of the file of durations, or of the settled plan, that the split was made by, "" without one; `collected` and
    `collection`: number and digest of all ids, `whole`: these ids, as base64 of zlib of a JSON list; `params`: function
    -> checksum of its parameters' values; `new`: ids that a settled plan does not know; `gone`: ids of it that are not
    collected any more (a thousand of each at most).
    """

    index: int
    count: int
    digest: str
    pin: str
    collected: int
    collection: str
    whole: str
    params: tuple[tuple[str, str], ...] = ()
    new: tuple[str, ...] = ()
    gone: tuple[str, ...] = ()


class CollectionFinished(EventBase, frozen=True, kw_only=True):
    """What there is to run, in order. `digest`: sha256 of the ids joined by newlines. `errors`: collection errors as
    (what, "ModuleNotFoundError: x", text). `skipped`: files that skipped themselves while collected, as (what, reason).
    `engine`: how the tests are about to be run, in words: "2 forked workers", "2 spawned workers: REASON". `left`:
    tests that were deselected, the first 1,000; `names`: what -m and -k name, and whether it means anything.
    """

    ids: tuple[str, ...]
    digest: str
    deselected: int
    errors: tuple[tuple[str, str, str], ...] = ()
    complete: bool = True  # False for runners that cannot collect first (unittest's own runners)
    skipped: tuple[tuple[str, str], ...] = ()
    engine: str = ""
    shard: ShardProof | None = None  # `ids` are then those of one shard alone
    left: tuple[str, ...] = ()
    names: tuple[tuple[str, bool], ...] = ()


class TestStarted(EventBase, frozen=True, kw_only=True):
    """Written before the test is entered: a process that dies now has crashed in this test.

    `mode`: a failed test is tried again in a fresh process, "alone" or "behind" the predecessors of its first run.
    """

    id: str
    at_s: float
    worker: str = ""
    mode: str = ""


class TestPhaseFinished(EventBase, frozen=True, kw_only=True):
    """One of setup, call, teardown, or "subtest" (a part of the call that did not pass). `outcome` is the phase's own;
    `testlog.fold` folds the phases. `attempt` counts from 1: a plugin of the project may try a test again.
    """

    id: str
    phase: str
    outcome: TestOutcome
    duration_s: float
    kind: str = ""  # the exception's type
    message: str = ""  # its first line, or the skip's reason
    text: str = ""  # the report as the runner would print it, bounded to 64 KiB
    line: str = ""  # path:line
    output: str = ""  # captured, bounded
    attempt: int = 1


class TestReturned(EventBase, frozen=True, kw_only=True):
    """A test that was begun and did nothing: its worker, forked, was stuck. It is begun again in another one."""

    id: str


class TestDecided(EventBase, frozen=True, kw_only=True):
    """What the tries of a test that failed come to (`guest.penstock_retry`): "excused", a flaky pass, "red", or
    "together": it passes behind the tests before it in its file, without which it ran, and fails again without them.

    A test that was tried again without such an end, and one that is red, failed, whatever its last try says. `reason`:
    why, in words, or why it was not tried again. `flaky`: the probability that it was flaky before this change.
    """

    id: str
    action: str
    reason: str
    flaky: float = 0.0


class SessionFinished(EventBase, frozen=True, kw_only=True):
    """The finish record: the only thing that completes a test job. `digest` of the ids whose teardown was seen, each
    once, sorted: workers end theirs in no order. `events`: how many lines the session wrote before this one; -1 = not
    told. `coverage`: what became of the measuring ("saved", "failed: …"), "" if nobody asked for it. `coverage_files`:
    the data files that its processes have saved, by name: all of them have to be there when coverage is merged.
    """

    collected: int
    ran: int
    digest: str
    exit_code: int
    duration_s: float
    modules: tuple[tuple[str, str], ...] = ()  # the project's packages that were imported -> their __file__
    events: int = -1
    coverage: str = ""
    coverage_files: tuple[str, ...] = ()


Event = (
    RunStarted
    | JobStarted
    | CommandFinished
    | PreparationFinished
    | JobFinished
    | RunFinished
    | SessionStarted
    | CollectionFinished
    | TestStarted
    | TestPhaseFinished
    | TestReturned
    | TestDecided
    | SessionFinished
)
