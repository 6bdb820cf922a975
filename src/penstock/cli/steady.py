"""For how many recorded runs in a row tests have passed. Advice alone rests on it: what cannot be read is not known."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from itertools import groupby
from pathlib import Path

import msgspec

from penstock.cli import keeping
from penstock.errors import PenstockError
from penstock.record.manifest import File
from penstock.record.store import History
from penstock.record.tables import ALONE
from penstock.value import Value

_MOST_RUNS = 200  # as far as `penstock flaky` looks back
_IDLE = frozenset({"skipped", "not_run", "xfailed"})

_QUERY = """
WITH recent AS (SELECT wall_s FROM runs WHERE command <> 'test' ORDER BY wall_s DESC LIMIT $most)
SELECT wall_s, run, job, test, outcome, attempt FROM tests
WHERE list_contains($tests, test) AND wall_s >= (SELECT coalesce(min(wall_s), 0.0) FROM recent)
ORDER BY wall_s DESC, run DESC
"""


class _Row(Value, frozen=True):
    """What of a row of the history's table `tests` matters here."""

    wall_s: float
    run: str
    job: str
    test: str
    outcome: str
    attempt: int


def passed_before(state: Path, tests: Collection[str], *, enough: int) -> Mapping[str, int]:
    """Test -> runs in a row, the newest last, in which it ran and passed at once in every job; `enough` at most."""
    history = History(keeping.history(state))
    try:
        files = [file for file in history.read().files if file.table == "tests"]
        if any(file.form == "parquet" for file in files):
            runs = _by_run(_of_all(history, tests))
        else:
            runs = _of_lines(history, files, tests)
        return _counted(runs, tests, enough)
    except (PenstockError, OSError, ValueError):  # also where there is Parquet, and no DuckDB
        return {}


def _counted(runs: Iterable[Iterable[_Row]], tests: Collection[str], enough: int) -> Mapping[str, int]:
    """`runs`: the newest first. Nothing more is read once everything is known."""
    counts = dict.fromkeys(tests, 0)
    going = set(counts)
    for rows in runs:
        ran: dict[str, bool] = {}
        for row in rows:
            if row.test in going and row.outcome not in _IDLE and not row.job.startswith(ALONE):
                ran[row.test] = ran.get(row.test, True) and row.outcome == "passed" and row.attempt == 1
        for test, passed in ran.items():
            counts[test] += passed
            if not passed or counts[test] >= enough:
                going.discard(test)
        if not going:
            break
    return counts


def _of_lines(history: History, files: Iterable[File], tests: Collection[str]) -> Iterator[Iterable[_Row]]:
    """The rows of one run after the other, a day at a time: its runs have left a file each, or were joined."""
    words = [msgspec.json.encode(test) for test in tests]
    decoder = msgspec.json.Decoder(_Row)
    newest = sorted(files, key=_period, reverse=True)[:_MOST_RUNS]
    for _, those in groupby(newest, key=_period):
        lines = (line for file in those for line in history.lines(file))
        rows = [decoder.decode(line) for line in lines if any(word in line for word in words)]
        yield from _by_run(sorted(rows, key=_began, reverse=True))


def _period(file: File) -> str:
    return file.period


def _began(row: _Row) -> tuple[float, str]:
    return row.wall_s, row.run


def _of_all(history: History, tests: Collection[str]) -> Iterator[_Row]:
    """By DuckDB, where some of it is Parquet. Raises PenstockError."""
    from penstock.record.query import ask

    answer = ask(history, _QUERY, {"tests": sorted(tests), "most": _MOST_RUNS})
    return (_Row(*row) for row in answer.rows)


def _by_run(rows: Iterable[_Row]) -> Iterator[Iterable[_Row]]:
    return (list(group) for _, group in groupby(rows, key=_run))


def _run(row: _Row) -> tuple[float, str]:
    return row.wall_s, row.run
