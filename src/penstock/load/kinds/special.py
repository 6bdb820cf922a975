"""What a kind of jobs with a key of its own is: the keys of its table, and which of them are limits."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from penstock.load.findings import Findings
from penstock.load.locate import KeyPath
from penstock.load.table import Key, Table
from penstock.load.types import Shape
from penstock.model.pipeline import JobKind, Limit
from penstock.value import Value


class Bound(Value, frozen=True, kw_only=True):
    """How a key limits a measure: by the `least` or the `most` that it may be. See `model.pipeline.Limit`."""

    measure: str
    side: str  # "least" | "most"
    unit: str = ""
    advises: bool = False


class Brief(Value, frozen=True, kw_only=True):
    """A table, or the value of its main key alone: `model = "app:load"` is `model = { load = "app:load" }`."""

    main: str
    table: Table

    @property
    def _shape(self) -> Shape:
        return next(key.shape for key in self.table.keys if key.name == self.main)

    @property
    def words(self) -> str:
        """Both."""
        return f"{self._shape.words}; or {self.table.words}"

    def read(self, raw: object, path: KeyPath, findings: Findings) -> dict[str, Any] | None:
        """The table's values."""
        if isinstance(raw, dict):
            return self.table.read(raw, path, findings)
        value = self._shape.read(raw, path, findings)
        return None if value is None else {self.main: value}

    def schema(self) -> dict[str, Any]:
        """One of both."""
        return {"anyOf": [self._shape.schema(), self.table.schema()]}


class Special(Value, frozen=True, kw_only=True):
    """A kind of jobs by a key of its own. `does`: what such a job does, in words; `main`: the one key of the table that
    may stand for it alone, "" if none may; `bounds`: by key, what is no option but a limit. A key `unit` is that of all
    limits without one.
    """

    kind: JobKind
    does: str
    doc: str
    keys: tuple[Key, ...]
    such: str  # a table as an example
    main: str = ""
    bounds: Mapping[str, Bound] = {}

    @property
    def key(self) -> Key:
        """The key of the job's table."""
        table = Table(keys=self.keys, words=f"a table such as {self.such}", where=f"`{self.kind.value}`")
        shape: Shape = Brief(main=self.main, table=table) if self.main else table
        return Key(name=self.kind.value, shape=shape, kinds=(self.kind,), doc=self.doc)

    def read(self, values: Mapping[str, Any]) -> dict[str, Any]:
        """The fields of a JobSpec that the table's values make."""
        unit = values.get("unit", "")
        limits = tuple(self._limit(name, value, unit) for name, value in values.items() if name in self.bounds)
        options = tuple((name, value) for name, value in values.items() if name not in self.bounds)
        return {"options": options, "limits": limits}

    def _limit(self, name: str, value: float, unit: str) -> Limit:
        bound = self.bounds[name]
        return Limit(
            measure=bound.measure,
            key=f"{self.kind.value}.{name}",
            least=float(value) if bound.side == "least" else None,
            most=float(value) if bound.side == "most" else None,
            unit=bound.unit or unit,
            advises=bound.advises,
        )
