"""What every fault of the supervisor is made of, and the stage on which it plays."""

from __future__ import annotations

import itertools
import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

from penstock.ports import Ended, Launch
from penstock.run.local import LocalExecutor
from tests.faults import orphans

VICTIMS = Path(__file__).with_name("victims.py")
_numbers = itertools.count(1)


def new_mark() -> str:
    """A sleep of a day, unlike any other's."""
    return f"86400.{os.getpid()}{next(_numbers):04d}"


def launch(task: str, victim: str, mark: str, folder: Path, *, grace_s: float = 0.3, timeout_s: float = 30.0) -> Launch:
    """A victim as a job process."""
    return Launch(
        task=task,
        argv=(sys.executable, "-I", "-S", str(VICTIMS), victim, mark),
        directory=str(folder),
        environment=(("PATH", "/usr/bin:/bin"),),
        output=str(folder / f"{task}.log"),
        grace_s=grace_s,
        timeout_s=timeout_s,
    )


class Scene(NamedTuple):
    """One fault being played."""

    executor: LocalExecutor
    task: str
    mark: str
    log: Path

    def stop(self) -> None:
        """What the engine does on an interrupt."""
        self.executor.stop(self.task, "interrupt")

    @property
    def shim(self) -> int:
        """The pid of the supervisor."""
        return self.executor._running[self.task].shim.pid


Oracle = Callable[[Scene, Ended], list[str]]


class Fault(NamedTuple):
    """`inject` is called once the victim has printed "ready" (None: the victim is the fault).

    `oracle` says what is wrong, beside what lives.
    """

    id: str
    victim: str
    inject: Callable[[Scene], None] | None
    oracle: Oracle


def all_gone(scene: Scene, ended: Ended) -> list[str]:
    """The oracle of every fault: nothing of the victim lives when its end is told."""
    return [f"lives: {process}" for process in orphans.with_mark(scene.mark)]
