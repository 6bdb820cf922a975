"""One of several processes on one history: `python historian.py ROLE NUMBER FOLDER`.

A writer adds runs until it is killed or has added its share, and writes each one's name to a file of its own when `add`
has returned: that file is the truth, whatever becomes of the history. A compactor compacts all the while.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

from penstock.record import parquet
from penstock.record.store import History
from tests.fakes.history import NOON_S, TODAY, add, attempt

RUNS = 25
TESTS = 40


def main() -> None:
    """Play the part."""
    role, me, folder = sys.argv[1], int(sys.argv[2]), Path(sys.argv[3])
    history = History(folder / "history")
    if role == "compact":
        while not (folder / "over").exists():
            if history.manifest.exists():
                parquet.compact(history, TODAY, whole=bool(me))
        return
    truth = os.open(folder / f"truth-{me}", os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    for turn in range(RUNS if role == "write" else 1_000_000):
        run = f"w{me}-{turn}"
        wall_s = NOON_S - 86_400.0 * (turn % 3)
        add(history, *(attempt(run, f"t.py::t{each}", wall_s=wall_s) for each in range(TESTS)), run=run, wall_s=wall_s)
        os.write(truth, f"{run}\n".encode())


if __name__ == "__main__":
    main()
