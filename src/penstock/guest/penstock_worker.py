"""A worker: runs units of tests in a process of its own, and tells the leader what its plugins have to hear.

PYTEST_DONT_REWRITE

Where it stands is on the board before a test begins, so that it may die anywhere.
Standard library and pytest only, Python >= 3.9.
"""

from __future__ import annotations

import atexit
import contextlib
import json
import os
import sys
import threading
import time
import traceback
from typing import TYPE_CHECKING, Any, NamedTuple

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable

    from penstock.guest.penstock_board import BEGUN, DONE, NOBODY, OVER, UNTOUCHED, Board, Slot
    from penstock.guest.penstock_crew import TRACE_SIGNAL
    from penstock.guest.penstock_identity import Identity
    from penstock.guest.penstock_junit import hand_on
    from penstock.guest.penstock_reports import Outbox, pack, pack_warning
    from penstock.guest.penstock_stealing import choose
    from penstock.guest.penstock_tries import Errand
else:
    from penstock_board import BEGUN, DONE, NOBODY, OVER, UNTOUCHED, Board, Slot
    from penstock_crew import TRACE_SIGNAL
    from penstock_junit import hand_on
    from penstock_reports import Outbox, pack, pack_warning
    from penstock_stealing import choose

_POLL_S = 0.01
_IDLE_S = 0.03  # how often a worker with nothing to do looks whether another one has too much
_EXIT = os._exit  # a test may patch it


class Plan(NamedTuple):
    """What all workers of a session do: `names` of the tests by their number, `units` of numbers, predicted seconds
    `cost` of each test, whether one may cut before it (`cuts`: see penstock_units), how many `workers` run at once, and
    the path of the board with its number of slots.
    """

    names: list[str]
    units: list[list[int]]
    cost: list[float]
    cuts: str
    workers: int
    board: str
    slots: int

    def open(self) -> Board:
        """The board; made by who opens it first."""
        return Board(self.board, [len(unit) for unit in self.units], self.slots)

    def write(self, folder: str) -> None:
        """For workers that collect by themselves."""
        path = os.path.join(folder, "plan.json")
        with open(f"{path}.new", "w", encoding="utf-8") as stream:
            json.dump(self, stream)
        os.replace(f"{path}.new", path)


def await_plan(folder: str, parent: int) -> Plan:
    """The plan that the leader writes when it has heard all collections. Raises SystemExit if the leader is gone."""
    path = os.path.join(folder, "plan.json")
    while not os.path.exists(path):
        if os.getppid() != parent or not os.path.isdir(folder):
            raise SystemExit(0)
        time.sleep(_POLL_S)
    with open(path, encoding="utf-8") as stream:
        return Plan(*json.load(stream))


class Work(NamedTuple):
    """One worker's view of it. `items` in the order of the plan's numbers."""

    items: list[Any]
    plan: Plan
    board: Board


