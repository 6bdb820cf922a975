"""A bound plan to a judged run: the engine with its doors, then record and judge."""

from __future__ import annotations

import contextlib
import shutil
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple

import msgspec

import penstock
from penstock import __version__
from penstock.cli import signals
from penstock.cli.planning import Planned, durations, inputs_now
from penstock.cli.surroundings import Surroundings, uv_binary
from penstock.judge.alone import proved
from penstock.judge.checks import CHECKS
from penstock.judge.decide import decide
from penstock.model.events import Event
from penstock.model.pipeline import JobKind
from penstock.model.records import Reading, Records
from penstock.model.verdict import Evidence
from penstock.record import failures, timings
from penstock.record.collect import collect
from penstock.report import live
from penstock.report.screen import Screen
from penstock.report.story import Story
from penstock.run.engine import Doors, Engine, Run
from penstock.run.environment.preparations import UvPreparations, tree_of
from penstock.run.folder import RunFolder, create
from penstock.run.local import LocalExecutor
from penstock.run.recovery import recover
from penstock.run.results import READING, Results
from penstock.run.stations import Stations
from penstock.tools import TOOLS, versions
from penstock.util import atomic
from penstock.util.eventlog import EventLog, Log

_TAIL_BYTES = 16 << 10


class Wishes(NamedTuple):
    """How to run, as the command line says."""

    argv: tuple[str, ...] = ()
    exit_first: bool = False
    echo: bool = False
    offline: bool = False
    whole: bool = False  # a report file is wanted: bring every cached result back with its files


class MemorySink:
    """The event log on disk, and the same events in memory: a disk that fails costs the file, not the verdict."""

    def __init__(self, path: Path) -> None:
        self.events: list[Event] = []
        self.trouble: str | None = None
        self._log: EventLog | None = None
        try:
            self._log = EventLog(path)
        except OSError as error:
            self.trouble = f"the event log cannot be written: {error}"

    def append(self, event: Event) -> None:
        """See `ports.EventSink`."""
        self.events.append(event)
        self._write(lambda log: log.append(event))

    def sync(self) -> None:
        """See `ports.EventSink`."""
        self._write(lambda log: log.sync())

    def _write(self, what: Callable[[EventLog], None]) -> None:
        if self._log is None:
            return
        try:
            what(self._log)
        except OSError as error:
            self.trouble = f"the event log on disk is not whole: {error}"
            self._log = None


def run(surroundings: Surroundings, planned: Planned, wishes: Wishes) -> tuple[Story, Path]:
    """Run the plan, keep everything, judge it. Gives what a report tells of, and the run's folder."""
    _tell_recovery(surroundings)
    folder = create(surroundings.state, surroundings.clock)
    if folder.note:
        surroundings.out.complain(f"penstock: {folder.note}")
    with contextlib.suppress(OSError):
        folder.write_plan(planned.plan)
    try:
        with _temporary(surroundings) as temporary, signals.noted() as interrupts:
            sink = MemorySink(folder.events)
            results = _results(surroundings, planned, folder)
            interrupted = _engine(
                surroundings, planned, wishes, folder, Path(temporary), results, sink, interrupts
            ).run()
        records = collect(planned.plan, Log(events=tuple(sink.events)), _readings(planned, results, folder))
        story = _judge(surroundings, planned, records, folder, interrupted)
        for trouble in (*results.troubles, *([sink.trouble] if sink.trouble else [])):
            surroundings.out.progress(f"  note  {trouble}")
        _keep(surroundings, folder, story)
    finally:
        folder.close()
    return story, folder.path


def _engine(
    surroundings: Surroundings,
    planned: Planned,
    wishes: Wishes,
    folder: RunFolder,
    temporary: Path,
    results: Results,
    sink: MemorySink,
    interrupts: Callable[[], tuple[str, ...]],
) -> Engine:
    tree = tree_of(planned.snapshot, state=surroundings.state, uv=uv_binary(surroundings.environ))
    screen = _screen(surroundings)
    jobs = {job.id: job for job in planned.plan.jobs}

    def notify(event: Event) -> None:
        told = live.line(event, jobs, screen, now_s=surroundings.clock.wall_s())
        if told:
            surroundings.out.progress(told)

    stations = Stations(
        folder=folder,
        tree=tree,
        bindings=planned.bindings,
        environ=surroundings.environ,
        processes=surroundings.processes,
        temporary=temporary,
        guest=Path(penstock.__file__).parent / "guest",
        own_python=sys.executable,
        echo=wishes.echo,
    )
    preparations = UvPreparations(
        planned.plan,
        planned.snapshot,
        tree=tree,
        folder=folder.path / "preparations",
        own=(sys.executable, "-m", "penstock"),
        environ=surroundings.environ,
        layered=_layered(planned),
        offline=wishes.offline,
    )
    executor = LocalExecutor(surroundings.clock, folder.id, echo=surroundings.out.pass_on)
    return Engine(
        Run(
            id=folder.id,
            plan=planned.plan,
            bindings=planned.bindings,
            cpus=planned.snapshot.platform.cpus,
            version=__version__,
            argv=wishes.argv,
            exit_first=wishes.exit_first,
            whole=wishes.whole,
        ),
        Doors(executor, surroundings.clock, sink, results, interrupts, notify),
        tools=TOOLS,
        preparations=preparations,
        station=stations.of,
        environ=surroundings.environ,
    )


