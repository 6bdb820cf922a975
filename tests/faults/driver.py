"""A stand-in for penstock, there to be killed: `python driver.py STATE MARK`. Prints "ready" and its run's id."""

from __future__ import annotations

import sys
from pathlib import Path

from penstock.run import folder
from penstock.run.local import LocalExecutor
from penstock.util.clock import SystemClock
from tests.faults.scene import launch

VICTIMS = ("deaf", "patient", "hydra")


def main() -> None:
    """Start victims in a run of `STATE` and wait for ever."""
    state, mark = Path(sys.argv[1]), sys.argv[2]
    clock = SystemClock()
    run = folder.create(state, clock)
    executor = LocalExecutor(clock, run.id)
    for victim in VICTIMS:
        executor.start(launch(victim, victim, mark, run.path))
    logs = [run.path / f"{victim}.log" for victim in VICTIMS]
    while not all(log.exists() and b"ready" in log.read_bytes() for log in logs):
        executor.wait(0.02)
    print("ready", run.id, flush=True)
    executor.wait(None)


if __name__ == "__main__":
    main()
