"""A worker: runs units of tests in a process of its own, and tells the leader what its plugins have to hear.

PYTEST_DONT_REWRITE

A forked worker is the warm copy of the leader: what is one a process in pytest (capture, temporary folder, terminal,
exit handlers, random state) is made its own before the first test. Where a test stands is on the board before it
begins, so that a worker may die anywhere.
Standard library and pytest only, Python >= 3.9.
"""

from __future__ import annotations

import atexit
import contextlib
import json
import os
import random
import sys
import threading
import time
import traceback
import weakref
from typing import TYPE_CHECKING, Any, NamedTuple

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable

    from penstock.guest.penstock_board import BEGUN, DONE, NOBODY, OVER, Board, Slot
    from penstock.guest.penstock_crew import TRACE_SIGNAL
    from penstock.guest.penstock_reports import Outbox, pack, pack_warning
    from penstock.guest.penstock_tries import Errand
else:
    from penstock_board import BEGUN, DONE, NOBODY, OVER, Board, Slot
    from penstock_crew import TRACE_SIGNAL
    from penstock_reports import Outbox, pack, pack_warning

_POLL_S = 0.01
# What the leader alone may do: it sees every report, and writes what these keep.
_LEADERS = ("pastebin", "html", "_cov_contexts")
_LEADERS_MODULES = ("_pytest.junitxml", "pytest_html.report", "pytest_html.selfcontained_report", "allure_pytest")
_TERMINAL_HOOKS = (
    "pytest_runtest_logstart",
    "pytest_runtest_logreport",
    "pytest_runtest_logfinish",
    "pytest_sessionfinish",
    "pytest_warning_recorded",
)


class Identity(NamedTuple):
    """Who a worker is. `number`: its slot on the board; `workers`: how many run at once; `session`: one id for all."""

    number: int
    workers: int
    session: str

    @property
    def name(self) -> str:
        """As xdist names workers: fixtures of the project make databases and ports of it."""
        return f"gw{self.number}"

    def input(self) -> dict[str, Any]:
        """What `config.workerinput` holds under xdist."""
        return {
            "workerid": self.name,
            "workercount": self.workers,
            "testrunuid": self.session,
            "mainargv": list(sys.argv),
        }

    def variables(self) -> dict[str, str]:
        """The variables that xdist sets."""
        return {
            "PYTEST_XDIST_WORKER": self.name,
            "PYTEST_XDIST_WORKER_COUNT": str(self.workers),
            "PYTEST_XDIST_TESTRUNUID": self.session,
        }


class Plan(NamedTuple):
    """What all workers of a session do: `names` of the tests by their number, `units` of numbers, predicted seconds
    `cost` of each test, how many `workers` run at once, and the path of the board with its number of slots.
    """

    names: list[str]
    units: list[list[int]]
    cost: list[float]
    workers: int
    board: str
    slots: int

    def open(self) -> Board:
        """The board; made by who opens it first."""
        return Board(self.board, len(self.names), list(range(len(self.units))), self.slots)

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
        self.nodeid = ""
        parts: Any = sys.modules.get(
            "_pytest.subtests"
        )  # since pytest 9; the terminal, which is mute here, asks for it
        self._failed_parts = config.stash.get(parts.failed_subtests_key, None) if parts is not None else None
        self.silent = True  # until it is registered: pytest then tells it all warnings that the leader knows

    @pytest.hookimpl(trylast=True)
    def pytest_runtest_logreport(self, report: Any) -> None:
        """Send the reports of a test when it is over, and before its end where one did not pass."""
        if self.silent:
            return
        if (
            self._failed_parts
            and report.when == "call"
            and self._failed_parts.get(getattr(report, "id", report.nodeid))
        ):
            self._config.hook.pytest_report_teststatus(report=report, config=self._config)
        self._outbox.hold("report", self.number, *pack(report, self._config))
        if report.when == "teardown" and report.nodeid == self.nodeid:
            self._board.mark(self.number, DONE)
            self._outbox.send()
        elif report.outcome != "passed":
            self._outbox.send()

    def pytest_warning_recorded(self, warning_message: Any, when: str, nodeid: str, location: Any) -> None:
        """Send a warning with the reports of its test."""
        if self.silent:
            return
        self._outbox.hold("warning", *pack_warning(warning_message, when, nodeid, location))


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
        self._pid, self._parent = os.getpid(), os.getppid()  # now: a test may patch os
        self._begun = 0
        self._long_s = sum(work.plan.cost) / (max(1, work.plan.workers) * 16)
        session.config.pluginmanager.register(self._sender, "penstock-sender")
        self._sender.silent = False

    def run(self, errand: Errand) -> None:
        """Do what this worker is for."""
        if errand.test >= 0:
            self._alone([*errand.before, errand.test])
        else:
            self._pull(list(errand.first))

    def _pull(self, waiting: list[tuple[int, int]]) -> None:
        """Run what is `waiting`, (unit, position in it) each, and then what the queue gives."""
        board = self._work.board
        unit, position = waiting.pop(0) if waiting else (board.take(), 0)
        while unit != NOBODY:
            numbers = self._work.plan.units[unit]
            ahead = waiting[0][0] if waiting else NOBODY
            for place in range(position, len(numbers)):
                if self._is_over():
                    return
                last = place + 1 == len(numbers)
                if last and not waiting and not board.is_retired(self._identity.number):
                    ahead = board.take(shortest=self._is_late(numbers[place]))
                following = (
                    numbers[place + 1] if not last else self._work.plan.units[ahead][0] if ahead != NOBODY else None
                )
                self._run(numbers[place], following, unit, place, ahead)
            unit, position = ahead, 0
            waiting.clear()

    def _after(self, numbers: list[int], place: int, ahead: int) -> int | None:
        """The test that comes after that of this place."""
        if place + 1 < len(numbers):
            return numbers[place + 1]
        return self._work.plan.units[ahead][0] if ahead != NOBODY else None

    def _alone(self, numbers: list[int]) -> None:
        """Run the last test again, behind the others, which leave no trace in the log."""
        for place, number in enumerate(numbers):
            if self._is_over():
                return
            last = place + 1 == len(numbers)
            self._sender.silent = self._log.silent = not last
            self._run(number, None if last else numbers[place + 1], NOBODY, NOBODY, NOBODY)

    def _is_late(self, number: int) -> bool:
        """Near the end of all: whether what is taken ahead of this test, and waits for it, should be short."""
        return self._work.plan.cost[number] > self._long_s and self._work.board.left <= 2 * self._work.plan.workers

    def _is_over(self) -> bool:
        session = self._session
        if session.shouldfail or session.shouldstop:
            self._outbox.hold("stop", str(session.shouldfail or ""), str(session.shouldstop or ""))
            self._outbox.send()
            self._work.board.stop()
        return self._work.board.stopped or os.getppid() != self._parent

    def _run(self, number: int, following: int | None, unit: int, place: int, ahead: int) -> None:
        items, sender = self._work.items, self._sender
        item = items[number]
        self._begun += 1
        sender.number, sender.nodeid = number, item.nodeid
        self._settle(number, unit, place, ahead)
        if not sender.silent:
            self._work.board.mark(number, BEGUN)
        self._hook.pytest_runtest_protocol(item=item, nextitem=items[following] if following is not None else None)
        self._outbox.send()  # its warnings come after its last report
        self._settle(NOBODY, unit, place + 1, ahead)
        sender.number, sender.nodeid = NOBODY, ""

    def _settle(self, number: int, unit: int, place: int, ahead: int) -> None:
        slot = Slot(number, unit, place, ahead, self._begun, self._log.now_s(), self._log.count, self._pid)
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


