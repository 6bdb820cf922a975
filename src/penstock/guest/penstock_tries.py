"""Failed tests that are tried again in fresh workers, and what their plugins hear of it.

PYTEST_DONT_REWRITE

What a failed test reported is held back until it is decided what it means (`penstock_retry`): told as it was if the
test is red, told as tries if it is flaky. Where one runs behind its predecessors, these leave no trace.
Standard library only, Python >= 3.9.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Container

    from penstock.guest.penstock_bisect import next_list, shortest
    from penstock.guest.penstock_retry import (
        ALONE,
        BEHIND,
        EXCUSED,
        EXTRA_RUNS,
        FIRST,
        MADE_FLAKY,
        RED,
        SUSPECT,
        TOGETHER,
        Attempt,
        Decision,
        Policy,
    )
    from penstock.guest.penstock_suspects import AtBase
    from penstock.guest.penstock_together import missing
    from penstock.guest.penstock_units import Test
else:
    from penstock_bisect import next_list, shortest
    from penstock_retry import (
        ALONE,
        BEHIND,
        EXCUSED,
        EXTRA_RUNS,
        FIRST,
        MADE_FLAKY,
        RED,
        SUSPECT,
        TOGETHER,
        Attempt,
        Decision,
    )
    from penstock_together import missing

MOST_TESTS = 10  # that are tried again in one session: where more fail, it is not chance
_EACH_S = 60.0  # what the tries of one test may take, in seconds
_ALL_S = 120.0  # what all of them may take, from the first failure on: new interpreters take seconds each
_BEFORE_S = 20.0  # what its predecessors may take, predicted: the last ones are taken
_NO_TIME = "there was no time to try it again"
_HOPELESS = 3  # tests that fail in their file's own order, too: then it is hardly the cut that broke any
# Whether it passes behind the tests before it in its file, and then without them: so often that a test which fails half
# of the time does so by chance in 1 of 16 cases; where another one of the file has shown it already, in 1 of 8.
_SHOWS: tuple[bool, ...] = (True, False, True)
_SHOWS_AGAIN = (True, False)
_BUILDS = "it builds on tests before it in its file, which was cut: behind them it passes, without them it fails again"


class Errand(NamedTuple):
    """What a worker is for: the units of a dead one (with the position in each) and then the queue; or one test again,
    behind others.
    """

    first: tuple[tuple[int, int], ...] = ()
    before: tuple[int, ...] = ()
    test: int = -1
    mode: str = ""


class _Case:
    """One failed test."""

    def __init__(self, number: int, before: tuple[int, ...], missed: tuple[int, ...]) -> None:
        self.number = number
        self.before = before
        self.missed = missed  # the tests before it in its file, if it ran without some of them: as long as that matters
        self.checks: list[bool] = []  # whether it passed: behind these and as it ran first, in turn
        self.attempts: list[Attempt] = []
        self.reports: list[list[Any]] = [[]]  # of each attempt
        self.running = ""  # the mode of the attempt that runs
        self.tried: tuple[int, ...] = ()  # the predecessors of the attempt that runs
        self.since_s = time.monotonic()
        self.extra: list[bool] = []  # of a suspect: which extra runs failed
        self.suspect = False
        self.answers: dict[tuple[str, ...], bool] = {}  # of the search for what it fails behind
        self.dependent: Decision | None = None


class Tries:
    """All of a session. `cost` of the tests by number. `whole`: whether a file's tests are to run in their order.
    `at_base`: where suspects run at the base, if there is one.
    """

    def __init__(
        self,
        policy: Policy,
        tests: list[Test],
        cost: list[float],
        recorder: Any,
        *,
        whole: bool,
        at_base: AtBase | None = None,
    ) -> None:
        self._policy = policy
        self._tests = tests
        self._names = names = [test.id for test in tests]
        self._cost = cost
        self._recorder = recorder
        self._whole = whole
        self._at_base = at_base
        self._there: list[int] = []  # suspects whose turn at the base it is, or will be
        self._in_order = [0, 0]  # tests that failed, or passed, in their file's order after all
        self.together: list[str] = []  # tests that build on those before them
        self._parted: set[str] = set()  # their files
        self._cases: dict[int, _Case] = {}
        self._decided: set[int] = set()
        self._first_s = 0.0  # when the first test failed
        self._places = {name: number for number, name in enumerate(names)}
        self.waiting: list[Errand] = []  # to be started
        self.told: list[tuple[int, Any]] = []  # (test, report): decided, to be told to the plugins

    @property
    def open(self) -> bool:
        """Whether something is not decided yet."""
        return bool(self._cases)

    @property
    def busy(self) -> bool:
        """Whether something has to be started, or runs at the base."""
        return bool(self.waiting or self._there)

    @property
    def numbers(self) -> Container[int]:
        """The tests that are not decided yet."""
        return self._cases

    def takes(self, number: int, report: Any, begun: list[int]) -> bool:
        """Whether a report is held back: of a test that failed, and is not decided.

        `begun`: the tests that its worker has begun, this one last.
        """
        case = self._cases.get(number)
        if case is None:
            failed = report.outcome == "failed" and not hasattr(report, "wasxfail")
            if not failed or number in self._decided:
                return False
            # What ends its worker does not do so for want of the tests before it: another's fixture may have ended it.
            missed = () if hasattr(report, "killed") else self._missed(number, tuple(begun[:-1]))
            if not missed and len(self._cases) + len(self._decided) >= MOST_TESTS:
                return False
            self._first_s = self._first_s or time.monotonic()
            case = self._cases[number] = _Case(number, self._latest(tuple(begun[:-1])), self._latest(missed))
        case.reports[-1].append(report)
        return True

    def _missed(self, number: int, before: tuple[int, ...]) -> tuple[int, ...]:
        """The tests before it in its file, if it ran without some, and that may be why it failed."""
        failed, passed = self._in_order
        if not self._whole or (failed >= _HOPELESS and failed > passed):
            return ()
        return missing(self._tests, number, before)

    def _latest(self, before: tuple[int, ...]) -> tuple[int, ...]:
        """The last predecessors, as many as the time allows."""
        left_s = _BEFORE_S
        for place in range(len(before) - 1, -1, -1):
            left_s -= self._cost[before[place]]
            if left_s < 0:
                return before[place + 1 :]
        return before

    def over(self, number: int) -> None:
        """An attempt of the test is over: decide, or ask for the next one."""
        case = self._cases.get(number)
        if case is None:
            return
        failed = not _is_pass(case.reports[-1])
        if case.dependent is not None:
            case.answers[tuple(self._names[each] for each in case.tried)] = failed
        elif case.suspect:
            case.extra.append(failed)
        elif case.attempts and case.missed:
            case.checks.append(not failed)
        else:
            case.attempts.append(Attempt(passed=not failed, mode=case.running or FIRST))
        self._next(case)

    def _puts_in_order(self, case: _Case) -> bool:
        """Whether more is asked for, or all is decided, of a test that ran without those before it in its file: it runs
        behind them, and if it passes there, once more as it ran first, in turn, as often as chance has to be ruled out.
        """
        path, checks, wanted = self._tests[case.number].path, case.checks, _SHOWS
        if len(checks) == 1:
            self._in_order[checks[0]] += 1
        if path in self._parted and len(checks) <= len(_SHOWS_AGAIN):
            wanted = _SHOWS_AGAIN
        if tuple(checks) == wanted:
            self._parted.add(path)
            self.together.append(self._names[case.number])
            self._decide(case, Decision(TOGETHER, _BUILDS))
            return True
        if tuple(checks) == wanted[: len(checks)] and not self._is_late(case):
            self._ask(case, BEHIND if wanted[len(checks)] or case.before else ALONE, self._before(case))
            return True
        case.attempts += [Attempt(passed=passed, mode=BEHIND if case.before else ALONE) for passed in checks]
        case.missed = ()
        return False

    def _before(self, case: _Case) -> tuple[int, ...]:
        """The tests behind which the next check runs: in turn those of its file, and those of its first run."""
        return case.before if len(case.checks) % 2 else case.missed

    def _next(self, case: _Case) -> None:
        name = self._names[case.number]
        if case.missed and self._puts_in_order(case):
            return
        if case.dependent is not None:
            self._search(case, case.dependent)
            return
        if case.suspect:
            self._settle(case)
            return
        decision = self._policy.after(name, case.attempts, behind=bool(case.before))
        if decision.action == SUSPECT:
            case.suspect = True
            self._next(case)
        elif decision.again and self._is_late(case):
            self._decide(case, Decision(RED, _NO_TIME, decision.flaky))
        elif decision.again:
            self._ask(case, decision.mode)
        elif decision.reason.startswith("order-dependent"):
            case.dependent = decision
            self._search(case, decision)
        else:
            self._decide(case, decision)

    def _settle(self, case: _Case) -> None:
        """A suspect is run so often that its failures can be held against those before, and those at the base."""
        if len(case.extra) >= EXTRA_RUNS:
            decision = self._policy.settle(self._names[case.number], sum(case.extra), len(case.extra))
            if self._at_base is None or decision.reason.startswith(MADE_FLAKY):
                self._decide(case, decision)
            else:
                self._there.append(case.number)
        elif self._is_late(case):
            self._decide(case, Decision(RED, _NO_TIME))
        else:
            self._ask(case, ALONE)

    def look(self) -> None:
        """Decide on the suspect that has been run at the base, and go on with the next."""
        if not self._there or self._at_base is None:
            return
        case = self._cases[self._there[0]]
        name = self._names[case.number]
        ran = self._at_base.ran(name)
        if ran is None:
            return
        self._there.pop(0)
        failures, runs = sum(case.extra), len(case.extra)
        if ran.why:
            decision = self._policy.settle(name, failures, runs)
            self._decide(case, decision._replace(reason=f"{decision.reason}; the base was not compared: {ran.why}"))
            return
        self._decide(case, self._policy.settle(name, failures, runs, base_failures=ran.failures, base_runs=ran.runs))

    def _is_late(self, case: _Case) -> bool:
        now_s = time.monotonic()
        return now_s - case.since_s > _EACH_S or now_s - self._first_s > _ALL_S

    def _search(self, case: _Case, decision: Decision) -> None:
        """Find the shortest list of tests that it fails behind, in the time that is left."""
        before = tuple(self._names[number] for number in case.before)
        wanted = None if self._is_late(case) else next_list(before, case.answers)
        if wanted is not None:
            self._ask(case, BEHIND, tuple(self._places[name] for name in wanted))
            return
        culprits = shortest(before, case.answers)
        told = f"; it fails behind {', '.join(culprits[:5])}" if culprits and len(culprits) < len(before) else ""
        self._decide(case, decision._replace(reason=decision.reason + told))

    def _ask(self, case: _Case, mode: str, before: tuple[int, ...] | None = None) -> None:
        case.running = mode
        case.tried = (case.before if before is None else before) if mode == BEHIND else ()
        case.reports.append([])
        self.waiting.append(Errand(before=case.tried, test=case.number, mode=mode))

    def _decide(self, case: _Case, decision: Decision) -> None:
        del self._cases[case.number]
        self._decided.add(case.number)
        self._recorder.decided(self._names[case.number], decision.action, decision.reason, decision.flaky)
        first, *later = case.reports
        passed = next(filter(_is_pass, later), [])
        if decision.action == TOGETHER:
            self.told += [(case.number, report) for report in passed]
            return
        if decision.action != EXCUSED:
            for report in first:
                if report.outcome == "failed" and later:
                    report.sections.append(("penstock", decision.reason))
            self.told += [(case.number, report) for report in first]
            return
        for report in first:
            if report.outcome == "failed":
                report.outcome = "rerun"
                report.flaky = decision.reason
        self.told += [(case.number, report) for report in (*first, *passed)]

    def spoilt(self, number: int) -> None:
        """A test before it ended the process, so that it was not tried: from here on it is tried alone."""
        case = self._cases.get(number)
        if case is None:
            return
        case.before = case.missed = ()
        case.reports.pop()
        if case.dependent is not None:
            self._decide(case, case.dependent)
        else:
            self._next(case)

    def give_up(self, reason: str) -> None:
        """The session ends before all is decided: what failed stays red."""
        for case in list(self._cases.values()):
            self._decide(case, Decision(RED, reason))
        self.waiting.clear()
        self._there.clear()
        if self._at_base is not None:
            self._at_base.close()


def _is_pass(reports: list[Any]) -> bool:
    """Whether an attempt passed: one that was skipped, or never came to its call, did not."""
    if any(report.outcome == "failed" and not hasattr(report, "wasxfail") for report in reports):
        return False
    return any(report.when == "call" and report.outcome == "passed" for report in reports)
