"""How long the parts take: the best of several rounds, in microseconds."""

from __future__ import annotations

import argparse
import json
import timeit
from pathlib import Path

from parley.guard import suspicions
from parley.template import Template
from parley.tools import calculate

_PROMPT = Template("{question}\n" * 20)
_PARTS = {
    "template": lambda: _PROMPT.fill(question="What is 6 times 7?"),
    "calculate": lambda: calculate("(2 + 3) * 4 - 5 ** 2 / 7"),
    "guard": lambda: suspicions("What is 6 times 7? " * 20),
}


def main(arguments: list[str] | None = None) -> int:
    """Measure, and write."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, required=True, help="the JSON file to write")
    parser.add_argument("--calls", type=int, default=1_000, help="of each part, in each of five rounds")
    asked = parser.parse_args(arguments)
    calls = max(asked.calls, 1)
    best = {name: min(timeit.repeat(part, number=calls, repeat=5)) / calls for name, part in _PARTS.items()}
    told = {name: round(seconds * 1e6, 2) for name, seconds in best.items()}
    asked.out.write_text(json.dumps(told, indent=2) + "\n", encoding="utf-8")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
