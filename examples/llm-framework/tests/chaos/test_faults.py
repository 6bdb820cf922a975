"""Faults are put in; the answers have to stay right."""

from __future__ import annotations

import asyncio
import os
import random

import pytest
import redis

from parley.agent import Agent
from parley.memory import Conversation
from parley.model import Patient, Scripted
from parley.tools import Toolbox, calculate


class Faulty:
    """Another model that cannot be reached in every third call or so."""

    def __init__(self, model: Scripted, seed: int) -> None:
        self._model, self._random = model, random.Random(seed)
        self.faults = 0

    async def complete(self, prompt: str) -> str:
        if self._random.random() < 0.3:
            self.faults += 1
            raise ConnectionError("gone")
        return await self._model.complete(prompt)


@pytest.mark.chaos
def test_answers_survive_a_model_that_comes_and_goes() -> None:
    faults = 0
    for seed in range(200):
        faulty = Faulty(Scripted(['CALL calculate {"expression": "6 * 7"}', "It is 42."]), seed)
        agent = Agent(Patient(faulty, tries=12), Toolbox(calculate))
        assert asyncio.run(agent.answer("What is 6 times 7?")) == "It is 42."
        faults += faulty.faults
    assert faults > 50  # or nothing was tried


@pytest.mark.chaos
def test_a_conversation_survives_a_lost_connection() -> None:
    url = os.environ["REDIS_URL"]
    with redis.Redis.from_url(url) as client, redis.Redis.from_url(url) as saboteur:
        talk = Conversation(client, "chaos")
        for number in range(20):
            talk.say("user", str(number))
            saboteur.client_kill_filter(_type="normal", skipme=True)
        assert [turn.text for turn in talk.turns()] == [str(number) for number in range(20)]
