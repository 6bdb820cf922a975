"""Which jobs of a generated workflow an event starts: the nodes that are written, asked as GitHub asks them.

Nothing fails in it but what cannot succeed: a job whose secret a fork does not get, and what waits for it. A condition
that this does not understand is told as such, and taken for one that blocks.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from penstock.model.answers import JobAnswer, State, WorkflowAnswer
from penstock.providers.github.ci import PLAN, job_id
from penstock.providers.github.expressions import Scope, holds, inside
from penstock.providers.github.happening import context, name_of, starts
from penstock.providers.github.values import Outputs, UnknownExpressionError
from penstock.providers.happening import Happening
from penstock.providers.planned import Planned, blocked
from penstock.providers.yaml_text import Node
from penstock.providers.yaml_values import Plain, plain, table, words

_RESULTS = {State.RUNS: "success", State.SKIPPED: "skipped", State.BLOCKS: "failure"}


def answer(
    path: str,
    workflow: Mapping[str, Node],
    what: Happening,
    planned: Planned,
    *,
    required: frozenset[str] = frozenset(),
    changed: tuple[str, ...] | None = None,
) -> WorkflowAnswer:
    """One workflow. `required`: its jobs that a change waits for before it is merged."""
    read = {key: plain(node) for key, node in workflow.items()}
    jobs = {name: table(job) for name, job in table(read.get("jobs")).items()}
    on, rule = starts(read.get("on"), what, changed)
    if on:
        told = tuple(_Run(jobs, what, planned, required).answers())
        return WorkflowAnswer(path=path, starts=True, rule=rule, jobs=told)
    waits = name_of(what) in ("pull_request", "merge_group")
    return WorkflowAnswer(
        path=path,
        starts=False,
        rule=rule,
        jobs=tuple(_unstarted(name, rule, blocks=waits and name in required) for name in jobs),
    )


def _unstarted(name: str, rule: str, *, blocks: bool) -> JobAnswer:
    told = f"{rule}: the required check never reports" if blocks else rule
    return JobAnswer(job=name, state=State.BLOCKS if blocks else State.SKIPPED, rule=told, runners=0)


class _Run:
    """One run of a workflow, job by job."""

    def __init__(
        self, jobs: Mapping[str, Mapping[str, Plain]], what: Happening, planned: Planned, required: frozenset[str]
    ) -> None:
        self._jobs = jobs
        self._what = what
        self._planned = planned
        self._required = required
        self._wanted = {job_id(one.name): one for one in planned.slices}
        self._written = {job_id(one.name): one for one in planned.every}
        self._ends: dict[str, JobAnswer] = {}

    def answers(self) -> Iterator[JobAnswer]:
        """Each job, in the order of the file."""
        for name in self._jobs:
            yield self._end(name)

    def _end(self, name: str) -> JobAnswer:
        if name not in self._ends:
            for need in self._needs(name):
                self._end(need)
            self._ends[name] = self._decided(name)
        return self._ends[name]

    def _needs(self, name: str) -> tuple[str, ...]:
        return tuple(need for need in words(self._jobs[name].get("needs")) if need in self._jobs)

    def _decided(self, name: str) -> JobAnswer:
        condition = str(self._jobs[name].get("if") or "")
        try:
            runs = holds(condition, self._scope(name))
        except UnknownExpressionError as error:
            rule = f"`{condition}` is not understood here: {error}"
            return JobAnswer(job=name, state=State.BLOCKS, rule=rule, runners=0)
        if name in self._written:
            return self._slice(name, runs=runs)
        if why := self._planned.failing.get(name, "") * runs:
            return JobAnswer(job=name, state=State.BLOCKS, rule=why)
        waited = [need for need in self._needs(name) if self._ends[need].state is State.BLOCKS]
        told = f"`{inside(condition)}`" if condition else "no condition"
        if not runs:
            state = State.BLOCKS if waited else State.SKIPPED
            told = f"{told}; {blocked(waited)}" if waited else told
            return JobAnswer(job=name, state=state, rule=told, runners=0)
        if waited and name in self._required:
            return JobAnswer(job=name, state=State.BLOCKS, rule=f"{told}: it runs, and is not green: {blocked(waited)}")
        return JobAnswer(job=name, state=State.RUNS, rule=told, runners=self._runners(name))

    def _slice(self, name: str, *, runs: bool) -> JobAnswer:
        """A job that does what the plan says, or that the plan does not want."""
        one = self._wanted.get(name)
        if one is None:
            rule = self._planned.why_not(self._written[name].jobs)
            return JobAnswer(job=name, state=State.SKIPPED, rule=rule, runners=0)
        if not runs:
            waited = [need for need in self._needs(name) if self._ends[need].state is not State.RUNS]
            return JobAnswer(job=name, state=State.BLOCKS, rule=blocked(waited), runners=0)
        hindered = self._planned.hindrances(one)
        state = State.BLOCKS if hindered else State.RUNS
        rule = "; ".join([*hindered, self._planned.why(one, self._written[name])])
        return JobAnswer(job=name, state=state, rule=rule, runners=len(one.points) or 1)

    def _runners(self, name: str) -> int:
        """Of a job that no plan knows: the cells of a matrix of plain lists."""
        number = 1
        for values in table(table(self._jobs[name].get("strategy")).get("matrix")).values():
            number *= len(values) if isinstance(values, list) else 1
        return number

    def _scope(self, name: str) -> Scope:
        needs = {need: self._need(need) for need in self._needs(name)}
        before = {_RESULTS[self._ends[each].state] for each in self._ancestors(name)}
        status = {"success": before <= {"success"}, "failure": "failure" in before, "cancelled": False, "always": True}
        contexts: dict[str, Any] = {"github": context(self._what), "needs": needs, "vars": {}, "inputs": {}}
        return Scope(contexts=contexts, status=status)

    def _ancestors(self, name: str) -> set[str]:
        found: set[str] = set()
        pending = [*self._needs(name)]
        while pending:
            need = pending.pop()
            if need not in found:
                found.add(need)
                pending += self._needs(need)
        return found

    def _need(self, name: str) -> Mapping[str, Any]:
        result = _RESULTS[self._ends[name].state]
        return {"result": result, "outputs": self._outputs(name) if result == "success" else {}}

    def _outputs(self, name: str) -> Outputs:
        found = Outputs(self._planned.outputs.get(name, {}))
        if name == PLAN:
            matrices = {each: {"include": one.points} for each, one in self._wanted.items() if one.points}
            found |= {"slices": json.dumps(list(self._wanted)), "matrices": json.dumps(matrices)}
        found.later = frozenset(table(self._jobs[name].get("outputs")).keys() - found.keys())
        return found
