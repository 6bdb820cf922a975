"""The leader of a parallel session: collects once, starts workers, and lets pytest's plugins see every report.

PYTEST_DONT_REWRITE

The leader runs no test. Workers pull units from the board, write the log of their tests themselves, and leave reports
for the leader's plugins (terminal, junitxml, last failed …). A worker that dies costs the test that it was in; another
one takes over what it had taken.
Standard library and pytest only, Python >= 3.9.
"""

from __future__ import annotations

import gc
import os
import shutil
import tempfile
import time
import uuid
import warnings
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from penstock.guest import penstock_worker as workers
    from penstock.guest.penstock_board import DONE, NOBODY, OVER, Board
    from penstock.guest.penstock_crew import Ended, Member, kill_tree
    from penstock.guest.penstock_forkable import Watch
    from penstock.guest.penstock_refire import Refire
    from penstock.guest.penstock_reports import Outbox
    from penstock.guest.penstock_settings import Settings
    from penstock.guest.penstock_units import Test, costs, setups, timings, units
else:
    import penstock_worker as workers
    from penstock_board import DONE, NOBODY, OVER, Board
    from penstock_crew import Ended, Member, kill_tree
    from penstock_refire import Refire
    from penstock_reports import Outbox
    from penstock_units import Test, costs, setups, timings, units

_POLL_S = 0.01
_GRACE_S = 10.0  # what interrupted workers get to tear down
_LINGER_S = 30.0  # how long a worker may take to end after its last words
_STRAY_DEATHS = 5  # workers that die outside of tests before the leader gives up
# Options of pytest that ask for tests in this very process, as they are written.
_ALONE = {
    "usepdb": "--pdb",
    "trace": "--trace",
    "setupshow": "--setup-show",
    "setuponly": "--setup-only",
    "setupplan": "--setup-plan",
    "stepwise": "--stepwise",
}
_SPARE = 4096  # slots for workers that take over


class Engine:
    """Hooks of the leader. One a session."""

    def __init__(self, config: Any, settings: Settings, recorder: Any, watch: Watch) -> None:
        self._config = config
        self._settings = settings
        self._recorder = recorder
        self._watch = watch
        self._mode = ""
        self._count = 0
        self.told = ""  # how the tests are run, and why so

    @pytest.hookimpl(tryfirst=True)
    def pytest_collection_finish(self, session: Any) -> None:
        """Decide how to run, before the recorder tells of the collection."""
        self._recorder.names(session.items)
        alone = _one_process(self._config)
        unsafe = self._watch.reason(self._config)
        self._count = min(self._settings.workers, len(session.items))
        if alone or not session.items:
            self.told = f"one process: {alone}" if alone else ""
        elif unsafe:
            self.told = f"one process: {unsafe}"
        else:
            self._mode = "fork"
            self.told = f"{self._count} forked worker{'s' * (self._count != 1)}"
        self._recorder.engine = self.told

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtestloop(self, session: Any) -> object:
        """Run all tests in workers."""
        config = self._config
        if not self._mode or config.option.collectonly:
            return None
        if session.testsfailed and not config.option.continue_on_collection_errors:
            return None  # pytest's own loop tells it
        Leader(session, self._settings, self._recorder, self._count).run()
        return True


