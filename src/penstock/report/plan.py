"""`penstock plan`: the jobs, what is known already, what the rest will take, and what is not in it and why."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from penstock.model.plan import Binding, CacheState, Job, Plan
from penstock.report import decisions, sanitize
from penstock.report.screen import Screen, cells, fit, own, pad, seconds
from penstock.util.plural import plural


def text(plan: Plan, bindings: Iterable[Binding], screen: Screen, *, cpus: int = 1) -> str:
    """The plan in words, without a newline at its end. `cpus`: what this machine gives."""
    bound = {binding.job: binding for binding in bindings}
    width = max((cells(sanitize.line(job.id)) for job in plan.jobs), default=0)
    lines = decisions.lines(plan.decisions, screen)
    lines += [""] if lines else []
    lines += [_line(job, bound.get(job.id), screen, width) for job in plan.jobs]
    lines += decisions.left_out(plan.left_out, screen)
    return "\n".join([*lines, "", *_summary(plan, bound, screen, cpus)])


def critical_path(plan: Plan, bindings: Mapping[str, Binding]) -> tuple[tuple[str, ...], float]:
    """The longest chain of needs by estimate, and its seconds. Cached and blocked jobs take no time."""
    longest: dict[str, tuple[tuple[str, ...], float]] = {}
    for job in plan.jobs:  # needs come before the jobs that need them
        before, before_s = max((longest[need] for need in job.needs if need in longest), key=_length, default=((), 0.0))
        own_s = work_s(job, bindings.get(job.id))
        longest[job.id] = ((*before, job.id), before_s + own_s) if own_s else (before, before_s)
    return max(longest.values(), key=_length, default=((), 0.0))


def _length(chain: tuple[tuple[str, ...], float]) -> float:
    return chain[1]


def work_s(job: Job, binding: Binding | None) -> float:
    """The seconds that a job is expected to take here and now."""
    if binding is None or job.blocked_by is not None or binding.cache is CacheState.HIT:
        return 0.0
    return binding.estimate_s


def lower_bound_s(plan: Plan, bindings: Mapping[str, Binding], cpus: int) -> float:
    """No schedule can be faster: the critical path, or all work over all processors."""
    work = sum(work_s(job, bindings.get(job.id)) * min(job.cpus, cpus) for job in plan.jobs)
    return max(critical_path(plan, bindings)[1], work / max(1, cpus))


def _line(job: Job, binding: Binding | None, screen: Screen, width: int) -> str:
    start = f"  {pad(sanitize.line(job.id), width)}  {pad(_state(job, binding), 9)}  "
    parts = [job.blocked_by or ""]
    if binding is not None and binding.cache is CacheState.MISS:
        parts.append(binding.miss or "")
    parts += [f"needs {', '.join(job.needs)}"] if job.needs else []
    parts += [f"with {', '.join(job.services)}"] if job.services else []
    parts += [] if job.required else ["advises only"]
    parts += [f"may fail until {job.tolerance.until}: {job.tolerance.reason}"] if job.tolerance else []
    parts += job.reasons
    told = own(screen, " · ").join(sanitize.line(part) for part in parts if part)
    return (start + fit(screen, told, max(20, screen.width - width - 14))).rstrip()


def _state(job: Job, binding: Binding | None) -> str:
    if job.blocked_by is not None:
        return "blocked"
    if binding is None:
        return ""
    return "cached" if binding.cache is CacheState.HIT else f"~{seconds(binding.estimate_s)}"


def _summary(plan: Plan, bound: Mapping[str, Binding], screen: Screen, cpus: int) -> list[str]:
    cached = sum(1 for binding in bound.values() if binding.cache is CacheState.HIT)
    blocked = sum(1 for job in plan.jobs if job.blocked_by is not None)
    parts = [plural(len(plan.jobs), "job"), f"{cached} cached"]
    parts += [f"{blocked} blocked"] if blocked else []
    parts += plan.reach
    dot = own(screen, "  ·  ")
    lines = [dot.join([*parts, f"plan {plan.digest[:12]}"])]
    path, path_s = critical_path(plan, bound)
    if path:
        bound_s = lower_bound_s(plan, bound, cpus)
        arrow = own(screen, " → ")
        lines.append(
            f"at least {seconds(bound_s)} on {plural(cpus, 'processor')}; longest chain {seconds(path_s)}: "
            + fit(screen, arrow.join(map(sanitize.line, path)), screen.width)
        )
    return lines
