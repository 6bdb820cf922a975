"""Which tasks may start now: a state machine without I/O, for one loop that owns it.

List scheduling, the longest remaining path first, over preparations and jobs alike: whenever cpus are free, the
startable task with the most work behind it that fits is started. For tasks of one cpu no order of starting ends later
than twice the best possible (Graham 1966); longest path first is close to the best in practice.

While every cpu is taken, one task that may wait (a linter, a type checker, its environment) runs besides, in the
background: at the lowest priority, in the moments in which the others wait. Design note 0012 has the figures.
"""

from __future__ import annotations

import heapq
from collections.abc import Iterable, Iterator

from penstock.value import Value


class Task(Value, frozen=True, kw_only=True):
    """Something to start once. `needs`: ids of tasks that must end well first. `estimate_s`: predicted seconds.

    `patient`: it may run in the background. `memory_bytes`: that it declares, 0 = none; `gpus`: how many.
    """

    id: str
    needs: tuple[str, ...] = ()
    cpus: int = 1
    memory_bytes: int = 0
    gpus: int = 0
    estimate_s: float = 1.0
    kind: str = "job"  # "job" | "environment" | "wheel"
    patient: bool = False


class Room(Value, frozen=True, kw_only=True):
    """What is free of a machine, or asked of it."""

    cpus: int
    memory_bytes: int = 0
    gpus: int = 0

    def fits(self, other: Room) -> bool:
        """Whether there is room for it. Memory and GPUs that nobody asks for are never short."""
        enough = other.cpus <= self.cpus and other.memory_bytes <= max(self.memory_bytes, 0)
        return enough and other.gpus <= max(self.gpus, 0)

    def minus(self, other: Room) -> Room:
        """What is left when it is taken."""
        return Room(
            cpus=self.cpus - other.cpus,
            memory_bytes=self.memory_bytes - other.memory_bytes,
            gpus=self.gpus - other.gpus,
        )

    def plus(self, other: Room) -> Room:
        """What there is when it is given back."""
        return self.minus(Room(cpus=-other.cpus, memory_bytes=-other.memory_bytes, gpus=-other.gpus))