class Sender:
    """Hooks of a worker: what the leader's plugins have to see goes to the outbox."""

    def __init__(self, config: Any, work: Work, outbox: Outbox) -> None:
        self._config = config
        self._board = work.board
        self._outbox = outbox
        self._numbers = {id(item): number for number, item in enumerate(work.items)}
        self.number = NOBODY  # of the running test
        self.setup_s = 0.0  # the longest set-up since this was made zero
        self.nodeid = ""
        parts: Any = sys.modules.get(
            "_pytest.subtests"
        )  # since pytest 9; the terminal, which is mute here, asks for it
        self._failed_parts = config.stash.get(parts.failed_subtests_key, None) if parts is not None else None
        self.silent = True  # until it is registered: pytest then tells it all warnings that the leader knows
        self._getpid, self._pid = os.getpid, os.getpid()

    @pytest.hookimpl(trylast=True)
    def pytest_runtest_logreport(self, report: Any) -> None:
        """Send the reports of a test when it is over, and before its end where one did not pass."""
        if self.silent or self._is_child():
            return
        if (
            self._failed_parts
            and report.when == "call"
            and self._failed_parts.get(getattr(report, "id", report.nodeid))
        ):
            self._config.hook.pytest_report_teststatus(report=report, config=self._config)
        if report.when == "setup" and report.duration > self.setup_s:
            self.setup_s = report.duration
        self._outbox.hold("report", self.number, *pack(report, self._config))
        if report.when == "teardown" and report.nodeid == self.nodeid:
            self._board.mark(self.number, DONE)
            self._outbox.send()
        elif report.outcome != "passed":
            self._outbox.send()

    def pytest_warning_recorded(self, warning_message: Any, when: str, nodeid: str, location: Any) -> None:
        """Send a warning with the reports of its test."""
        if self.silent or self._is_child():
            return
        self._outbox.hold("warning", *pack_warning(warning_message, when, nodeid, location))

    def tell_of_suite(self, name: str, value: str) -> None:
        """Send what a test says of all tests."""
        if not self.silent and not self._is_child():
            self._outbox.hold("suite", name, value)

    def _is_child(self) -> bool:
        """Whether a test forked, and this is its child that ran on into pytest."""
        return self._getpid() != self._pid


