"""Flowers to learn from: clouds around what botanists measured, drawn from a seed."""

from __future__ import annotations

import numpy as np

from blooms.model import Numbers

MEANS = {
    "setosa": (5.0, 3.4, 1.5, 0.2),
    "versicolor": (5.9, 2.8, 4.3, 1.3),
    "virginica": (6.6, 3.0, 5.6, 2.0),
}
SPREAD_CM = 0.4


def draw(number: int, seed: int) -> tuple[Numbers, list[str]]:
    """So many flowers of each species: measurements in centimetres, and their names."""
    random = np.random.default_rng(seed)
    rows = [random.normal(mean, SPREAD_CM, (number, len(mean))) for mean in MEANS.values()]
    return np.concatenate(rows), [name for name in MEANS for _ in range(number)]
