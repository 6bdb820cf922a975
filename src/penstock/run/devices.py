"""Which GPUs a running job has: no two jobs share one."""

from __future__ import annotations

VARIABLE = "CUDA_VISIBLE_DEVICES"


class Devices:
    """`names`: of all there are. How many are free is the schedule's to know; here they get their names."""

    def __init__(self, names: tuple[str, ...]) -> None:
        self._free = list(names)
        self._taken: dict[str, tuple[str, ...]] = {}

    def take(self, job: str, count: int) -> dict[str, str]:
        """The variable that gives a job its own; nothing for one that asks for none."""
        if not count:
            return {}
        taken = tuple(self._free[:count])
        del self._free[:count]
        self._taken[job] = taken
        return {VARIABLE: ",".join(taken)}

    def give_back(self, job: str) -> None:
        """The job is over."""
        self._free += self._taken.pop(job, ())
