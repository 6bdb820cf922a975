"""Decides how a session's tests are run: in forked workers, in new ones, or in this process; and says why.

PYTEST_DONT_REWRITE

First choice: collect once and fork the workers from the warm process. Where the tests' modules do what would not
survive that, the workers collect themselves: forked before the collection if it is known by then (from the options,
the conftest files, or the last run), else as new interpreters. Where they do not agree on what there is: one process.
Standard library and pytest only, Python >= 3.9.
"""

from __future__ import annotations

import contextlib
import os
import sys
from typing import TYPE_CHECKING, Any, NamedTuple

import pytest

if TYPE_CHECKING:
    from penstock.guest import penstock_worker as workers
    from penstock.guest.penstock_collection import Collection, describe, listen, tell
    from penstock.guest.penstock_forkable import Watch, native_threads
    from penstock.guest.penstock_identity import Identity, mute
    from penstock.guest.penstock_leader import Leader
    from penstock.guest.penstock_reports import Outbox
    from penstock.guest.penstock_settings import Settings
    from penstock.guest.penstock_start import Forked, Fresh, collected
    from penstock.guest.penstock_suspects import AtBase
    from penstock.guest.penstock_tries import Errand
else:
    import penstock_worker as workers
    from penstock_collection import describe, listen, tell
    from penstock_forkable import native_threads
    from penstock_identity import Identity, mute
    from penstock_leader import Leader
    from penstock_reports import Outbox
    from penstock_start import Forked, Fresh, collected
    from penstock_suspects import AtBase
    from penstock_tries import Errand

# Options of pytest that ask for tests in this very process, as they are written.
_ALONE = {
    "collectonly": "--collect-only",
    "usepdb": "--pdb",
    "trace": "--trace",
    "setupshow": "--setup-show",
    "setuponly": "--setup-only",
    "setupplan": "--setup-plan",
    "stepwise": "--stepwise",
}
_STUCK = "a forked worker was stuck"
_MEMORY = "penstock/start"  # in pytest's cache: why the last run could not fork after it had collected


class Surroundings(NamedTuple):
    """How this process was started: what a new interpreter has to be given to be the same.

    `path`: sys.path without ours. `variables`: what was taken out of the environment.
    """

    path: list[str]
    variables: dict[str, str]


