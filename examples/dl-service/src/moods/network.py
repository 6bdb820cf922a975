"""A network of two layers: trained by gradient descent on the CPU; it answers on the CPU or a GPU."""

from __future__ import annotations

import importlib
from typing import Any, NamedTuple

import numpy as np

from moods.text import Rows

Array = Any  # numpy's, or cupy's on a GPU: both have the same functions


class Network(NamedTuple):
    """`hidden` and `output` hold a row a feature and one for the bias."""

    hidden: Array
    output: Array
    moods: tuple[str, ...]

    def on(self, device: str) -> Network:
        """The same network on `"cpu"` or `"gpu"`. Raises RuntimeError where there is none."""
        library = array_library(device)
        return Network(library.asarray(self.hidden), library.asarray(self.output), self.moods)

    def probabilities(self, rows: Array) -> Array:
        """How likely each mood is, a row a text."""
        _, likely = _forward(self, rows)
        return likely


class Gradient(NamedTuple):
    """How the loss changes with each weight."""

    loss: float
    hidden: Array
    output: Array


def array_library(device: str) -> Any:
    """numpy for `"cpu"`, cupy for `"gpu"`. Raises RuntimeError where there is no GPU to use."""
    if device == "cpu":
        return np
    try:
        cupy = importlib.import_module("cupy")
        cupy.cuda.runtime.getDeviceCount()
    except Exception as error:  # cupy's own errors have no common base but Exception
        raise RuntimeError(f"no GPU to use: {error}") from error
    return cupy


def fresh(moods: tuple[str, ...], *, width: int, hidden: int, seed: int) -> Network:
    """Small weights from a seed."""
    source = np.random.default_rng(seed)
    return Network(
        source.normal(0, 0.1, (width + 1, hidden)).astype(np.float32),
        source.normal(0, 0.1, (hidden + 1, len(moods))).astype(np.float32),
        moods,
    )


def gradient(network: Network, rows: Array, labels: Array) -> Gradient:
    """Of the mean cross entropy; `labels`: the place of each row's mood."""
    inner, likely = _forward(network, rows)
    number = len(rows)
    loss = -float(np.log(np.maximum(likely[np.arange(number), labels], 1e-9)).mean())
    error = likely.copy()
    error[np.arange(number), labels] -= 1
    error /= number
    back = (error @ network.output[:-1].T) * (inner > 0)
    return Gradient(loss, _with_bias(rows).T @ back, _with_bias(inner).T @ error)


def train(network: Network, rows: Rows, labels: Array, *, rounds: int, rate: float = 1.0) -> Network:
    """After so many steps over all rows. Raises ValueError without rows, FloatingPointError where it diverges."""
    if len(rows) == 0:
        raise ValueError("there is nothing to learn from")
    for _ in range(rounds):
        step = gradient(network, rows, labels)
        if not np.isfinite(step.loss):
            raise FloatingPointError("the loss is not finite: try a smaller rate")
        network = network._replace(
            hidden=network.hidden - rate * step.hidden, output=network.output - rate * step.output
        )
    return network


def _forward(network: Network, rows: Array) -> tuple[Array, Array]:
    """What the hidden layer says (ReLU), and the probabilities (softmax)."""
    inner = (rows @ network.hidden[:-1] + network.hidden[-1]).clip(0)
    scores = inner @ network.output[:-1] + network.output[-1]
    scores = scores - scores.max(axis=1, keepdims=True)
    weights = np.exp(scores)
    return inner, weights / weights.sum(axis=1, keepdims=True)


def _with_bias(rows: Array) -> Array:
    return np.concatenate([rows, np.ones((len(rows), 1), dtype=rows.dtype)], axis=1)
