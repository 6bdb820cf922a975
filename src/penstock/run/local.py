"""Runs processes on this machine, each with its whole tree under a shim of its own. See TRUST.md §1."""

from __future__ import annotations

import select
import sys
from collections.abc import Callable

from penstock.guest import shim as guest
from penstock.ports import Clock, Ended, Launch
from penstock.run import memory, orphans
from penstock.run.output import CAP_BYTES
from penstock.run.resting import Rests
from penstock.run.secrets import NO_SECRETS, Secrets
from penstock.run.spawning import spawn
from penstock.run.supervised import Supervised

_ESCAPE = "a process of a job that leaves both its process group and its parent is not found and not ended"
_LOST = "when penstock and the supervisor of a job are both killed, the next start does not find what is left"
_WINDOWS = "jobs cannot be supervised on Windows yet, so none is started: use WSL"


def missing_guarantees(platform: str = sys.platform) -> tuple[str, ...]:
    """What this system cannot promise of TRUST.md §1, in words for people. Empty on Linux."""
    if platform.startswith("linux"):
        return () if guest.control_process(guest.PR_SET_CHILD_SUBREAPER, 1) else (_ESCAPE,)
    return (_WINDOWS,) if platform == "win32" else (_ESCAPE, _LOST)


class LocalExecutor:
    """See `ports.Executor`. `run_id` tags every process; `echo` gets the output of launches that ask for it;
    `secrets` are taken out of every output.
    """

    def __init__(
        self,
        clock: Clock,
        run_id: str,
        *,
        echo: Callable[[bytes], None] | None = None,
        cap_bytes: int = CAP_BYTES,
        secrets: Secrets = NO_SECRETS,
    ) -> None:
        self._secrets = secrets
        self._clock = clock
        self._run_id = run_id
        self._echo = echo
        self._cap_bytes = cap_bytes
        self._running: dict[str, Supervised] = {}
        self._ended: list[Ended] = []
        self._sources: dict[int, Supervised] = {}  # descriptor -> whose
        self._poll = select.poll()
        self._rests = Rests(self._poll)
        self._reaps = False

    def start(self, launch: Launch) -> None:
        """Start it. A program that cannot be started is an `Ended` with `problem`, not an exception."""
        problem = self._unfit(launch)
        try:
            if problem is None:
                self._admit(launch)
        except OSError as error:
            problem = f"{launch.argv[0]} could not be started: {error.strerror}"
        if problem is not None:
            self._ended.append(
                Ended(
                    task=launch.task,
                    exit_code=None,
                    signal=None,
                    cause="",
                    duration_s=0.0,
                    cpu_s=0.0,
                    memory_bytes=0,
                    problem=problem,
                )
            )

    def wait(self, timeout_s: float | None) -> list[Ended]:
        """Block until something ends or `timeout_s` is over; enforce time limits meanwhile. May return []."""
        limit_s = None if timeout_s is None else self._clock.monotonic_s() + timeout_s
        while not self._ended and (self._running or limit_s is not None):
            now_s = self._clock.monotonic_s()
            if limit_s is not None and now_s >= limit_s:
                break
            self._turn(now_s, limit_s)
        ended, self._ended = self._ended, []
        return ended

    def stop(self, task: str, cause: str, *, grace_s: float | None = None) -> None:
        """End a task's tree: TERM, grace, KILL, sweep. Its `Ended` arrives by `wait`. Unknown tasks are left alone."""
        supervised = self._running.get(task)
        if supervised is not None:
            supervised.stop(cause, supervised.launch.grace_s if grace_s is None else grace_s, self._clock.monotonic_s())

    def close(self) -> None:
        """Kill what is left and sweep. No process of the run lives afterwards."""
        for task in self._running:
            self.stop(task, "closed", grace_s=0.0)
        while self._running:  # ends: a shim that is overdue is killed
            self._turn(self._clock.monotonic_s(), None)
        self._ended.clear()

    def _unfit(self, launch: Launch) -> str | None:
        if sys.platform == "win32":
            return _WINDOWS
        if launch.task in self._running:
            return f"{launch.task} runs already"
        texts = (launch.directory, *launch.argv, *(text for pair in launch.environment for text in pair))
        return f"{launch.argv[0]}: an argument or variable holds a NUL" if any("\0" in text for text in texts) else None

    def _admit(self, launch: Launch) -> None:
        if not self._reaps:
            self._reaps = True
            guest.control_process(guest.PR_SET_CHILD_SUBREAPER, 1)  # what a killed shim leaves comes to us
        supervised = Supervised(
            launch,
            spawn(launch, f"{self._run_id}/{launch.task}"),
            echo=self._echo if launch.echo else None,
            cap_bytes=self._cap_bytes,
            now_s=self._clock.monotonic_s(),
            memory_kills=memory.kills(),
            secrets=self._secrets,
        )
        self._running[launch.task] = supervised
        for descriptor in supervised.sources:
            self._sources[descriptor] = supervised
            self._poll.register(descriptor, select.POLLIN)

    def _turn(self, now_s: float, limit_s: float | None) -> None:
        """One round: limits that have passed, then whatever was said or printed until the next limit."""
        deadlines = [limit_s] if limit_s is not None else []
        for supervised in list(self._running.values()):
            self._hold_to_limits(supervised, now_s)
            moments = (supervised.deadline_s, supervised.overdue_s, supervised.look_s)
            deadlines += [at_s for at_s in moments if at_s is not None]
        rested_s = self._rests.wake(now_s)
        deadlines += [rested_s] if rested_s is not None else []
        pause_s = max(min(deadlines) - now_s, 0.0) if deadlines else None
        for descriptor in self._listen(pause_s):
            source = self._sources.get(descriptor)
            if source is not None:
                self._hear(source, descriptor)

    def _hear(self, source: Supervised, descriptor: int) -> None:
        count = source.take(descriptor)
        if count == 0:
            self._forget(descriptor)
            if descriptor == source.shim.report:
                self._settle(source)
        elif count > 0 and source.patient(descriptor):
            self._rests.taken(descriptor, count, self._clock.monotonic_s())

    def _listen(self, pause_s: float | None) -> list[int]:
        # Rounded up: a limit that is a part of a millisecond away must not be asked for a thousand times.
        ready = self._poll.poll(None if pause_s is None else int(pause_s * 1000) + 1)
        return [descriptor for descriptor, _ in ready]

    def _hold_to_limits(self, supervised: Supervised, now_s: float) -> None:
        if supervised.deadline_s is not None and now_s >= supervised.deadline_s:
            self.stop(supervised.launch.task, "timeout")
        if supervised.look_s is not None and now_s >= supervised.look_s and supervised.is_too_large(now_s):
            self.stop(supervised.launch.task, "memory", grace_s=0.0)  # what grows now takes it from the others
        if supervised.overdue_s is not None and now_s >= supervised.overdue_s:
            supervised.kill_shim()

    def _forget(self, descriptor: int) -> None:
        if self._sources.pop(descriptor, None) is not None:
            self._rests.forget(descriptor)
            self._poll.unregister(descriptor)

    def _settle(self, supervised: Supervised) -> None:
        """The shim has left: with its last words, or killed; then its tree came to us, and is ended here."""
        task = supervised.launch.task
        del self._running[task]
        account, problem = supervised.shim.last_words()
        left: tuple[str, ...] = ()
        if account is None:
            tag = f"{self._run_id}/{task}"
            shims = [supervised.shim.pid, *(other.shim.pid for other in self._running.values())]  # reaped elsewhere
            left = orphans.end((orphans.tagged(tag.__eq__), orphans.adopted(shims)), self._clock)
        for descriptor in supervised.sources:
            self._forget(descriptor)
        self._ended.append(
            supervised.finish(account, problem, left, now_s=self._clock.monotonic_s(), memory_kills=memory.kills())
        )
