"""The leader's loop: starts workers, reads what they tell, replaces those that die, and ends as pytest's loop would.

PYTEST_DONT_REWRITE

The leader runs no test. Workers pull units from the board, write the log of their tests themselves, and leave reports
for the leader's plugins (terminal, junitxml, last failed …). A worker that dies costs the test that it was in; another
one takes over what it had taken.
Standard library and pytest only, Python >= 3.9.
"""

from __future__ import annotations

import os
import random
import shutil
import tempfile
import time
import uuid
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable

    from penstock.guest.penstock_board import DONE, NOBODY, OVER, UNTOUCHED
    from penstock.guest.penstock_collection import Collection, Gathered, agreed
    from penstock.guest.penstock_crew import Ended, Member, kill_tree
    from penstock.guest.penstock_identity import Identity
    from penstock.guest.penstock_left import left_behind, never_begun
    from penstock.guest.penstock_pool import Pool
    from penstock.guest.penstock_refire import Refire
    from penstock.guest.penstock_retry import History, Policy
    from penstock.guest.penstock_settings import Settings
    from penstock.guest.penstock_together import kept, remember, remembered
    from penstock.guest.penstock_tries import Errand, Tries
    from penstock.guest.penstock_units import costs, cuts, setups, timings, units
    from penstock.guest.penstock_worker import Plan

    Start = Callable[[Member, dict[str, Any], Errand], int]
else:
    from penstock_board import DONE, NOBODY, OVER, UNTOUCHED
    from penstock_collection import Collection, agreed
    from penstock_crew import Ended, Member, kill_tree
    from penstock_identity import Identity
    from penstock_left import left_behind, never_begun
    from penstock_pool import Pool
    from penstock_refire import Refire
    from penstock_retry import History, Policy
    from penstock_together import kept, remember, remembered
    from penstock_tries import Errand, Tries
    from penstock_units import costs, cuts, setups, timings, units
    from penstock_worker import Plan


_POLL_S = 0.02
_SOON_S = 0.002  # where all workers have told everything, and only have to end
_GRACE_S = 10.0  # what interrupted workers get to tear down
_LINGER_S = 30.0  # how long a worker may take to end after its last words
_STRAY_DEATHS = 5  # workers that die outside of tests before the leader gives up
_LOOK_S = 0.05  # how often it looks what the run has to spare, and who is stuck
_SPARE = 4096  # slots for workers that take over


