"""The services of a run: started with the jobs that name them, looked after, and ended with them.

Each is a task of its own under its own shim, run by `guest/penstock_service.py`: what it needs is in a file beside its
log, and it tells by files there when it is up and why it is over. A job's own services stand below its folder; those
that jobs share, below the run's.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path

from msgspec.structs import replace

from penstock.model.events import Outcome
from penstock.model.plan import Job
from penstock.model.records import Reading
from penstock.model.services import Service
from penstock.ports import Clock, Ended, Executor, Launch
from penstock.run import readings
from penstock.run.attempt import Station
from penstock.run.grounds import TASK, Grounds
from penstock.run.serving import FOLDER, Instance, launch, tell_in

_LOOK_S = 0.02  # how often somebody looks whether one is up, while one is awaited
_SHOWN_LINES = 3
_LONGEST = 300  # characters of each
_OVERDUE_S = 15.0  # a guest that says nothing this long after its limit hangs, or somebody stopped it


class Attendance:
    """The services of one job. `begun`: its commands may run; `released`: it needs them no more."""

    def __init__(self, instances: tuple[Instance, ...]) -> None:
        self.instances = instances
        self.begun = False
        self.released = False

    @property
    def trouble(self) -> Instance | None:
        """The first one that is over for a reason of its own."""
        return next((one for one in self.instances if one.reason), None)

    @property
    def own(self) -> tuple[Instance, ...]:
        """Those that only this job has."""
        return tuple(one for one in self.instances if not one.service.shared)


class Services:
    """All services of one run. The engine owns it, hands it the ends of its tasks, and asks it which jobs may go on."""

    def __init__(
        self, services: Iterable[Service], jobs: Iterable[Job], grounds: Grounds, executor: Executor, clock: Clock
    ) -> None:
        self._services = {service.name: service for service in services}
        self._grounds = grounds
        self._executor, self._clock = executor, clock
        self._tasks: dict[str, Instance] = {}
        self._shared: dict[str, Instance] = {}
        self._attendances: dict[str, Attendance] = {}
        self._open: dict[str, set[str]] = {}  # shared service -> jobs that name it and have not ended
        for job in jobs:
            for name in job.services:
                self._open.setdefault(name, set()).add(job.id)
        self._grace_s: float | None = None

    def begin(self, job: Job, station: Station, environ: Mapping[str, str]) -> None:
        """Start what the job names and nobody has started yet. Raises OSError, with nothing started."""
        instances: list[Instance] = []
        launches: list[Launch] = []
        for name in job.services:
            service = self._services[name]
            instance = self._shared.get(name) if service.shared else None
            if instance is None:
                instance = self._made(service, job, station)
                data = self._grounds.data / f"{len(self._tasks) + len(launches):x}"
                launches.append(launch(instance, job, station, data, environ))
            instances.append(instance)
        for instance in instances:
            self._tasks[instance.task] = instance
            if instance.service.shared:
                self._shared[instance.service.name] = instance
        self._attendances[job.id] = Attendance(tuple(instances))
        for one in launches:
            self._executor.start(one)

    @property
    def pause_s(self) -> float | None:
        """How soon somebody should look again; None if nothing is awaited."""
        awaited = any(not each.begun and not each.released for each in self._attendances.values())
        return _LOOK_S if awaited else None

    @property
    def living(self) -> bool:
        """Whether one of them runs."""
        return any(not instance.over for instance in self._tasks.values())

    def ended(self, ended: Ended) -> bool:
        """Take in the end of a task; False if it is none of a service."""
        instance = self._tasks.get(ended.task)
        if instance is None:
            return False
        now_s = self._clock.monotonic_s()
        instance.end(ended, now_s)
        return True

    def ready(self) -> list[str]:
        """The jobs whose services are all up by now; each is told once. Jobs that wait for what failed are released."""
        now_s = self._clock.monotonic_s()
        for instance in self._tasks.values():
            instance.look(now_s)
            if instance.up is None and now_s > instance.started_s + instance.service.timeout_s + _OVERDUE_S:
                instance.fail("what runs it does not answer", "", now_s)
                self._stop(instance)
        told = []
        for job, attendance in self._attendances.items():
            if attendance.begun or attendance.released:
                continue
            if attendance.trouble is not None:
                self.release(job)
            elif all(one.up is not None for one in attendance.instances):
                attendance.begun = True
                told.append(job)
        return told

    def variables(self, job: str) -> dict[str, str]:
        """What the job's services hand over."""
        ups = (one.up for one in self._attendances[job].instances)
        return {name: value for up in ups if up is not None for name, value in up.variables.items()}

    def holds(self, job: str) -> bool:
        """Whether the job has services that it has not parted from."""
        return job in self._attendances

    def release(self, job: str) -> None:
        """The job needs them no more: its own are ended."""
        attendance = self._attendances[job]
        attendance.released = True
        for instance in attendance.own:
            self._stop(instance)

    def gone(self) -> list[str]:
        """The jobs that were released and whose own services have ended."""
        return [
            job
            for job, attendance in self._attendances.items()
            if attendance.released and all(one.over for one in attendance.own)
        ]

    def part(self, job: str, folder: Path, reading: Reading) -> Reading:
        """The job's reading with what its services have to say: where one failed, it cannot be green."""
        attendance = self._attendances.pop(job)
        for instance in attendance.instances:
            if instance.service.shared and instance.died:
                instance.fail("it died", "", self._clock.monotonic_s())
        notes = {f"service:{one.service.name}": one.told for one in attendance.instances}
        if reading.outcome is not Outcome.PASSED:
            notes |= {f"service log:{one.service.name}": _end_of_log(one) for one in attendance.instances}
        reading = readings.with_notes(reading, notes)
        trouble = attendance.trouble
        if trouble is None or reading.outcome is Outcome.CANCELLED:
            return reading
        tell_in(folder / "output.log", trouble)
        why = f"the service {trouble.service.name}: {trouble.reason}"
        if attendance.begun and reading.outcome is not Outcome.PASSED:
            told = " · ".join(part for part in (reading.reason, why) if part)
            return replace(reading, reason=told, remedy=reading.remedy or trouble.remedy)
        return replace(reading, outcome=Outcome.ERRORED, reason=why, problem=why, remedy=trouble.remedy)

    def finished(self, job: str) -> None:
        """The job has its end in the log: what it shared with nobody who is left is ended."""
        for name, jobs in self._open.items():
            jobs.discard(job)
            if not jobs and name in self._shared:
                self._stop(self._shared[name])

    def cancel(self, grace_s: float | None) -> None:
        """Nothing more is started: who waits for services needs them no more. `grace_s`: for all that end from now."""
        self._grace_s = grace_s
        for job, attendance in self._attendances.items():
            if not attendance.begun:
                self.release(job)
        for instance in self._tasks.values():
            if instance.stopped and not instance.over and grace_s is not None:
                self._executor.stop(instance.task, "cancelled", grace_s=grace_s)

    def _stop(self, instance: Instance) -> None:
        if not instance.stopped and not instance.over:
            instance.stop()
            self._executor.stop(instance.task, "cancelled", grace_s=self._grace_s)

    def _made(self, service: Service, job: Job, station: Station) -> Instance:
        self._grounds.data.mkdir(exist_ok=True)
        self._grounds.data.chmod(0o711)  # who may not be root finds its own folder in it, and nobody lists the others
        folder = self._grounds.shared if service.shared else Path(station.folder) / FOLDER
        task = f"{TASK}{service.name}" if service.shared else f"{TASK}{service.name}:{job.id}"
        return Instance(service, task, folder, station.root, self._clock.monotonic_s())


def _end_of_log(instance: Instance) -> str:
    """What is shown where the service is not what failed; "" of one that is told of anyhow."""
    lines = [] if instance.reason else instance.last_lines(_SHOWN_LINES)
    return "\n".join(line.decode("utf-8", "replace")[:_LONGEST] for line in lines)
