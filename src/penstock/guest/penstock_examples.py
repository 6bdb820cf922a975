"""Runs examples, each to its end: programs, notebooks, the code blocks of pages (stdlib only, run as a script).

    python penstock_examples.py REPORT OPTIONS FILE…

OPTIONS is JSON: {"timeout": seconds of one, "workers": how many at once, "own": whether each runs in its own folder}.
FILE is JSON: {"path", "not_run": why or null, "needs": ["gpu", "network", a variable's name]}. REPORT gets what
`penstock.tools.special` reads. All of them run in the folder that we were started in, which is a copy of the tree.
"""

from __future__ import annotations

import json
import os
import sys
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

_FOLDER = os.path.dirname(os.path.abspath(__file__))

if TYPE_CHECKING:
    from penstock.guest.penstock_example import Shown, attempt
else:
    sys.path.insert(0, _FOLDER)
    from penstock_example import Shown, attempt

    sys.path.remove(_FOLDER)

_MOST_NAMED = 3


def report(every: list[Shown], pages: int) -> dict[str, Any]:
    """What is told of all of them. `pages`: Markdown pages without a Python block, which are no examples."""
    ends = {end: [each for each in every if each.end == end] for end in ("passed", "failed", "unverified", "not_run")}
    words = [f"{len(ends['passed'])} of {len(every)} examples passed"]
    words += [f"{len(ends['not_run'])} not run, as declared"] if ends["not_run"] else []
    told: dict[str, Any] = {
        "measures": {"files": len(every), **{end: len(those) for end, those in ends.items()}},
        "notes": {"summary": ", ".join(words)},
        "findings": [finding for each in every for finding in each.findings],
        "told": [(each.path, 0, "not-verified", each.why) for each in ends["unverified"]],
    }
    if ends["failed"]:
        told["failed"] = f"{len(ends['failed'])} of {len(every)} examples: {_names(ends['failed'])}"
    elif ends["unverified"]:
        told["problem"] = (
            f"{len(ends['unverified'])} of {len(every)} examples not verified: {_names(ends['unverified'])}"
        )
        told["remedy"] = "run the job where they have what they need, or make a job of its own of them"
    elif not every:
        told["problem"] = f"none of {pages} Markdown pages holds a `python` block"
        told["remedy"] = "name the pages that do: only those are examples"
    elif not ends["passed"]:
        told["problem"] = f"none of {len(every)} examples was run"
        told["remedy"] = "leave the job out where nothing of it is to be run"
    return told


def _names(those: list[Shown]) -> str:
    shown = [f"{each.path} ({each.why})" for each in those[:_MOST_NAMED]]
    return ", ".join([*shown, *([f"{len(those) - _MOST_NAMED} more"] if len(those) > _MOST_NAMED else [])])


def main(target: str, settings: str, *files: str) -> int:
    """Write the report."""
    options = json.loads(settings)
    every: list[Shown] = []
    with ThreadPoolExecutor(max_workers=max(1, int(options["workers"]))) as pool:
        for shown in pool.map(lambda file: attempt(json.loads(file), options), files):
            if shown is not None:
                every.append(shown)
                print(shown.line(), flush=True)
    with open(target, "w", encoding="utf-8") as stream:
        json.dump(report(every, len(files) - len(every)), stream)
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
