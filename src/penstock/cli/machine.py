"""The engine with its real doors: what `run` and `repro` start jobs with."""

from __future__ import annotations

import contextlib
import shutil
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import NamedTuple

import penstock
from penstock import __version__
from penstock.cli.planning import Planned
from penstock.cli.surroundings import Surroundings, uv_binary
from penstock.model.events import Event
from penstock.model.pipeline import JobKind
from penstock.model.plan import Job, Plan
from penstock.ports import Launch
from penstock.run.attempt import Station
from penstock.run.engine import Doors, Engine, Run
from penstock.run.environment.preparations import UvPreparations, tree_of
from penstock.run.folder import RunFolder
from penstock.run.local import LocalExecutor
from penstock.run.preparation import Prepared
from penstock.run.results import Results
from penstock.run.stations import Stations
from penstock.tools import TOOLS, versions
from penstock.util.eventlog import EventLog


class Wishes(NamedTuple):
    """How to run, as the command line says."""

    argv: tuple[str, ...] = ()
    exit_first: bool = False
    echo: bool = False
    offline: bool = False
    whole: bool = False  # a report file is wanted: bring every cached result back with its files


class Ears(NamedTuple):
    """Who is told what while it runs. `launched`: of each process, before it starts; `tick`: several times a second."""

    notify: Callable[[Event], None]
    interrupts: Callable[[], tuple[str, ...]]
    launched: Callable[[Launch], None] = lambda _: None
    tick: Callable[[], None] = lambda: None


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


class Places(NamedTuple):
    """Where a run leaves what it makes. `temporary` is gone when it is over."""

    folder: RunFolder
    temporary: Path
    results: Results
    sink: MemorySink


class _Announcing(LocalExecutor):
    """Tells of each launch before it starts."""

    launched: Callable[[Launch], None] = staticmethod(lambda _: None)

    def start(self, launch: Launch) -> None:
        """See `ports.Executor`."""
        self.launched(launch)
        super().start(launch)


def engine(
    surroundings: Surroundings,
    planned: Planned,
    wishes: Wishes,
    places: Places,
    ears: Ears,
    *,
    station: Callable[[Job, Station], Station] = lambda _, made: made,
) -> Engine:
    """An engine for the plan on this machine. `station`: changes where a job runs, once that is known."""
    folder = places.folder
    tree = tree_of(planned.snapshot, state=surroundings.state, uv=uv_binary(surroundings.environ))
    stations = Stations(
        folder=folder,
        tree=tree,
        bindings=planned.bindings,
        environ=surroundings.environ,
        processes=surroundings.processes,
        temporary=places.temporary,
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
        layered=_layered(planned.plan),
        offline=wishes.offline,
    )
    executor = _Announcing(surroundings.clock, folder.id, echo=surroundings.out.pass_on)
    executor.launched = ears.launched

    def stand(job: Job, environments: Mapping[str, Prepared]) -> Station:
        return station(job, stations.of(job, environments))

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
        Doors(executor, surroundings.clock, places.sink, places.results, ears.interrupts, ears.notify, ears.tick),
        tools=TOOLS,
        preparations=preparations,
        station=stand,
        environ=surroundings.environ,
    )


@contextlib.contextmanager
def temporary_folder(surroundings: Surroundings) -> Iterator[Path]:
    """The run's temporary folder: outside the tree, and with a short path, because sockets' paths are bounded."""
    place = tempfile.mkdtemp(prefix="penstock-", dir=surroundings.environ.get("TMPDIR"))
    try:
        yield Path(place)
    finally:
        shutil.rmtree(place, ignore_errors=True)


def _layered(plan: Plan) -> Mapping[str, tuple[str, ...]]:
    """Dependency sets whose jobs measure coverage: they get coverage beside the environment, if it lacks it."""
    measuring = {
        job.environment
        for job in plan.jobs
        if job.kind is JobKind.TEST
        and job.environment
        and any(name == "PENSTOCK_COVERAGE" for command in job.commands for name, _ in command.environment)
    }
    return {name.partition("/")[2]: versions.COVERAGE_LAYER for name in measuring}
