"""Several measurements beside one another: what each of them reaches (python, rust …), from the sums of the job."""

from __future__ import annotations

from collections.abc import Mapping

from penstock.model.records import JobRecord

_PREFIX = "flag."
LIMIT = "flags."  # of a limit's name: gates.coverage.flags.rust


def told(record: JobRecord) -> Mapping[str, Mapping[str, int]]:
    """Flag -> its sums by name, sorted by flag. None where there is one measurement only."""
    found: dict[str, dict[str, int]] = {}
    for name, number in sorted(record.measures.items()):
        if name.startswith(_PREFIX):
            flag, _, what = name.removeprefix(_PREFIX).rpartition(".")
            found.setdefault(flag, {})[what] = int(number)
    return found


def declared(limits: Mapping[str, float]) -> Mapping[str, float]:
    """Flag -> its limit."""
    return {name.removeprefix(LIMIT): limit for name, limit in limits.items() if name.startswith(LIMIT)}
