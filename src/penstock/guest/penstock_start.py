"""The ways to start a worker.

PYTEST_DONT_REWRITE

Warm: a fork of the leader that has collected; nothing is imported or collected twice. Early: a fork of the leader
before it collects, where what the tests' modules do when they are imported would not survive a later one; pytest and
its plugins are there, and the worker collects. Fresh: a new interpreter, where forking is not safe at all.
Standard library and pytest only, Python >= 3.9.
"""

from __future__ import annotations

import gc
import json
import os
import subprocess
import sys
import warnings
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from penstock.guest import penstock_worker as workers
    from penstock.guest.penstock_bond import bond
    from penstock.guest.penstock_collection import Collection, describe, heard, listen, pack
    from penstock.guest.penstock_crew import Member
    from penstock.guest.penstock_forkable import Watch
    from penstock.guest.penstock_identity import become
    from penstock.guest.penstock_reports import Outbox
    from penstock.guest.penstock_tries import Errand
else:
    import penstock_worker as workers
    from penstock_bond import bond
    from penstock_collection import describe, heard, listen, pack
    from penstock_identity import become
    from penstock_reports import Outbox


class Forked:
    """Starts workers by forking the leader. `warm`: it has collected; else each worker collects."""

    def __init__(
        self, session: Any, recorder: Any, leader: Any, basetemp: str, *, timeout_s: float | None, watch: Watch
    ) -> None:
        self._session = session
        self._watch = watch
        self._recorder = recorder
        self._leader = leader
        self._basetemp = basetemp
        self._timeout_s = timeout_s
        self.warm = False
        self._tie = bond()

    def prepare(self) -> None:
        """What must be so in the moment of a fork: nothing waits in a buffer, and the garbage stays where it is."""
        import logging

        for stream in (sys.stdout, sys.stderr, sys.__stdout__, sys.__stderr__):
            if stream is not None:
                stream.flush()
        for reference in list(getattr(logging, "_handlerList", ())):
            handler = reference()
            if handler is not None and hasattr(handler, "flush"):
                handler.flush()
        gc.collect()
        gc.freeze()

    def __call__(self, member: Member, given: dict[str, Any], errand: Errand) -> int:
        """Start a worker; its pid."""
        leader = os.getpid()
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", DeprecationWarning)  # that threads are alive: looked at before
            pid = os.fork()
        if pid == 0:
            try:
                self._tie(leader)
                workers.run_forked(
                    lambda: self._made(member, given, Outbox(member.outbox), errand.mode),
                    member.errors,
                    errand,
                    self._recorder.finish_coverage,
                )
            finally:
                os._exit(70)  # on no account a second leader
        return pid

    def _made(self, member: Member, given: dict[str, Any], outbox: Outbox, mode: str) -> Any:
        session, recorder = self._session, self._recorder
        recorder.enter(member.identity.name, mode)
        become(session.config, member.identity, self._basetemp, given)
        if self.warm:
            work = workers.Work(session.items, self._leader.plan, self._leader.plan.open())
        else:
            listen(session.config)
            session.config.hook.pytest_collection(session=session)
            reason = self._watch.reason(session.config)
            work = collected(session, recorder, outbox, self._leader.folder, os.getppid(), self._timeout_s, reason)
        return workers.Worker(session, work, member.identity, outbox, recorder)


def collected(
    session: Any, recorder: Any, outbox: Outbox, folder: str, parent: int, timeout_s: float | None, reason: str
) -> workers.Work:
    """Tell the leader what this worker has collected, and hear what there is to do.

    `reason`: why the worker could not have been forked now; where there is none any more, the next run forks again.
    Raises RuntimeError where it takes over, and has not collected what the others have.
    """
    collection: Collection = describe(session.items, recorder.names(session.items), timeout_s)
    outbox.hold("collected", pack(collection), recorder.collection, reason, heard(session.config))
    outbox.send()
    plan = workers.await_plan(folder, parent)
    places = {name: number for number, name in enumerate(collection.names)}
    missing = next((name for name in plan.names if name not in places), "")
    if missing:
        raise RuntimeError(f"it collected different tests: {missing} is not among its {len(places)}")
    return workers.Work([session.items[places[name]] for name in plan.names], plan, plan.open())


class Fresh:
    """Starts workers as new interpreters, with the leader's own command line. `around`: how the leader was started."""

    def __init__(self, config: Any, leader: Any, around: Any) -> None:
        self._config = config
        self._leader = leader
        self._around = around

    def __call__(self, member: Member, given: dict[str, Any], errand: Errand) -> int:
        """Start a worker; its pid. Raises OSError if that is not possible."""
        folder = os.path.dirname(os.path.abspath(__file__))
        factory = getattr(self._config, "_tmp_path_factory", None)
        orders = {
            "number": member.identity.number,
            "workers": member.identity.workers,
            "session": member.identity.session,
            "given": given,
            "errand": list(errand),
            "folder": self._leader.folder,
            "outbox": member.outbox,
            "errors": member.errors,
            "leader": os.getpid(),
            "path": self._around.path,
            "arguments": [str(each) for each in self._config.invocation_params.args],
            "guest": folder,
            "basetemp": str(factory.getbasetemp()) if factory is not None else "",
        }
        environment = {**os.environ, **self._around.variables, **member.identity.variables()}
        environment["PENSTOCK_WORKER"] = json.dumps(orders)
        flags = subprocess._args_from_interpreter_flags()  # type: ignore[attr-defined]  # noqa: SLF001 - multiprocessing's way
        with open(os.devnull, "r+b") as nothing, open(member.errors, "ab") as errors:
            started = subprocess.Popen(
                [sys.executable, *flags, os.path.join(folder, "penstock_fresh.py")],
                stdin=nothing,
                stdout=nothing if self._config.option.capture != "no" else None,
                stderr=errors,
                env=environment,
                cwd=str(self._config.invocation_params.dir),
            )
        started.returncode = 0  # the leader waits for it: else the next Popen would, when this one is collected
        return started.pid
