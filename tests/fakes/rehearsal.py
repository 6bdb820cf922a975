"""A run without processes: the engine with fake doors, and what it did."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any, TypeVar

from penstock.model.events import CommandFinished, Event, JobFinished, JobStarted, Outcome
from penstock.model.plan import Binding, CacheState, Command, Job
from penstock.model.records import Reading
from penstock.model.services import Service
from penstock.ports import Ended, Entry, Launch
from penstock.run.attempt import Station
from penstock.run.engine import Doors, Engine, Run
from penstock.run.folder import safe_name
from penstock.run.grounds import Grounds
from penstock.run.preparation import Prepared
from penstock.run.results import Results
from penstock.util import digest
from tests import builders
from tests.fakes.cache import MemoryCache
from tests.fakes.clock import FakeClock
from tests.fakes.executor import FakeExecutor, Script
from tests.fakes.preparations import FakePreparations

_Event = TypeVar("_Event", bound=Event)


class Judging:
    """A tool: the exit code decides, or what `readings` has for the job, one after another."""

    name = "judging"
    requirement = ""

    def __init__(self, readings: Mapping[str, tuple[Reading, ...]] | None = None) -> None:
        self.broken = False
        self._left = {job: list(those) for job, those in (readings or {}).items()}

    def commands(self, context: object) -> tuple[Command, ...]:
        raise NotImplementedError

    def read(self, ended: Ended, reports: Mapping[str, bytes], job: Job) -> Reading:
        if self.broken:
            raise ZeroDivisionError
        if self._left.get(job.id):
            return self._left[job.id].pop(0)
        return Reading(outcome=Outcome.PASSED if ended.exit_code == 0 else Outcome.FAILED)


class Sink:
    """The event log, in memory. `synced`: how many events it held when it was last made durable."""

    def __init__(self) -> None:
        self.events: list[Event] = []
        self.synced = 0

    def append(self, event: Event) -> None:
        self.events.append(event)

    def sync(self) -> None:
        self.synced = len(self.events)


def job(name: str, *needs: str, commands: int = 1, **fields: Any) -> Job:
    """A job of so many commands, without an environment."""
    one = builders.command(name, tool="judging")
    return builders.job(name, **({"needs": needs, "commands": (one,) * commands} | fields))


class Rehearsal:
    """Set it up, then `play`. `signals`: (seconds after the start, name); `hits`: jobs whose result is in the cache."""

    def __init__(
        self,
        folder: Path,
        *jobs: Job,
        scripts: Mapping[str, Script | tuple[Script, ...]] | None = None,
        readings: Mapping[str, tuple[Reading, ...]] | None = None,
        signals: Iterable[tuple[float, str]] = (),
        hits: Iterable[str] = (),
        ready: Iterable[str] = (),
        environ: Mapping[str, str] | None = None,
        clock: FakeClock | None = None,
    ) -> None:
        self.services: tuple[Service, ...] = ()
        self.folder = folder
        self.jobs = jobs
        self.clock = clock or FakeClock()
        self.executor = FakeExecutor(self.clock, scripts)
        self.sink = Sink()
        self.told: list[Event] = []
        self.logged_when_told: list[int] = []  # how long the log was when each event was told
        self.offered: list[tuple[float, int]] = []  # seconds after the start, processors to spare
        self.cache = MemoryCache()
        self.preparations = FakePreparations(ready)
        self.environ = environ or {}
        self.inputs = "as planned"
        self.proved = True
        self.tool = Judging(readings)
        self._hits = set(hits)
        self._signals = tuple(signals)
        self._start_s = self.clock.monotonic_s()
        (folder / "temporary").mkdir()
        self.results = Results(
            run="run",
            root=folder / "tree",
            folder_of=self.job_folder,
            cache=self.cache,
            clock=self.clock,
            inputs_now=lambda _: self.inputs,
            platform="here",
            proved=lambda *_: self.proved,
        )
        for name in self._hits:
            self.remember(name)

    def job_folder(self, name: str) -> Path:
        return self.folder / "jobs" / safe_name(name)

    def remember(self, name: str) -> None:
        """Put a passed result of the job into the cache, as an earlier run would have."""
        place = self.folder / "earlier"
        place.mkdir(exist_ok=True)
        (place / "reading.json").write_bytes(b'{"outcome":"passed"}')
        content = digest.of_file(place / "reading.json")
        finished = JobFinished(
            job=name, outcome=Outcome.PASSED, reason="", at_s=1.0, duration_s=9.0, reports={"reading.json": content}
        )
        entry = Entry(
            key=f"key {name}",
            job=name,
            wall_s=5.0,
            run="earlier",
            finished=finished,
            files=(("reading.json", content),),
        )
        self.cache.put(entry, str(place))

    def station(self, job: Job, environments: Mapping[str, Prepared]) -> Station:
        main = environments.get(job.environment or "")
        return Station(
            folder=str(self.job_folder(job.id)),
            root=str(self.folder / "tree"),
            workspace=str(self.folder / "tree"),
            temporary=str(self.folder / "temporary" / safe_name(job.id)),
            python=main.python if main else None,
            scripts=main.scripts if main else None,
            virtual_environment=main.folder if main else None,
            other_bins={},
            needs=str(self.job_folder(job.id) / "needs"),
            needed=tuple((safe_name(need), str(self.job_folder(need) / "reports")) for need in job.needs),
            guest="/guest",
            uv="/uv",
            own_python="/penstock/python",
        )

    def play(
        self,
        *,
        cpus: int = 4,
        exit_first: bool = False,
        station: Callable[[Job, Mapping[str, Prepared]], Station] | None = None,
    ) -> str:
        """Run it; gives the name of the signal that interrupted it."""
        bindings = {
            job.id: Binding(
                job=job.id,
                interpreter=None,
                key=f"key {job.id}",
                inputs_digest="as planned",
                cache=CacheState.HIT if job.id in self._hits else CacheState.MISS,
            )
            for job in self.jobs
        }
        plan = builders.plan(*self.jobs, root=str(self.folder / "tree"), services=self.services)
        return Engine(
            Run(id="run", plan=plan, bindings=bindings, cpus=cpus, version="1", exit_first=exit_first),
            Doors(self.executor, self.clock, self.sink, self.results, self._so_far, self._hear, offer=self._note_offer),
            tools={"judging": self.tool},
            preparations=self.preparations,
            station=station or self.station,
            environ=self.environ,
            grounds=Grounds(data=self.folder / "data", shared=self.folder / "shared"),
        ).run()

    def _note_offer(self, free: int) -> None:
        self.offered.append((self.clock.monotonic_s() - self._start_s, free))

    def _hear(self, event: Event) -> None:
        self.told.append(event)
        self.logged_when_told.append(len(self.sink.events))

    def _so_far(self) -> tuple[str, ...]:
        passed_s = self.clock.monotonic_s() - self._start_s
        return tuple(name for at_s, name in self._signals if passed_s >= at_s)

    def of(self, kind: type[_Event]) -> list[_Event]:
        """The events of one kind, in order."""
        return [event for event in self.sink.events if isinstance(event, kind)]

    @property
    def ends(self) -> dict[str, JobFinished]:
        """Job -> its end."""
        ends = {event.job: event for event in self.of(JobFinished)}
        assert len(ends) == len(self.of(JobFinished)), "a job has ended twice"
        return ends

    @property
    def outcomes(self) -> dict[str, str]:
        """Job -> outcome."""
        return {name: str(end.outcome) for name, end in self.ends.items()}

    @property
    def started(self) -> list[str]:
        """Jobs in the order in which they started."""
        return [event.job for event in self.of(JobStarted)]

    @property
    def commands(self) -> list[tuple[str, int]]:
        """(job, number) of each command that ended."""
        return [(event.job, event.command) for event in self.of(CommandFinished)]

    def launches(self, task: str) -> list[Launch]:
        """What was started for a task."""
        return [launch for launch in self.executor.launched if launch.task == task]