class Leader:
    """One session's run: `gather` where the workers collect, `ready`, then `run` once. `close` whatever happens.

    `start` is to be set: starts a worker and gives its pid. It is given the member, what the project's hooks want it to
    know, and its errand.
    """

    def __init__(self, session: Any, settings: Settings, recorder: Any) -> None:
        self._session = session
        self._settings = settings
        self._recorder = recorder
        self.start: Start = _unset
        self.uid = uuid.uuid4().hex
        self.folder = tempfile.mkdtemp(prefix="penstock-engine-")
        self.collection = Collection([], [], [])
        self.plan = Plan([], [], [], "", 0, "", 0)
        self._board: Any = None
        self._tries: Any = None
        self._refire: Any = None
        self._members: list[Member] = []
        self._next = 0  # the number of the next worker
        self._stray = 0
        self._interrupted = False  # in a worker
        self._lost: list[str] = []  # why some of the workers' coverage and counts are not known
        self._events = 0
        self._own = 0  # workers that run whatever the run has to spare
        self._pool = Pool(settings.pool) if settings.pool and os.path.exists(settings.pool) else None
        self._looked_s = 0.0
        self.at_base: Any = None  # where suspects are run at the base (`penstock_suspects`)
        self.fallback: Callable[[str], Start] | None = None  # another way to start workers, if a forked one is stuck

    def ready(self, collection: Collection, workers: int) -> None:
        """Make the units and the board, and write them down for workers that collect by themselves.

        `workers`: those that run in any case; there may be as many as the run has processors.
        """
        self.collection = collection
        self._own = workers
        if self._pool is not None:
            workers = min(max(workers, self._pool.cpus), max(1, len(collection.items)))
        known = timings(self._settings.timings)
        tests = kept(collection.tests, known, remembered(self._session.config))
        cost = costs(tests, known)
        made = units(tests, cost, setups(tests, known), workers, self._settings.dist)
        shuffled = self._settings.order == "shuffled"
        if shuffled:  # on purpose: the log keeps the order, and a replay repeats it
            for unit in made:
                random.Random(self.uid).shuffle(unit)  # noqa: S311 - no secret
        path = os.path.join(self.folder, "board")
        with open(path, "wb"):
            pass
        may_cut = cuts(tests, self._settings.dist)
        self.plan = Plan(collection.names, made, cost, may_cut, workers, path, workers + _SPARE)
        self._board = self.plan.open()
        self._board.expect(self._next)  # those that have collected
        self.plan = self.plan._replace(board=self._board.lasting_path)
        self._refire = self._refire or Refire(self._session, self.uid)
        self._refire.items = collection.items
        self.plan.write(self.folder)
        histories = {name: History(each.runs, each.failures) for name, each in known.items()}
        policy = Policy(self._settings._asdict(), histories)
        self._tries = Tries(policy, tests, cost, self._recorder, whole=not shuffled, at_base=self.at_base)
        if not self._session.config.getoption("maxfail", 0):
            self._refire.tries = self._tries

    def run(self) -> None:
        """Raises what pytest's own loop raises: Failed, Interrupted, Exit; and RuntimeError if a worker broke."""
        reporter = self._session.config.pluginmanager.getplugin("terminalreporter")
        if reporter is not None:
            reporter.showfspath = False  # as xdist does: the workers are in different files
        try:
            while self._next < self._own:
                self._start(Errand())
            self._await_all()
            self._account()
        except KeyboardInterrupt:
            self._interrupt()
            raise
        except BaseException:
            self._lost.append("the leader broke")
            raise
        finally:
            self._tries.give_up("the session was ended before it could be tried again")
            self._refire.flush()
            remember(self._session.config, self._tries.together)
            self.close()
            states = self._board.states()
            ran = [name for number, name in enumerate(self.plan.names) if states[number] == DONE]
            self._recorder.ran_elsewhere(ran, -1 if self._lost else self._events)
            self._recorder.lose_coverage(self._lost)
        self._raise()

    def _await_all(self) -> None:
        while self._members or self._tries.busy:
            time.sleep(_SOON_S if self._members and all(each.over_since_s for each in self._members) else _POLL_S)
            self._round()

    def _account(self) -> None:
        """A net below everything: without a reason to stop, no test may be left. One worker is started for such."""
        lost = never_begun(self.plan.units, self._board.states())
        if lost and not self._board.stopped and self._stray <= _STRAY_DEATHS:
            self._board.refill(lost)
            self._start(Errand())
            self._await_all()
        left = self._board.states().count(UNTOUCHED, 0, len(self.plan.names))
        if left and not self._board.stopped and not self._refire.broken:
            self._refire.broken = f"{left} tests were not run, and no worker said why"

    def close(self) -> None:
        """End what still runs, and leave nothing."""
        for member in self._members:
            kill_tree(member.pid)
        shutil.rmtree(self.folder, ignore_errors=True)

    # --- workers ---------------------------------------------------------------------------------------------------

    def _start(self, errand: Errand) -> None:
        if self.plan.slots and self._next >= self.plan.slots:
            self._refire.broken = self._refire.broken or f"{self._next} workers were started: too many of them died"
            self._board.stop()
            return
        identity = Identity(self._next, self.plan.workers, self.uid)
        self._next += 1
        self._refire = self._refire or Refire(self._session, self.uid)
        given = self._refire.announce(identity)
        if not os.path.isdir(self.folder):  # a test has emptied the folder of temporary files
            os.makedirs(self.folder)
            self.plan.write(self.folder)
        member = Member(self.folder, identity)
        member.errand = errand
        member.is_warm = self.fallback is not None
        member.pid = self.start(member, given, errand)
        self._members.append(member)
        if self._board is not None:
            self._board.expect(self._next)

    def gather(self, workers: int) -> Gathered | str:
        """Start workers that collect, and hear what they have: one collection, or why there is none."""
        self.plan = self.plan._replace(workers=workers)
        for _ in range(workers):
            self._start(Errand())
        heard: dict[str, tuple[Any, ...]] = {}
        while len(heard) < workers:
            time.sleep(_POLL_S)
            for member in self._members:
                over = member.poll()
                heard.update((member.identity.name, each[1:]) for each in member.inbox.read() if each[0] == "collected")
                if over is not None and member.identity.name not in heard:
                    return f"the worker {member.identity.name} {over.words} while it collected"
        return agreed(heard)

    def _round(self) -> None:
        for member in list(self._members):
            over = member.poll()  # before its last frames are read
            self._read(member)
            if over is not None:
                self._members.remove(member)
                member.close()
                if member.claim is not None and self._pool is not None:
                    self._pool.release(member.claim)
                self._end(member, over)
        if self._session.shouldfail or self._session.shouldstop:
            self._board.stop()
        self._try_again()
        self._enforce()
        now_s = time.monotonic()
        if now_s - self._looked_s > _LOOK_S:
            self._looked_s = now_s
            self._share()
            self._watch(now_s)

    def _try_again(self) -> None:
        """One failed test at a time, beside the others, and as many as there are processors when these are over."""
        if self._board.stopped:
            self._tries.give_up("the session was ended before it could be tried again")
        self._tries.look()
        self._refire.flush()
        busy = sum(member.errand.test >= 0 for member in self._members)
        while self._tries.waiting and (not busy or len(self._members) < self.plan.workers):
            self._start(self._tries.waiting.pop(0))
            busy += 1

    def _read(self, member: Member) -> None:
        for frame in member.inbox.read():
            kind, parts = frame[0], frame[1:]
            if kind == "report":
                self._refire.report(member.identity, parts[0], parts[1:])
            elif kind == "warning":
                if member.errand.test < 0:  # a test tried again warned the first time
                    self._refire.warning(parts)
            elif kind == "suite":
                self._refire.suite.add(member.identity.name, *parts)
            elif kind == "over":
                member.over_since_s = time.monotonic()
                self._recorder.add_coverage(parts[0])
                self._refire.left(member.identity, parts[1])
            elif kind != "collected":  # of a worker that took over: it finds the plan's tests in its own, or breaks
                self._heed(kind, parts)

    def _heed(self, kind: str, parts: tuple[Any, ...]) -> None:
        """A worker asks for the end of all."""
        self._board.stop()
        if kind == "exit":
            self._refire.exit = parts
        elif kind == "interrupt":
            self._interrupted = True
        elif parts[0]:
            self._session.shouldfail = self._session.shouldfail or parts[0]
        elif parts[1]:
            self._session.shouldstop = self._session.shouldstop or parts[1]

    def _end(self, member: Member, over: Ended) -> None:
        """A worker is gone: in peace, in a test, or outside of one."""
        slot = self._board.slot(member.identity.number)
        if slot.current == OVER:
            self._events += slot.events
            if over.status:
                self._broken(member, over)
            return
        self._lost.append(f"the worker {member.identity.name} {over.words}")
        self._refire.died(member.identity, over.words)
        is_own = member.errand.test < 0  # else it tried one test again
        in_test = slot.current != NOBODY and not member.is_withdrawn
        if in_test and is_own and self._board.state(slot.current) == UNTOUCHED:
            in_test = False  # it was about to begin: the log knows nothing of it
        if member.is_withdrawn:
            self._board.mark(slot.current, UNTOUCHED)
            self._recorder.returned(self.plan.names[slot.current])
        elif slot.current not in (NOBODY, member.errand.test) and member.errand.test >= 0:
            self._tries.spoilt(member.errand.test)
            self._refire.flush()
        elif in_test:
            self._crashed(member, slot.current, over, time.monotonic() - slot.since_s)
        else:
            self._broken(member, over)
        self._board.vacate(member.identity.number)
        if not self._board.stopped and is_own and self._stray <= _STRAY_DEATHS:
            self._start(Errand(left_behind(self._board, slot, in_test=in_test) if slot.begun else member.errand.first))

    def _crashed(self, member: Member, number: int, over: Ended, lasted_s: float) -> None:
        name = self.plan.names[number]
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

    # --- processors ------------------------------------------------------------------------------------------------

    def _share(self) -> None:
        """Take what the run has to spare while there is work for it, and give back what a job waits for."""
        if self._pool is None:
            return
        for member in self._members:
            if member.claim is not None and self._pool.is_wanted_back(member.claim):
                self._board.retire(member.identity.number)
        while len(self._members) < self.plan.workers and self._board.left > len(self._members):
            claim = None if self._board.stopped else self._pool.claim()
            if claim is None:
                return
            self._start(Errand())
            self._members[-1].claim = claim

    def _watch(self, now_s: float) -> None:
        """A forked worker that is stuck in its first test waits for a lock that nobody has: start new ones instead."""
        for member in self._members:
            slot = self._board.slot(member.identity.number)
            begins = slot.begun == 1 and slot.current >= 0 and slot.pid == member.pid and not member.killed_for
            if not (member.is_warm and begins and member.is_stuck(now_s)):
                continue
            name = self.plan.names[slot.current]
            member.is_withdrawn = True
            member.killed_for = f"stuck in its first test, {name}"
            member.kill()
            if self.fallback is not None:
                self.start, self.fallback = self.fallback(f"in {name}"), None

    # --- limits ----------------------------------------------------------------------------------------------------

    def _enforce(self) -> None:
        now_s = time.monotonic()
        for member in self._members:
            if member.over_since_s and now_s - member.over_since_s > _LINGER_S:
                kill_tree(member.pid)
            if member.killed_for:
                continue
            slot = self._board.slot(member.identity.number)
            limit = self.collection.limits[slot.current] if slot.current >= 0 and slot.pid == member.pid else None
            if limit and now_s - slot.since_s > limit:
                member.killed_for = f"the test's limit of {limit:g} s ended it"
                member.kill()

    def _interrupt(self) -> None:
        """Ctrl-C: workers got it too, or get it now; what they have told is read."""
        self._board.stop()
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
        if self._interrupted:
            raise KeyboardInterrupt
        if self._refire.exit is not None:
            message, code = self._refire.exit
            raise pytest.exit.Exception(message, code)
        if self._refire.broken:
            raise RuntimeError(self._refire.broken)
        if session.shouldfail:
            raise session.Failed(session.shouldfail)
        if session.shouldstop:
            raise session.Interrupted(session.shouldstop)


def _unset(*_: Any) -> int:
    raise RuntimeError("no way to start workers was chosen")
