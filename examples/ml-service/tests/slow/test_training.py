"""Training anew gives a model as good as the one that is shipped."""

from __future__ import annotations

import numpy as np
import pytest

from blooms import data, model


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(5))
def test_training_finds_the_species(seed: int) -> None:
    trained = model.train(*data.draw(20_000, seed))
    rows, labels = data.draw(2_000, seed + 100)
    named = [trained.species[each] for each in trained.probabilities(rows).argmax(axis=1)]
    assert np.mean([one == other for one, other in zip(named, labels, strict=True)]) > 0.9
    np.testing.assert_allclose(trained.centers, model.load().centers, atol=0.05)
