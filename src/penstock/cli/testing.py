"""One test job in the caller's own environment: run, kept and judged.

No snapshot, no configuration, no environment and no cache come into it, so that its start costs little beyond pytest's
own; what only the end needs is imported while the tests run.
"""

from __future__ import annotations

import contextlib
import gc
import importlib
import os
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import penstock
from penstock import __version__
from penstock.cache.local import LocalCache
from penstock.cli import machine, signals
from penstock.cli.places import MemorySink
from penstock.cli.progress import Telling
from penstock.cli.surroundings import Surroundings
from penstock.errors import StateError
from penstock.model.plan import Job, Plan
from penstock.plan import alone
from penstock.ports import Ended, Launch
from penstock.run.attempt import Station
from penstock.run.engine import Doors, Engine, Run
from penstock.run.folder import RunFolder, create
from penstock.run.local import LocalExecutor, missing_guarantees
from penstock.run.preparation import Prepared
from penstock.run.results import Results
from penstock.run.schedule import Task
from penstock.run.tally import Tally, expected
from penstock.util import atomic
from penstock.util.eventlog import Log

if TYPE_CHECKING:
    from penstock.report.story import Story

_AT_THE_END = (
    "penstock.tools",
    "penstock.record.collect",
    "penstock.cli.judging",
    "penstock.cli.keeping",
    "penstock.report.tests",
)
_WORTH_LEARNING_S = 2.0  # how long quick tests take is of no use to anybody
_LOG = "tests.jsonl"  # tools.recorded.EVENTS, which is imported while the tests run


class Asked(NamedTuple):
    """A run of the tests. `echo`: what pytest writes is shown as it comes."""

    plan: Plan
    cpus: int
    argv: tuple[str, ...]
    echo: bool = False
    whole: Plan | None = None  # what the plan is a shard of


class Told(NamedTuple):
    """What came of it. `said`: the beginning and the end of what pytest itself said; `exit_code`: its own."""

    story: Story
    folder: RunFolder
    said: bytes
    exit_code: int | None


class _Nothing:
    """See `run.preparation.Preparations`: the job stands on what is there."""

    def tasks(self, environments: frozenset[str]) -> tuple[Task, ...]:  # noqa: ARG002 - the Protocol's
        return ()

    def launch(self, task: str) -> Launch:
        raise KeyError(task)

    def finish(self, task: str, ended: Ended) -> Prepared:  # noqa: ARG002 - the Protocol's
        raise KeyError(task)

    def environment(self, environment: str) -> Prepared | None:  # noqa: ARG002 - the Protocol's
        return None


class _Overhearing(LocalExecutor):
    """Keeps the end of the one process that it runs."""

    ended: Ended | None = None

    def wait(self, timeout_s: float | None) -> list[Ended]:
        """See `ports.Executor`."""
        ends = super().wait(timeout_s)
        self.ended = next(iter(ends), self.ended)
        return ends


def run(surroundings: Surroundings, asked: Asked) -> Told:
    """Run it, keep everything, judge it."""
    machine.put_in_order(surroundings)
    folder = create(surroundings.state, surroundings.clock)
    if folder.note:
        surroundings.out.complain(f"penstock: {folder.note}")
    with contextlib.suppress(OSError):
        folder.write_plan(asked.plan, asked.whole, secrets=surroundings.out.secrets)
    secrets = surroundings.out.secrets
    sink = MemorySink(folder.events, secrets)
    results = _results(surroundings, folder)
    executor = _Overhearing(surroundings.clock, folder.id, echo=surroundings.out.pass_on, secrets=secrets)
    try:
        with (
            machine.temporary_folder(surroundings, folder.id) as temporary,
            signals.noted() as interrupts,
            contextlib.closing(_telling(surroundings, asked, folder)) as telling,
        ):
            tick = _ticker(telling, lambda: _pin(surroundings, folder))
            doors = Doors(executor, surroundings.clock, sink, results, interrupts, lambda _: None, tick)
            interrupted = _engine(surroundings, asked, folder, temporary, doors).run()
        story = _judged(surroundings, asked, folder, sink, results, interrupted)
    finally:
        folder.close()
    ended = executor.ended
    said = b"" if ended is None else ended.head + ended.tail
    return Told(story, folder, said, None if ended is None else ended.exit_code)


def _engine(surroundings: Surroundings, asked: Asked, folder: RunFolder, temporary: Path, doors: Doors) -> Engine:
    for lacking in missing_guarantees():
        surroundings.out.progress(f"  not guaranteed on this system: {lacking}")
    gc.enable()  # the start, which makes no garbage, is over
    return Engine(
        Run(
            id=folder.id,
            plan=asked.plan,
            bindings=alone.bindings(asked.plan),
            cpus=max(asked.cpus, *(job.cpus for job in asked.plan.jobs)),
            version=__version__,
            argv=asked.argv,
        ),
        doors,
        tools=machine.LaterTools(),
        preparations=_Nothing(),
        station=lambda job, _: _station(surroundings, asked, folder, temporary, job),
        environ=surroundings.environ,
    )


