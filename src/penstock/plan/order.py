"""What a job will take, and which is started first: the one with the longest path behind it."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping

from penstock.model.pipeline import JobKind, Stage
from penstock.model.plan import Job
from penstock.model.snapshot import Timings
from penstock.plan.pythons import order_of

# Seconds of a job that never ran here: only their order matters, and one run replaces them.
_DEFAULT_S = {
    JobKind.LINT: 2.0,
    JobKind.TYPES: 15.0,
    JobKind.TEST: 30.0,
    JobKind.COVERAGE: 3.0,
    JobKind.BUILD: 10.0,
    JobKind.RUN: 10.0,
    JobKind.COMPLEXITY: 2.0,
    JobKind.SECURITY: 2.0,
    JobKind.AUDIT: 3.0,
    JobKind.SECRETS: 5.0,
    JobKind.DEPENDENCIES: 3.0,
    JobKind.FRESHNESS: 2.0,
    JobKind.LICENSES: 1.0,
    JobKind.API: 5.0,
    JobKind.ANNOTATIONS: 1.0,
    JobKind.METRIC: 0.2,
    JobKind.SCRIPTS: 5.0,
    JobKind.EXAMPLES: 20.0,
    JobKind.IMAGE: 60.0,
    JobKind.HTTP: 15.0,
    JobKind.MODEL: 10.0,
}
_SHORTEST_S = 0.01  # so that a job always has a longer path than those that need it
_LONGEST_S = 1e6


class Estimates:
    """Predicted seconds: as the job took last; else the mean of its other legs; else by its kind."""

    def __init__(self, timings: Timings) -> None:
        self._known = {job: seconds for job, seconds in timings.jobs.items() if math.isfinite(seconds)}
        legs: dict[str, list[float]] = {}
        for job, seconds in sorted(self._known.items()):
            legs.setdefault(job.partition("#")[0].partition("@")[0], []).append(seconds)
        self._means = {name: math.fsum(values) / len(values) for name, values in legs.items()}

    def of(self, job: Job) -> float:
        """Seconds for one job, more than 0. A shard whose tests are known is foretold by them."""
        if job.shard is not None and job.shard.predicted_s is not None:
            return min(max(job.estimate_s, _SHORTEST_S), _LONGEST_S)
        seconds = self._known.get(job.id, self._means.get(job.name, _DEFAULT_S[job.kind]))
        return min(max(seconds, _SHORTEST_S), _LONGEST_S)


def longest_path_first(jobs: Iterable[Job], stages: tuple[Stage, ...]) -> tuple[Job, ...]:
    """Topological order (every job after those it needs), longest remaining path of estimates first.

    Ties: the earlier stage, then the name, then the older Python, then the id. Expects the needs to be in `jobs` and
    without cycle.
    """
    listed = {job.id: job for job in jobs}
    path_s = _paths(listed)
    places = {stage.name: place for place, stage in enumerate(stages)}

    def rank(job: Job) -> tuple[float, int, str, tuple[bool, int, int, bool, str], str]:
        return -path_s[job.id], places.get(job.stage, len(places)), job.name, order_of(job.python or ""), job.id

    return tuple(sorted(listed.values(), key=rank))


def _paths(jobs: Mapping[str, Job]) -> dict[str, float]:
    """Job -> its own seconds and those of the longest chain of jobs that wait for it. Without recursion."""
    waiting = dict.fromkeys(jobs, 0)
    for job in jobs.values():
        for need in job.needs:
            waiting[need] += 1
    after_s = dict.fromkeys(jobs, 0.0)
    path_s: dict[str, float] = {}
    settled = [name for name, count in waiting.items() if not count]
    while settled:
        name = settled.pop()
        path_s[name] = jobs[name].estimate_s + after_s[name]
        for need in jobs[name].needs:
            after_s[need] = max(after_s[need], path_s[name])
            waiting[need] -= 1
            if not waiting[need]:
                settled.append(need)
    return path_s