class Worker:
    """Runs tests in this process, until the queue is empty or the leader stops it."""

    def __init__(self, session: Any, work: Work, identity: Identity, outbox: Outbox, log: Any) -> None:
        self._session = session
        self._hook = session.config.hook
        self._work = work
        self._identity = identity
        self._outbox = outbox
        self._log = log  # the recorder: `count` events so far
        self._sender = Sender(session.config, work, outbox)
        self._getpid, self._getppid = os.getpid, os.getppid  # a test may patch os
        self._pid, self._parent = os.getpid(), os.getppid()
        self._begun = 0
        self._span = NOBODY  # the one that it has begun a test of
        self._span_since_s = self._predicted_s = 0.0  # of the tests begun in its span: see Slot
        self._long_s = sum(work.plan.cost) / (max(1, work.plan.workers) * 16)
        session.config.pluginmanager.register(self._sender, "penstock-sender")
        self._sender.silent = False
        hand_on(session.config, self._sender.tell_of_suite)

    def run(self, errand: Errand) -> None:
        """Do what this worker is for."""
        try:
            if errand.test >= 0:
                self._alone([*errand.before, errand.test])
            else:
                self._pull(list(errand.first))
        finally:
            self._drop_child()

    def _pull(self, waiting: list[tuple[int, int]]) -> None:
        """Run what is `waiting`, (span, position in its unit) each, and then what the queue and other workers give."""
        board = self._work.board
        span, place = waiting.pop(0) if waiting else _beginning(board, board.take())
        while span != NOBODY or self._may_wait():
            if span != NOBODY:
                span, place = self._through(span, place, waiting)
            else:
                time.sleep(_IDLE_S)
                span, place = _beginning(board, self._take_over())

    def _may_wait(self) -> bool:
        """Whether other workers still have what could be taken of it."""
        board = self._work.board
        return not self._is_over() and not board.is_retired(self._identity.number) and board.has_offers

    def _through(self, span: int, place: int, waiting: list[tuple[int, int]]) -> tuple[int, int]:
        """Run a span's tests from a place on; the span that comes next, and the place where it begins."""
        board = self._work.board
        numbers = self._work.plan.units[board.span(span).unit]
        self._span_since_s, self._predicted_s, self._sender.setup_s = self._log.now_s(), 0.0, 0.0
        ahead, after = waiting.pop(0) if waiting else (NOBODY, 0)
        end = place + 1
        while place < end:
            if self._is_over():
                return NOBODY, 0
            end = self._claim(numbers[place], span, place, ahead)
            if place + 1 >= end and ahead == NOBODY:
                ahead, after = self._ahead(numbers[place], span, place)
            following = numbers[place + 1] if place + 1 < end else self._number(ahead, after)
            self._run(numbers[place], following)
            place += 1
            self._settle(NOBODY, span, place, ahead)
        return ahead, after

    def _claim(self, number: int, span: int, place: int, ahead: int) -> int:
        """Say which test begins; the place where its span ends. The one after it, before that end, is this worker's."""
        board = self._work.board
        self._begun += 1
        self._predicted_s += self._work.plan.cost[number]
        moved, self._span = span != self._span, span
        if board.left and not moved:  # who looked while both span and place change could see the old span, at its start
            self._settle(number, span, place, ahead)
            return board.span(span).end
        with board.locked():  # others may take a part of the span
            self._settle(number, span, place, ahead)
            return board.span(span).end

    def _ahead(self, number: int, span: int, place: int) -> tuple[int, int]:
        """The span that comes after this last test of one, and the place where it begins: taken from the queue, or of
        what another worker has.
        """
        board = self._work.board
        if board.is_retired(self._identity.number):
            return NOBODY, 0
        taken = board.take(shortest=self._is_late(number))
        taken = self._take_over() if taken == NOBODY else taken
        self._settle(number, span, place, taken)
        return _beginning(board, taken)

    def _take_over(self) -> int:
        """A part of what another worker has; `NOBODY` if nothing is worth it."""
        plan, now_s = self._work.plan, self._log.now_s()
        return self._work.board.take_over(lambda offers: choose(offers, plan.units, plan.cost, plan.cuts, now_s))

    def _number(self, span: int, place: int) -> int | None:
        """The test at a place of a span's unit; None for no span."""
        return None if span == NOBODY else self._work.plan.units[self._work.board.span(span).unit][place]

    def _alone(self, numbers: list[int]) -> None:
        """Run the last test again, behind the others, which leave no trace in the log."""
        for place, number in enumerate(numbers):
            if self._is_over():
                return
            last = place + 1 == len(numbers)
            self._sender.silent = self._log.silent = not last
            self._begun += 1
            self._settle(number, NOBODY, NOBODY, NOBODY)
            self._run(number, None if last else numbers[place + 1])
            self._settle(NOBODY, NOBODY, NOBODY, NOBODY)

    def _is_late(self, number: int) -> bool:
        """Near the end of all: whether what is taken ahead of this test, and waits for it, should be short."""
        return self._work.plan.cost[number] > self._long_s and self._work.board.left <= 2 * self._work.plan.workers

    def _is_over(self) -> bool:
        session = self._session
        if session.shouldfail or session.shouldstop:
            self._outbox.hold("stop", str(session.shouldfail or ""), str(session.shouldstop or ""))
            self._outbox.send()
            self._work.board.stop()
        return self._work.board.stopped or self._getppid() != self._parent

    def _run(self, number: int, following: int | None) -> None:
        items, sender = self._work.items, self._sender
        item = items[number]
        sender.number, sender.nodeid = number, item.nodeid
        if not sender.silent and self._work.board.state(number) == UNTOUCHED:
            self._work.board.mark(number, BEGUN)  # once: a try that dies takes nothing back of what was done
        self._hook.pytest_runtest_protocol(item=item, nextitem=items[following] if following is not None else None)
        self._drop_child()
        self._outbox.send()  # its warnings come after its last report
        sender.number, sender.nodeid = NOBODY, ""

    def _drop_child(self) -> None:
        """A test may fork, and its child run on to here: that one is no worker."""
        if self._getpid() != self._pid:
            _EXIT(int(self._session.testsfailed > 0))

    def _settle(self, number: int, span: int, place: int, ahead: int) -> None:
        pace = (self._span_since_s, self._predicted_s, self._sender.setup_s)
        slot = Slot(number, span, place, ahead, self._begun, self._log.count, self._pid, self._log.now_s(), *pace)
        self._work.board.settle(self._identity.number, slot)

    def finish(self, coverage: Callable[[], str]) -> None:
        """What pytest does at the end of a session, and then the last words."""
        session, config = self._session, self._session.config
        state = session._setupstate  # noqa: SLF001 - what pytest's own runner and xdist's use
        if hasattr(state, "teardown_exact"):
            _teardown(state)
        status = pytest.ExitCode.TESTS_FAILED if session.testsfailed else pytest.ExitCode.OK
        config.hook.pytest_sessionfinish(session=session, exitstatus=status)
        _save_coverage(config)
        output = {key: value for key, value in getattr(config, "workeroutput", {}).items() if _is_basic(value)}
        note = coverage()
        self._log.flush()
        self._outbox.hold("over", note, output)
        self._outbox.send()
        self._settle(OVER, NOBODY, NOBODY, NOBODY)


