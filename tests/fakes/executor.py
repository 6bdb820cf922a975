"""An executor without processes: tasks follow scripts on a fake clock. Passes tests/contracts/test_executor.py."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from penstock.ports import Ended, Launch
from penstock.value import Value
from tests.fakes.clock import FakeClock

KEPT_BYTES = 64 << 10


class Script(Value, frozen=True, kw_only=True):
    """What one launch does. `files`: written when it ends, path -> content; `at_once`: when it starts. `ignores_term`:
    only KILL ends it early.
    """

    lasts_s: float = 0.1
    exit_code: int = 0
    signal: int | None = None
    output: bytes = b""
    files: Mapping[str, bytes] = {}
    at_once: Mapping[str, bytes] = {}
    problem: str | None = None
    ignores_term: bool = False
    leaked: tuple[str, ...] = ()
    unlogged: str | None = None
    cpu_s: float = 0.0
    memory_bytes: int = 1 << 20


class Act(Value, frozen=True, kw_only=True):
    """A launch on its way to its end."""

    launch: Launch
    script: Script
    started_s: float
    ends_s: float
    limit_s: float | None
    cause: str = ""
    signal: int | None = None


class FakeExecutor:
    """See `ports.Executor`. `scripts`: task -> what its launches do, one after another; the last one is repeated.

    `launched` holds every launch, in order; `most_at_once` how many ran at the same time at most.
    """

    def __init__(self, clock: FakeClock, scripts: Mapping[str, Script | tuple[Script, ...]] | None = None) -> None:
        self._clock = clock
        self._scripts = dict(scripts or {})
        self._acts: dict[str, Act] = {}
        self.launched: list[Launch] = []
        self.stopped: list[tuple[str, str]] = []
        self.most_at_once = 0
        self.closed = False
        self.unstoppable = False  # what is to be stopped has always just ended by itself

    def start(self, launch: Launch) -> None:
        before = sum(earlier.task == launch.task for earlier in self.launched)
        self.launched.append(launch)
        script = self._scripts.get(launch.task, Script())
        if isinstance(script, tuple):
            script = script[min(before, len(script) - 1)]
        _write_files(script.at_once)
        now_s = self._clock.monotonic_s()
        limit_s = None if launch.timeout_s is None else now_s + launch.timeout_s
        lasts_s = 0.0 if script.problem is not None else script.lasts_s
        self._acts[launch.task] = Act(
            launch=launch, script=script, started_s=now_s, ends_s=now_s + lasts_s, limit_s=limit_s
        )
        self.most_at_once = max(self.most_at_once, len(self._acts))

    def wait(self, timeout_s: float | None) -> list[Ended]:
        self._pass_limits()
        moments = [act.ends_s for act in self._acts.values()]
        now_s = self._clock.monotonic_s()
        until_s = None if timeout_s is None else now_s + timeout_s
        target_s = min([*moments, *([] if until_s is None else [until_s])], default=now_s)
        self._clock.advance(max(target_s - now_s, 0.0))
        due = sorted((act for act in self._acts.values() if act.ends_s <= target_s), key=lambda act: act.ends_s)
        return [self._end(act) for act in due]

    def stop(self, task: str, cause: str, *, grace_s: float | None = None) -> None:
        act = self._acts.get(task)
        if act is None or self.unstoppable:
            return
        self.stopped.append((task, cause))
        self._acts[task] = self._cut(act, cause, self._clock.monotonic_s(), grace_s)

    def close(self) -> None:
        self._acts.clear()
        self.closed = True

    def _pass_limits(self) -> None:
        for task, act in self._acts.items():
            if act.limit_s is not None and act.limit_s < act.ends_s and not act.cause:
                self._acts[task] = self._cut(act, "timeout", act.limit_s, None)

    @staticmethod
    def _cut(act: Act, cause: str, at_s: float, grace_s: float | None) -> Act:
        grace = act.launch.grace_s if grace_s is None else grace_s
        survives_s = grace if act.script.ignores_term else 0.0
        signal = 9 if act.script.ignores_term or grace == 0 else 15
        ends_s = min(at_s + survives_s, act.ends_s) if act.cause else at_s + survives_s
        return Act(
            launch=act.launch,
            script=act.script,
            started_s=act.started_s,
            ends_s=ends_s,
            limit_s=None,
            cause=act.cause or cause,
            signal=signal,
        )

    def _end(self, act: Act) -> Ended:
        launch, script = act.launch, act.script
        del self._acts[launch.task]
        self._write(launch, script)
        number = act.signal or script.signal
        dead = number is not None or script.problem is not None
        logged = b"" if launch.stdout else script.output
        return Ended(
            task=launch.task,
            exit_code=None if dead else script.exit_code,
            signal=number,
            cause=act.cause,
            duration_s=self._clock.monotonic_s() - act.started_s,
            cpu_s=script.cpu_s,
            memory_bytes=script.memory_bytes,
            leaked=script.leaked,
            output_bytes=len(script.output),
            head=logged[:KEPT_BYTES],
            tail=logged[KEPT_BYTES:][-KEPT_BYTES:],
            problem=script.problem,
            unlogged=script.unlogged,
        )

    @staticmethod
    def _write(launch: Launch, script: Script) -> None:
        output = Path(launch.stdout or launch.output)
        if output.parent.is_dir():
            with output.open("ab") as stream:
                stream.write(script.output)
        _write_files(script.files)


def _write_files(files: Mapping[str, bytes]) -> None:
    for name, content in files.items():
        path = Path(name)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
