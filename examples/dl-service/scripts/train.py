"""Train the network and write it."""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np

from moods import data, network, registry
from moods.text import WIDTH, features

SHIPPED = Path(__file__).parents[1] / "src" / "moods" / "weights.npz"


def main(arguments: list[str] | None = None) -> int:
    """Train, say how good it is, and write."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, default=SHIPPED, help="the .npz file to write")
    parser.add_argument("--rounds", type=int, default=400)
    parser.add_argument("--seed", type=int, default=1)
    asked = parser.parse_args(arguments)
    texts, labels = data.entries()
    rows, known = features(texts), np.array(labels)
    learnt, held = data.split(asked.seed)
    start = network.fresh(tuple(data.MOODS), width=WIDTH, hidden=16, seed=asked.seed)
    trained = network.train(start, rows[learnt], known[learnt], rounds=asked.rounds)
    right = (trained.probabilities(rows[held]).argmax(axis=1) == known[held]).mean()
    registry.write(trained, asked.out)
    print(f"{right:.1%} of {len(held)} entries that it never saw")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
