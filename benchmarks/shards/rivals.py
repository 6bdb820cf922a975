"""How others spread tests: pytest-split by its own functions, xdist's modes as its schedulers work (3.8).

xdist gives tests to the workers of one machine while they run, so no prediction can mislead it; it is the measure for
as many processors in one machine, and not to be had between machines.
"""

from __future__ import annotations

import heapq
from collections import deque
from collections.abc import Callable, Sequence
from typing import NamedTuple

Lasts = Callable[[int, int], float]  # (worker, test) -> seconds there, with what entering its file costs


class Item(NamedTuple):
    """What pytest-split wants of a test."""

    nodeid: str

    def __str__(self) -> str:
        """It sorts by this."""
        return self.nodeid


def pytest_split(name: str, ids: Sequence[str], known: dict[str, float], count: int) -> list[list[int]]:
    """The parts of one of its two algorithms, as positions."""
    from pytest_split.algorithms import Algorithms

    places = {test: place for place, test in enumerate(ids)}
    groups = Algorithms[name].value(count, [Item(test) for test in ids], known)
    return [[places[item.nodeid] for item in group.selected] for group in groups]


class _Nodes:
    """Workers that take tests from queues of their own, in simulated time."""

    def __init__(self, count: int, lasts: Lasts) -> None:
        self.pending: list[deque[int]] = [deque() for _ in range(count)]
        self._lasts = lasts
        self._clock = [0.0] * count

    def run(self, refill: Callable[[int], None]) -> float:
        """To the end; `refill(worker)` after each test, as xdist's schedulers do."""
        heap = [(0.0, worker) for worker in range(len(self.pending))]
        heapq.heapify(heap)
        while heap:
            now, worker = heapq.heappop(heap)
            if not self.pending[worker]:
                refill(worker)
                if not self.pending[worker]:
                    continue
            test = self.pending[worker].popleft()
            self._clock[worker] = now + self._lasts(worker, test)
            refill(worker)
            heapq.heappush(heap, (self._clock[worker], worker))
        return max(self._clock)


def load(paths: Sequence[str], count: int, lasts: Lasts) -> float:
    """`--dist load`: a quarter in equal pieces at first, then ever smaller ones. Makespan in seconds."""
    queue = deque(range(len(paths)))
    nodes = _Nodes(count, lasts)
    first = min(len(queue), max(len(queue) // (4 * count), 2) * count)
    for number in range(first):
        nodes.pending[number % count].append(queue.popleft())

    def refill(worker: int) -> None:
        least = max(2, len(queue) // count // 4)
        most = max(2, len(queue) // count // 2)
        if len(nodes.pending[worker]) < least:
            for _ in range(min(most - len(nodes.pending[worker]), len(queue))):
                nodes.pending[worker].append(queue.popleft())

    return nodes.run(refill)


def worksteal(paths: Sequence[str], count: int, lasts: Lasts) -> float:
    """`--dist worksteal`: equal runs at first; who has none takes half of the longest rest. Makespan in seconds."""
    nodes = _Nodes(count, lasts)
    each = -(-len(paths) // count)
    for test in range(len(paths)):
        nodes.pending[test // each].append(test)

    def refill(worker: int) -> None:
        if len(nodes.pending[worker]) >= 2:
            return
        richest = max(range(count), key=lambda other: len(nodes.pending[other]))
        spare = len(nodes.pending[richest]) // 2 if len(nodes.pending[richest]) > 2 else 0
        taken = [nodes.pending[richest].pop() for _ in range(spare)]
        nodes.pending[worker].extend(reversed(taken))

    return nodes.run(refill)


def loadfile(paths: Sequence[str], count: int, lasts: Lasts) -> float:
    """`--dist loadfile`: whole files, those with the most tests first, one ahead. Makespan in seconds."""
    files: dict[str, list[int]] = {}
    for test, path in enumerate(paths):
        files.setdefault(path, []).append(test)
    queue = deque(sorted(files.values(), key=len, reverse=True))
    nodes = _Nodes(count, lasts)

    def refill(worker: int) -> None:
        while queue and len(nodes.pending[worker]) < 2:
            nodes.pending[worker].extend(queue.popleft())

    for worker in range(count):
        refill(worker)
    return nodes.run(refill)


XDIST = {"load": load, "worksteal": worksteal, "loadfile": loadfile}
SPLIT = ("duration_based_chunks", "least_duration")
