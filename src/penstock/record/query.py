"""Questions to the history: read-only SQL over views of its sound files."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, NamedTuple

from penstock.errors import StateError, UsageError
from penstock.record.duck import Part, connected, open_views
from penstock.record.store import History, Sound

if TYPE_CHECKING:
    import duckdb

_TRIES = 5  # a compaction may take files away between our look and our read


class Answer(NamedTuple):
    """Rows by column. `lost`: what is known to be missing from them; `found`: what of that was found just now."""

    columns: tuple[str, ...]
    rows: tuple[tuple[Any, ...], ...]
    lost: tuple[str, ...] = ()
    found: tuple[str, ...] = ()


def ask(
    history: History,
    sql: str,
    parameters: Mapping[str, object],
    *,
    first: Mapping[str, str] | None = None,
    now_s: float | None = None,
) -> Answer:
    """The answer to one SELECT, which is given those of the `parameters` that it names.

    `first`: parameters that are answers themselves, with their SQL. `now_s`: as in `History.sound`.
    Raises UsageError for SQL that is none or fails; NotVerifiedError without DuckDB; StateError for a newer history.
    """
    for _ in range(_TRIES):
        with connected() as connection:
            import duckdb

            statement = _select(connection, sql)
            sound = history.sound(now_s=now_s)
            try:
                open_views(connection, Part(history.folder.absolute(), sound.files))
                known = dict(parameters)
                for name, inner in (first or {}).items():
                    known[name] = (connection.execute(inner, _named(inner, known)).fetchone() or (None,))[0]
                return _answer(connection.execute(statement, _named(sql, known)), sound)
            except duckdb.Error as error:
                if set(sound.files) <= set(history.sound().files):  # each digested anew
                    raise UsageError(f"DuckDB says: {error}", remedy=_REMEDY) from error
    raise StateError("the history changes faster than it can be read", remedy="ask again")


_REMEDY = (
    "the tables are runs, jobs, tests, coverage and findings (`DESCRIBE tests` shows the columns); "
    "moments are without a zone, UTC: now()::TIMESTAMP"
)


def _named(sql: str, parameters: Mapping[str, object]) -> dict[str, object]:
    return {name: value for name, value in parameters.items() if re.search(rf"\${name}\b", sql)}


def _select(connection: duckdb.DuckDBPyConnection, sql: str) -> duckdb.Statement:
    """The one statement, which only reads. Raises UsageError."""
    import duckdb

    try:
        statements = connection.extract_statements(sql)
    except duckdb.Error as error:
        raise UsageError(f"DuckDB says: {error}", remedy=_REMEDY) from error
    if len(statements) != 1 or statements[0].type != duckdb.StatementType.SELECT:
        raise UsageError("the history is asked by one SELECT", remedy=_REMEDY)
    return statements[0]


def _answer(given: duckdb.DuckDBPyConnection, sound: Sound) -> Answer:
    names = tuple(str(column[0]) for column in given.description or ())
    lost = tuple(dict.fromkeys((*(loss.what for loss in sound.lost), *sound.found)))
    return Answer(names, tuple(given.fetchall()), lost, sound.found)
