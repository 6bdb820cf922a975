"""The network: its gradient is held against differences."""

from __future__ import annotations

import numpy as np
import pytest

from moods.network import Network, array_library, fresh, gradient, train


def small(seed: int = 0) -> tuple[Network, np.ndarray, np.ndarray]:
    source = np.random.default_rng(seed)
    network = fresh(("a", "b", "c"), width=5, hidden=4, seed=seed)
    exact = network._replace(hidden=network.hidden.astype(float), output=network.output.astype(float))
    return exact, source.normal(size=(7, 5)), source.integers(0, 3, 7)


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("layer", ["hidden", "output"])
def test_the_gradient_is_the_slope_of_the_loss(layer: str, seed: int) -> None:
    network, rows, labels = small(seed)
    told = getattr(gradient(network, rows, labels), layer)
    weights = getattr(network, layer)
    step = 1e-6
    for place in np.ndindex(weights.shape):
        moved = []
        for sign in (1, -1):
            changed = weights.copy()
            changed[place] += sign * step
            moved.append(gradient(network._replace(**{layer: changed}), rows, labels).loss)
        assert told[place] == pytest.approx((moved[0] - moved[1]) / (2 * step), abs=1e-5)


def test_probabilities_add_up_to_one_even_for_huge_scores() -> None:
    network, rows, _ = small()
    likely = network._replace(output=network.output * 1e6).probabilities(rows * 1e3)
    np.testing.assert_allclose(likely.sum(axis=1), 1)


def test_training_lowers_the_loss() -> None:
    network, rows, labels = small()
    trained = train(network, rows, labels, rounds=200, rate=0.5)
    assert gradient(trained, rows, labels).loss < 0.5 * gradient(network, rows, labels).loss


def test_nothing_is_learnt_from_nothing() -> None:
    network, rows, labels = small()
    with pytest.raises(ValueError, match="nothing to learn"):
        train(network, rows[:0], labels[:0], rounds=1)


def test_divergence_is_an_error_and_no_network() -> None:
    network, rows, labels = small()
    with np.errstate(all="ignore"), pytest.raises(FloatingPointError, match="not finite"):
        train(network, rows, labels, rounds=50, rate=1e200)


def test_the_cpu_is_always_there() -> None:
    assert array_library("cpu") is np
    network, rows, _ = small()
    np.testing.assert_array_equal(network.on("cpu").probabilities(rows), network.probabilities(rows))