# --- a forked worker's own -------------------------------------------------------------------------------------------


def become(config: Any, identity: Identity, basetemp: str, given: dict[str, Any]) -> None:
    """Make this process, just forked, a session of its own. `given`: what the project's hooks add to workerinput."""
    os.environ.update(identity.variables())
    config.workerinput = {**identity.input(), **given}
    config.workeroutput = {}
    _own_capture(config)
    _own_temporary(config, os.path.join(basetemp, identity.name) if basetemp else "")
    _own_chance()
    _own_exit()
    mute(config)


def _own_capture(config: Any) -> None:
    """New files: the leader's hold what it captured, and share their position with every copy."""
    manager = config.pluginmanager.getplugin("capturemanager")
    if manager is None or manager._global_capturing is None:  # noqa: SLF001 - pytest has no public way
        return
    manager.stop_global_capturing()
    manager.start_global_capturing()
    manager.suspend_global_capture(in_=False)


def _own_temporary(config: Any, folder: str) -> None:
    factory = getattr(config, "_tmp_path_factory", None)
    if factory is None or not folder:
        return
    import pathlib

    factory._given_basetemp = pathlib.Path(folder)  # noqa: SLF001 - what xdist gives by an option
    factory._basetemp = None  # noqa: SLF001 - made when it is asked for


def _own_chance() -> None:
    """Python seeds its own generator after a fork; numpy's would give every worker the same numbers."""
    random.seed()
    numpy: Any = sys.modules.get("numpy")
    if numpy is not None:
        with contextlib.suppress(Exception):
            numpy.random.seed()


def _own_exit() -> None:
    """Exit handlers of the leader are the leader's; those that tests register here run at this worker's end."""
    atexit._clear()  # noqa: SLF001 - there is no public way
    for finalizer in list(getattr(weakref.finalize, "_registry", ())):
        finalizer.atexit = False
    weakref.finalize._registered_with_atexit = False  # type: ignore[attr-defined]  # noqa: SLF001 - the next one registers again
    processes: Any = sys.modules.get("multiprocessing.util")
    if processes is not None:
        atexit.register(processes._exit_function)  # noqa: SLF001 - what multiprocessing registers at its import


def mute(config: Any) -> None:
    """The terminal reporter stays, for plugins that ask for it, and says nothing; the leader's plugins leave."""
    manager = config.pluginmanager
    reporter = manager.getplugin("terminalreporter")
    if reporter is not None:
        reporter._tw._file = open(os.devnull, "w", encoding="utf-8")  # noqa: SIM115, SLF001 - open until the end
        for hook in _TERMINAL_HOOKS:
            with contextlib.suppress(ValueError, AttributeError):
                getattr(config.hook, hook)._remove_plugin(reporter)  # noqa: SLF001 - pluggy has no public way
    for plugin in list(manager.get_plugins()):
        made_by = type(plugin).__module__
        if (manager.get_name(plugin) or "") in _LEADERS or (made_by in _LEADERS_MODULES and made_by != "builtins"):
            with contextlib.suppress(ValueError, AssertionError):
                manager.unregister(plugin)


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
    os._exit(status)


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
