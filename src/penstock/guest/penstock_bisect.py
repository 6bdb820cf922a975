"""The shortest list of tests behind which a test fails that passes alone: which list to try next. Pure.

PYTEST_DONT_REWRITE

    answers = {}                                           # list of predecessors (a tuple) -> whether the test failed
    while (tried := next_list(predecessors, answers)) is not None:
        answers[tried] = ...  whether the test failed behind them, in a fresh process
    culprits = shortest(predecessors, answers)

Delta debugging (Zeller and Hildebrandt 2002, ddmin): the later half first, since what disturbs a test is mostly near.
Standard library only, Python >= 3.9.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

MOST_TRIES = 20  # halving finds one culprit of a million in as many; the caller's time limit comes first


def next_list(
    predecessors: Sequence[str], answers: Mapping[tuple[str, ...], bool], most: int = MOST_TRIES
) -> tuple[str, ...] | None:
    """The list to try next, in the order of `predecessors`; None when none is shorter, or after `most` tries."""
    if len(answers) >= most:
        return None
    return _search(tuple(predecessors), answers)[1]


def shortest(predecessors: Sequence[str], answers: Mapping[tuple[str, ...], bool]) -> tuple[str, ...]:
    """The shortest list known behind which the test fails: at first, all of them."""
    return _search(tuple(predecessors), answers)[0]


def _search(
    failing: tuple[str, ...], answers: Mapping[tuple[str, ...], bool]
) -> tuple[tuple[str, ...], tuple[str, ...] | None]:
    """The shortest failing list by the answers so far, and the first list that has none."""
    parts = 2
    while len(failing) > 1:
        for number, tried in enumerate(_shorter(failing, parts)):
            if tried not in answers:
                return failing, tried
            if answers[tried]:
                failing, parts = tried, 2 if number < parts else max(parts - 1, 2)
                break
        else:
            if parts >= len(failing):
                break
            parts = min(2 * parts, len(failing))
    return failing, None


def _shorter(failing: tuple[str, ...], parts: int) -> Iterator[tuple[str, ...]]:
    """Each of `parts` pieces, the last one first, then what is left without each."""
    edges = [len(failing) * number // parts for number in range(parts + 1)]
    for number in reversed(range(parts)):
        yield failing[edges[number] : edges[number + 1]]
    if parts > 2:
        for number in range(parts):
            yield failing[: edges[number]] + failing[edges[number + 1] :]