def _station(surroundings: Surroundings, asked: Asked, folder: RunFolder, temporary: Path, job: Job) -> Station:
    """The tree itself, where it was started."""
    secrets = surroundings.out.secrets
    # Shards on several machines are split by what all of them know.
    durations = {"PENSTOCK_TIMINGS": str(_pinned(folder))} if job.shard is None else {}
    return Station(
        folder=str(folder.job(job.id)),
        root=str(surroundings.root),
        workspace=str(surroundings.root),
        temporary=str(temporary),
        python=None,
        scripts=None,
        virtual_environment=None,
        other_bins={},
        needs=str(folder.job(job.id) / "needs"),
        own_variables={**durations, **secrets.named_in(surroundings.environ)},
        secrets=secrets,
        guest=str(Path(penstock.__file__).parent / "guest"),
        uv="",
        own_python=sys.executable,
        echo=asked.echo,
    )


def _results(surroundings: Surroundings, folder: RunFolder) -> Results:
    return Results(
        run=folder.id,
        root=surroundings.root,
        folder_of=folder.job,
        cache=LocalCache(surroundings.state / "cache"),
        clock=surroundings.clock,
        inputs_now=lambda binding: binding.inputs_digest,
        platform="",
        proved=lambda *_: False,
    )


def _telling(surroundings: Surroundings, asked: Asked, folder: RunFolder) -> Telling:
    out = surroundings.out
    log = folder.job(asked.plan.jobs[0].id) / "reports" / _LOG
    tally = Tally(log, lambda: expected(_pinned(folder)))
    draws = not asked.echo and out.draws(surroundings.environ)
    return Telling(out, surroundings.clock, tally, draws=draws, silent=out.quiet or asked.echo)


def _ticker(telling: Telling, pin: Callable[[], None]) -> Callable[[], None]:
    """Tells how it goes. With the first tick: the durations, which are wanted when the tests are collected, and what
    the end needs: meanwhile pytest starts.
    """
    later: list[Callable[[], object]] = [pin, *(partial(importlib.import_module, name) for name in _AT_THE_END)]

    def tick() -> None:
        while later:
            later.pop(0)()
        telling.tick()

    return tick


def _pinned(folder: RunFolder) -> Path:
    return folder.path / "timings.json"


def _pin(surroundings: Surroundings, folder: RunFolder) -> None:
    """What is known of the tests' durations, for this run. They order the work and decide nothing."""
    history = surroundings.state / "history"  # as keeping has it, which costs more than to see that there is none
    if not (history / "timings").is_dir():
        return
    from penstock.model.trust import Trust
    from penstock.record.timing_files import TimingFiles

    with contextlib.suppress(OSError):
        atomic.write(_pinned(folder), TimingFiles.of(history).of_all(Trust.LOCAL, alone.JOB))


def _judged(
    surroundings: Surroundings, asked: Asked, folder: RunFolder, sink: MemorySink, results: Results, interrupted: str
) -> Story:
    from penstock.cli import judging
    from penstock.record.collect import collect

    records = collect(asked.plan, Log(events=tuple(sink.events)), results.readings)
    story = judging.judge(surroundings, asked.plan, records, folder, interrupted)
    for trouble in (*results.troubles, *([sink.trouble] if sink.trouble else [])):
        surroundings.out.progress(f"  note  {trouble}")
    return story


def _platform() -> str:
    """As `model.snapshot.Platform.tag`, without a look at what else the machine has."""
    name = os.uname()
    return f"{name.sysname.lower()}-{name.machine}"


def keep(surroundings: Surroundings, told: Told) -> None:
    """Verdict, failures and rows to disk. What cannot be kept is told; the verdict stays what it is.

    The rows tell of no branch and no commit: git is not asked.
    """
    from penstock.cli import keeping
    from penstock.record import failures
    from penstock.report import run_json

    try:
        atomic.write(told.folder.verdict, run_json.encode(told.story))
        atomic.write(told.folder.path / "failures.json", failures.encode(told.story.failures))
        if told.story.records.run.duration_s >= _WORTH_LEARNING_S:
            keeping.learn(surroundings, told.story)
        keeping.add(surroundings, told.story, branch="", platform=_platform())
    except StateError as error:
        surroundings.out.progress(f"  note  the run is not in the history: {error.message}")
    except OSError as error:
        surroundings.out.progress(f"  note  the run could not be kept: {error}")