class Schedule:
    """Every task is pending, then running, then ended, once; or ends straight from pending: skipped or cancelled.

    `cpus`: how many may be in use at once, without the background; a task that asks for more is counted as all of them.
    `memory_bytes`, `gpus`: the same, of what tasks declare. Raises ValueError for ids that are there twice, needs that
    are unknown, and cycles.
    """

    def __init__(self, tasks: Iterable[Task], cpus: int, *, memory_bytes: int = 0, gpus: int = 0) -> None:
        listed = tuple(tasks)
        self._tasks = {task.id: task for task in listed}
        if len(self._tasks) != len(listed):
            raise ValueError("two tasks have the same id")
        self._whole = Room(cpus=max(1, cpus), memory_bytes=max(0, memory_bytes), gpus=max(0, gpus))
        self._free = self._whole
        self._dependants = _dependants(self._tasks)
        self._rank = _ranks(self._tasks, self._dependants)
        self._open_needs = {task.id: len(set(task.needs)) for task in listed}
        self._pending = set(self._tasks)
        self._running: set[str] = set()
        self._patient = [task.id for task in listed if task.patient]
        self._background: str | None = None
        self._startable = [self._rank[task.id] for task in listed if not task.needs]
        heapq.heapify(self._startable)

    @property
    def done(self) -> bool:
        """Nothing is pending and nothing is running."""
        return not self._pending and not self._running

    @property
    def running(self) -> tuple[str, ...]:
        """Ids of what was started and has not ended, in no promised order."""
        return tuple(sorted(self._running))

    @property
    def spare(self) -> int:
        """How many cpus no task is using, and none is waiting for."""
        return 0 if self._startable else self._free.cpus

    def in_background(self, task: str) -> bool:
        """Whether the running task takes no cpu of the others'."""
        return task == self._background

    def ready(self) -> Iterator[Task]:
        """The tasks to start now, each followed by `started`, longest remaining path first.

        Each next one is chosen when it is asked for, so what ended or was cancelled meanwhile is never offered.
        """
        held: list[tuple[float, int, str]] = []
        reserved = Room(cpus=0)
        try:
            while self._startable and self._free.cpus > reserved.cpus:
                rank = heapq.heappop(self._startable)
                task = self._tasks[rank[2]]
                if task.id not in self._pending:
                    continue
                if not self._free.minus(reserved).fits(self._wants(task)):
                    held.append(rank)
                    continue
                yield task
                if task.id in self._pending:  # offered and not taken: its place stays reserved in this pass
                    held.append(rank)
                    reserved = reserved.plus(self._wants(task))
        finally:
            for rank in held:
                heapq.heappush(self._startable, rank)
        if self._has_room_besides():
            besides = [name for name in self._patient if name in self._pending and not self._open_needs[name]]
            if besides:
                yield self._tasks[min(besides, key=self._rank.__getitem__)]

    def started(self, task: str) -> None:
        """The task runs. Raises ValueError if it may not: not pending, open needs, or too few free cpus."""
        wants = self._wants(self._tasks[task])
        besides = wants.cpus > self._free.cpus and self._tasks[task].patient and self._has_room_besides()
        if task not in self._pending or self._open_needs[task] or not (besides or self._free.fits(wants)):
            raise ValueError(f"{task} cannot start now")
        self._pending.discard(task)
        self._running.add(task)
        if besides:
            self._background = task
        else:
            self._free = self._free.minus(wants)

    def ended(self, task: str, *, ok: bool) -> list[tuple[str, str]]:
        """The running task ended. If not `ok`, all that stands on it ends as well: (id, "needs …") for each.

        Raises ValueError if it is not running.
        """
        if task not in self._running:
            raise ValueError(f"{task} is not running")
        self._running.discard(task)
        if task == self._background:
            self._background = None
        else:
            self._free = self._free.plus(self._wants(self._tasks[task]))
        if not ok:
            return self._skip_dependants(task)
        for dependant in self._dependants[task]:
            self._open_needs[dependant] -= 1
            if not self._open_needs[dependant] and dependant in self._pending:
                heapq.heappush(self._startable, self._rank[dependant])
        return []

    def cancel_pending(self, reason: str) -> list[str]:
        """Nothing more is started: the ids of what was pending, all ended now. `reason` is for the caller's log."""
        del reason
        cancelled = sorted(self._pending, key=self._rank.__getitem__)
        self._pending.clear()
        self._startable.clear()
        return cancelled

    def _has_room_besides(self) -> bool:
        """Every cpu is taken, by tasks of one cpu each: what asks for more may be measuring."""
        alone = all(self._tasks[name].cpus <= 1 for name in self._running)
        return self._free.cpus == 0 and self._background is None and alone

    def _skip_dependants(self, task: str) -> list[tuple[str, str]]:
        skipped: list[tuple[str, str]] = []
        causes = [task]
        while causes:
            cause = causes.pop()
            for dependant in self._dependants[cause]:
                if dependant in self._pending:
                    self._pending.discard(dependant)
                    skipped.append((dependant, f"needs {cause}"))
                    causes.append(dependant)
        return sorted(skipped, key=lambda entry: self._rank[entry[0]])

    def _wants(self, task: Task) -> Room:
        whole = self._whole
        return Room(
            cpus=min(max(task.cpus, 0), whole.cpus),
            memory_bytes=min(max(task.memory_bytes, 0), whole.memory_bytes),
            gpus=min(max(task.gpus, 0), whole.gpus),
        )


def _dependants(tasks: dict[str, Task]) -> dict[str, list[str]]:
    dependants: dict[str, list[str]] = {name: [] for name in tasks}
    for task in tasks.values():
        for need in dict.fromkeys(task.needs):
            if need not in dependants:
                raise ValueError(f"{task.id} needs {need}, which is no task")
            dependants[need].append(task.id)
    return dependants


def _ranks(tasks: dict[str, Task], dependants: dict[str, list[str]]) -> dict[str, tuple[float, int, str]]:
    """What to start first is smallest: the longest path of estimates from the task to an end, then the given order."""
    places = {name: place for place, name in enumerate(tasks)}
    path_s: dict[str, float] = {}
    open_dependants = {name: len(names) for name, names in dependants.items()}
    settled = [name for name, count in open_dependants.items() if not count]
    while settled:
        name = settled.pop()
        after_s = max((path_s[dependant] for dependant in dependants[name]), default=0.0)
        path_s[name] = max(0.0, tasks[name].estimate_s) + after_s
        for need in dict.fromkeys(tasks[name].needs):
            open_dependants[need] -= 1
            if not open_dependants[need]:
                settled.append(need)
    if len(path_s) != len(tasks):
        raise ValueError(f"tasks need each other: {', '.join(sorted(tasks.keys() - path_s.keys()))}")
    return {name: (-path_s[name], places[name], name) for name in tasks}
