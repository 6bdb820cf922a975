"""Which jobs of the generated workflows an event starts on CircleCI: the tables that are written, asked as it asks.

A job whose filter lets it through starts, asks the plan, and stops where that leaves it out. Filters are the few forms
that `filters.expression` writes; another is told as such, and taken for one that blocks.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from penstock.model.answers import TAG, JobAnswer, State, WorkflowAnswer
from penstock.providers.circleci.runners import VERDICT, Runner
from penstock.providers.happening import Happening
from penstock.providers.planned import Planned, blocked
from penstock.providers.yaml_text import Node
from penstock.providers.yaml_values import Plain, plain, table, words

_PARAMETER = "<< pipeline.parameters.occasion >>"
_NIGHT = {"schedule": "nightly"}  # the parameter as the project's schedule sets it; else its default
_PART = re.compile(r'pipeline\.git\.branch (==|starts-with) "([^"]*)"')


def answers(
    path: str,
    tree: Mapping[str, Node],
    what: Happening,
    plans: Mapping[str, tuple[Planned, tuple[Runner, ...]]],
) -> Iterator[WorkflowAnswer]:
    """Each workflow of the file. `plans`: occasion -> its plan, and the runners that are written for it."""
    read = {key: plain(node) for key, node in tree.items()}
    occasion = _NIGHT.get(what.event, _default(read))
    for name, workflow in table(read.get("workflows")).items():
        wanted = _wanted(table(workflow))
        entries = [_entry(each) for each in _list(table(workflow).get("jobs"))]
        away = f"it is for {wanted}, and the parameter `occasion` is {occasion}" * (wanted != occasion)
        away = away or "no job of it has a filter for tags" * (what.event == TAG)
        if away:
            jobs = tuple(JobAnswer(job=job, state=State.SKIPPED, rule=away, runners=0) for job, _ in entries)
            yield WorkflowAnswer(path=f"{path} {name}", starts=False, rule=away, jobs=jobs)
        elif wanted in plans:
            run = _Run(what, *plans[wanted])
            rule = f"the parameter `occasion` is {occasion}"
            told = tuple(run.answer(job, keys) for job, keys in entries)
            yield WorkflowAnswer(path=f"{path} {name}", starts=True, rule=rule, jobs=told)


class _Run:
    """One run of a workflow; jobs are asked in the order of the file, in which what they require stands before."""

    def __init__(self, what: Happening, planned: Planned, runners: tuple[Runner, ...]) -> None:
        self._branch = _branch(what)
        self._planned = planned
        self._written = {name: one for one in runners for name in _names(one)}
        self._wanted = {one.name: one for one in planned.slices}
        self._blocked: list[str] = []

    def answer(self, name: str, keys: Mapping[str, Plain]) -> JobAnswer:
        """One entry of the workflow."""
        told = self._told(name, keys)
        if told.state is State.BLOCKS:
            self._blocked.append(name)
        return told

    def _told(self, name: str, keys: Mapping[str, Plain]) -> JobAnswer:
        said = str(keys.get("filters") or "")
        fits = _fits(said, self._branch)
        if fits is None:
            return JobAnswer(job=name, state=State.BLOCKS, rule=f"`{said}` is not understood here", runners=0)
        if not fits:
            return JobAnswer(job=name, state=State.SKIPPED, rule=f"filters: {said}", runners=0)
        runner = self._written.get(name)
        if runner is None:
            return self._own(name, keys, said)
        waited = self._waits(keys)
        if waited:
            return JobAnswer(job=name, state=State.BLOCKS, rule=blocked(waited), runners=0)
        one, count = self._wanted.get(runner.of.name), _cells(keys) * runner.containers
        if one is None:
            rule = f"it starts, and stops: {self._planned.why_not(runner.of.jobs)}"
            return JobAnswer(job=name, state=State.SKIPPED, rule=rule, runners=count)
        hindered = self._planned.hindrances(one)
        rule = "; ".join([*hindered, self._planned.why(one, runner.of)])
        return JobAnswer(job=name, state=State.BLOCKS if hindered else State.RUNS, rule=rule, runners=count)

    def _own(self, name: str, keys: Mapping[str, Plain], said: str) -> JobAnswer:
        """A job that is no runner: the plan, the verdict, and what comes behind it."""
        waited = self._waits(keys)
        runners = 0 if keys.get("type") == "approval" else 1
        if waited and name == VERDICT:
            return JobAnswer(job=name, state=State.BLOCKS, rule=f"it runs, and is not green: {blocked(waited)}")
        if waited:
            return JobAnswer(job=name, state=State.BLOCKS, rule=blocked(waited), runners=0)
        rule = "somebody has to approve it" if not runners else f"filters: {said}" if said else "no filter"
        return JobAnswer(job=name, state=State.RUNS, rule=rule, runners=runners)

    def _waits(self, keys: Mapping[str, Plain]) -> list[str]:
        """What of all that it requires blocks."""
        required = [name for each in _list(keys.get("requires")) for name in _required(each)]
        return [name for name in required if name in self._blocked]


def _names(runner: Runner) -> list[str]:
    """By which names a workflow starts it."""
    from penstock.providers.circleci.work import names_of

    return names_of(runner)


def _default(read: Mapping[str, Plain]) -> str:
    return str(table(table(read.get("parameters")).get("occasion")).get("default") or "")


def _wanted(workflow: Mapping[str, Plain]) -> str:
    """The occasion that its `when` asks for."""
    sides = words(table(workflow.get("when")).get("equal"))
    return next((side for side in sides if side != _PARAMETER), "")


def _entry(each: Plain) -> tuple[str, Mapping[str, Plain]]:
    """The name by which others wait for it, and its keys."""
    if not isinstance(each, dict):
        return str(each), {}
    ((job, given),) = each.items()
    keys = table(given)
    return str(table(keys.get("matrix")).get("alias") or keys.get("name") or job), keys


def _list(node: Plain) -> list[Plain]:
    return node if isinstance(node, list) else []


def _required(each: Plain) -> list[str]:
    return list(each) if isinstance(each, dict) else [str(each)]


def _cells(keys: Mapping[str, Plain]) -> int:
    number = 1
    for values in table(table(keys.get("matrix")).get("parameters")).values():
        number *= len(values) if isinstance(values, list) else 1
    return number


def _branch(what: Happening) -> str:
    """As CircleCI calls it: of a fork by its number."""
    if what.event == "pull_request":
        return "pull/1" if what.fork else what.branch
    heads = {"merge_group": f"gh-readonly-queue/{what.base}/pr-1", "schedule": what.default}
    return heads.get(what.event, what.branch)


def _fits(said: str, branch: str) -> bool | None:
    """Whether a filter lets the branch through; None where it is none of ours."""
    answers: list[bool] = []
    for part in said.split(" or ") if said else ():
        found = _PART.fullmatch(part)
        if found is None:
            return None
        answers.append(branch == found[2] if found[1] == "==" else branch.startswith(found[2]))
    return any(answers) or not answers
