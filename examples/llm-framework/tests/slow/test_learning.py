"""Learning from a long text."""

from __future__ import annotations

import asyncio
import itertools

import pytest

from parley.model import Bigrams


@pytest.mark.slow
def test_a_long_text_is_learnt_and_repeated() -> None:
    words = [f"{one}{two}" for one, two in itertools.product("bcdfghjklmnpqrstvwxz", "aeiou")]
    text = " ".join(words) + " "
    model = Bigrams(most_words=len(words) - 1)
    model.learn(text * 3_000)
    assert asyncio.run(model.complete(words[0])).split() == words[1:]
