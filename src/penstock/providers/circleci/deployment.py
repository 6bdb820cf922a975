"""Deployments in the configuration: one job, and for each of them its place in the workflow behind the verdict.

`serial-group`: two pipelines never deploy to one place at a time.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from penstock.model.circleci import CircleCI
from penstock.model.pipeline import Deployment
from penstock.providers.circleci import filters, runners, steps, work
from penstock.providers.yaml_text import Flow, Node

JOB = "deploy"


def ids(deployments: Sequence[Deployment]) -> dict[str, tuple[str, str]]:
    """Deployment -> the names of its job in the workflow, and of the approval before it."""
    return {one.name: (f"{JOB}-{one.name}", f"hold-{one.name}") for one in deployments}


def job(deployments: Sequence[Deployment], executor: str) -> dict[str, Node]:
    """The job of all of them."""
    patience = work.minutes(max(2 * one.timeout_s + 2 * one.health_timeout_s for one in deployments))
    return {
        "parameters": {"deployment": steps.text()},
        "executor": executor,
        "steps": [
            steps.CHECKOUT,
            steps.SETUP,
            steps.ATTACH,
            steps.deploy(patience),
            steps.persist(always=True),
            steps.store(f"{steps.HANDED}/deployments", "deployments"),
        ],
    }


def started(deployments: Sequence[Deployment], settings: CircleCI) -> list[Node]:
    """Where the workflow starts them."""
    named = ids(deployments)
    made: list[Node] = []
    for one in deployments:
        job_name, hold = named[one.name]
        before = [named[name][0] for name in one.after] or [runners.VERDICT]
        where = _where(one)
        if one.approval:
            made.append({hold: {"type": "approval", "requires": Flow(before), **where}})
        contexts = runners.contexts([one.name], settings)
        made.append(
            {
                JOB: {
                    "name": job_name,
                    "deployment": one.name,
                    "requires": Flow([hold] if one.approval else before),
                    **({"context": Flow(contexts)} if contexts else {}),
                    "serial-group": f"<< pipeline.project.slug >>/{job_name}",
                    **where,
                }
            }
        )
    return made


def _where(one: Deployment) -> Mapping[str, Node]:
    told = filters.expression(one.branches)
    return {"filters": told} if told else {}
