"""One runner's part of a plan: the jobs that are named and nothing that they need, which other runners answer for."""

from __future__ import annotations

from collections.abc import Iterable
from fnmatch import fnmatchcase

from msgspec.structs import replace

from penstock.errors import UsageError
from penstock.model.plan import Job, LeftOut, Plan, Scope
from penstock.util.digest import of_parts


def part(plan: Plan, names: tuple[str, ...]) -> Plan:
    """The plan of one runner. `names`: jobs, stages, legs (`unit@3.12`), globs, shards (`unit@3.12#2/4`, or `#2` of
    however many there are). What the pipeline itself leaves out of this plan may be named beside what it holds: a
    runner's list is the same in every run.

    Raises UsageError for a name that fits nothing, and for a job that reads what a job elsewhere leaves.
    """
    absent = [name for name in names if not any(_fits(name, job) for job in plan.jobs)]
    left_out = {name: left for name in absent for left in plan.left_out if left.declared and _is(name, left)}
    jobs = tuple(job for job in plan.jobs if any(_fits(name, job) for name in names))
    unknown = next((name for name in absent if not jobs or name not in left_out), None)
    if unknown is not None:
        raise _unknown(unknown, left_out.get(unknown), plan)
    _check_readers(jobs)
    return narrowed(plan, jobs, " ".join(sorted(names)))


def _is(name: str, left: LeftOut) -> bool:
    return name in (left.id, left.id.partition("@")[0])


def _unknown(name: str, left: LeftOut | None, plan: Plan) -> UsageError:
    if left is not None:
        return UsageError(f"`{name}` is not in this plan: {left.reason}", remedy=f"penstock run {name}")
    there = ", ".join(dict.fromkeys(job.name for job in plan.jobs)) or "none"
    return UsageError(f"`{name}` is no job, stage or leg of this plan", remedy=f"there are: {there}")


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
