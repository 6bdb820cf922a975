"""Steps that wait for each other."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any

import pytest

from parley.graph import Graph, Step


async def one(_: Mapping[str, Any]) -> int:
    return 1


def adds(*names: str) -> Any:
    async def work(known: Mapping[str, Any]) -> int:
        return sum(known[name] for name in names)

    return work


def test_a_step_gets_what_it_needs() -> None:
    graph = Graph(
        Step("sum", adds("a", "b", "start"), ("a", "b", "start")),
        Step("a", one),
        Step("b", adds("a"), ("a",)),
        inputs=("start",),
    )
    assert asyncio.run(graph.run(start=40)) == {"start": 40, "a": 1, "b": 1, "sum": 42}
    assert graph.order.index("a") < graph.order.index("b") < graph.order.index("sum")


def test_steps_without_needs_run_side_by_side() -> None:
    async def meet() -> dict[str, Any]:
        barrier = asyncio.Barrier(3)

        async def wait(_: Mapping[str, Any]) -> int:
            return await barrier.wait()

        graph = Graph(*(Step(name, wait) for name in "abc"))
        return await asyncio.wait_for(graph.run(), timeout=10)

    assert sorted(asyncio.run(meet()).values()) == [0, 1, 2]


def test_a_failing_step_ends_the_others() -> None:
    ended: list[str] = []

    async def fails(_: Mapping[str, Any]) -> None:
        await asyncio.sleep(0)
        raise ValueError("no")

    async def waits(_: Mapping[str, Any]) -> None:
        try:
            await asyncio.sleep(60)
        finally:
            ended.append("waits")

    async def run() -> None:
        with pytest.raises(ValueError, match="no"):
            await Graph(Step("fails", fails), Step("waits", waits)).run()
        await asyncio.sleep(0)

    asyncio.run(run())
    assert ended == ["waits"]


@pytest.mark.parametrize(
    ("steps", "reason"),
    [
        ([Step("a", one), Step("a", one)], "same name"),
        ([Step("a", one, ("b",))], "a needs b"),
        ([Step("a", one, ("b",)), Step("b", one, ("a",))], "wait for each other"),
        ([Step("a", one, ("a",))], "wait for each other"),
    ],
)
def test_a_graph_that_cannot_end_is_refused(steps: list[Step], reason: str) -> None:
    with pytest.raises(ValueError, match=reason):
        Graph(*steps)
