"""The guests' events folded into test records and an account: what was collected, what ran, what is missing.

Evidence only counts whole: a log with damage, a hole, or no finish record is `complete=False` or has a `problem`, and
is never `passed`. Taking any event away, adding a failing one, or cutting the log anywhere never makes it better.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence

from msgspec import structs

from penstock.model.events import (
    CollectionFinished,
    Event,
    SessionFinished,
    SessionStarted,
    ShardProof,
    TestDecided,
    TestOutcome,
    TestPhaseFinished,
    TestReturned,
    TestStarted,
)
from penstock.model.records import TestRecord, last_attempts
from penstock.model.sha256 import of_bytes
from penstock.value import Value

EXCUSED, RED, TOGETHER = "excused", "red", "together"  # TestDecided.action, TestRecord.decision
_PASSES = frozenset({TestOutcome.PASSED, TestOutcome.XPASSED})
_CUT = frozenset({TestOutcome.CRASHED, TestOutcome.TIMED_OUT})  # without a teardown
_FAILING = frozenset({TestOutcome.FAILED, TestOutcome.ERRORED, TestOutcome.TIMED_OUT, TestOutcome.CRASHED})


class TestLog(Value, frozen=True, kw_only=True):
    """What the events of one job add up to.

    `records`: every attempt of every test, in the order they started, then a `not_run` record for each id of `missing`.
    `last`: of these, the attempt of each test that decides; see `with_records`.
    `ran`: tests whose teardown was seen. `missing`: collected and never started. `complete`: every session that started
    wrote its finish record. `problem`: why the log cannot be trusted, None if it can. `errors`: collection errors as in
    `CollectionFinished`; `skipped_files`, `left` and `names` likewise. `exit_codes`: what each session said it ends
    with.
    """

    records: tuple[TestRecord, ...] = ()
    last: tuple[TestRecord, ...] = ()
    collected: int = 0
    ran: int = 0
    missing: tuple[str, ...] = ()
    complete: bool = False
    problem: str | None = None
    deselected: int = 0
    errors: tuple[tuple[str, str, str], ...] = ()
    skipped_files: tuple[tuple[str, str], ...] = ()
    left: tuple[str, ...] = ()
    names: tuple[tuple[str, bool], ...] = ()
    exit_codes: tuple[int, ...] = ()
    python: str = ""
    implementation: str = ""
    executable: str = ""
    runner: str = ""
    seed: str = ""
    sessions: int = 0
    modules: Mapping[str, str] = {}
    coverage: str = ""
    shard: ShardProof | None = None

    @property
    def counts(self) -> dict[str, int]:
        """How many tests ended in which way (by `TestOutcome`'s value), by the attempt that decides."""
        counts = {outcome.value: 0 for outcome in TestOutcome}
        for record in self.last:
            counts[record.outcome.value] += 1
        return counts

    @property
    def flaky(self) -> tuple[str, ...]:
        """Ids of the tests that passed after an attempt that did not."""
        bad = {record.id for record in self.records if record.bad}
        return tuple(record.id for record in self.last if not record.bad and record.id in bad)

    @property
    def together(self) -> tuple[str, ...]:
        """Ids of the tests that pass only behind those before them in their file, which was cut."""
        return tuple(record.id for record in self.last if record.decision == TOGETHER)

    @property
    def passed(self) -> bool:
        """Whether the log proves that every collected test ran and none said no."""
        return self.passed_but_for(frozenset())

    def passed_but_for(self, forgiven: Collection[str]) -> bool:
        """The same where the failures of some tests do not count; the runner may end with 1 for them."""
        lost = sum(record.outcome in _CUT and record.id in forgiven for record in self.last)
        return (
            self.complete
            and self.problem is None
            and not self.missing
            and not self.errors
            and self.collected > 0
            and self.ran + lost >= self.collected
            and not any(record.bad and record.id not in forgiven for record in self.last)
            and all(code == 0 or (code == 1 and forgiven) for code in self.exit_codes)
        )


class _Try:
    """One attempt of one test, while its events come in."""

    def __init__(self, worker: str, attempt: int, mode: str = "") -> None:
        self.worker = worker
        self.attempt = attempt
        self.mode = mode
        self.phases: dict[str, TestPhaseFinished] = {}
        self.part: TestPhaseFinished | None = None  # the first failed subtest

    def add(self, event: TestPhaseFinished) -> None:
        if event.phase == "subtest":
            self.part = self.part or event
        elif event.phase not in self.phases or event.outcome in _FAILING:
            self.phases[event.phase] = event


class _Fold:
    """The state of a fold. One session after another: a runner of the project's own may start several."""

    def __init__(self, job: str) -> None:
        self.job = job
        self.tries: dict[str, list[_Try]] = {}
        self.decided: dict[str, TestDecided] = {}
        self.collected: dict[str, None] = {}
        self.deselected = 0
        self.errors: list[tuple[str, str, str]] = []
        self.skipped: list[tuple[str, str]] = []
        self.left: dict[str, None] = {}
        self.names: dict[tuple[str, bool], None] = {}
        self.starts: list[SessionStarted] = []
        self.ends: list[SessionFinished] = []
        self.problem: str | None = None
        self.shard: ShardProof | None = None
        self.open = False
        self.seen = 0  # events of the open session
        self.own: dict[str, None] = {}  # ids that the open session collected
        self.torn_down: dict[str, None] = {}  # ids whose teardown the open session saw

    def doubt(self, problem: str) -> None:
        """Keep the first reason not to trust the log."""
        self.problem = self.problem or problem

    def take(self, event: Event) -> None:
        if isinstance(event, SessionStarted):
            self._start(event)
        elif not self.open:
            self.doubt("there are events outside of a test session")
        elif isinstance(event, CollectionFinished):
            self._collect(event)
        elif isinstance(event, SessionFinished):
            self._finish(event)
        else:
            self._take_test(event)
        self.seen += 1

    def _take_test(self, event: Event) -> None:
        if isinstance(event, TestStarted):
            tries = self.tries.setdefault(event.id, [])
            tries.append(_Try(event.worker, len(tries) + 1, event.mode))
        elif isinstance(event, TestPhaseFinished):
            self._phase(event)
        elif isinstance(event, TestDecided):
            self._decide(event)
        elif isinstance(event, TestReturned):
            self._give_back(event)
        else:
            self.doubt(f"a {type(event).__name__} event does not belong into a test log")

    def _start(self, event: SessionStarted) -> None:
        if self.open:
            self.doubt("a second test process wrote into the log before the first one ended")
        self.starts.append(event)
        self.open, self.seen = True, 0
        self.own, self.torn_down = {}, {}

    def _collect(self, event: CollectionFinished) -> None:
        if event.digest != ids_digest(event.ids):
            self.doubt("the digest of the collected ids does not fit them")
        again = [name for name in event.ids if name in self.own]
        if again or len(set(event.ids)) != len(event.ids):
            self.doubt(f"a test id was collected twice: {(again or event.ids)[0]}")
        if event.shard is not None and self.shard not in {None, event.shard}:
            self.doubt("the sessions are of different shards")
        self.shard = self.shard or event.shard
        self.own |= dict.fromkeys(event.ids)
        self.collected |= self.own
        self.deselected += event.deselected
        self.errors.extend(event.errors)
        self.skipped.extend(event.skipped)
        self.left |= dict.fromkeys(event.left)
        self.names |= dict.fromkeys(event.names)

    def _phase(self, event: TestPhaseFinished) -> None:
        tries = self.tries.get(event.id)
        if not tries:
            self.doubt(f"a test ended that had not started: {event.id}")
            return
        if event.attempt > tries[-1].attempt:  # the runner tried again inside one start
            tries.append(_Try(tries[-1].worker, event.attempt))
        tries[-1].add(event)
        if event.phase == "teardown":
            self.torn_down[event.id] = None

    def _give_back(self, event: TestReturned) -> None:
        """Forget an attempt that told nothing."""
        tries = self.tries.get(event.id)
        if not tries or tries[-1].phases or tries[-1].part is not None:
            self.doubt(f"a test was given back that had told something: {event.id}")
        elif len(tries) == 1:
            del self.tries[event.id]
        else:
            tries.pop()

    def _decide(self, event: TestDecided) -> None:
        """Of two decisions on one test the red one counts."""
        if event.id not in self.tries:
            self.doubt(f"a test was decided on that had not started: {event.id}")
        elif event.id not in self.decided or event.action == RED:
            self.decided[event.id] = event

    def _finish(self, event: SessionFinished) -> None:
        if event.events not in (-1, self.seen):
            self.doubt(f"the session wrote {event.events} events, {self.seen} are here")
        if event.collected != len(self.own):
            self.doubt(f"the finish record tells {event.collected} collected tests, the log {len(self.own)}")
        if event.ran != len(self.torn_down) or event.digest != ids_digest(sorted(self.torn_down)):
            self.doubt(f"the finish record's {event.ran} tests that ran are not the log's {len(self.torn_down)}")
        self.ends.append(event)
        self.open = False

    def records(self) -> Iterable[TestRecord]:
        closed = bool(self.starts) and not self.open
        for name, tries in self.tries.items():
            seen = [
                _record(self.job, name, attempt, over=number < len(tries) or closed)
                for number, attempt in enumerate(tries, start=1)
            ]
            yield from _deciding(seen, self.decided.get(name)) if len(seen) > 1 or name in self.decided else seen
        for name in self.missing():
            yield TestRecord(job=self.job, id=name, outcome=TestOutcome.NOT_RUN, message="collected, but never started")

    def missing(self) -> tuple[str, ...]:
        return tuple(name for name in self.collected if name not in self.tries)


def _deciding(tries: list[TestRecord], decided: TestDecided | None) -> list[TestRecord]:
    """The tries of one test, with the one that decides marked where that is not simply the last.

    What was tried again in a fresh process is only excused by a decision, and by a pass. The first pass stands for an
    excused test, the first failure, in the run itself, for another. Where only penstock's own cut made it fail, the
    pass is all there is to tell.
    """
    if decided is None and not any(each.mode for each in tries):
        return tries
    passes = [each for each in tries if each.outcome in _PASSES]
    excused = decided is not None and decided.action == EXCUSED and bool(passes)
    twice = sum(each.bad for each in tries) > 1  # once it ran without them, and once more to be sure
    if decided is not None and decided.action == TOGETHER and passes and twice:
        return [structs.replace(passes[0], attempt=1, mode="", decision=TOGETHER, why=decided.reason)]
    fitting = passes if excused else [each for each in tries if each.bad]
    if not fitting:
        return tries
    why = decided.reason if decided is not None else "it was tried again, and nothing was decided"
    marked = structs.replace(fitting[0], decision=EXCUSED if excused else RED, why=why)
    return [marked if each is fitting[0] else each for each in tries]


def fold(job: str, events: Sequence[Event], *, damaged: Sequence[str] = (), torn: bool = False) -> TestLog:
    """The test log of `job`. `damaged` and `torn` as `util.eventlog` tells them: damage anywhere makes it untrusted."""
    state = _Fold(job)
    for event in events:
        state.take(event)
    if damaged:
        state.doubt(f"the log is damaged: {damaged[0]}")
    if torn and not state.open:
        state.doubt("the log goes on after its finish record")
    first = state.starts[0] if state.starts else None
    if any(each.python != state.starts[0].python for each in state.starts):
        state.doubt("the test sessions ran on different interpreters")
    log = TestLog(
        collected=len(state.collected),
        ran=sum(any("teardown" in each.phases for each in tries) for tries in state.tries.values()),
        missing=state.missing(),
        complete=bool(state.starts) and len(state.starts) == len(state.ends) and not state.open,
        problem=state.problem,
        deselected=state.deselected,
        errors=tuple(state.errors),
        skipped_files=tuple(state.skipped),
        left=tuple(state.left),
        names=tuple(state.names),
        exit_codes=tuple(end.exit_code for end in state.ends),
        python=first.python if first else "",
        implementation=first.implementation if first else "",
        executable=first.executable if first else "",
        runner=first.runner if first else "",
        seed=first.seed if first else "",
        sessions=len(state.starts),
        modules={name: path for end in state.ends for name, path in end.modules},
        coverage="; ".join(dict.fromkeys(end.coverage for end in state.ends if end.coverage)),
        shard=state.shard,
    )
    return with_records(log, state.records())


def with_records(log: TestLog, records: Iterable[TestRecord]) -> TestLog:
    """The log with these records."""
    every = tuple(records)
    return structs.replace(log, records=every, last=tuple(last_attempts(every).values()))


def ids_digest(ids: Iterable[str]) -> str:
    """sha256 of the ids joined by newlines, as the guests compute it."""
    return of_bytes("\n".join(ids).encode("utf-8", "backslashreplace"))


def _record(job: str, name: str, attempt: _Try, *, over: bool) -> TestRecord:
    """One attempt's record. `over`: the process lived on after it."""
    outcome, said = _outcome(attempt, over=over)
    lasted = {phase: event.duration_s for phase, event in attempt.phases.items()}
    return TestRecord(
        job=job,
        id=name,
        outcome=outcome,
        attempt=attempt.attempt,
        setup_s=lasted.get("setup", 0.0),
        call_s=lasted.get("call", 0.0),
        teardown_s=lasted.get("teardown", 0.0),
        kind=said.kind if said else "",
        message=said.message if said else _UNSAID.get(outcome, ""),
        text=said.text if said else "",
        line=said.line if said else "",
        output=said.output if said else "",
        worker=attempt.worker,
        mode=attempt.mode,
    )


ENDED_IN_IT = "the process ended in this test"
LEFT = "the test was left before its teardown"
_UNSAID = {
    TestOutcome.CRASHED: ENDED_IN_IT,
    TestOutcome.ERRORED: LEFT,
    TestOutcome.NOT_RUN: "set up, but never called",
}


def _outcome(attempt: _Try, *, over: bool) -> tuple[TestOutcome, TestPhaseFinished | None]:
    """How an attempt ended, and the phase that says so."""
    setup, call, teardown = (attempt.phases.get(phase) for phase in ("setup", "call", "teardown"))
    if teardown is None and not over:
        return TestOutcome.CRASHED, None
    for event in (setup, call, attempt.part, teardown):
        if event is not None and event.outcome in _FAILING:
            return event.outcome, event
    if teardown is None:
        return TestOutcome.ERRORED, None
    decides = call or setup
    if decides is None or (call is None and decides.outcome is TestOutcome.PASSED):
        return TestOutcome.NOT_RUN, None
    return decides.outcome, decides
