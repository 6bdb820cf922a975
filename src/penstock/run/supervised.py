"""One supervised process: its shim, its output, its limits, and what its end means."""

from __future__ import annotations

import os
from collections.abc import Callable

from penstock.guest.shim import UNKILLABLE_S
from penstock.ports import Ended, Launch
from penstock.run import footprint
from penstock.run.output import Output
from penstock.run.secrets import NO_SECRETS, Secrets
from penstock.run.spawning import Account, Shim

_CHUNK = memoryview(bytearray(256 << 10))  # one for all: a chunk is taken in whole before the next is read
_DRAIN_BYTES = 4 << 20  # more than a pipe holds: after the tree's end no stranger with our pipe may keep us reading
# A shim that has not done what it was told this long after the grace it gives hangs itself, or somebody stopped it.
_OVERDUE_S = UNKILLABLE_S + 5.0
_WISHES = frozenset({"interrupt", "cancelled"})  # ends that nothing hangs or is overdue in
_KILL = 9
# What people and other programs send; all other signals are of the command's own making (a crash, a broken pipe).
_SENT = frozenset({1, 2, 3, 9, 15})


class Supervised:
    """The executor's view of a running launch. Limits are on the clock of `now_s`."""

    def __init__(
        self,
        launch: Launch,
        shim: Shim,
        *,
        echo: Callable[[bytes], None] | None,
        cap_bytes: int,
        now_s: float,
        memory_kills: int,
        secrets: Secrets = NO_SECRETS,
    ) -> None:
        self.launch = launch
        self.shim = shim
        self.deadline_s = None if launch.timeout_s is None else now_s + launch.timeout_s
        self.overdue_s: float | None = None
        self.look_s = now_s if launch.memory_bytes else None  # when to look at its memory
        self._used_bytes = 0  # the most that was seen
        self._started_s = now_s
        self._memory_kills = memory_kills
        self._cause = ""
        self._output = Output(launch.output, cap_bytes=cap_bytes, echo=echo, redaction=secrets.stream())
        self._outputs = {shim.output: self._output}
        if shim.stdout is not None and launch.stdout is not None:
            self._outputs[shim.stdout] = Output(
                launch.stdout, cap_bytes=cap_bytes, echo=echo, redaction=secrets.stream()
            )

    @property
    def sources(self) -> tuple[int, ...]:
        """The descriptors to listen to."""
        return (self.shim.report, *self._outputs)

    def take(self, descriptor: int) -> int:
        """Take in what one source has: how many bytes, 0 if it has ended, -1 if there is nothing now."""
        if descriptor == self.shim.report:
            return 1 if self.shim.hear() else 0
        return self._drain_once(descriptor)

    def patient(self, descriptor: int) -> bool:
        """Whether it is an output that nobody waits for."""
        return descriptor in self._outputs and not self._outputs[descriptor].echoes

    def is_too_large(self, now_s: float) -> bool:
        """Look at its memory: whether it holds more than it may."""
        self.look_s = now_s + footprint.LOOK_S
        used_bytes = footprint.used_bytes(self.shim.pid, self.launch.memory_bytes)
        self._used_bytes = max(self._used_bytes, used_bytes)
        if used_bytes <= self.launch.memory_bytes:
            return False
        self.look_s = None
        return True

    def stop(self, cause: str, grace_s: float, now_s: float) -> None:
        """Have the shim end the tree. The first cause counts, the shortest grace too."""
        self._cause = self._cause or cause
        self.deadline_s = None
        overdue_s = now_s + grace_s + _OVERDUE_S
        self.overdue_s = overdue_s if self.overdue_s is None else min(self.overdue_s, overdue_s)
        self.shim.order_end(grace_s, gently=self.launch.tears_down and cause in _WISHES)

    def kill_shim(self) -> None:
        """For a shim that is overdue; its tree comes to us."""
        self.overdue_s = None
        os.kill(self.shim.pid, _KILL)

    def finish(
        self, account: Account | None, problem: str | None, left: tuple[str, ...], *, now_s: float, memory_kills: int
    ) -> Ended:
        """Empty the pipes, give everything back, and say how it ended.

        `account`: None if the shim was killed before it could tell; `left`: what had to be ended in its place.
        """
        for descriptor, output in self._outputs.items():
            self._drain(descriptor)
            output.close()
        status, cpu_s, memory_bytes = self.shim.reap()
        self.shim.close()
        if account is None:
            number = os.WTERMSIG(status) if os.WIFSIGNALED(status) else None
            if number is None:
                problem = problem or f"its supervisor failed with exit code {os.waitstatus_to_exitcode(status)}"
            asked = bool(self._cause)
            account = Account(
                exit_code=None,
                signal=number,
                asked=asked,
                since_s=0.0,
                cpu_s=cpu_s,
                memory_bytes=memory_bytes,
                leaked=left,
            )
        return Ended(
            task=self.launch.task,
            exit_code=None if problem else account.exit_code,
            signal=account.signal,
            cause=self._why(account, memory_kills),
            duration_s=max(now_s - self._started_s - account.since_s, 0.0),
            cpu_s=account.cpu_s,
            memory_bytes=account.memory_bytes,
            used_bytes=self._used_bytes,
            leaked=account.leaked,
            output_bytes=sum(output.total_bytes for output in self._outputs.values()),
            head=self._output.head,
            tail=self._output.tail,
            problem=problem,
            directory=self.launch.directory,
            unlogged=next((output.trouble for output in self._outputs.values() if output.trouble), None),
        )

    def _why(self, account: Account, memory_kills: int) -> str:
        """Which death it was. `stop`'s cause only if the command had not ended by itself before the order came.

        "oom": killed, and the kernel's count of memory kills moved meanwhile. "outside": a signal that people send
        and that was not ours; the command may have sent it to itself. "": its own exit or its own crash.
        """
        if account.asked:
            return self._cause or "outside"
        killed = account.signal == _KILL or account.exit_code == 128 + _KILL  # the latter: seen by a shell between
        if killed and memory_kills > self._memory_kills:
            return "oom"
        return "outside" if account.signal in _SENT else ""

    def _drain(self, descriptor: int) -> None:
        taken = 0
        while taken < _DRAIN_BYTES and (count := self._drain_once(descriptor)) > 0:
            taken += count

    def _drain_once(self, descriptor: int) -> int:
        """Bytes taken in; 0: the stream has ended; -1: there is nothing now."""
        try:
            count = os.readv(descriptor, [_CHUNK])
        except BlockingIOError:
            return -1
        self._outputs[descriptor].take(_CHUNK[:count])
        return count
