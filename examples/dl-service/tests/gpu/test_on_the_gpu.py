"""The same answers on a GPU. Where there is none these fail: penstock does not start them there, and says so."""

from __future__ import annotations

import numpy as np
import pytest

from moods import data, registry
from moods.network import array_library
from moods.text import features


@pytest.mark.gpu
def test_a_gpu_gives_the_same_probabilities() -> None:
    texts, _ = data.entries()
    library = array_library("gpu")
    rows = features(texts)
    network = registry.load()
    answers = library.asnumpy(network.on("gpu").probabilities(library.asarray(rows)))
    np.testing.assert_allclose(answers, network.probabilities(rows), atol=1e-4)
