"""The one loop: start what fits, wait, note what ended. The engine owns all state of a run; the log is its only output.

Every event is in the log before anything is made of it, so a run that is killed at any moment leaves what it knew.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, NamedTuple

from msgspec.structs import replace

from penstock.model.events import (
    Event,
    JobFinished,
    JobStarted,
    Outcome,
    PreparationFinished,
    RunFinished,
    RunStarted,
)
from penstock.model.pipeline import JobKind
from penstock.model.plan import Binding, CacheState, Job, Plan
from penstock.model.records import Reading, flaky_tests
from penstock.ports import Clock, Ended, EventSink, Executor, Launch, Tool
from penstock.run.devices import Devices
from penstock.run.grounds import Grounds
from penstock.run.preparation import Preparations, Prepared
from penstock.run.results import Results
from penstock.run.schedule import Schedule, Task

if TYPE_CHECKING:  # where nothing has to be started, what starts is not imported
    from penstock.run.attempt import Attempt, Station
    from penstock.run.services import Services

# How long a wait may last before interrupts are looked at again, in seconds.
_TICK_S = 0.2


class Doors(NamedTuple):
    """The effects a run has."""

    executor: Executor
    clock: Clock
    sink: EventSink
    results: Results
    interrupts: Callable[[], tuple[str, ...]]  # names of the signals that have come so far, in order
    notify: Callable[[Event], None]  # told of every event after it is in the log
    tick: Callable[[], None] = lambda: None  # called in every round, five times a second and more
    offer: Callable[[int], None] = lambda _: None  # told how many cpus no task is using


class Run(NamedTuple):
    """One run's identity and wishes."""

    id: str
    plan: Plan
    bindings: Mapping[str, Binding]
    cpus: int
    version: str
    argv: tuple[str, ...] = ()
    exit_first: bool = False
    whole: bool = False  # bring cached results back with all their files
    memory_bytes: int = 0  # that this machine gives
    gpus: tuple[str, ...] = ()


