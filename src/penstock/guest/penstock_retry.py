"""Whether a failed test is tried again, and what its failures then mean. Pure; standard library only, Python >= 3.9.

PYTEST_DONT_REWRITE

How the engine calls it, for each test that failed (or crashed, or ran into its limit):

    policy = Policy(settings, tallies(timings))     # once; settings: PENSTOCK_ENGINE, timings: the pinned file
    attempts = [Attempt(passed=False)]              # the first run, in the order of the suite
    while (decision := policy.after(test, attempts)).again:
        ...  run it in a fresh process, as decision.mode says: ALONE, or BEHIND the predecessors of the first run
        attempts.append(Attempt(passed=..., mode=decision.mode))
    if decision.action == SUSPECT:                  # EXTRA_RUNS more fresh runs ALONE
        decision = policy.settle(test, failures, EXTRA_RUNS)

`decision.action` is then EXCUSED (flaky: does not block) or RED; TOGETHER is decided without a policy, where only the
cut of its file made the test fail (see `penstock_together`). In the log each try again is a TestStarted with its
"mode", and the end is {"event": "TestDecided", "id", "action", "reason", "flaky"}: without it a pass after a failure
counts for nothing, and after RED not even the last of the extra runs does.

Three stories are weighed by how likely they make what was seen: the test was flaky before; this change made it fail
always; this change made it fail now and then. Without a pass on the same code nothing is ever excused.
"""

from __future__ import annotations

import math
import re
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

RETRY_ALONE = "retry_alone"
RETRY_BEHIND = "retry_behind"
EXCUSED = "excused"
SUSPECT = "suspect"
RED = "red"
TOGETHER = "together"

MADE_FLAKY = "made flaky by this change"  # how the reason of such a decision begins
EVERYTHING = "*"  # in `edited`
FIRST, ALONE, BEHIND = "first", "alone", "behind"  # how an attempt ran; the first one ran behind its predecessors, too

MOST_RETRIES = 5
EXTRA_RUNS = 10  # of a suspect, at the head and at the base
SIGNIFICANT = 0.01  # of Fisher's exact test, one-sided

# A test on good code: flaky with this probability, and its failure rate is then Beta(…). Fitted to 7,816 tests of 37
# projects with 500 to 4,000 runs each (public rerunning data of the University of Illinois).
_FLAKY, _BETA = 0.05, (0.2, 20.0)
# Of 100 changes, 6 bring a test that fails always and 4 one that fails now and then; which of the project's tests it is
# nobody knows beforehand. 211 tests a project: the same data, 7,816 / 37.
_ALWAYS, _NOW_AND_THEN, _TESTS = 0.06, 0.04, 211
_SURE = 0.999  # of the stories: tried again until one side has it, or the budget is spent (benchmarks/flaky)


class Attempt(NamedTuple):
    """One run of a test. `mode`: FIRST in the run itself, then ALONE or BEHIND, each in a fresh process."""

    passed: bool
    mode: str = FIRST


class History(NamedTuple):
    """What protected runs tell of a test."""

    runs: int = 0
    failures: int = 0


class Decision(NamedTuple):
    """What to do next (`again`), or what it comes to. `flaky`: the probability that it was flaky before this change."""

    action: str
    reason: str
    flaky: float = 0.0

    @property
    def again(self) -> bool:
        """Whether one more run is asked for."""
        return self.action in (RETRY_ALONE, RETRY_BEHIND)

    @property
    def mode(self) -> str:
        """How that run is to be made."""
        return BEHIND if self.action == RETRY_BEHIND else ALONE


def tallies(timings: Mapping[str, Any]) -> dict[str, History]:
    """The histories in a test timings file: id -> [call_s, setup_s, teardown_s, runs, failures]."""
    tests = timings.get("tests", {})
    return {name: History(int(row[3]), int(row[4])) for name, row in tests.items() if len(row) >= 5}


def covers(pattern: str, test: str) -> bool:
    """Whether a pattern means a test: its id, its id without the parameters, or with `*` and `?` for what differs.

    Brackets are no wildcards here: they stand in every id with parameters.
    """
    if pattern in (test, test.partition("[")[0]):
        return True
    if "*" not in pattern and "?" not in pattern:
        return False
    parts = (".*" if part == "*" else "." if part == "?" else re.escape(part) for part in re.split(r"([*?])", pattern))
    return re.fullmatch("".join(parts), test, re.DOTALL) is not None


