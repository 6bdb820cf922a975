"""How often the answer stays right when each measurement is pushed towards another species."""

from __future__ import annotations

import argparse
import json
from pathlib import Path

import numpy as np

from blooms import data, model


def pass_rate(known: model.Model, *, push_cm: float, number: int = 200, seed: int = 7) -> float:
    """Percent of flowers that are named right although each was pushed towards its nearest rival."""
    rows, labels = data.draw(number, seed)
    own = np.array([known.species.index(name) for name in labels])
    distances = ((rows[:, None, :] - known.centers[None]) ** 2).sum(axis=2)
    distances[np.arange(len(rows)), own] = np.inf
    towards = known.centers[distances.argmin(axis=1)] - rows
    pushed = rows + push_cm * np.sign(towards)
    named = known.probabilities(pushed).argmax(axis=1)
    return 100 * float((named == own).mean())


def main(arguments: list[str] | None = None) -> int:
    """Write the rates."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, required=True, help="the JSON file to write")
    parser.add_argument("--push", type=float, default=0.3, help="centimetres, in every measurement")
    asked = parser.parse_args(arguments)
    known = model.load()
    rates = {
        "plain": {"pass_rate": pass_rate(known, push_cm=0.0)},
        "adversarial": {"push_cm": asked.push, "pass_rate": pass_rate(known, push_cm=asked.push)},
    }
    asked.out.write_text(json.dumps(rates, indent=2) + "\n", encoding="utf-8")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
