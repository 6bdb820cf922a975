"""The model."""

from __future__ import annotations

import numpy as np
import pytest

from blooms import data, model

FLOWERS = {
    "setosa": (5.1, 3.5, 1.4, 0.2),
    "versicolor": (6.0, 2.7, 4.2, 1.3),
    "virginica": (6.7, 3.1, 5.7, 2.1),
}


def flower(measurements: tuple[float, ...]) -> dict[str, float]:
    return dict(zip(model.FEATURES, measurements, strict=True))


@pytest.mark.parametrize("species", FLOWERS)
def test_a_typical_flower_is_named(species: str) -> None:
    answer = model.predict(model.load(), flower(FLOWERS[species]))
    assert answer["species"] == species
    assert answer["sure"] > 0.8
    assert model.plausible(answer)


def test_between_two_species_it_is_not_sure() -> None:
    middle = np.mean([FLOWERS["versicolor"], FLOWERS["virginica"]], axis=0)
    answer = model.predict(model.load(), flower(tuple(middle)))
    assert answer["sure"] < 0.95


def test_probabilities_add_up_to_one_for_every_flower() -> None:
    rows, _ = data.draw(50, seed=3)
    likely = model.load().probabilities(rows)
    assert likely.shape == (150, 3)
    np.testing.assert_allclose(likely.sum(axis=1), 1)


def test_nothing_can_be_learnt_from_nothing() -> None:
    with pytest.raises(ValueError, match="nothing to learn"):
        model.train(np.empty((0, 4)), [])


@pytest.mark.parametrize(
    "answer", [{"species": "rose", "sure": 0.9}, {"species": "setosa", "sure": 0.1}]
)
def test_what_is_no_answer_is_not_plausible(answer: dict[str, float | str]) -> None:
    assert not model.plausible(answer)