class Engine:
    """Hooks of the leader. One a session."""

    def __init__(self, config: Any, settings: Settings, recorder: Any, watch: Watch, around: Surroundings) -> None:
        self._config = config
        self._settings = settings
        self._recorder = recorder
        self._watch = watch
        self._around = around
        self._leader: Any = None  # until it runs
        self._running: Any = None
        self._decided = False

    @pytest.hookimpl(tryfirst=True)
    def pytest_collection(self, session: Any) -> object:
        """Let workers collect, where it is known already that they could not be forked afterwards."""
        reason = self._known_reason()
        if not reason or self._decided:
            return None
        self._decided = True  # a worker comes here again, and collects
        leader = self._new_leader(session)
        leader.start, how = self._early(session, leader)
        try:
            gathered = leader.gather(self._settings.workers)
        except BaseException:
            leader.close()
            raise
        if isinstance(gathered, str):
            leader.close()
            self._say(f"one process: {gathered}")
            return None
        collection, fields, still, told = gathered
        self._remember(still)
        leader.ready(collection, min(self._settings.workers, len(collection.items)))
        self._leader = leader
        session.items = collection.items
        session.testscollected = len(collection.items)
        self._say(f"{_count(leader.plan.workers, how)}: {reason}" if collection.items else "")
        self._recorder.collected_elsewhere(fields)
        tell(self._config, told)
        reporter = self._config.pluginmanager.getplugin("terminalreporter")
        if reporter is not None:
            reporter.write_line(f"collected {len(collection.items)} items by {_count(self._settings.workers, how)}")
        return True

    def _known_reason(self) -> str:
        """Why the workers have to collect themselves, as far as that can be known before anybody has."""
        if self._settings.workers < 1 or self._one_process() or self._settings.start == "fork":
            return ""
        if self._settings.start == "spawn":
            return "asked for"
        reason = self._watch.reason(self._config, final=False)
        cache = getattr(self._config, "cache", None)
        return str(reason or (cache.get(_MEMORY, "") if cache is not None else ""))

    def _early(self, session: Any, leader: Leader) -> tuple[Any, str]:
        """Fork now if nothing speaks against it yet, else start new interpreters."""
        if self._watch.reason(self._config, final=False, plugins=False):
            return Fresh(self._config, leader, self._around), "new"
        forked = self._forked(session, leader)
        forked.prepare()
        return forked, "early-forked"

    @pytest.hookimpl(tryfirst=True)
    def pytest_collection_finish(self, session: Any) -> None:
        """Decide how to run, before the recorder tells of the collection."""
        if self._decided or self._recorder.is_worker:
            return
        self._decided = True
        alone = self._one_process()
        if alone or not session.items or self._settings.workers < 1:
            self._say(f"one process: {alone}" if alone else "")
            return
        reason = self._reason()
        leader = self._new_leader(session)
        collection = describe(session.items, self._recorder.names(session.items), self._settings.timeout_s)
        count = min(self._settings.workers, len(collection.items))
        if reason:
            leader.start = Fresh(self._config, leader, self._around)
            other = self._other(session, leader, collection)
            if other:
                leader.close()
                self._say(f"one process: {other}")
                return
        self._leader = leader
        leader.ready(collection, count)
        if reason:
            self._say(f"{_count(count, 'new')}: {reason}")
        else:
            leader.start = forked = self._forked(session, leader)
            forked.warm = True
            if native_threads() > 0:  # a lock that one of them holds is given back by nobody in a fork
                leader.fallback = self._fall_back
            self._say(_count(count, "forked"))

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtestloop(self, session: Any) -> object:
        """Run all tests in workers."""
        leader, self._leader = self._leader, None
        if leader is None:
            return None
        if self._is_given_up(session):
            leader.close()
            return None  # pytest's own loop tells it
        if isinstance(leader.start, Forked) and leader.start.warm:
            leader.start.prepare()
        self._running = leader
        leader.run()
        return True

    @pytest.hookimpl(tryfirst=True)
    def pytest_report_teststatus(self, report: Any) -> object:
        """A failure that is excused is shown, and is none."""
        return ("flaky", "R", ("FLAKY", {"yellow": True})) if hasattr(report, "flaky") else None

    def _other(self, session: Any, leader: Leader, collection: Collection) -> str:
        """What new workers, started now, have not collected as this process has; "" if all is the same, or none is run.

        It is found out before the first test begins: then this process can still run what it has collected.
        """
        if self._is_given_up(session):
            return ""
        try:
            gathered = leader.gather(min(self._settings.workers, len(collection.items)))
        except BaseException:
            leader.close()
            raise
        if isinstance(gathered, str):
            return gathered
        differing = sorted(set(collection.names) ^ set(gathered.collection.names))
        return f"new workers collected different tests: {differing[0]} is not in all" if differing else ""

    def _reason(self) -> str:
        """Why the workers are not forked now that everything is collected, "" if they are."""
        self._watch.end()
        if self._settings.start != "auto":
            return "asked for" if self._settings.start == "spawn" else ""
        reason = self._watch.reason(self._config)
        self._remember(reason)
        return reason

    def _is_given_up(self, session: Any) -> bool:
        """Whether nothing is run, since not everything could be collected."""
        return bool(session.testsfailed and not self._config.option.continue_on_collection_errors)

    def _new_leader(self, session: Any) -> Leader:
        leader = Leader(session, self._settings, self._recorder)
        if self._settings.against:
            leader.at_base = AtBase(self._config, self._settings.against, self._around.path)
        return leader

    def _forked(self, session: Any, leader: Leader) -> Forked:
        factory = getattr(self._config, "_tmp_path_factory", None)
        basetemp = str(factory.getbasetemp()) if factory is not None else ""
        return Forked(session, self._recorder, leader, basetemp, timeout_s=self._settings.timeout_s, watch=self._watch)

    def _fall_back(self, where: str) -> Fresh:
        """Start further workers as new interpreters, and say so; the next run knows."""
        reason = f"{_STUCK} {where}"
        self._remember(reason)
        reporter = self._config.pluginmanager.getplugin("terminalreporter")
        if reporter is not None:
            reporter.write_line(f"penstock: new workers from here on: {reason}")
        return Fresh(self._config, self._running, self._around)

    def _one_process(self) -> str:
        """The option that asks for tests in this very process, "" if none does."""
        option = self._config.option
        return next((words for name, words in _ALONE.items() if getattr(option, name, False)), "")

    def _remember(self, reason: str) -> None:
        """For the next run, which then knows before it collects; what was stuck is believed until the cache goes."""
        cache = getattr(self._config, "cache", None)
        if cache is None:
            return
        with contextlib.suppress(Exception):
            known = cache.get(_MEMORY, "")
            if known != reason and (reason or not str(known).startswith(_STUCK)):
                cache.set(_MEMORY, reason)

    def _say(self, words: str) -> None:
        self._recorder.engine = words


def _count(number: int, kind: str) -> str:
    return f"{number} {kind} worker{'s' * (number != 1)}"


class FreshWorker:
    """Hooks of a worker in a new interpreter. `orders`: what `penstock_start.Fresh` gave it."""

    def __init__(self, config: Any, settings: Settings, recorder: Any, watch: Watch, orders: dict[str, Any]) -> None:
        self._settings = settings
        self._recorder = recorder
        self._watch = watch
        self._orders = orders
        config.workeroutput = {}
        config.option.basetemp = os.path.join(orders["basetemp"], f"gw{orders['number']}")

    @pytest.hookimpl(tryfirst=True)
    def pytest_sessionstart(self, session: Any) -> None:
        """Now that all plugins are configured, and before the first of them says something."""
        mute(session.config)
        listen(session.config)

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtestloop(self, session: Any) -> object:
        """Run what the leader's queue gives."""
        outbox = Outbox(self._orders["outbox"])
        parent = self._orders["leader"]

        def made() -> workers.Worker:
            folder, reason = self._orders["folder"], self._watch.reason(session.config)
            work = collected(session, self._recorder, outbox, folder, parent, self._settings.timeout_s, reason)
            return workers.Worker(session, work, identity_of(self._orders), outbox, self._recorder)

        errand = Errand(*self._orders["errand"])
        workers.run_forked(made, self._orders["errors"], errand, self._recorder.finish_coverage)
        sys.exit(0)  # never reached


def identity_of(orders: dict[str, Any]) -> Identity:
    """Who the worker is."""
    return Identity(orders["number"], orders["workers"], orders["session"])
