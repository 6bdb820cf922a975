"""Training from several seeds."""

from __future__ import annotations

import numpy as np
import pytest

from moods import data, network
from moods.text import WIDTH, features


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(6))
def test_entries_that_it_never_saw_are_known(seed: int) -> None:
    texts, labels = data.entries()
    rows, known = features(texts), np.array(labels)
    learnt, held = data.split(seed)
    start = network.fresh(tuple(data.MOODS), width=WIDTH, hidden=16, seed=seed)
    trained = network.train(start, rows[learnt], known[learnt], rounds=400)
    assert (trained.probabilities(rows[held]).argmax(axis=1) == known[held]).mean() > 0.9
