"""What the events add up to: one dataclass = one table. Folds from events to records live in `record.collect`."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from penstock.model.events import Outcome, ShardProof, TestOutcome
from penstock.model.pipeline import JobKind
from penstock.value import Value

# Asked of every test several times: a set that is made anew each time costs more than all else in reading a log.
_GOOD = frozenset({TestOutcome.PASSED, TestOutcome.SKIPPED, TestOutcome.XFAILED, TestOutcome.XPASSED})


class TestRecord(Value, frozen=True, kw_only=True):
    """One attempt of one test.

    `mode`: how it was tried again, "alone" or "behind" its predecessors. `decision`: "excused" or "red" on the attempt
    that decides where one is not simply the last, "together" on a pass that only the cut of its file kept away at
    first, and `why` in words (also why it was not tried again).
    """

    job: str
    id: str
    outcome: TestOutcome
    attempt: int = 1
    setup_s: float = 0.0
    call_s: float = 0.0
    teardown_s: float = 0.0
    kind: str = ""
    message: str = ""
    text: str = ""
    line: str = ""
    output: str = ""
    worker: str = ""
    mode: str = ""
    decision: str = ""
    why: str = ""

    @property
    def bad(self) -> bool:
        """Whether the attempt says no: neither passed, skipped nor expected to fail."""
        return self.outcome is not TestOutcome.PASSED and self.outcome not in _GOOD


class FindingRecord(Value, frozen=True, kw_only=True):
    """One thing that a tool found.

    `severity`: "error", "warning", "note"; of security findings "low", "medium", "high". `anchor`: what it is at,
    whatever its line's number: the name of a function, or the text of the line.
    """

    job: str
    tool: str
    rule: str
    message: str
    path: str = ""
    line: int = 0
    column: int = 0
    severity: str = "error"
    anchor: str = ""


class CoverageRecord(Value, frozen=True, kw_only=True):
    """One measured file. Counts are lines and branch arcs; `missing`: line numbers never run; `ran`: first and last
    number of each run of countable lines that were; `forks`: of each line with several exits, (line, exits, taken).
    `flag`: which of several measurements told of it ("python", "rust" …), "" where there is one only.
    """

    path: str
    statements: int
    covered: int
    branches: int = 0
    covered_branches: int = 0
    missing: tuple[int, ...] = ()
    ran: tuple[tuple[int, int], ...] = ()
    forks: tuple[tuple[int, int, int], ...] = ()
    flag: str = ""


class JobRecord(Value, frozen=True, kw_only=True):
    """One job's end with its numbers.

    `measures`, by kind. test: collected, ran, passed, failed, errored, skipped, xfailed, xpassed, crashed, timed_out,
    not_run, deselected, collection_errors. lint and types: files (examined), expected (what the tool was to
    examine by its own configuration), listed (Python files of the project in its paths), findings.
    coverage: statements, covered, branches, covered_branches, files; with several flags, each of them as
    `flag.rust.covered`, too. build: sdists, wheels. audit: dependencies, audited, vulnerabilities, findings. secrets:
    files, expected, left_out, findings. dependencies: files, findings. metric: value. http (seconds): start, p50, p95,
    p99, max, throughput (good answers a second), errors (percent), requests, generator (share of the time, busy). model
    (seconds, bytes): import_time, load_time, first, p50, p95, max, time, memory, memory_import …, runs.
    Of any kind: redacted (places where a label stands for a secret), memory_peak_bytes and memory_limit_bytes (of all
    its processes together, where that is limited).
    `notes`: "python" (the version that the tests proved), "runner", "remedy", "version:<tool>", "base:<tool>" (the
    commit in whose tree it looked, too), "no_base:<tool>" (why it could not), "absent:<measure>" (why it is not told),
    "doubt:<measure>" (why it may be worse than what it is about) …
    """

    job: str
    kind: JobKind
    outcome: Outcome
    reason: str = ""
    started_s: float = 0.0
    duration_s: float = 0.0
    cpu_s: float = 0.0
    memory_bytes: int = 0
    measures: Mapping[str, float] = {}
    notes: Mapping[str, str] = {}
    cached_from: str | None = None
    cached_wall_s: float | None = None
    flaky: tuple[str, ...] = ()
    leaked: tuple[str, ...] = ()
    background: bool = False  # it ran while others had the cpus: `duration_s` tells of them
    key: str = ""  # of its code and environment (see `plan.Binding`); "" where it was not started
    shard: ShardProof | None = None

    def measure(self, name: str) -> float | None:
        """The number called `name`, or None if the job does not tell it."""
        return self.measures.get(name)

    def note(self, name: str) -> str | None:
        """The text called `name`, or None."""
        return self.notes.get(name)


class RunRecord(Value, frozen=True, kw_only=True):
    """One run of penstock. `finished`: the log was closed; a run without it was killed."""

    run: str
    plan: str
    wall_s: float
    duration_s: float
    finished: bool
    interrupted: str = ""


class Reading(Value, frozen=True, kw_only=True):
    """What a tool's adapter makes of one command's exit and report files. Pure: bytes in, values out.

    `problem`: the tool could not be asked, or its report cannot be trusted: the job is errored with this reason.
    `before`: what the same tools find in the tree of the base.
    """

    outcome: Outcome
    reason: str = ""
    problem: str | None = None
    remedy: str | None = None
    measures: Mapping[str, float] = {}
    notes: Mapping[str, str] = {}
    findings: tuple[FindingRecord, ...] = ()
    before: tuple[FindingRecord, ...] = ()
    tests: tuple[TestRecord, ...] = ()
    coverage: tuple[CoverageRecord, ...] = ()
    shard: ShardProof | None = None  # of a job that runs one shard


class PreparationRecord(Value, frozen=True, kw_only=True):
    """An environment or wheel that jobs stand on, as its event tells it."""

    id: str
    outcome: Outcome
    reason: str = ""
    duration_s: float = 0.0
    reused: bool = False
    notes: Mapping[str, str] = {}


class FailureRecord(Value, frozen=True, kw_only=True):
    """A failure that can be replayed. `token`: `7f3b9c.4`, the run's short name and the failure's number in it.

    `test`: the test's id; "" where the job failed without one (a linter, a command).
    """

    token: str
    job: str
    test: str = ""


class Records(Value, frozen=True, kw_only=True):
    """All records of one run. A job without a JobRecord never started; one that started and has no end in the log is
    `cancelled` with that reason. `before`: what jobs find in the tree of the base.
    """

    run: RunRecord
    jobs: tuple[JobRecord, ...]
    tests: tuple[TestRecord, ...] = ()
    findings: tuple[FindingRecord, ...] = ()
    before: tuple[FindingRecord, ...] = ()
    coverage: tuple[CoverageRecord, ...] = ()
    damaged: tuple[str, ...] = ()  # log lines or files that could not be trusted, in words
    preparations: tuple[PreparationRecord, ...] = ()


def flaky_tests(tests: Iterable[TestRecord]) -> tuple[str, ...]:
    """Ids of tests that failed and then passed, in order: a fact beside the outcome, and a reason never to cache."""
    known = tuple(tests)
    bad = {test.id for test in known if test.bad}
    if not bad:
        return ()
    return tuple(sorted(bad & {test.id for test in last_attempts(known).values() if not test.bad}))


def last_attempts(tests: Iterable[TestRecord]) -> dict[tuple[str, str], TestRecord]:
    """The attempt that decides, for each (job, test id), in the order of the first attempts.

    The attempt that was decided on counts, else the last one; of two such records, the one that did not pass.
    """
    last: dict[tuple[str, str], TestRecord] = {}
    for test in tests:
        known = last.get((test.job, test.id))
        if known is None or _weight(test) > _weight(known) or (_weight(test) == _weight(known) and test.bad):
            last[test.job, test.id] = test
    return last


def _weight(test: TestRecord) -> tuple[bool, int]:
    return bool(test.decision), test.attempt
