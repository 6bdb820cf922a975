"""The schedule against an oracle that knows the rules, on random graphs."""

import heapq
from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from penstock.run.schedule import Schedule, Task

MOST_CPUS = 5


@st.composite
def graphs(draw: st.DrawFn, *, wide: bool = False, chained: bool = True) -> tuple[Task, ...]:
    count = draw(st.integers(0, 14))
    tasks = []
    for number in range(count):
        earlier = st.lists(st.integers(0, number - 1), max_size=3, unique=True) if number and chained else st.just([])
        tasks.append(
            Task(
                id=f"t{number}",
                needs=tuple(f"t{need}" for need in draw(earlier)),
                cpus=draw(st.integers(0, MOST_CPUS + 1)) if wide else 1,
                estimate_s=draw(st.integers(0, 9)),
                patient=wide and draw(st.booleans()),
            )
        )
    return tuple(draw(st.permutations(tasks)))


class Simulation:
    """Runs tasks in exactly their estimated time and holds every step against the rules."""

    def __init__(self, tasks: tuple[Task, ...], cpus: int, failing: frozenset[str] = frozenset()) -> None:
        self.tasks = {task.id: task for task in tasks}
        self.cpus = cpus
        self.failing = failing
        self.ends: Counter[str] = Counter()
        self.passed: set[str] = set()
        self.background: set[str] = set()
        self.now_s = 0.0
        self._schedule = Schedule(tasks, cpus)
        self._running: list[tuple[float, str]] = []

    def run(self) -> float:
        while True:
            for task in self._schedule.ready():
                assert set(task.needs) <= self.passed
                self._schedule.started(task.id)
                if self._schedule.in_background(task.id):
                    assert task.patient
                    self.background.add(task.id)
                heapq.heappush(self._running, (self.now_s + task.estimate_s, task.id))
                assert self._in_use() <= self.cpus
                assert len(self.background & {name for _, name in self._running}) <= 1
            if not self._running:
                assert self._schedule.done
                return self.now_s
            self.now_s, name = heapq.heappop(self._running)
            self._end(name)

    def _end(self, name: str) -> None:
        self.ends[name] += 1
        ok = name not in self.failing
        if ok:
            self.passed.add(name)
        for skipped, reason in self._schedule.ended(name, ok=ok):
            assert not ok
            self.ends[skipped] += 1
            cause = reason.removeprefix("needs ")
            assert cause in self.tasks[skipped].needs
            assert cause not in self.passed

    def _in_use(self) -> int:
        running = {name for _, name in self._running} - self.background
        return sum(min(self.tasks[name].cpus, self.cpus) for name in running)


def critical_path_s(tasks: tuple[Task, ...]) -> float:
    known: dict[str, float] = {}
    by_id = {task.id: task for task in tasks}

    def path(name: str) -> float:
        if name not in known:
            known[name] = by_id[name].estimate_s + max((path(need) for need in by_id[name].needs), default=0.0)
        return known[name]

    return max((path(name) for name in by_id), default=0.0)


def lower_bound_s(tasks: tuple[Task, ...], cpus: int) -> float:
    work = sum(task.estimate_s * min(task.cpus, cpus) for task in tasks)
    return max(critical_path_s(tasks), work / cpus)


@given(graphs(wide=True), st.integers(1, MOST_CPUS))
def test_every_task_ends_once_within_the_cpus_and_after_its_needs(tasks: tuple[Task, ...], cpus: int) -> None:
    simulation = Simulation(tasks, cpus)
    simulation.run()
    assert simulation.ends == Counter(task.id for task in tasks)
    assert simulation.passed == {task.id for task in tasks}


@given(graphs(wide=True), st.integers(1, MOST_CPUS), st.data())
def test_with_failures_every_task_still_ends_once(tasks: tuple[Task, ...], cpus: int, data: st.DataObject) -> None:
    failing = data.draw(st.frozensets(st.sampled_from([task.id for task in tasks]))) if tasks else frozenset()
    simulation = Simulation(tasks, cpus, failing)
    simulation.run()
    assert simulation.ends == Counter(task.id for task in tasks)
    dirty = {task.id for task in tasks} - simulation.passed
    assert all(task.id in dirty for task in tasks if set(task.needs) & dirty)
    assert failing <= dirty


@given(graphs(), st.integers(1, MOST_CPUS))
def test_list_scheduling_bound(tasks: tuple[Task, ...], cpus: int) -> None:
    """Graham: at most (2 - 1/cpus) times the best for tasks of one cpu, whatever they need."""
    assert Simulation(tasks, cpus).run() <= (2 - 1 / cpus) * lower_bound_s(tasks, cpus) + 1e-9


@given(graphs(wide=True, chained=False), st.integers(1, MOST_CPUS))
def test_list_scheduling_bound_for_wide_tasks(tasks: tuple[Task, ...], cpus: int) -> None:
    """Garey and Graham: at most twice the best for independent tasks that share one resource."""
    assert Simulation(tasks, cpus).run() <= 2 * lower_bound_s(tasks, cpus) + 1e-9
