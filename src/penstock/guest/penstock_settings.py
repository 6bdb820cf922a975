"""What penstock asks of the engine: PENSTOCK_ENGINE, a JSON object. Every key may be absent.

PYTEST_DONT_REWRITE

Standard library only, Python >= 3.9.
"""

from __future__ import annotations

import json
from typing import Any, NamedTuple, Optional

TOGETHER = ("loadfile", "loadscope", "loadgroup")  # xdist's modes that keep tests on one worker


class Settings(NamedTuple):
    """`workers`: how many at most. `start`: auto, fork or spawn. `timings`: the pinned durations' file. `timeout_s`: a
    test's limit. `retries`: None = as many as the posterior needs. `edited`: tests and files without retry budget;
    `quarantined`: patterns of tests that block nothing, and have none either.
    `against`: what a suspect is run at, too (see `penstock_suspects`).
    `dist`: xdist's mode, where the project asks for one. `own_coverage`: the project's own pytest-cov measures.
    """

    workers: int = 1
    start: str = "auto"
    timings: str = ""
    timeout_s: Optional[float] = None
    retries: Optional[int] = None
    edited: tuple[str, ...] = ()
    quarantined: tuple[str, ...] = ()
    against: Optional[dict[str, Any]] = None
    order: str = "kept"
    dist: str = ""
    own_coverage: bool = False
    shard: tuple[int, ...] = ()  # (number from 1, of how many); () = the whole
    shard_plan: str = ""  # the file of a settled split
    pool: str = ""  # the file of the processors that the run has to spare


def read(text: str, fallback_timings: str, pool: str) -> Settings | None:
    """The settings, None where nobody asks for the engine. Raises ValueError for what is no JSON object."""
    if not text:
        return None
    table = json.loads(text)
    known = {name: value for name, value in table.items() if name in Settings._fields}
    known["edited"] = tuple(known.get("edited", ()))
    known["quarantined"] = tuple(known.get("quarantined", ()))
    known["shard"] = tuple(known.get("shard") or ())
    known["timings"] = known.get("timings") or fallback_timings
    known["pool"] = pool
    return Settings(**known)
