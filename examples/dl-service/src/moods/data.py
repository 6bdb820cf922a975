"""Diary entries to learn from, made of phrases by a seed."""

from __future__ import annotations

from itertools import product

import numpy as np

MOODS = {
    "anger": (
        "furious",
        "so angry",
        "mad at everyone",
        "full of rage",
        "sick of being ignored",
        "annoyed beyond words",
    ),
    "calm": ("at peace", "quiet inside", "relaxed", "in no hurry", "rested", "content with little"),
    "fear": ("afraid", "scared of tomorrow", "nervous", "worried sick", "in a panic", "anxious about the exam"),
    "joy": ("so happy", "delighted", "full of joy", "over the moon", "grateful", "thrilled about the news"),
    "sadness": ("so sad", "lonely", "close to tears", "heartbroken", "empty", "missing her badly"),
}
OPENINGS = ("Today I am", "I woke up", "After work I was", "Since Monday I have felt", "Honestly, I feel", "Still")
CLOSINGS = (
    "and I told nobody.",
    "because of the letter.",
    "and it rained all day.",
    "while everyone else slept.",
    "although nothing happened.",
)


def entries() -> tuple[list[str], list[int]]:
    """Every entry that the phrases make, and the place of its mood among the sorted moods."""
    found = [
        (f"{opening} {phrase} {closing}", place)
        for place, phrases in enumerate(MOODS.values())
        for opening, phrase, closing in product(OPENINGS, phrases, CLOSINGS)
    ]
    return [text for text, _ in found], [place for _, place in found]


def split(seed: int, share: float = 0.8) -> tuple[list[int], list[int]]:
    """Places of the entries to learn from, and of those to be asked about."""
    texts, _ = entries()
    order = np.random.default_rng(seed).permutation(len(texts)).tolist()
    cut = int(share * len(order))
    return order[:cut], order[cut:]
