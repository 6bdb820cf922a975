"""The configuration of CircleCI: a plan, a row of runners, one verdict that reads what they left, and what is deployed.

CircleCI has no outputs of jobs: every runner of the file starts, asks the plan, and stops where it is left out. The
verdict waits for each of them whatever became of it, and holds the evidence against the plan: what is not there is not
verified, whether it failed, was cancelled, or never began.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from penstock.model.circleci import GPU, MACHINE, STANDARD, CircleCI
from penstock.model.pipeline import Pipeline
from penstock.providers.circleci import deployment, filters, runners, steps, work
from penstock.providers.circleci.runners import PLAN, VERDICT, Runner
from penstock.providers.slices import Slice
from penstock.providers.yaml_text import Above, Flow, Node, document

PATH = ".circleci/config.yml"
HEAD = """\
Written by `penstock ci generate circleci` from [tool.penstock]. Change that, and generate again:
`penstock ci check circleci` refuses what was changed here.
"""
_OCCASION = "A schedule of the project's settings says `nightly` here; so may whoever starts a pipeline by hand."
_OCCASIONS = ("change", "nightly")
_ALWAYS = "It runs whatever happened before: what left no evidence is not verified."


def files(change: Sequence[Slice], nightly: Sequence[Slice], pipeline: Pipeline) -> dict[str, str]:
    """The file, by its path. `change`, `nightly`: the slices of what each of them wants."""
    return {PATH: document(config(change, nightly, pipeline), HEAD)}


def config(change: Sequence[Slice], nightly: Sequence[Slice], pipeline: Pipeline) -> dict[str, Node]:
    """The configuration as a table."""
    settings = pipeline.circleci or CircleCI()
    by_day, by_night = row(change, pipeline), row(nightly, pipeline)
    work_of, names = _jobs(by_day, by_night, settings)
    before, behind = _around(pipeline, settings)
    jobs = {**before, **work_of, **behind}
    return {
        "version": 2.1,
        "parameters": {
            "occasion": Above(_OCCASION, {"type": "enum", "enum": Flow(_OCCASIONS), "default": _OCCASIONS[0]})
        },
        "executors": _executors(jobs, settings),
        "commands": steps.commands(settings),
        "jobs": jobs,
        "workflows": {
            "ci": {
                "when": _only("change"),
                "jobs": [*_started(by_day, settings, {}), *deployment.started(pipeline.deployments, settings)],
            },
            "nightly": {"when": _only("nightly"), "jobs": _started(by_night, settings, names)},
        },
    }


def row(slices: Sequence[Slice], pipeline: Pipeline) -> tuple[Runner, ...]:
    """The runners of these slices, beside the jobs that are none."""
    taken = {deployment.JOB, *(name for pair in deployment.ids(pipeline.deployments).values() for name in pair)}
    return runners.of(slices, pipeline, taken)


def _only(occasion: str) -> Node:
    return {"equal": Flow([occasion, "<< pipeline.parameters.occasion >>"])}


def _around(pipeline: Pipeline, settings: CircleCI) -> tuple[dict[str, Node], dict[str, Node]]:
    """The jobs that are no runners: before all of them, and behind."""
    executors = dict(settings.executors)
    plan: Node = {
        "executor": executors.get(PLAN, STANDARD),
        "steps": [steps.CHECKOUT, steps.SETUP, steps.restore_history(), steps.plan(), steps.persist()],
    }
    verdict: Node = {
        "executor": executors.get(VERDICT, STANDARD),
        "steps": [
            steps.CHECKOUT,
            steps.SETUP,
            steps.restore_history(),
            steps.ATTACH,
            steps.judge(),
            steps.persist(),
            steps.store(steps.HANDED, VERDICT),
            steps.save_history(settings),
        ],
    }
    behind: dict[str, Node] = {VERDICT: verdict}
    if pipeline.deployments:
        behind[deployment.JOB] = deployment.job(pipeline.deployments, STANDARD)
    return {PLAN: plan}, behind


def _jobs(
    by_day: Sequence[Runner], by_night: Sequence[Runner], settings: CircleCI
) -> tuple[dict[str, Node], Mapping[str, str]]:
    """The runners' jobs; and, by the runners of the night, their names: one that differs has a job of its own."""
    jobs: dict[str, Node] = {one.id: work.job(one, settings) for one in by_day}
    names: dict[str, str] = {}
    for one in by_night:
        made = work.job(one, settings)
        name = one.id if jobs.setdefault(one.id, made) == made else f"{one.id}-nightly"
        names[one.id] = name
        jobs[name] = made
    return jobs, names


def _started(row: Sequence[Runner], settings: CircleCI, names: Mapping[str, str]) -> list[Node]:
    """What one workflow starts, up to its verdict. `names`: of the jobs of the runners that share none."""
    called = {one.id: work.names_of(one) for one in row}
    context = _contexts(PLAN, settings)
    made: list[Node] = [{PLAN: context} if context else PLAN]
    for one in row:
        before = [PLAN, *(name for each in one.after for name in called[each])]
        told = filters.expression(one.branches)
        keys: dict[str, Node] = {"requires": Flow(before), **({"filters": told} if told else {})}
        made += work.started(one, names.get(one.id, one.id), keys, settings)
    every = [PLAN, *(name for each in called.values() for name in each)]
    requires: list[Node] = [{name: "terminal"} for name in every]
    made.append(Above(_ALWAYS, {VERDICT: {"requires": requires, **_contexts(VERDICT, settings)}}))
    return made


def _contexts(name: str, settings: CircleCI) -> Mapping[str, Node]:
    found = runners.contexts([name], settings)
    return {"context": Flow(found)} if found else {}


def _executors(jobs: Mapping[str, Node], settings: CircleCI) -> dict[str, Node]:
    """Those that a job of the file names, with what each is given."""
    used = {str(job["executor"]) for job in jobs.values() if isinstance(job, Mapping)}
    machines: dict[str, Node] = {
        MACHINE: {"image": settings.machine, **({"docker_layer_caching": True} if settings.layer_cache else {})},
        GPU: {"image": settings.gpu},
    }
    given = {name: steps.literal(value) for name, value in settings.environment}
    variables: dict[str, Node] = {"environment": given} if given else {}
    return {
        name: {
            **({"machine": machines[name]} if name in machines else {"docker": [{"image": settings.image}]}),
            "resource_class": size,
            **variables,
        }
        for name, size in settings.classes.items()
        if name in used
    }
