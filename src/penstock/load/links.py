"""Whether the jobs fit together: needs, cycles, stages, names."""

from __future__ import annotations

from collections.abc import Mapping

from penstock.load.findings import Findings
from penstock.model.pipeline import JobKind, JobSpec, Stage
from penstock.util.globs import matching


def check(
    jobs: tuple[JobSpec, ...], declared: Mapping[str, object], stages: tuple[Stage, ...], findings: Findings
) -> None:
    """Note what does not fit. `declared`: the raw table of jobs, so that a job with problems still counts as there."""
    names = tuple(name for name, value in declared.items() if value is not False)
    staged = tuple(stage.name for stage in stages)
    known, known_stages = frozenset(names), frozenset(staged)
    for name in names:
        if name in known_stages:
            findings.add("C215", f"`{name}` is the name of a job and of a stage", ("jobs", name), value=False)
    for job in jobs:
        for index, need in enumerate(job.needs):
            if need not in known:
                off = "; it is switched off" if need in declared else ""
                remedy = findings.suggestion(need, names)
                findings.add(
                    "C202", f"there is no job `{need}`{off}", ("jobs", job.name, "needs", index), remedy=remedy
                )
        if job.stage is not None and job.stage not in known_stages:
            remedy = findings.suggestion(job.stage, staged) or "declare it in `stages`"
            findings.add("C204", f"there is no stage `{job.stage}`", ("jobs", job.name, "stage"), remedy=remedy)
    _metrics(jobs, findings)
    for cycle in cycles({job.name: job.needs for job in jobs}):
        message = f"these jobs need each other in a circle: {' → '.join(cycle)}"
        findings.add("C203", message, ("jobs", cycle[0], "needs"), remedy="remove one of these needs")


def _metrics(jobs: tuple[JobSpec, ...], findings: Findings) -> None:
    for job in jobs:
        if job.kind is JobKind.METRIC and not _left_by_a_need(job, jobs):
            message = f"no job that `{job.name}` needs leaves {job.option('file')} among its `outputs`"
            remedy = "name the job in `needs`, and the file in that job's `outputs`: else an old file could be read"
            findings.add("C216", message, ("jobs", job.name, "metric"), value=False, remedy=remedy)


def _left_by_a_need(job: JobSpec, jobs: tuple[JobSpec, ...]) -> bool:
    """Whether a job that this one needs says that it leaves the file which this one reads."""
    left = tuple(pattern for other in jobs if other.name in job.needs for pattern in other.outputs)
    return bool(matching(left, (str(job.option("file")),)))


def cycles(needs: Mapping[str, tuple[str, ...]]) -> list[tuple[str, ...]]:
    """Cycles of the graph, each as the names on the way back to the first; one for every job that closes a circle.

    Depth first with a stack of our own: a chain of jobs may be longer than the interpreter's.
    """
    found = []
    done: set[str] = set()
    for root in needs:
        trail: list[str] = []
        stack = [(root, False)] if root not in done else []
        on_trail: set[str] = set()
        while stack:
            name, leaving = stack.pop()
            if leaving:
                on_trail.discard(trail.pop())
                done.add(name)
            elif name in on_trail:
                found.append((*trail[trail.index(name) :], name))
            elif name not in done:
                trail.append(name)
                on_trail.add(name)
                stack.append((name, True))
                stack += [(need, False) for need in reversed(needs[name]) if need in needs]
    return found
