"""What the configuration adds to the generated workflows: runners, rights, steps, jobs and events."""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Mapping

from penstock.model.hosts import SYSTEM, ExtraJob, GitHub, Labels, Permission
from penstock.model.hosts import Step as Own
from penstock.providers.github import steps
from penstock.providers.slices import Slice
from penstock.providers.yaml_text import Above, Flow, Node, Noted, Script

SYSTEMS: Mapping[str, Labels] = {"macos": ("macos-15",)}  # linux: the runner of all that says nothing
_HAPPENED = " && !contains(needs.*.result, 'failure') && !contains(needs.*.result, 'cancelled')"
_NAME = 60  # characters of a script that are its name, where it has no other


def runner(name: str, settings: GitHub, one: Slice | None = None) -> Node:
    """`runs-on` of a generated job. Where its legs are of several systems, the matrix says which."""
    systems = dict.fromkeys(point[SYSTEM] for point in one.points if SYSTEM in point) if one is not None else {}
    if not systems:
        return _labels(_runner(name, "", settings))
    *others, last = ((system, _runner(name, system, settings)) for system in sorted(systems, key=_linux_last))
    if not others:
        return _labels(last[1])
    chosen = "".join(f"matrix.{SYSTEM} == '{system}' && {_spoken(labels)} || " for system, labels in others)
    return f"${{{{ {chosen}{_spoken(last[1])} }}}}"


def _linux_last(system: str) -> tuple[bool, str]:
    return system == "linux", system


def _spoken(labels: Labels) -> str:
    """Labels in an expression."""
    return f"'{labels[0]}'" if len(labels) == 1 else f"fromJSON('{json.dumps(labels)}')"


def _runner(name: str, system: str, settings: GitHub) -> Labels:
    runners, systems = dict(settings.runners), {**SYSTEMS, **dict(settings.systems)}
    own = () if system not in ("", "linux") else runners.get(name, ())
    return runners.get(f"{name}@{system}") or own or systems.get(system) or (settings.runner,)


def _labels(labels: Labels) -> Node:
    return labels[0] if len(labels) == 1 else Flow(labels)


def permissions(
    name: str, settings: GitHub, own: Iterable[Permission] = (), *, rights: Mapping[str, Node] = steps.READS
) -> dict[str, Node]:
    """The rights of a job's token, each with its reason: `rights`, and those that the configuration adds."""
    added = (*own, *(each for each in settings.permissions if each.job == name))
    return {**rights, **{each.permission: Noted(each.access, each.reason) for each in added}}


def before(name: str, settings: GitHub, occasion: str) -> list[Node]:
    """The steps of one's own that come before penstock's, in a job that does work."""
    return [_step(each) for each in settings.before if _wanted(each, name, occasion)]


def after(name: str, settings: GitHub, occasion: str) -> list[Node]:
    """Those that come after."""
    return [_step(each) for each in settings.after if _wanted(each, name, occasion)]


def _wanted(step: Own, name: str, occasion: str) -> bool:
    return (not step.jobs or name in step.jobs) and (not step.on or occasion in step.on)


def events(settings: GitHub) -> dict[str, Node]:
    """Further events that start the workflow."""
    made: dict[str, Node] = {}
    for name, words in settings.triggers:
        types: Node = {"types": Flow(words)} if words else None
        made[name] = [{"cron": word} for word in words] if name == "schedule" else types
    return made


def jobs(settings: GitHub) -> dict[str, Node]:
    """The jobs that no plan knows."""
    return {job.name: _job(job, settings) for job in settings.jobs}


def _job(job: ExtraJob, settings: GitHub) -> Node:
    waits = f"${{{{ !cancelled(){_HAPPENED} }}}}" if job.needs else ""
    condition = steps.expression(job.condition) if job.condition else waits
    made: dict[str, Node] = {
        "name": job.name,
        **({"needs": Flow(job.needs)} if job.needs else {}),
        **({"if": condition} if condition else {}),
        "runs-on": _labels(job.runner or (settings.runner,)),
        "timeout-minutes": math.ceil((job.timeout_s or settings.timeout_s) / 60),
        "permissions": permissions(job.name, settings, job.permissions),
        **({"env": dict(job.environment)} if job.environment else {}),
        "steps": [steps.checkout(), *map(_step, job.steps)],
    }
    return made if job.required else Above("The verdict does not wait for it: it decides nothing.", made)


def name_of(step: Own) -> str:
    """What the host's page calls the step."""
    return step.name or step.run.strip().partition("\n")[0][:_NAME].strip() or step.uses.partition("@")[0]


def _step(step: Own) -> Node:
    made: dict[str, Node] = {"name": name_of(step)}
    if step.condition:
        made["if"] = steps.expression(step.condition)
    if step.uses:
        note = step.version if not step.uses.startswith("./") else steps.OWN
        made["uses"] = Noted(step.uses, note) if note else step.uses
    if step.environment:
        made["env"] = dict(step.environment)
    if step.given:
        made["with"] = dict(step.given)
    if step.run:
        made["run"] = Script(step.run) if "\n" in step.run.strip("\n") else step.run.strip("\n")
    return made
