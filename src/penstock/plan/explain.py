"""Why the plan is as it is: the answers of `penstock explain`, one line each."""

from __future__ import annotations

import shlex
from collections.abc import Iterable, Sequence

from penstock.errors import UsageError
from penstock.model.pipeline import CheckSpec
from penstock.model.plan import Binding, CacheState, Environment, Job, Plan
from penstock.model.services import Service
from penstock.model.snapshot import Decision, DependencySet
from penstock.util.plural import noun, plural
from penstock.util.sizes import spoken

_MOST_LEGS = 20


def explain(plan: Plan, bindings: Iterable[Binding], subject: str) -> tuple[str, ...]:
    """Lines about a job, a leg, an environment, a gate, or what detection decided ("tests").

    Raises UsageError, with what may have been meant, if the plan knows nothing of that name.
    """
    bound = {binding.job: binding for binding in bindings}
    jobs = [job for job in plan.jobs if subject in (job.id, job.name)]
    lines = [*_job(jobs[0], plan, bound.get(jobs[0].id))] if len(jobs) == 1 else _legs(jobs, bound)
    lines += [
        f"{left.id} is left out{' by its declaration' if left.declared else ''}: {left.reason}"
        for left in plan.left_out
        if left.id == subject or left.id.partition("@")[0] == subject
    ][:_MOST_LEGS]
    for environment in plan.environments:
        if subject in (environment.id, environment.dependencies.name):
            lines += _environment(environment, plan)
    for decision in plan.decisions:
        if decision.subject == subject:
            lines += _decision(decision)
    for service in plan.services:
        if service.name == subject:
            lines += _service(service, plan)
    lines += [_gate(gate) for gate in plan.gates if gate.name == subject]
    if not lines:
        raise _unknown(plan, subject)
    return tuple(lines)


def _legs(jobs: list[Job], bound: dict[str, Binding]) -> list[str]:
    if not jobs:
        return []
    lines = [f"{jobs[0].name}: {plural(len(jobs), 'leg')} ({_because(jobs[0])})"]
    lines += [f"  {job.id}: {_state(job, bound.get(job.id))}" for job in jobs[:_MOST_LEGS]]
    if len(jobs) > _MOST_LEGS:
        lines.append(f"  and {len(jobs) - _MOST_LEGS} more")
    return lines


def _job(job: Job, plan: Plan, binding: Binding | None) -> Iterable[str]:
    stage = f", stage {job.stage}" if job.stage else ""
    yield f"{job.id}: a {job.kind} job{stage}, {'required' if job.required else 'advises only'} ({_because(job)})"
    if job.tolerance is not None:
        yield f"  may fail until {job.tolerance.until}: {job.tolerance.reason}"
    yield from _neighbours(job, plan)
    yield from _place(job, plan, binding)
    yield from (f"  runs {shlex.join(command.argv)}" for command in job.commands)
    yield from (f"  with {name}={value}" for name, value in job.variables)
    yield f"  reads {', '.join(job.inputs) or 'all files that git does not ignore'}"
    yield from _given(job)
    yield f"  {plural(job.cpus, 'cpu')}, about {job.estimate_s:.3g} s"
    yield f"  {_state(job, binding)}"
    if binding is not None and binding.key:
        yield f"  key {binding.key[:16]}, made of:"
        parts = sorted(binding.key_parts.items())
        yield from (f"    {name} = {value[:16]}" for name, value in parts if value and not name.startswith("packed:"))


def _given(job: Job) -> Iterable[str]:
    """What it gets of the machine and of the surroundings; of secrets the names are all that is known here."""
    optional = {secret.name for secret in job.secrets if not secret.required}
    names = [f"{secret.name}{' if it is set' * (secret.name in optional)}" for secret in job.secrets]
    if names:
        yield f"  gets the {noun(len(names), 'secret')} {', '.join(names)}"
    if job.require:
        yield f"  gets {', '.join(job.require)} from outside"
    if job.memory_bytes:
        yield f"  at most {spoken(job.memory_bytes)} of memory"
    if job.gpus:
        yield f"  {plural(job.gpus, 'GPU')} for itself"


def _neighbours(job: Job, plan: Plan) -> Iterable[str]:
    if job.needs:
        yield f"  needs {_some(job.needs)}"
    needed_by = [other.id for other in plan.jobs if job.id in other.needs]
    if needed_by:
        yield f"  needed by {_some(needed_by)}"


