"""DuckDB, imported here alone: a connection that touches the files it is given and nothing else."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from penstock.errors import NotVerifiedError
from penstock.record.manifest import File
from penstock.record.tables import TABLES, columns, schema

if TYPE_CHECKING:
    import duckdb

# What is told of a row beside its columns, so that nobody has to take a path or a moment apart.
_DERIVED = {
    "runs": "",
    "jobs": "",
    "tests": ", split_part(test, '::', 1) AS file, split_part(split_part(job, '#', 1), '@', 1) AS name",
    "coverage": "",
    "findings": "",
}
_MOMENT = "make_timestamp((wall_s * 1e6)::BIGINT)"


class Part(NamedTuple):
    """Sound files of a history that lies in `folder`."""

    folder: Path
    files: tuple[File, ...]

    def of(self, table: str, form: str, *, now: bool = True) -> list[str]:
        """The paths of one table's files of one form. `now`: whether they have the columns of now."""
        known = schema(table)
        return [
            str(self.folder / file.path)
            for file in self.files
            if (file.table, file.form) == (table, form) and (file.schema == known) == now
        ]


@contextmanager
def connected() -> Iterator[duckdb.DuckDBPyConnection]:
    """A database in memory. Raises NotVerifiedError where DuckDB is not installed."""
    try:
        import duckdb
    except ImportError:
        raise NotVerifiedError(
            "the history needs DuckDB",
            remedy="install penstock[history], e.g. uv tool install penstock[history]; nothing is lost until then",
        ) from None
    connection = duckdb.connect(
        ":memory:",
        config={
            "autoinstall_known_extensions": "false",
            "autoload_known_extensions": "false",
            "python_enable_replacements": "false",
            "preserve_insertion_order": "false",
        },
    )
    try:
        yield connection
    finally:
        connection.close()


def relation(table: str, part: Part) -> str:
    """SQL for all rows of `table` in these files, with its columns as they are now."""
    names = ", ".join(columns(table))
    none = ", ".join(f"NULL::{kind} AS {name}" for name, kind in columns(table).items())
    pieces = [f"SELECT {none} WHERE false"]  # files of an older penstock may lack a column, or there may be none
    for now, unite in ((True, "false"), (False, "true")):  # to unite, each file is opened before the query is
        if parquet := part.of(table, "parquet", now=now):
            options = f"union_by_name = {unite}, hive_partitioning = false"
            pieces.append(f"SELECT * FROM read_parquet({_list(parquet)}, {options})")
    if lines := part.of(table, "jsonl") + part.of(table, "jsonl", now=False):
        kinds = ", ".join(f"{name}: '{kind}'" for name, kind in columns(table).items())
        pieces.append(f"SELECT * FROM read_json({_list(lines)}, columns = {{{kinds}}}, format = 'newline_delimited')")
    return f"(SELECT {names} FROM ({' UNION ALL BY NAME '.join(pieces)}))"


def open_views(connection: duckdb.DuckDBPyConnection, part: Part) -> None:
    """Make a view of each table, with `moment` (UTC) and `day`, then shut the connection off from everything else."""
    for table in TABLES:
        derived = f"*, {_MOMENT} AS moment, {_MOMENT}::DATE AS day{_DERIVED[table]}"
        connection.execute(f"CREATE VIEW {table} AS SELECT {derived} FROM {relation(table, part)}")
    connection.execute(f"SET allowed_paths = {_list(str(part.folder / file.path) for file in part.files)}")
    connection.execute("SET enable_external_access = false")
    connection.execute("SET lock_configuration = true")


def text(value: str) -> str:
    """A SQL literal."""
    return "'" + value.replace("'", "''") + "'"


def _list(values: Iterable[str]) -> str:
    return f"[{', '.join(map(text, values))}]"
