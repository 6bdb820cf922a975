"""One runner in the configuration: the job, and where a workflow starts it."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping

from penstock.model.circleci import CircleCI
from penstock.providers.circleci import runners, steps
from penstock.providers.circleci.runners import Runner
from penstock.providers.slices import slug
from penstock.providers.yaml_text import Flow, Node

_READY_S = 600.0  # what a runner may take beside its jobs' own limit
# Words of CircleCI's own, in the place where a workflow gives a job its parameters.
_TAKEN = frozenset({"name", "requires", "filters", "context", "type", "matrix", "pre-steps", "post-steps", "executor"})
_PARAMETER = re.compile(r"[a-z][a-z0-9_-]+")


def job(runner: Runner, settings: CircleCI) -> dict[str, Node]:
    """The job."""
    axes = {axis: _parameter(axis) for axis in runner.axes}
    cell = {axis: steps.parameter(name) for axis, name in axes.items()}
    name = "-".join([runner.id, *cell.values()])
    before, behind = _declared(runner, name, settings)
    return {
        **({"parameters": {name: steps.text() for name in axes.values()}} if axes else {}),
        "executor": runner.executor,
        **({"parallelism": runner.containers} if runner.containers > 1 else {}),
        "steps": [
            steps.CHECKOUT,
            *before,
            {
                steps.RUN: {
                    "name": name,
                    "jobs": " ".join(_selected(each, cell) for each in runner.of.select),
                    "pythons": cell.get("python") or " ".join(runner.of.pythons),
                    "patience": _patience(runner, settings),
                }
            },
            *behind,
        ],
    }


def _declared(runner: Runner, name: str, settings: CircleCI) -> tuple[list[steps.Step], list[steps.Step]]:
    """The folders that its jobs keep from run to run: what comes before, and what behind."""
    if not runner.of.caches:
        return [], []
    family = f"penstock-folders-v1-{{{{ arch }}}}-{name}-{{{{ .Environment.CIRCLE_NODE_INDEX }}}}-at-"
    paths = list(map(steps.literal, runner.of.caches))
    kept = steps.save("Keep the folders of the jobs", f"{family}{{{{ .Revision }}}}", paths)
    return [steps.restore("Restore the folders of the jobs", family)], [steps.on_branch(settings, kept)]


def _selected(select: str, cell: Mapping[str, str]) -> str:
    """What `penstock ci jobs` is asked for: `#*` are the shards, which it deals out over the containers."""
    return steps.literal(select).format(**cell, shard="*")


def _parameter(axis: str) -> str:
    """An axis as CircleCI takes the name of a parameter."""
    told = axis.lower()
    return told if _PARAMETER.fullmatch(told) and told not in _TAKEN else f"axis-{slug(told).lower()}"


def _patience(runner: Runner, settings: CircleCI) -> str:
    limit_s = runner.of.timeout_s
    return minutes(settings.quiet_s if limit_s is None else limit_s + _READY_S)


def minutes(seconds: float) -> str:
    """A duration as CircleCI takes it."""
    return f"{math.ceil(seconds / 60)}m"


def started(runner: Runner, job_name: str, keys: Mapping[str, Node], settings: CircleCI) -> list[Node]:
    """Where a workflow starts it. `keys`: what all of them are given besides."""
    names = (runner.of.name, *runner.of.jobs)
    found = runners.contexts(names, settings)
    given: dict[str, Node] = {**keys, **({"context": Flow(found)} if found else {})}
    axes = {axis: _parameter(axis) for axis in runner.axes}
    if not axes:
        named: dict[str, Node] = {"name": runner.id} if job_name != runner.id else {}
        return [{job_name: {**named, **given}}]
    if runner.product:
        cells: dict[str, Node] = {
            axes[axis]: Flow(list(map(steps.literal, values))) for axis, values in runner.product.items()
        }
        name = "-".join([runner.id, *(f"<< matrix.{axis} >>" for axis in axes.values())])
        return [{job_name: {"name": name, "matrix": {"alias": runner.id, "parameters": cells}, **given}}]
    return [
        {
            job_name: {
                "name": name,
                **{axes[axis]: steps.literal(value) for axis, value in cell.items()},
                **given,
            }
        }
        for name, cell in zip(names_of(runner), runner.cells, strict=True)
    ]


def names_of(runner: Runner) -> list[str]:
    """By what others wait for it: itself, the alias of its matrix, or the name of each cell."""
    if not runner.axes or runner.product:
        return [runner.id]
    return ["-".join([runner.id, *(slug(value) for value in cell.values())]) for cell in runner.cells]
