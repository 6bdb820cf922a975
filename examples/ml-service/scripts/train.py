"""Train the model and write its weights."""

from __future__ import annotations

import argparse
import json
from pathlib import Path

from blooms import data, model

WEIGHTS = Path(__file__).parents[1] / "src" / "blooms" / "weights.json"


def main(arguments: list[str] | None = None) -> int:
    """Train and write."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, default=WEIGHTS, help="the file to write")
    parser.add_argument("--number", type=int, default=500, help="how many flowers of each species")
    parser.add_argument("--seed", type=int, default=1)
    asked = parser.parse_args(arguments)
    trained = model.train(*data.draw(asked.number, asked.seed))
    stored = {
        "species": trained.species,
        "centers": [[round(float(each), 4) for each in row] for row in trained.centers],
        "spread": round(trained.spread, 4),
    }
    asked.out.write_text(json.dumps(stored, indent=2) + "\n", encoding="utf-8")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