class Policy:
    """The rules of one session. `settings`: the keys `retries`, `edited` and `quarantined`.

    `retries`: None = by the posterior, else how often at most. `edited`: test ids, files whose tests are all meant, or
    EVERYTHING: what this change added or edited is never tried again. `quarantined`: patterns (see `covers`) of tests
    that do not block anyway.
    """

    def __init__(self, settings: Mapping[str, Any], history: Mapping[str, History]) -> None:
        self._retries = settings.get("retries")
        self._edited = frozenset(settings.get("edited") or ())
        self._quarantined = tuple(settings.get("quarantined") or ())
        self._history = history

    def after(self, test: str, attempts: Sequence[Attempt], *, behind: bool = True) -> Decision:
        """What to do after these attempts, the first of which failed. `behind`: whether it had predecessors.

        Once something is decided it stays so: what is tried beyond it changes nothing.
        """
        refusal = self._refusal(test)
        if refusal:
            return Decision(RED, f"not tried again: {refusal}")
        history = self._history.get(test, History())
        decision = Decision(RED, "it was not run")
        for count in range(1, len(attempts) + 1):
            decision = self._weigh(attempts[:count], history, behind=behind)
            if not decision.again:
                break
        return decision

    def _refusal(self, test: str) -> str:
        """Why the test has no budget; "" if it has one."""
        if self._retries == 0:
            return "retries = 0"
        if self._edited & {test, test.partition("[")[0], test.partition("::")[0], EVERYTHING}:
            return "this change added or edited it"
        if any(covers(pattern, test) for pattern in self._quarantined):
            return "it is in quarantine"
        return ""

    def settle(
        self, test: str, failures: int, runs: int = EXTRA_RUNS, *, base_failures: int = 0, base_runs: int = 0
    ) -> Decision:
        """Whether a suspect fails more often than before. `failures` of `runs`: the fresh runs at the head."""
        history = self._history.get(test, History())
        return settle(History(runs, failures), history, History(base_runs, base_failures))

    def _weigh(self, attempts: Sequence[Attempt], history: History, *, behind: bool) -> Decision:
        if self._retries is not None:
            return _counted(attempts, int(self._retries), behind=behind)
        if _order_dependent(attempts):
            return Decision(RED, "order-dependent: it passes alone and fails behind the tests before it")
        stories = weigh(attempts, history)
        left = MOST_RETRIES - (len(attempts) - 1)
        passed = any(attempt.passed for attempt in attempts)
        certain = stories.flaky >= _SURE if passed else False
        hopeless = stories.flaky <= 1 - _SURE
        if left > 0 and not certain and not hopeless:
            return Decision(_next_mode(attempts, behind=behind), "not decided", stories.flaky)
        if not passed:
            return Decision(RED, f"{_tried(attempts)}: it failed each time", stories.flaky)
        if stories.flaky > 0.5:
            return Decision(EXCUSED, f"{_tried(attempts)}: flaky, {_before(history)}", stories.flaky)
        return Decision(SUSPECT, f"{_tried(attempts)}: {_before(history)}", stories.flaky)


class Stories(NamedTuple):
    """Probabilities of the three, given what was seen."""

    flaky: float
    always: float
    now_and_then: float


def weigh(attempts: Sequence[Attempt], history: History) -> Stories:
    """The three stories after these attempts."""
    failed = sum(not attempt.passed for attempt in attempts)
    passed = len(attempts) - failed
    always = _ALWAYS / _TESTS if passed == 0 else 0.0
    # What a test that was flaky before explains: more failures never speak for it, nor do passes against it, though
    # the likelihood of a rate that is well known would say so of a test that suddenly fails less.
    odds = max(min(_odds(bad, good, history) for bad in range(1, failed + 1)) for good in range(passed + 1))
    now_and_then = _NOW_AND_THEN / _TESTS * _share(failed, passed)
    flaky = odds * now_and_then
    total = flaky + always + now_and_then
    return Stories(flaky / total, always / total, now_and_then / total)


