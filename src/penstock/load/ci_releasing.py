"""`[tool.penstock.ci.github]`: the keys of the nightly run, of releases and of Codecov."""

from __future__ import annotations

from typing import Any

from penstock.load.findings import Findings
from penstock.load.locate import KeyPath
from penstock.load.shapes import VARIABLE
from penstock.load.table import Key, Table
from penstock.load.types import Flag, Text, wrong_type
from penstock.model.hosts import Codecov, Release
from penstock.value import Value


class Switch(Value, frozen=True, kw_only=True):
    """`true` for a table without keys, `false` for none, or the table."""

    table: Table
    made: type[Value]

    @property
    def words(self) -> str:
        """All three."""
        return f"true, false or {self.table.words}"

    def read(self, raw: object, path: KeyPath, findings: Findings) -> Value | None:
        """What it says; None where it is off, or wrong."""
        if raw is False:
            return None
        if not isinstance(raw, bool | dict):
            wrong_type(self, raw, path, findings)
            return None
        values = {} if raw is True else self.table.read(raw, path, findings)
        return None if values is None else self.made(**values)

    def schema(self) -> dict[str, Any]:
        """A boolean, or the table."""
        return {"anyOf": [{"type": "boolean"}, self.table.schema()]}


RELEASE = (
    Key(name="pypi", shape=Flag(), default="true", doc="Upload to PyPI, by trusted publishing."),
    Key(
        name="environment",
        shape=Text(words="the name of an environment", pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]*$"),
        default='"pypi"',
        doc="The repository's environment that guards the upload; PyPI's publisher names it, too.",
    ),
)
CODECOV = (
    Key(name="flags", shape=Flag(), default="false", doc="Each of the project's coverage flags apart."),
    Key(
        name="token",
        shape=Text(words="the name of a secret", pattern=VARIABLE),
        default='""',
        doc="The repository's secret that holds Codecov's token. Without it, GitHub says who uploads.",
    ),
)
KEYS = (
    Key(
        name="nightly",
        shape=Text(words='a time such as "02:00"', pattern=r"^(?:[01][0-9]|2[0-3]):[0-5][0-9]$"),
        default='"02:00" where a job names "nightly" in `on`, else none',
        doc="When the nightly workflow starts, in UTC.",
    ),
    Key(
        name="release",
        shape=Switch(
            table=Table(keys=RELEASE, words="a table such as { pypi = false }", where="`ci.github.release`"),
            made=Release,
        ),
        default="false",
        doc="A workflow that makes a release of a tag `v…`: `true`, or a table of `pypi` and `environment`.",
    ),
    Key(
        name="codecov",
        shape=Switch(
            table=Table(keys=CODECOV, words="a table such as { flags = true }", where="`ci.github.codecov`"),
            made=Codecov,
        ),
        default="false",
        doc="Upload the merged coverage to Codecov: `true`, or a table of `flags` and `token`.",
    ),
)
