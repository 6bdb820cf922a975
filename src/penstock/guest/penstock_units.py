"""From collected tests to units of work, in the order in which workers take them: pure.

PYTEST_DONT_REWRITE

A unit is a contiguous run of one module's tests with their order kept, because suites depend on it. It is cut where it
is long, at joints: between classes, and between tests that share no fixture of their class or module. Longest first is
within 4/3 of the best makespan (Graham 1969), and the shorter the last units, the closer.
Standard library only, Python >= 3.9.
"""

from __future__ import annotations

import json
from typing import NamedTuple

# A unit is cut down to about this share of what one worker has to do. Smaller ones level the workers' ends, as long as
# nobody takes over a part of another's: measured with that, 6 pieces are 4 % faster than 16 over boltons, networkx,
# pygments and sqlite-utils, because fixtures and caches are made less often; with 3, pygments takes a fifth longer.
_PIECES_A_WORKER = 6
_WHOLE_UNTIL = 2.0  # runs of up to so many pieces stay whole: a cut costs a second set-up
_SHORT_S = 0.1  # pieces of less gain nothing
_UNKNOWN_S = 0.01  # of a test, where nothing is known yet
_LEAST_S = 1e-5  # of a test: none is free
NEVER, COSTLY, JOINT = "0", "1", "2"  # what a cut before a test is
_CHEAP = 0.1  # a set-up of up to this part of a piece may be repeated


class Test(NamedTuple):
    """What is known of a collected test. `scope`: its class, "" outside of one. `group`: the tests that must share a
    worker. `bound`: fixtures of class or module scope that it stands on, spaces between: a cut between two tests that
    share one would repeat its set-up.
    """

    id: str
    path: str
    scope: str = ""
    group: str = ""
    bound: str = ""


class Timing(NamedTuple):
    """Medians in seconds, how many protected runs know the test, and whether it builds on those before it."""

    call_s: float
    setup_s: float = 0.0
    teardown_s: float = 0.0
    runs: int = 0
    failures: int = 0
    together: int = 0

    @property
    def total_s(self) -> float:
        """All phases."""
        return self.call_s + self.setup_s + self.teardown_s


def timings(path: str) -> dict[str, Timing]:
    """The pinned timings of a file; none if it cannot be read: they are no evidence."""
    try:
        with open(path, encoding="utf-8") as stream:
            tests = json.load(stream)["tests"]
        return {name: Timing(*row) for name, row in tests.items()}
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return {}


def costs(tests: list[Test], known: dict[str, Timing]) -> list[float]:
    """Predicted seconds of each test: its own, else the mean of its file, of the suite, of all suites. Never zero."""
    files: dict[str, list[float]] = {}
    for test in tests:
        if test.id in known:
            files.setdefault(test.path, []).append(known[test.id].total_s)
    told = [cost for each in files.values() for cost in each]
    everywhere = sum(told) / len(told) if told else _UNKNOWN_S
    means = {path: sum(each) / len(each) for path, each in files.items()}
    own = (known[test.id].total_s if test.id in known else means.get(test.path, everywhere) for test in tests)
    return [max(cost, _LEAST_S) for cost in own]


def setups(tests: list[Test], known: dict[str, Timing]) -> list[float | None]:
    """Predicted seconds of each test's set-up; None where nobody knows."""
    return [known[test.id].setup_s if test.id in known else None for test in tests]


def units(
    tests: list[Test], cost: list[float], setup: list[float | None], workers: int, dist: str = ""
) -> list[list[int]]:
    """The tests' numbers by unit, the longest unit first. `dist`: xdist's mode, where the project asks for one that
    keeps tests together (`loadfile`, `loadscope`, `loadgroup`).
    """
    share = sum(cost) / max(1, workers)
    whole = dist in ("loadfile", "loadscope")
    made: list[list[int]] = []
    for run in _runs(tests, dist):
        grouped = bool(tests[run[0]].group) and dist in ("", "loadgroup")
        made += [run] if whole or grouped else _cut(run, tests, cost, setup, share)
    return sorted(made, key=lambda unit: (-sum(cost[number] for number in unit), unit[0]))


def cuts(tests: list[Test], dist: str = "") -> str:
    """Of each test, whether what comes from it on may go to another worker: `NEVER`, at the cost of a second set-up
    (`COSTLY`), or at a `JOINT`, where there is none to repeat.
    """
    if dist in ("loadfile", "loadscope"):
        return NEVER * len(tests)
    return "".join(
        NEVER if test.group and dist in ("", "loadgroup") else JOINT if _is_joint(before, test) else COSTLY
        for before, test in zip([*tests[:1], *tests], tests)  # noqa: B905 - `strict` came with Python 3.10
    )


def _runs(tests: list[Test], dist: str) -> list[list[int]]:
    """Contiguous runs of one module; all tests of one group, or of one file or class where that is asked for."""
    runs: list[list[int]] = []
    together: dict[str, list[int]] = {}
    last = ""
    for number, test in enumerate(tests):
        key = _key(test, dist)
        if key:
            if key not in together:
                together[key] = []
                runs.append(together[key])
            together[key].append(number)
            last = ""
        elif runs and last == test.path:
            runs[-1].append(number)
        else:
            runs.append([number])
            last = test.path
    return runs


def _key(test: Test, dist: str) -> str:
    if dist == "loadfile":
        return f"file {test.path}"
    if dist == "loadscope":
        return f"scope {test.path}::{test.scope}"
    return f"group {test.group}" if test.group else ""


def _cut(
    run: list[int], tests: list[Test], cost: list[float], setup: list[float | None], share: float
) -> list[list[int]]:
    """The run in pieces of about a `_PIECES_A_WORKER`th of `share` seconds, cut at joints only."""
    piece = max(share / _PIECES_A_WORKER, _SHORT_S)
    lasts = sum(cost[number] for number in run)
    if len(run) == 1 or lasts <= piece * _WHOLE_UNTIL:
        return [run]
    anywhere = lasts > share or _is_cheap([setup[number] for number in run], piece)
    pieces: list[list[int]] = [[run[0]]]
    filled = cost[run[0]]
    for number in run[1:]:
        before = pieces[-1][-1]
        if filled + cost[number] / 2 > piece and (anywhere or _is_joint(tests[before], tests[number])):
            pieces.append([])
            filled = 0.0
        pieces[-1].append(number)
        filled += cost[number]
    return pieces


def _is_cheap(setup: list[float | None], piece: float) -> bool:
    """Whether no set-up of the run is long, as far as all of them are known."""
    return all(each is not None and each <= piece * _CHEAP for each in setup)


def _is_joint(before: Test, after: Test) -> bool:
    """Whether a cut between the two repeats no set-up that both stand on, and parts no class: its tests may build on
    what those before them have left there.
    """
    if before.scope and before.scope == after.scope:
        return False
    return not (before.bound and set(before.bound.split()).intersection(after.bound.split()))