def _odds(failed: int, passed: int, history: History) -> float:
    """The likelihood of "flaky before" over that of "now and then since this change", with what speaks for each."""
    alpha, beta = _BETA[0] + history.failures, _BETA[1] + history.runs - history.failures
    seen = math.exp(_log_beta(alpha + failed, beta + passed) - _log_beta(alpha, beta))
    before = (1 - (_ALWAYS + _NOW_AND_THEN) / _TESTS) * _was_flaky(history) * seen
    return before / (_NOW_AND_THEN / _TESTS * _share(failed, passed))


def _was_flaky(history: History) -> float:
    """The probability that a test with this history fails at all on good code."""
    if history.failures:
        return 1.0
    clean = math.exp(_log_beta(_BETA[0], _BETA[1] + history.runs) - _log_beta(*_BETA))
    return _FLAKY * clean / (_FLAKY * clean + 1 - _FLAKY)


def _share(failed: int, passed: int) -> float:
    """The likelihood of the attempts under a rate of which nothing is known."""
    return math.exp(_log_beta(failed + 1, passed + 1))


def _log_beta(alpha: float, beta: float) -> float:
    return math.lgamma(alpha) + math.lgamma(beta) - math.lgamma(alpha + beta)


def _counted(attempts: Sequence[Attempt], most: int, *, behind: bool) -> Decision:
    """A fixed number of retries: the first pass ends them."""
    if attempts[-1].passed:
        return Decision(EXCUSED, f"{_tried(attempts)}: flaky")
    if len(attempts) - 1 < most:
        return Decision(_next_mode(attempts, behind=behind), f"retries = {most}")
    return Decision(RED, f"{_tried(attempts)}: it failed each time")


def _next_mode(attempts: Sequence[Attempt], *, behind: bool) -> str:
    """Alone and behind its predecessors in turn."""
    return RETRY_BEHIND if behind and len(attempts) % 2 == 0 else RETRY_ALONE


def _order_dependent(attempts: Sequence[Attempt]) -> bool:
    """Whether it passed each time alone, and failed each time behind its predecessors, at least twice each."""
    alone = [attempt.passed for attempt in attempts if attempt.mode == ALONE]
    behind = [attempt.passed for attempt in attempts if attempt.mode == BEHIND]
    return len(alone) >= 2 and len(behind) >= 2 and all(alone) and not any(behind)


def _tried(attempts: Sequence[Attempt]) -> str:
    failed = sum(not attempt.passed for attempt in attempts)
    return f"failed {failed} of {len(attempts)} times"


def _before(history: History) -> str:
    return f"{history.failures} of {history.runs} runs before" if history.runs else "no runs before are known"


def settle(head: History, history: History, base: History) -> Decision:
    """A suspect's runs at the head against those at the base, now and before: made flaky by this change, or flaky
    before. It was flaky before if it has failed there, or if enough runs of before are known to say that it is no
    worse now: ten runs at the base in which it never failed show neither.
    """
    chance = fisher(head, History(history.runs + base.runs, history.failures + base.failures))
    told = f"failed {head.failures} of {head.runs} times here"
    told += f", {base.failures} of {base.runs} at the base" if base.runs else ""
    told += f", {history.failures} of {history.runs} before" if history.runs or not base.runs else ""
    told += f", p = {chance:.2g}" if base.runs else ""
    if chance < SIGNIFICANT:
        return Decision(RED, f"{MADE_FLAKY}: {told}")
    if history.runs < EXTRA_RUNS and not (base.runs and base.failures):
        return Decision(RED, f"it cannot be told whether this change made it flaky: {told}")
    return Decision(EXCUSED, f"flaky: {told}", 1 - chance)


def fisher(head: History, base: History) -> float:
    """Fisher's exact test, one-sided: the chance of so many failures at the head where the rates are equal."""
    runs, failures = head.runs + base.runs, head.failures + base.failures
    most = min(head.runs, failures)
    ways = sum(math.comb(head.runs, k) * math.comb(base.runs, failures - k) for k in range(head.failures, most + 1))
    return ways / math.comb(runs, failures)
