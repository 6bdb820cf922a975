"""Percentiles of what was measured, told only where enough was measured (stdlib only, Python >= 3.9).

A percentile is the smallest measurement that at least so many of a hundred do not exceed (the nearest rank: no
interpolation makes up a number that nobody measured). What failed took longer than all else.
"""

from __future__ import annotations

import math

_PERCENT = {"p50": 50, "p95": 95, "p99": 99}


def needed(name: str, beside: int) -> int:
    """How many measurements a percentile takes if `beside` of them are to lie beyond it."""
    return math.ceil(beside * 100 / (100 - _PERCENT[name]))


def told(
    times: list[float], names: tuple[str, ...], *, beside: int, noun: str
) -> tuple[dict[str, float], dict[str, str]]:
    """The percentiles that can be told, and why the others cannot. `times`: infinite for what failed."""
    measures: dict[str, float] = {}
    absent: dict[str, str] = {}
    ordered = sorted(times)
    for name in names:
        least = needed(name, beside)
        if len(ordered) < least:
            absent[name] = f"not enough {noun}: {len(ordered)}, and {name} takes {least}"
            continue
        found = ordered[math.ceil(len(ordered) * _PERCENT[name] / 100) - 1]
        if math.isinf(found):
            absent[name] = f"more than {100 - _PERCENT[name]} of 100 {noun} failed"
        else:
            measures[name] = found
    if ordered and math.isinf(ordered[-1]):
        absent["max"] = f"some {noun} failed"
    elif ordered:
        measures["max"] = ordered[-1]
    else:
        absent["max"] = f"no {noun}"
    return measures, absent