class Leader:
    """One session's run. Make one, call `run` once."""

    def __init__(self, session: Any, settings: Settings, recorder: Any, count: int) -> None:
        self._session = session
        self._config = session.config
        self._settings = settings
        self._recorder = recorder
        self._uid = uuid.uuid4().hex
        self._folder = tempfile.mkdtemp(prefix="penstock-engine-")
        known = timings(settings.timings)
        tests = [_described(item, recorder.ids[number]) for number, item in enumerate(session.items)]
        cost = costs(tests, known)
        made = units(tests, cost, setups(tests, known), count, settings.dist)
        path = os.path.join(self._folder, "board")
        with open(path, "wb"):
            pass
        board = Board(path, len(tests), list(range(len(made))), count + _SPARE)
        self._work = workers.Work(session.items, made, cost, count, board)
        self._refire = Refire(session, self._uid)
        self._limits = [_limit(item, settings.timeout_s) for item in session.items]
        self._limited = any(self._limits)
        self._members: list[Member] = []
        self._next = 0  # the number of the next worker
        self._stray = 0
        self._lost: list[str] = []  # why some of the workers' coverage and counts are not known
        self._events = 0
        self._basetemp = _basetemp(self._config)

    def run(self) -> None:
        """Raises what pytest's own loop raises: Failed, Interrupted, Exit; and RuntimeError if a worker broke."""
        try:
            self._prepare()
            for _ in range(self._work.workers):
                self._start([])
            self._loop()
        except KeyboardInterrupt:
            self._interrupt()
            raise
        finally:
            for member in self._members:
                kill_tree(member.pid)
            gc.unfreeze()
            states = self._work.board.states()
            ran = [name for number, name in enumerate(self._recorder.ids) if states[number] == DONE]
            self._recorder.ran_elsewhere(ran, -1 if self._lost else self._events)
            self._recorder.lose_coverage(self._lost)
            shutil.rmtree(self._folder, ignore_errors=True)
        self._raise()

    def _prepare(self) -> None:
        """What must be so in the moment of a fork: nothing waits in a buffer, and the garbage stays where it is."""
        import logging
        import sys

        for stream in (sys.stdout, sys.stderr, sys.__stdout__, sys.__stderr__):
            if stream is not None:
                stream.flush()
        for reference in list(getattr(logging, "_handlerList", ())):
            handler = reference()
            if handler is not None and hasattr(handler, "flush"):
                handler.flush()
        gc.collect()
        gc.freeze()

    # --- workers ---------------------------------------------------------------------------------------------------

    def _start(self, first: list[tuple[int, int]]) -> None:
        identity = workers.Identity(self._next, self._work.workers, self._uid)
        self._next += 1
        given = self._refire.announce(identity)
        member = Member(self._folder, identity)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", DeprecationWarning)  # that threads are alive: looked at before
            pid = os.fork()
        if pid == 0:
            self._work_forever(identity, given, first, member)
        member.pid = pid
        self._members.append(member)

    def _work_forever(self, identity: workers.Identity, given: dict[str, Any], first: Any, member: Member) -> None:
        recorder = self._recorder

        def made() -> workers.Worker:
            recorder.enter(identity.name)
            workers.become(self._config, identity, self._basetemp, given)
            return workers.Worker(self._session, self._work, identity, Outbox(member.outbox), recorder)

        workers.run_forked(made, member.errors, lambda worker: worker.pull(first), recorder.finish_coverage)

    def _loop(self) -> None:
        while self._members:
            time.sleep(_POLL_S)
            self._round()

    def _round(self) -> None:
        for member in list(self._members):
            over = member.poll()  # before its last frames are read
            self._read(member)
            if over is not None:
                self._members.remove(member)
                member.close()
                self._end(member, over)
        if self._session.shouldfail or self._session.shouldstop:
            self._work.board.stop()
        self._enforce()

    def _read(self, member: Member) -> None:
        for frame in member.inbox.read():
            kind, parts = frame[0], frame[1:]
            if kind == "report":
                self._refire.report(member.identity, parts[0], parts[1:])
            elif kind == "warning":
                self._refire.warning(parts)
            elif kind == "over":
                member.over_since_s = time.monotonic()
                self._recorder.add_coverage(parts[0])
                self._refire.left(member.identity, parts[1])
            else:
                self._heed(kind, parts)

    def _heed(self, kind: str, parts: tuple[Any, ...]) -> None:
        """A worker asks for the end of all."""
        self._work.board.stop()
        if kind == "exit":
            self._refire.exit = parts
        elif parts[0]:
            self._session.shouldfail = self._session.shouldfail or parts[0]
        elif parts[1]:
            self._session.shouldstop = self._session.shouldstop or parts[1]

    def _end(self, member: Member, over: Ended) -> None:
        """A worker is gone: in peace, in a test, or outside of one."""
        slot = self._work.board.slot(member.identity.number)
        if slot.current == OVER:
            self._events += slot.events
            if over.status:
                self._broken(member, over)
            return
        self._lost.append(f"the worker {member.identity.name} {over.words}")
        first = [] if slot.unit == NOBODY else [(slot.unit, slot.position + (slot.current != NOBODY))]
        if slot.following != NOBODY:
            first.append((slot.following, 0))
        if slot.current != NOBODY:
            self._crashed(member, slot.current, over, time.monotonic() - slot.since_s)
        else:
            self._broken(member, over)
            if self._stray > _STRAY_DEATHS:
                return
        if not self._work.board.stopped:
            self._start([(unit, at) for unit, at in first if at < len(self._work.units[unit])])

    def _crashed(self, member: Member, number: int, over: Ended, lasted_s: float) -> None:
        name = self._recorder.ids[number]
        outcome = "timed_out" if member.killed_for else "crashed"
        message = member.killed_for or f"its worker {over.words}"
        trace = member.last_words()
        self._recorder.lost(name, outcome, message, trace, lasted_s)
        self._refire.crashed(member.identity, number, f"{message}\n\n{trace}" if trace else message, lasted_s)

    def _broken(self, member: Member, over: Ended) -> None:
        """It died, or failed, with no test to blame: no result may be green."""
        self._stray += 1
        words = member.last_words() or "outside of every test"
        self._refire.broken = self._refire.broken or f"the worker {member.identity.name} {over.words}:\n{words}"

    # --- limits ----------------------------------------------------------------------------------------------------

    def _enforce(self) -> None:
        now_s = time.monotonic()
        for member in self._members:
            if member.over_since_s and now_s - member.over_since_s > _LINGER_S:
                kill_tree(member.pid)
            if not self._limited or member.killed_for:
                continue
            slot = self._work.board.slot(member.identity.number)
            limit = self._limits[slot.current] if slot.current >= 0 and slot.pid == member.pid else None
            if limit and now_s - slot.since_s > limit:
                member.killed_for = f"the test's limit of {limit:g} s ended it"
                member.kill()

    def _interrupt(self) -> None:
        """Ctrl-C: workers got it too, or get it now; what they have told is read."""
        self._work.board.stop()
        until_s = time.monotonic() + _GRACE_S
        asked = False
        while self._members and time.monotonic() < until_s:
            time.sleep(_POLL_S)
            for member in list(self._members):
                over = member.poll()
                self._read(member)
                if over is not None:
                    self._members.remove(member)
                    member.close()
                    self._lost.append(f"the worker {member.identity.name} was interrupted")
            if not asked and time.monotonic() > until_s - _GRACE_S + 0.5:
                asked = True
                for member in self._members:
                    member.interrupt()
        self._lost += [f"the worker {member.identity.name} was killed" for member in self._members]

    def _raise(self) -> None:
        """End as pytest's own loop would."""
        session = self._session
        if self._refire.exit is not None:
            message, code = self._refire.exit
            raise pytest.exit.Exception(message, code)
        if self._refire.broken:
            raise RuntimeError(self._refire.broken)
        if session.shouldfail:
            raise session.Failed(session.shouldfail)
        if session.shouldstop:
            raise session.Interrupted(session.shouldstop)


