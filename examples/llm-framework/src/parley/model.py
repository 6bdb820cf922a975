"""Models: what completes a prompt. Two that need no network, and one that tries again."""

from __future__ import annotations

import asyncio
from collections import Counter, defaultdict
from collections.abc import Iterable
from itertools import pairwise
from typing import Protocol


class Model(Protocol):
    """What completes a prompt."""

    async def complete(self, prompt: str) -> str:
        """The answer. Raises ConnectionError where it cannot be reached."""
        ...


class Scripted:
    """Answers in the order that it is given; keeps what it was asked."""

    def __init__(self, answers: Iterable[str]) -> None:
        self._answers = iter(answers)
        self.asked: list[str] = []

    async def complete(self, prompt: str) -> str:
        """The next answer. Raises LookupError after the last one."""
        self.asked.append(prompt)
        answer = next(self._answers, None)
        if answer is None:
            raise LookupError("the script has no more answers")
        return answer


class Bigrams:
    """Continues with the word that came most often after the last one; the earlier in the alphabet of equals."""

    def __init__(self, *, most_words: int = 20) -> None:
        self._after: defaultdict[str, Counter[str]] = defaultdict(Counter)
        self._most = most_words

    def learn(self, text: str) -> None:
        """Count its pairs of words."""
        words = text.split()
        for one, following in pairwise(words):
            self._after[one][following] += 1

    async def complete(self, prompt: str) -> str:
        """Up to `most_words` words; none after a word that it never saw."""
        said: list[str] = []
        last = prompt.split()[-1] if prompt.split() else ""
        while len(said) < self._most and (known := self._after.get(last)):
            last = min(known, key=lambda word: (-known[word], word))
            said.append(last)
        return " ".join(said)


class Patient:
    """Another model, asked again when it cannot be reached: after `wait_s`, and twice as long each time."""

    def __init__(self, model: Model, *, tries: int = 4, wait_s: float = 0.001) -> None:
        self._model, self._tries, self._wait_s = model, tries, wait_s

    async def complete(self, prompt: str) -> str:
        """The first answer. Raises the last ConnectionError."""
        for number in range(self._tries - 1):
            try:
                return await self._model.complete(prompt)
            except ConnectionError:
                await asyncio.sleep(self._wait_s * 2**number)
        return await self._model.complete(prompt)
