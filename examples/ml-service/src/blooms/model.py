"""The model: the nearest of three known flowers, with how sure it is."""

from __future__ import annotations

import json
from dataclasses import dataclass
from importlib.resources import files

import numpy as np
from numpy.typing import NDArray

FEATURES = ("sepal_length", "sepal_width", "petal_length", "petal_width")
Numbers = NDArray[np.float64]


@dataclass(frozen=True)
class Model:
    """One row of `centers` a species, in centimetres; `spread` is the width of a cloud."""

    species: tuple[str, ...]
    centers: Numbers
    spread: float

    def probabilities(self, measurements: Numbers) -> Numbers:
        """How likely each species is, for each row of measurements."""
        distances = ((measurements[:, None, :] - self.centers[None]) ** 2).sum(axis=2)
        scores = -distances / (2 * self.spread**2)
        scores -= scores.max(axis=1, keepdims=True)
        weights: Numbers = np.exp(scores)
        likely: Numbers = weights / weights.sum(axis=1, keepdims=True)
        return likely


def train(measurements: Numbers, labels: list[str]) -> Model:
    """The mean of each species; ValueError without an example of it."""
    species = tuple(sorted(set(labels)))
    if not species:
        raise ValueError("there is nothing to learn from")
    chosen = np.array(labels)
    centers = np.array([measurements[chosen == name].mean(axis=0) for name in species])
    rest = measurements - centers[[species.index(name) for name in labels]]
    return Model(species, centers, float(rest.std()))


def load() -> Model:
    """The model that is shipped."""
    stored = json.loads(files("blooms").joinpath("weights.json").read_text(encoding="utf-8"))
    return Model(tuple(stored["species"]), np.array(stored["centers"]), float(stored["spread"]))


def predict(model: Model, flower: dict[str, float]) -> dict[str, float | str]:
    """The species of one flower, and how sure the model is."""
    row = np.array([[flower[name] for name in FEATURES]])
    likely = model.probabilities(row)[0]
    best = int(likely.argmax())
    return {"species": model.species[best], "sure": round(float(likely[best]), 4)}


def plausible(output: dict[str, float | str]) -> bool:
    """What any answer must be."""
    sure = output["sure"]
    return isinstance(sure, float) and 1 / 3 <= sure <= 1 and output["species"] in load().species