def _one_process(config: Any) -> str:
    """The option that asks for tests in this very process, "" if none does."""
    return next((words for option, words in _ALONE.items() if getattr(config.option, option, False)), "")


def _described(item: Any, name: str) -> Test:
    path, _, rest = item.nodeid.partition("::")
    scope = rest.rpartition("::")[0].partition("[")[0]
    definitions = getattr(getattr(item, "_fixtureinfo", None), "name2fixturedefs", {})
    wide = sorted(
        fixture
        for fixture, made in definitions.items()
        if made and str(made[-1].scope) in ("class", "module", "package")
    )
    classes = any(str(definitions[fixture][-1].scope) == "class" for fixture in wide)
    marker = item.get_closest_marker("xdist_group")
    group = ""
    if marker is not None:
        group = str(marker.args[0] if marker.args else marker.kwargs.get("name", "default"))
    return Test(name, path, scope, group, f"{scope if classes else ''} {' '.join(wide)}" if wide else "")


def _limit(item: Any, default_s: float | None) -> float | None:
    """A test's own limit in seconds. pytest-timeout, where it is installed, enforces its marks itself."""
    marker = item.get_closest_marker("timeout")
    given = marker.args[0] if marker is not None and marker.args else None
    own_s = float(given) if isinstance(given, (int, float)) and given > 0 else None
    if item.config.pluginmanager.hasplugin("timeout"):
        return default_s
    both = [each for each in (own_s, default_s) if each]
    return min(both) if both else None


def _basetemp(config: Any) -> str:
    factory = getattr(config, "_tmp_path_factory", None)
    return str(factory.getbasetemp()) if factory is not None else ""
