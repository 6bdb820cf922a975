"""Where networks come from: the one that is shipped, or a file."""

from __future__ import annotations

import os
from functools import lru_cache
from importlib.resources import files
from pathlib import Path
from typing import Any
from zipfile import BadZipFile

import numpy as np

from moods.network import Network
from moods.text import WIDTH, features

Answer = dict[str, Any]


@lru_cache(maxsize=1)
def load() -> Network:
    """The one that `MOODS_MODEL` names, else the shipped one; read once. Raises ValueError for what is none."""
    named = os.environ.get("MOODS_MODEL", "")
    return read(Path(named) if named else Path(str(files("moods").joinpath("weights.npz"))))


def read(path: Path) -> Network:
    """Raises ValueError for a file that holds no network of this width."""
    try:
        with np.load(path, allow_pickle=False) as stored:
            hidden, output = (stored[name].astype(np.float32) for name in ("hidden", "output"))
            moods = tuple(str(name) for name in stored["moods"])
    except (OSError, EOFError, KeyError, ValueError, BadZipFile) as error:
        raise ValueError(f"{path} holds no network: {error}") from error
    if hidden.shape[0] != WIDTH + 1 or output.shape != (hidden.shape[1] + 1, len(moods)):
        raise ValueError(f"{path} holds a network of another shape")
    return Network(hidden, output, moods)


def write(network: Network, path: Path) -> None:
    """Half precision: a quarter of the size, and the same answers."""
    halves = {"hidden": network.hidden.astype(np.float16), "output": network.output.astype(np.float16)}
    np.savez_compressed(path, moods=np.array(network.moods), **halves)


def analyse(network: Network, texts: list[str]) -> list[Answer]:
    """The likeliest mood of each text, and how likely all of them are."""
    if not texts:
        return []
    rows = network.probabilities(features(texts))
    return [
        {
            "mood": network.moods[int(row.argmax())],
            "likely": {name: round(float(value), 4) for name, value in zip(network.moods, row, strict=True)},
        }
        for row in rows
    ]


def plausible(answers: list[Answer]) -> bool:
    """What any answer must be: probabilities that add up, the largest of them named."""
    return bool(answers) and all(
        abs(sum(answer["likely"].values()) - 1) < 0.01
        and answer["likely"][answer["mood"]] == max(answer["likely"].values())
        for answer in answers
    )
