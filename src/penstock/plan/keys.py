"""Bind a plan to this machine: each job's interpreter, its input-addressed key, and whether its result is known."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import msgspec
from msgspec.structs import replace

from penstock import __version__
from penstock.model.pipeline import OF_THE_DAY, JobKind
from penstock.model.plan import NEEDS, Binding, CacheState, Command, Environment, Job, Plan
from penstock.model.snapshot import Snapshot
from penstock.plan.inputs import of_plan, pack
from penstock.plan.pythons import find_interpreter
from penstock.plan.services import key_part
from penstock.plan.settle import ambient, settle
from penstock.plan.versions import pinned
from penstock.ports import Tool
from penstock.util.digest import of_bytes, of_parts

_SCHEMA = "1"  # raise it when the same parts no longer mean the same work


def bind(
    plan: Plan,
    snapshot: Snapshot,
    tools: Mapping[str, Tool],
    lookup: Callable[[str], bool],
    *,
    environ: Mapping[str, str] | None = None,
    fresh: bool = False,
    nearest: Callable[[str], Mapping[str, str] | None] | None = None,
) -> tuple[Binding, ...]:
    """One binding a job, in the plan's order: its key by `keyed`, its cache state by `settle`."""
    return settle(keyed(plan, snapshot, tools, environ or {}), lookup, fresh=fresh, nearest=nearest)


def keyed(plan: Plan, snapshot: Snapshot, tools: Mapping[str, Tool], environ: Mapping[str, str]) -> tuple[Binding, ...]:
    """One binding a job, in the plan's order, with its key; its cache state is OFF, with the reason, or MISS for now.

    `environ`: the ambient variables, of which LANG, LC_* and TZ count.
    """
    keys = _Keys(plan, snapshot, tools, environ)
    bindings: dict[str, Binding] = {}
    for job in plan.jobs:
        binding = keys.of(job, bindings)
        off = _why_off(job, keys, bindings)
        state = CacheState.MISS if off is None else CacheState.OFF
        bindings[job.id] = replace(binding, cache=state, miss=off)
    return tuple(bindings.values())


def _why_off(job: Job, keys: _Keys, bindings: Mapping[str, Binding]) -> str | None:
    """Why the job's result is neither taken from the cache nor kept; None if it may be."""
    if not job.cacheable and job.kind in OF_THE_DAY:
        return "its answer changes while nothing here does"
    if not job.cacheable:
        return "its results are not kept (cache = false, secrets, or services without cache = true)"
    if job.blocked_by is not None:
        return job.blocked_by
    open_sets = [name for name in job.environments if not keys.environments[name].resolution]
    if open_sets:
        return f"the versions of {open_sets[0]} are not known"
    if job.kind is JobKind.COVERAGE or any(_reads_needs(command) for command in job.commands):
        uncached = next((need for need in job.needs if bindings[need].cache is CacheState.OFF), None)
        if uncached is not None:
            return f"it reads what {uncached} leaves, which is not kept"
    return None


class _Keys:
    """Makes key parts, each shared part once."""

    def __init__(self, plan: Plan, snapshot: Snapshot, tools: Mapping[str, Tool], environ: Mapping[str, str]) -> None:
        self.environments = {environment.id: environment for environment in plan.environments}
        self._snapshot = snapshot
        self._tools = tools
        self._inputs = of_plan(snapshot.files, plan.jobs)
        self._resolutions = {resolution.dependencies: resolution for resolution in plan.resolutions}
        self._services = {service.name: key_part(service) for service in plan.services}
        self._environ = environ
        self._common = {f"variable:{name}": value for name, value in ambient(environ).items()}
        self._common |= {"penstock": f"{__version__}+{_SCHEMA}", "platform": snapshot.platform.tag}
        self._made_environments: dict[tuple[str, ...], dict[str, str]] = {}
        self._made_commands: dict[tuple[Command, ...], str] = {}

    def of(self, job: Job, bindings: Mapping[str, Binding]) -> Binding:
        """The job's key and what it is made of. The jobs that it needs have their bindings already."""
        interpreter = find_interpreter(job.python, self._snapshot) if job.python is not None else None
        inputs = self._inputs.parts(job.inputs)
        parts = {
            **self._common,
            **inputs,
            **self._environment_parts(job.environments),
            "commands": self._commands(job.commands),
            "needs": of_parts(bindings[need].key for need in job.needs) if job.needs else "",
            "outputs": " ".join(job.outputs),
            "python": f"{interpreter.version} {interpreter.identity}" if interpreter else "",
            "timeout": "" if job.timeout_s is None else f"{job.timeout_s:g}",
            "workspace": f"{job.workspace}{' native' * self._snapshot.project.native}",
        }
        parts |= {f"service:{name}": self._services[name] for name in job.services}
        needed = ((name, self._environ.get(name, "")) for name in job.require)
        parts |= {f"variable:{name}": of_parts((value,))[:16] for name, value in (*needed, *job.variables)}
        return Binding(
            job=job.id,
            interpreter=interpreter.path if interpreter else None,
            key=of_parts(part for item in sorted(parts.items()) if _counts(item[0]) for part in item),
            key_parts=parts,
            inputs_digest=inputs["files"],
            estimate_s=job.estimate_s,
        )

    def _environment_parts(self, ids: tuple[str, ...]) -> dict[str, str]:
        if ids not in self._made_environments:
            parts: dict[str, str] = {}
            for name in ids:
                parts |= self._one_environment(self.environments[name])
            self._made_environments[ids] = parts
        return self._made_environments[ids]

    def _one_environment(self, environment: Environment) -> dict[str, str]:
        dependencies = environment.dependencies
        content = of_bytes(msgspec.json.encode(dependencies))
        parts = {f"environment:{dependencies.name}": of_parts((environment.python, content, environment.resolution))}
        if (resolution := self._resolutions.get(dependencies.name)) is not None:
            parts[f"packed:{dependencies.name}"] = pack(pinned(resolution))
        return parts

    def _commands(self, commands: tuple[Command, ...]) -> str:
        """Of the argv with their tokens, and of the pins of the tools that read what the commands leave."""
        if commands not in self._made_commands:
            pins = [self._tools[one.tool].requirement if one.tool in self._tools else "" for one in commands]
            work = [without_manner(one) for one in commands]
            self._made_commands[commands] = of_parts((msgspec.json.encode(work).decode(), *pins))
        return self._made_commands[commands]


_ENGINE = "PENSTOCK_ENGINE"
# What a test that fails is granted: a pass without it, the only one that is kept, does not depend on it.
_MANNER = ("workers", "start", "retries", "edited", "against", "quarantined")


def without_manner(command: Command) -> Command:
    """The command without what decides only how its tests are run, not which and what they may do."""
    variables = dict(command.environment)
    if _ENGINE not in variables:
        return command
    settings = msgspec.json.decode(variables[_ENGINE])
    kept = {name: value for name, value in sorted(settings.items()) if name not in _MANNER}
    variables[_ENGINE] = msgspec.json.encode(kept).decode()
    return replace(command, environment=tuple(sorted(variables.items())))


def _counts(part: str) -> bool:
    """Whether a part goes into the key: what only explains, or only splits up another part, does not."""
    return not part.startswith(("packed:", "files:"))


def _reads_needs(command: Command) -> bool:
    return command.templated and any(
        NEEDS in text for text in (*command.argv, *(value for _, value in command.environment))
    )
