"""Models that need no network."""

from __future__ import annotations

import asyncio

import pytest

from parley.model import Bigrams, Patient, Scripted


def test_bigrams_continue_as_they_learnt() -> None:
    model = Bigrams(most_words=4)
    model.learn("the cat sat on the mat and the cat slept")
    assert asyncio.run(model.complete("look: the")) == "cat sat on the"
    assert asyncio.run(model.complete("a dog")) == ""
    assert asyncio.run(model.complete("")) == ""


def test_a_script_ends() -> None:
    model = Scripted(["yes"])
    assert asyncio.run(model.complete("one")) == "yes"
    with pytest.raises(LookupError, match="no more"):
        asyncio.run(model.complete("two"))
    assert model.asked == ["one", "two"]


class Away:
    """Not there for the first calls."""

    def __init__(self, calls: int) -> None:
        self.left = calls

    async def complete(self, prompt: str) -> str:
        self.left -= 1
        if self.left >= 0:
            raise ConnectionError("away")
        return prompt.upper()


@pytest.mark.parametrize("calls", [0, 1, 3])
def test_a_patient_model_asks_again(calls: int) -> None:
    assert asyncio.run(Patient(Away(calls), tries=4).complete("hello")) == "HELLO"


def test_patience_ends() -> None:
    away = Away(9)
    with pytest.raises(ConnectionError, match="away"):
        asyncio.run(Patient(away, tries=3).complete("hello"))
    assert away.left == 6