class Engine:
    """Runs a plan once. Make one, call `run` once."""

    def __init__(
        self,
        run: Run,
        doors: Doors,
        *,
        tools: Mapping[str, Tool],
        preparations: Preparations,
        station: Callable[[Job, Mapping[str, Prepared]], Station],
        environ: Mapping[str, str],
        grounds: Grounds | None = None,
    ) -> None:
        """`grounds`: where services stand; without, the plan has none."""
        self._run = run
        self._doors = doors
        self._tools = tools
        self._preparations = preparations
        self._station = station
        self._environ = environ
        self._jobs = {job.id: job for job in run.plan.jobs}
        self._read_by_others = {
            need for job in run.plan.jobs if run.bindings[job.id].cache is not CacheState.HIT for need in job.needs
        }
        self._attempts: dict[str, Attempt] = {}
        self._preparing: dict[str, float] = {}
        self._stopping = 0
        self._cause = ""  # why nothing more is started, once that is so
        self._schedule = Schedule((), 1)
        self._services: Services | None = None
        if grounds is not None and any(job.services for job in run.plan.jobs):
            from penstock.run.services import Services

            self._services = Services(run.plan.services, run.plan.jobs, grounds, doors.executor, doors.clock)
        self._devices = Devices(run.gpus)

    def run(self) -> str:
        """Run everything there is to run. Gives the name of the signal that interrupted it, or ""."""
        self._emit(
            RunStarted(
                run=self._run.id,
                plan=self._run.plan.digest,
                obligations=tuple(self._jobs),
                at_s=self._now(),
                wall_s=self._doors.clock.wall_s(),
                penstock=self._run.version,
                argv=self._run.argv,
            )
        )
        self._schedule = Schedule(
            self._open(), self._run.cpus, memory_bytes=self._run.memory_bytes, gpus=len(self._run.gpus)
        )
        try:
            self._loop()
        finally:
            self._doors.executor.close()
        interrupted = next(iter(self._doors.interrupts()), "")
        self._emit(
            RunFinished(run=self._run.id, at_s=self._now(), wall_s=self._doors.clock.wall_s(), interrupted=interrupted)
        )
        self._doors.sink.sync()
        return interrupted

    def _open(self) -> tuple[Task, ...]:
        """Settle what needs no process (hits, blocked jobs), and give the tasks for the rest."""
        pending: list[Job] = []
        refused: set[str] = set()
        for job in self._run.plan.jobs:
            if job.blocked_by is not None:
                refused.add(job.id)
                self._finish_unasked(job, Outcome.ERRORED, job.blocked_by, remedy=job.remedy)
            elif blocker := next((need for need in job.needs if need in refused), None):
                refused.add(job.id)
                self._finish_unasked(job, Outcome.SKIPPED, f"needs {blocker}")
            elif not self._take_hit(job):
                pending.append(job)
        wanted = frozenset(name for job in pending for name in job.environments)
        preparations = self._preparations.tasks(wanted)
        urgent = {name for job in pending if not _is_patient(job) for name in job.environments}
        made = {task.id for task in preparations}
        open_ids = {job.id for job in pending}
        jobs = tuple(
            Task(
                id=job.id,
                needs=tuple(name for name in (*job.needs, *job.environments) if name in made or name in open_ids),
                cpus=job.cpus,
                memory_bytes=job.memory_bytes,
                gpus=job.gpus,
                estimate_s=self._run.bindings[job.id].estimate_s,
                kind="job",
                patient=_is_patient(job),
            )
            for job in pending
        )
        own = (replace(task, patient=task.kind == "environment" and task.id not in urgent) for task in preparations)
        return (*own, *jobs)

    def _take_hit(self, job: Job) -> bool:
        binding = self._run.bindings[job.id]
        if binding.cache is not CacheState.HIT:
            return False
        # A shard's tests are held against those of the others: its rows are read again.
        wanted = self._run.whole or job.kind is not JobKind.TEST or job.id in self._read_by_others or job.shard
        finished = self._doors.results.restore(job, binding, at_s=self._now(), with_files=bool(wanted))
        if finished is None:
            return False
        self._emit(finished)
        return True

    def _loop(self) -> None:
        while True:
            self._heed_interrupts()
            self._start_ready()
            services = self._services
            if self._schedule.done and not (services and services.living):
                return
            self._doors.offer(self._schedule.spare)
            self._doors.tick()
            for ended in self._doors.executor.wait((services and services.pause_s) or _TICK_S):
                if ended.task in self._preparing:
                    self._end_preparation(ended)
                elif services is not None and services.ended(ended):
                    self._note_log(ended)
                else:
                    self._end_command(ended)
            if services is not None:
                self._attend(services)

    def _attend(self, services: Services) -> None:
        """Begin the jobs whose services are up, and finish those whose services are gone."""
        for job in services.ready():
            attempt = self._attempts[job]
            attempt.given = services.variables(job)
            self._start_next(attempt)
        for job in services.gone():
            attempt = self._attempts[job]
            if self._cause:
                attempt.stop(self._cause)
            self._finish(attempt, services.part(job, attempt.reports.parent, _result(attempt)))

    def _start_ready(self) -> None:
        for task in self._schedule.ready():
            self._schedule.started(task.id)
            if task.id in self._jobs:
                self._start_job(self._jobs[task.id])
            else:
                self._preparing[task.id] = self._now()
                self._launch(self._preparations.launch(task.id))

    def _start_job(self, job: Job) -> None:
        environments = {name: self._preparations.environment(name) for name in job.environments}
        ready = {name: prepared for name, prepared in environments.items() if prepared is not None and prepared.ok}
        if lacking := [name for name in environments if name not in ready]:
            prepared = environments[lacking[0]]
            self._refuse(job, f"{lacking[0]} is not there: {prepared.problem if prepared else 'it was never made'}")
            return
        from penstock.run.attempt import Attempt

        started_s = self._now()
        try:
            station = self._station(job, ready)
            if devices := self._devices.take(job.id, job.gpus):
                station = replace(station, own_variables={**station.own_variables, **devices})
            attempt = Attempt(job, station, self._tools, self._environ, started_s=started_s)
            attempt.prepare()
        except OSError as error:
            self._refuse(job, f"the job's folder cannot be made: {error}")
            return
        self._attempts[job.id] = attempt
        started = JobStarted(
            job=job.id,
            attempt=1,
            at_s=attempt.started_s,
            key=self._run.bindings[job.id].key,
            background=self._schedule.in_background(job.id),
        )
        self._emit(started)
        if self._services is None or not job.services:
            self._start_next(attempt)
            return
        try:
            self._services.begin(job, station, self._environ)
        except OSError as error:
            self._refuse(job, f"the folders of its services cannot be made: {error}")

    def _start_next(self, attempt: Attempt) -> None:
        if self._cause:  # its command had ended by itself when the order came
            attempt.stop(self._cause)
        launch = attempt.next_launch(elapsed_s=self._now() - attempt.started_s)
        if launch is None and self._services is not None and self._services.holds(attempt.job.id):
            self._services.release(attempt.job.id)  # it is finished when they are gone: one may have died meanwhile
        elif launch is None:
            self._finish(attempt, _result(attempt))
        else:
            self._launch(launch)

    def _launch(self, launch: Launch) -> None:
        self._doors.executor.start(replace(launch, background=self._schedule.in_background(launch.task)))

    def _end_command(self, ended: Ended) -> None:
        attempt = self._attempts[ended.task]
        self._emit(attempt.note(ended))
        attempt.read(ended)
        self._note_log(ended)
        self._start_next(attempt)

    def _note_log(self, ended: Ended) -> None:
        if ended.unlogged:
            self._doors.results.troubles.append(f"{ended.task}: {ended.unlogged}")

    def _end_preparation(self, ended: Ended) -> None:
        started_s = self._preparing.pop(ended.task)
        prepared = self._preparations.finish(ended.task, ended)
        outcome = Outcome.PASSED if prepared.ok else Outcome.ERRORED
        if not prepared.ok and ended.cause in ("interrupt", "cancelled"):
            outcome = Outcome.CANCELLED
        self._emit(
            PreparationFinished(
                id=ended.task,
                outcome=outcome,
                reason=prepared.problem,
                at_s=self._now(),
                duration_s=self._now() - started_s,
                reused=prepared.reused,
                notes=prepared.notes,
            )
        )
        for task, _reason in self._schedule.ended(ended.task, ok=prepared.ok):
            if task in self._jobs:
                reason = f"{ended.task} could not be made: {prepared.problem}"
                self._finish_unasked(self._jobs[task], outcome, reason, remedy=prepared.remedy or None)

    def _finish(self, attempt: Attempt, reading: Reading) -> None:
        """Settle a job that ran: evidence to disk, the event to the log, its result to the cache if it may."""
        job = attempt.job
        now = self._now()
        finished = JobFinished(
            job=job.id,
            outcome=reading.outcome,
            reason=reading.reason or (reading.problem or ""),
            at_s=now,
            duration_s=now - attempt.started_s,
            measures=reading.measures,
            notes={**reading.notes, **({"remedy": reading.remedy} if reading.remedy else {})},
            reports=self._doors.results.keep(job, reading),
            flaky=flaky_tests(reading.tests),
        )
        self._emit(finished)
        self._doors.sink.sync()
        self._doors.results.store(job, self._run.bindings[job.id], finished, reading, leaked=bool(attempt.leaked))
        passed = reading.outcome is Outcome.PASSED
        self._devices.give_back(job.id)
        for task, reason in self._schedule.ended(job.id, ok=passed):
            self._finish_unasked(self._jobs[task], Outcome.SKIPPED, reason)
        if not passed and self._run.exit_first and job.required:
            self._stop_all("cancelled", "-x: an earlier job did not pass")

    def _refuse(self, job: Job, reason: str) -> None:
        """A job whose turn had come, and that cannot be started."""
        self._finish_unasked(job, Outcome.ERRORED, reason)
        self._devices.give_back(job.id)
        for task, why in self._schedule.ended(job.id, ok=False):
            self._finish_unasked(self._jobs[task], Outcome.SKIPPED, why)

    def _finish_unasked(self, job: Job, outcome: Outcome, reason: str, *, remedy: str | None = None) -> None:
        self._emit(
            JobFinished(
                job=job.id,
                outcome=outcome,
                reason=reason,
                at_s=self._now(),
                duration_s=0.0,
                notes={"remedy": remedy} if remedy else {},
            )
        )

    def _heed_interrupts(self) -> None:
        signals = self._doors.interrupts()
        if len(signals) > self._stopping:
            self._stopping = len(signals)
            self._stop_all("interrupt", f"interrupted by {signals[0]}", grace_s=0.0 if len(signals) > 1 else None)

    def _stop_all(self, cause: str, reason: str, *, grace_s: float | None = None) -> None:
        self._cause = self._cause or cause
        for task in self._schedule.cancel_pending(reason):
            if task in self._jobs:
                self._finish_unasked(self._jobs[task], Outcome.CANCELLED, reason)
        for task in self._schedule.running:
            self._doors.executor.stop(task, cause, grace_s=grace_s)
        if self._services is not None:
            self._services.cancel(grace_s)

    def _emit(self, event: Event) -> None:
        self._doors.sink.append(event)
        self._doors.notify(event)
        if self._services is not None and isinstance(event, JobFinished):
            self._services.finished(event.job)

    def _now(self) -> float:
        return self._doors.clock.monotonic_s()


def _result(attempt: Attempt) -> Reading:
    try:
        return attempt.result()
    except OSError as error:
        reason = f"its outputs could not be kept: {error}"
        return Reading(outcome=Outcome.ERRORED, reason=reason, problem=reason)


def _is_patient(job: Job) -> bool:
    """Whether the job only reads files: it may take long, and nothing in it depends on time."""
    measured = job.timeout_s is not None or job.memory_bytes or job.gpus
    return job.kind.examines and job.cpus <= 1 and not measured
