"""The memory on a real Redis: penstock starts one for the job, and names it in REDIS_URL."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Iterator

import pytest
import redis

from parley.agent import Agent
from parley.memory import Conversation, Turn
from parley.model import Scripted
from parley.tools import Toolbox


@pytest.fixture
def client() -> Iterator[redis.Redis]:
    with redis.Redis.from_url(os.environ["REDIS_URL"]) as found:
        yield found


def test_turns_are_kept_in_order_and_the_oldest_forgotten(client: redis.Redis) -> None:
    talk = Conversation(client, "order", keep=3)
    for number in range(5):
        talk.say("user", f"turn {number}")
    assert talk.turns() == [Turn("user", f"turn {number}") for number in (2, 3, 4)]


def test_two_conversations_do_not_mix(client: redis.Redis) -> None:
    one, two = (Conversation(client, name) for name in ("one", "two"))
    one.say("user", "hello")
    assert two.turns() == []
    one.forget()
    assert one.turns() == []


def test_it_is_forgotten_after_a_while(client: redis.Redis) -> None:
    Conversation(client, "short", expires_s=77).say("user", "hello")
    assert 0 < client.ttl("parley:conversation:short") <= 77


def test_an_agent_is_told_what_was_said_before(client: redis.Redis) -> None:
    talk = Conversation(client, "agent")
    talk.say("user", "My name is Ann.")
    model = Scripted(["You are Ann."])
    question = "\n".join(f"{turn.role} said: {turn.text}" for turn in [*talk.turns(), Turn("user", "Who am I?")])
    talk.say("model", asyncio.run(Agent(model, Toolbox()).answer(question)))
    assert "My name is Ann." in model.asked[0]
    assert talk.turns()[-1] == Turn("model", "You are Ann.")
