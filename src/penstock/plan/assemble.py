"""A draft with its versions chosen becomes the plan: estimated, ordered, clamped to the machine, with its digest."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import msgspec
from msgspec.structs import replace

from penstock.model.plan import Environment, Job, Plan
from penstock.model.snapshot import Resolution, Timings
from penstock.plan.draft import Draft
from penstock.plan.environments import shared
from penstock.plan.fitting import Machine, fitted
from penstock.plan.keys import without_manner
from penstock.plan.order import Estimates, longest_path_first
from penstock.plan.upgraded import Upgrades
from penstock.plan.versions import Versions
from penstock.util.digest import of_bytes, of_parts

_SCHEMA = "plan 1"


def assemble(draft: Draft, resolutions: Iterable[Resolution], timings: Timings) -> Plan:
    """The plan. A dependency set whose resolution has a problem blocks the jobs that stand on it."""
    resolved = {resolution.dependencies: resolution for resolution in resolutions}
    environments = tuple(
        replace(environment, resolution=resolved[environment.dependencies.name].digest)
        if environment.dependencies.name in resolved
        else environment
        for environment in draft.environments
    )
    instead = shared(environments)
    estimates = Estimates(timings)
    fixed = Versions({one.id: one for one in environments}, resolved)
    upgrades = Upgrades(draft.held, draft.gates, draft.packages)
    made = (upgrades.compared(fixed.fixed(job)) for job in draft.jobs)
    estimated = (
        replace(job, estimate_s=estimates.of(job), environment=instead.get(job.environment or "", job.environment))
        for job in made
    )
    jobs = longest_path_first(estimated, draft.stages)
    used = {name for job in jobs for name in job.environments}
    environments = tuple(environment for environment in environments if environment.id in used)
    names = {environment.dependencies.name for environment in environments}
    kept = tuple(resolved[name] for name in sorted(names & resolved.keys()))
    problems = _problems(environments, resolved)
    has = Machine(cpus=draft.cpus, memory_bytes=draft.memory_bytes, gpus=draft.gpus)
    return Plan(
        digest=_digest(draft, jobs, environments, timings),
        root=draft.root,
        scope=draft.scope,
        jobs=tuple(fitted(_blocked(job, problems), has) for job in jobs),
        environments=environments,
        resolutions=kept,
        stages=draft.stages,
        gates=draft.gates,
        quarantine=draft.quarantine,
        left_out=draft.left_out,
        decisions=draft.decisions,
        source=draft.source,
        commit=draft.commit,
        tree=of_parts((draft.policy_digest, draft.source_digest)),
        occasion=draft.occasion,
        services=tuple(one for one in draft.services if any(one.name in job.services for job in jobs)),
    )


def _problems(
    environments: Iterable[Environment], resolved: Mapping[str, Resolution]
) -> dict[str, tuple[str, str | None]]:
    """Environment id -> why it has no versions, and what to do."""
    problems: dict[str, tuple[str, str | None]] = {}
    for environment in environments:
        resolution = resolved.get(environment.dependencies.name)
        if resolution is not None and resolution.problem is not None:
            problems[environment.id] = (resolution.problem, resolution.remedy)
    return problems


def _blocked(job: Job, problems: Mapping[str, tuple[str, str | None]]) -> Job:
    if job.blocked_by is not None or not problems:
        return job
    for environment in job.environments:
        if environment in problems:
            problem, remedy = problems[environment]
            return replace(job, blocked_by=f"the environment {environment} cannot be made: {problem}", remedy=remedy)
    return job


def _digest(draft: Draft, jobs: tuple[Job, ...], environments: tuple[Environment, ...], timings: Timings) -> str:
    """Of all that must be equal on every runner, the resolutions by their digests in the environments.

    What only one machine says (its root, its cpus, which Pythons it lacks, words about that, and what its git tells of
    the change) is not in it.
    """
    obligations = [
        replace(job, blocked_by=None, remedy=None, reasons=(), commands=tuple(map(without_manner, job.commands)))
        for job in jobs
    ]
    declared = [(left.id, left.reason) for left in draft.left_out if left.declared]
    predicted = timings.digest or of_parts(f"{job}={seconds!r}" for job, seconds in sorted(timings.jobs.items()))
    return of_parts(
        (
            _SCHEMA,
            draft.policy_digest,
            draft.source_digest,
            draft.scope,
            predicted,
            *(
                of_bytes(msgspec.json.encode(part))
                for part in (obligations, environments, draft.stages, draft.gates, declared)
            ),
        )
    )