def _place(job: Job, plan: Plan, binding: Binding | None) -> Iterable[str]:
    if job.python is not None:
        path = binding.interpreter if binding else None
        yield f"  Python {job.python}{f' at {path}' if path else ''}"
    yield from (
        f"  environment {one.id}: {_contents(one.dependencies)}"
        for one in plan.environments
        if one.id in job.environments
    )
    yield from (f"  service {one.name}: {_serves(one)}" for one in plan.services if one.name in job.services)


def _service(service: Service, plan: Plan) -> Iterable[str]:
    yield f"service {service.name}: {_serves(service)}"
    yield f"  for {_some([job.id for job in plan.jobs if service.name in job.services])}"
    yield "  one for all of them" if service.shared else "  one for each of them"
    if service.command:
        yield f"  runs {shlex.join(service.command)}"
    asked = shlex.join(service.health[1:]) or service.health[0]
    yield f"  is up when it answers {asked}, within {service.timeout_s:g} s"
    yield from (f"  hands over {name}={value}" for name, value in service.exports)


def _serves(service: Service) -> str:
    return f"{service.missing}; {service.remedy}" if service.missing else service.told


def _some(names: Sequence[str]) -> str:
    return ", ".join(names[:_MOST_LEGS]) + (" …" if len(names) > _MOST_LEGS else "")


def _because(job: Job) -> str:
    return "; ".join(job.reasons) or "planned"


def _state(job: Job, binding: Binding | None) -> str:
    if job.blocked_by is not None:
        return f"cannot run: {job.blocked_by}" + (f"; {job.remedy}" if job.remedy else "")
    if binding is None:
        return "will run"
    if binding.cache is CacheState.HIT:
        return "cached: its result is known"
    word = "never cached" if binding.cache is CacheState.OFF else "will run"
    return f"{word}: {binding.miss}" if binding.miss else word


def _environment(environment: Environment, plan: Plan) -> Iterable[str]:
    users = [job.id for job in plan.jobs if environment.id in job.environments]
    yield f"environment {environment.id}: {_contents(environment.dependencies)}"
    if users:
        yield f"  for {_some(users)}"
    for resolution in plan.resolutions:
        if resolution.dependencies != environment.dependencies.name:
            continue
        if resolution.problem is not None:
            yield f"  no versions: {resolution.problem}" + (f"; {resolution.remedy}" if resolution.remedy else "")
        else:
            yield f"  resolution {resolution.digest[:16]}"


def _contents(dependencies: DependencySet) -> str:
    parts = ["the project"] if dependencies.install_project else []
    listed = (
        ("extras", dependencies.extras),
        ("groups", dependencies.groups),
        ("requirements", (*dependencies.requirements, *dependencies.otherwise)),
        ("files", dependencies.files),
    )
    parts += [f"{word} {', '.join(names)}" for word, names in listed if names]
    if dependencies.lock is not None:
        parts.append(f"versions of {dependencies.lock.path}")
    return "; ".join(parts) or "nothing but Python"


def _decision(decision: Decision) -> Iterable[str]:
    place = f" ({decision.place})" if decision.place else ""
    yield f"{decision.subject}: {decision.choice}, because {decision.why}{place}"
    if decision.runner_up is not None:
        yield f"  else it would be {decision.runner_up}"
    if decision.setting is not None:
        yield f"  settled by `{decision.setting}` in [tool.penstock]"


def _gate(gate: CheckSpec) -> str:
    limits = ", ".join(f"{name} {limit:g}" for name, limit in gate.limits) or "no number of its own"
    return f"gate {gate.name}: {limits}, mode {gate.mode}" + (f", declared at {gate.place}" if gate.place else "")


def _unknown(plan: Plan, subject: str) -> UsageError:
    from difflib import get_close_matches

    known = dict.fromkeys(
        (
            *(name for job in plan.jobs for name in (job.name, job.id)),
            *(left.id for left in plan.left_out),
            *(environment.id for environment in plan.environments),
            *(gate.name for gate in plan.gates),
            *(service.name for service in plan.services),
            *(decision.subject for decision in plan.decisions),
        )
    )
    near = get_close_matches(subject, known, n=1, cutoff=0.6)
    names = ", ".join(dict.fromkeys(job.name for job in plan.jobs))
    remedy = f"did you mean `{near[0]}`?" if near else f"jobs: {names or 'none'}"
    return UsageError(f"the plan knows nothing of `{subject}`", remedy=remedy)
