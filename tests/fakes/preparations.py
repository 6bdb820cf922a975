"""Environments that are made by saying so."""

from __future__ import annotations

from collections.abc import Iterable

from penstock.ports import Ended, Launch
from penstock.run.preparation import Prepared
from penstock.run.schedule import Task


class FakePreparations:
    """See `run.preparation.Preparations`. `ready`: environments that are there already; the others are launched."""

    def __init__(self, ready: Iterable[str] = ()) -> None:
        self.made = {name: _prepared(name) for name in ready}

    def tasks(self, environments: frozenset[str]) -> tuple[Task, ...]:
        return tuple(Task(id=name, kind="environment") for name in sorted(environments - self.made.keys()))

    def launch(self, task: str) -> Launch:
        return Launch(task=task, argv=("prepare", task), directory="/", environment=(), output="/dev/null")

    def finish(self, task: str, ended: Ended) -> Prepared:
        self.made[task] = _prepared(task, ok=ended.exit_code == 0)
        return self.made[task]

    def environment(self, environment: str) -> Prepared | None:
        return self.made.get(environment)


def _prepared(name: str, *, ok: bool = True) -> Prepared:
    if not ok:
        return Prepared(id=name, ok=False, problem="no such version", remedy="choose another")
    folder = f"/envs/{name}"
    return Prepared(id=name, ok=True, folder=folder, python=f"{folder}/bin/python", scripts=f"{folder}/bin")
