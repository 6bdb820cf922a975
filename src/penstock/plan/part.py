"""One runner's part of a plan: the jobs that are named and nothing that they need, which other runners answer for."""

from __future__ import annotations

from collections.abc import Iterable
from fnmatch import fnmatchcase

from msgspec.structs import replace

from penstock.errors import UsageError
from penstock.model.plan import Job, Plan, Scope
from penstock.util.digest import of_parts


def part(plan: Plan, names: tuple[str, ...]) -> Plan:
    """The plan of one runner. `names`: jobs, stages, legs (`unit@3.12`), globs, shards (`unit@3.12#2/4`, or `#2` of
    however many there are).

    Raises UsageError for a name that fits nothing, and for a job that reads what a job elsewhere leaves.
    """
    unknown = next((name for name in names if not any(_fits(name, job) for job in plan.jobs)), None)
    if unknown is not None:
        there = ", ".join(dict.fromkeys(job.name for job in plan.jobs)) or "none"
        raise UsageError(f"`{unknown}` is no job, stage or leg of this plan", remedy=f"there are: {there}")
    jobs = tuple(job for job in plan.jobs if any(_fits(name, job) for name in names))
    _check_readers(jobs)
    return narrowed(plan, jobs, " ".join(sorted(names)))


def narrowed(plan: Plan, jobs: tuple[Job, ...], what: str) -> Plan:
    """The plan with these of its jobs. `what`: a name for the choice, which tells the part's digest from others."""
    used = {name for job in jobs for name in job.environments}
    return replace(
        plan,
        digest=of_parts((plan.digest, what)),
        scope=Scope.PARTIAL,
        jobs=jobs,
        environments=tuple(one for one in plan.environments if one.id in used),
        of=plan.digest,
    )


def _fits(name: str, job: Job) -> bool:
    exact = {job.id, job.whole, job.name, job.stage, job.id.partition("/")[0] if job.shard else ""} - {""}
    return name in exact or any(fnmatchcase(one, name) for one in (job.id, job.whole, job.name))


def _check_readers(jobs: Iterable[Job]) -> None:
    here = {job.id for job in jobs}
    for job in jobs:
        elsewhere = [need for need in job.needs if need not in here]
        if elsewhere and job.reads_needs:
            remedy = (
                f"name {elsewhere[0].partition('@')[0]}, too; what coverage merges, `penstock gate --from` can merge"
            )
            raise UsageError(f"{job.id} reads what {elsewhere[0]} leaves, which is not in this part", remedy=remedy)
