"""Steps that wait for each other, and otherwise run side by side."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from graphlib import CycleError, TopologicalSorter
from typing import Any, NamedTuple

Work = Callable[[Mapping[str, Any]], Awaitable[Any]]


class Step(NamedTuple):
    """`work` gets what is known so far, by name, and its result is known by `name`."""

    name: str
    work: Work
    needs: tuple[str, ...] = ()


class Graph:
    """Raises ValueError for a step that is there twice, needs what no step gives, or waits for itself."""

    def __init__(self, *steps: Step, inputs: tuple[str, ...] = ()) -> None:
        self._steps = {step.name: step for step in steps}
        if len(self._steps) != len(steps):
            raise ValueError("two steps have the same name")
        for step in steps:
            if unknown := [need for need in step.needs if need not in (*self._steps, *inputs)]:
                raise ValueError(f"{step.name} needs {', '.join(unknown)}, which no step gives")
        try:
            self.order = tuple(self._sorter().static_order())
        except CycleError as error:
            raise ValueError(f"these wait for each other: {', '.join(error.args[1])}") from error

    def _sorter(self) -> TopologicalSorter[str]:
        graph = {name: [need for need in step.needs if need in self._steps] for name, step in self._steps.items()}
        return TopologicalSorter(graph)

    async def run(self, **inputs: Any) -> dict[str, Any]:
        """Everything that is known in the end. What a step raises ends the others, and is raised."""
        known: dict[str, Any] = dict(inputs)
        sorter = self._sorter()
        sorter.prepare()
        running: dict[asyncio.Task[Any], str] = {}
        try:
            while sorter.is_active():
                for name in sorter.get_ready():
                    running[asyncio.ensure_future(self._steps[name].work(known))] = name
                done, _ = await asyncio.wait(running, return_when=asyncio.FIRST_COMPLETED)
                for task in done:
                    name = running.pop(task)
                    known[name] = task.result()
                    sorter.done(name)
        finally:
            for task in running:
                task.cancel()
        return known
