"""Many conversations at once."""

from __future__ import annotations

import asyncio

import pytest

from parley.agent import Agent
from parley.tools import Toolbox, calculate


class Busy:
    """Answers after a moment, each question with its own result; counts who waits at once."""

    def __init__(self) -> None:
        self.waiting = self.most = 0

    async def complete(self, prompt: str) -> str:
        self.waiting += 1
        self.most = max(self.most, self.waiting)
        await asyncio.sleep(0.001)
        self.waiting -= 1
        if "RESULT" in prompt:
            return prompt.rpartition("RESULT ")[2]
        number = prompt.partition("Question: ")[2].split()[0]
        return f'CALL calculate {{"expression": "{number} * {number}"}}'


@pytest.mark.load
@pytest.mark.parametrize("number", [100, 1_000, 5_000])
def test_every_conversation_gets_its_own_answer(number: int) -> None:
    model = Busy()

    async def ask() -> list[str]:
        agent = Agent(model, Toolbox(calculate))
        return await asyncio.gather(*(agent.answer(f"{each} squared?") for each in range(number)))

    assert asyncio.run(ask()) == [str(each**2) for each in range(number)]
    assert model.most == number