def _results(surroundings: Surroundings, planned: Planned, folder: RunFolder) -> Results:
    return Results(
        run=folder.id,
        folder_of=folder.job,
        cache=planned.cache,
        clock=surroundings.clock,
        inputs_now=lambda binding: inputs_now(surroundings, planned, binding),
        platform=planned.snapshot.platform.tag,
        proved=lambda job, finished, reading: proved(planned.plan, job, finished, reading, CHECKS),
    )


def _layered(planned: Planned) -> Mapping[str, tuple[str, ...]]:
    """Dependency sets whose jobs measure coverage: they get coverage beside the environment, if it lacks it."""
    if not any(job.kind is JobKind.COVERAGE for job in planned.plan.jobs):
        return {}
    tests = {job.environment for job in planned.plan.jobs if job.kind is JobKind.TEST and job.environment}
    return {name.partition("/")[2]: versions.COVERAGE_LAYER for name in tests}


def _readings(planned: Planned, results: Results, folder: RunFolder) -> dict[str, Reading]:
    """What the tools made of each job that ran now, and of the cached ones whose files were brought back."""
    readings = dict(results.readings)
    for job in planned.plan.jobs:
        if job.id not in readings and (found := reading_of(folder.job(job.id))) is not None:
            readings[job.id] = found
    return readings


def _judge(
    surroundings: Surroundings, planned: Planned, records: Records, folder: RunFolder, interrupted: str
) -> Story:
    now_s = surroundings.clock.wall_s()
    today = datetime.fromtimestamp(now_s, UTC).date().isoformat()
    evidence = Evidence(plan=planned.plan, records=records, today=today, interrupted=interrupted)
    verdict = decide(evidence, CHECKS)
    numbered = failures.number(records)
    failed = {failure.job for failure in numbered}
    logs = {job: folder.job(job) / "output.log" for job in failed}
    return Story(
        plan=planned.plan,
        records=records,
        verdict=verdict,
        failures=numbered,
        logs={job: _relative(path, surroundings.root) for job, path in logs.items() if path.exists()},
        tails={job: _tail(path) for job, path in logs.items() if path.exists()},
        now_s=now_s,
    )


def _keep(surroundings: Surroundings, folder: RunFolder, story: Story) -> None:
    """Verdict, failures and timings to disk. What cannot be kept is told; the verdict stays what it is."""
    from penstock.report import run_json

    try:
        atomic.write(folder.verdict, run_json.encode(story))
        atomic.write(folder.path / "failures.json", failures.encode(story.failures))
        learnt = timings.update(durations(surroundings.state), story.records)
        atomic.write(surroundings.state / "timings.json", timings.encode(learnt))
    except OSError as error:
        surroundings.out.progress(f"  note  the run could not be kept: {error}")


def _tell_recovery(surroundings: Surroundings) -> None:
    with contextlib.suppress(OSError):
        found = recover(surroundings.state, surroundings.clock)
        for run_id in found.killed:
            surroundings.out.progress(f"  the run {run_id} had been killed: what it left was put in order")
        for process in found.ended:
            surroundings.out.progress(f"  ended a process that it left: {process}")


@contextlib.contextmanager
def _temporary(surroundings: Surroundings) -> Iterator[str]:
    """The run's temporary folder: outside the tree, and with a short path, because sockets' paths are bounded."""
    place = tempfile.mkdtemp(prefix="penstock-", dir=surroundings.environ.get("TMPDIR"))
    try:
        yield place
    finally:
        shutil.rmtree(place, ignore_errors=True)


def _screen(surroundings: Surroundings) -> Screen:
    out = surroundings.out
    return Screen(width=out.width, color=out.color, unicode=out.unicode)


def _relative(path: Path, root: Path) -> str:
    return path.relative_to(root).as_posix() if path.is_relative_to(root) else str(path)


def _tail(path: Path) -> str:
    with path.open("rb") as stream:
        stream.seek(max(0, path.stat().st_size - _TAIL_BYTES))
        return stream.read().decode(errors="replace")


def reading_of(folder: Path) -> Reading | None:
    """The reading that lies in a job's folder, or None."""
    try:
        return msgspec.json.decode((folder / READING).read_bytes(), type=Reading)
    except (OSError, msgspec.MsgspecError):
        return None