def _beginning(board: Board, span: int) -> tuple[int, int]:
    """The span, and the place where it begins."""
    return (span, board.span(span).begin) if span != NOBODY else (NOBODY, 0)


def _teardown(state: Any) -> None:
    """Tear down what still stands; pytest < 7 wants an item."""
    try:
        state.teardown_exact(None)
    except TypeError:
        state.teardown_all()


def _save_coverage(config: Any) -> None:
    """What pytest-cov measured in this process: it saves only where its own session ends."""
    controller = getattr(config.pluginmanager.getplugin("_cov"), "cov_controller", None)
    measured = getattr(controller, "cov", None)
    if measured is not None:
        measured.stop()
        measured.save()


def _is_basic(value: Any) -> bool:
    return isinstance(value, (str, bytes, int, float, bool, dict, list, tuple, type(None)))


def leave(status: int) -> None:
    """End this process as an interpreter would, without the leader's handlers."""
    with contextlib.suppress(Exception):
        waiting = [each for each in threading.enumerate() if each is not threading.main_thread() and not each.daemon]
        if not waiting:
            threading._shutdown()  # type: ignore[attr-defined]  # noqa: SLF001 - ends the pools of concurrent.futures
    with contextlib.suppress(Exception):
        atexit._run_exitfuncs()  # noqa: SLF001 - what the interpreter calls
    for stream in (sys.stdout, sys.stderr, sys.__stdout__, sys.__stderr__):
        with contextlib.suppress(Exception):
            stream.flush()  # type: ignore[union-attr]  # a project may have put None there
    _EXIT(status)


def run_forked(worker: Callable[[], Worker], errors: str, errand: Errand, coverage: Callable[[], str]) -> None:
    """A forked worker's whole life. Never returns."""
    status = 0
    made: Worker | None = None
    try:
        _trace_crashes(errors)
        made = worker()
        try:
            made.run(errand)
        except pytest.exit.Exception as left:
            made._outbox.hold("exit", str(left.msg), getattr(left, "returncode", None))  # noqa: SLF001 - its own module
            made._work.board.stop()  # noqa: SLF001 - as above
        except KeyboardInterrupt:
            made._outbox.hold("interrupt", "", "")  # noqa: SLF001 - as above
            made._work.board.stop()  # noqa: SLF001 - as above
        made.finish(coverage)
    except KeyboardInterrupt:
        status = 130
    except BaseException:  # noqa: BLE001 - a plugin may raise anything; the leader tells it as an internal error
        status = 70
        with contextlib.suppress(OSError), open(errors, "a", encoding="utf-8", errors="replace") as stream:
            stream.write(traceback.format_exc())
    leave(status)


def _trace_crashes(errors: str) -> None:
    """Where pytest would show the stack of a crash, it goes into this worker's own file; on a signal, too."""
    faults: Any = sys.modules.get("faulthandler")
    if faults is not None and faults.is_enabled():
        stream = open(errors, "a", encoding="utf-8")  # noqa: SIM115 - open until the end
        faults.enable(file=stream)
        if TRACE_SIGNAL:
            faults.register(TRACE_SIGNAL, file=stream, all_threads=True)
