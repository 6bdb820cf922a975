"""What a kind of jobs with a key of its own is: the keys of its table, and which of them are limits."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from penstock.load.findings import Findings
from penstock.load.locate import KeyPath
from penstock.load.table import Key, Table
from penstock.load.types import Duration, Shape
from penstock.model.pipeline import JobKind, Limit
from penstock.value import Value


class Bound(Value, frozen=True, kw_only=True):
    """How a key limits a measure: by the `least` or the `most` that it may be. See `model.pipeline.Limit`.

    `default`: what it may be where the key is left out; None = anything.
    """

    measure: str
    side: str  # "least" | "most"
    unit: str = ""
    advises: bool = False
    default: float | None = None


def time_limit(name: str, words: str, *, measure: str = "", advises: bool = False) -> tuple[Key, Bound]:
    """A key for the most seconds that a measure may have: the one of its name, if not another."""
    key = Key(name=name, shape=Duration(), doc=words)
    return key, Bound(measure=measure or name, side="most", unit="s", advises=advises)


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


Rule = Callable[[Mapping[str, Any], KeyPath, Findings], None]


class Ruled(Value, frozen=True, kw_only=True):
    """A table whose keys have to fit one another, too: `rule` notes those that do not."""

    shape: Shape
    rule: Rule

    @property
    def words(self) -> str:
        """Those of the table."""
        return self.shape.words

    def read(self, raw: object, path: KeyPath, findings: Findings) -> dict[str, Any] | None:
        """The table's values, if its keys fit one another."""
        values: dict[str, Any] | None = self.shape.read(raw, path, findings)
        before = len(findings)
        if values is not None:
            self.rule(values, path, findings)
        return values if len(findings) == before else None

    def schema(self) -> dict[str, Any]:
        """That of the table: it sees each key by itself."""
        return self.shape.schema()


class Special(Value, frozen=True, kw_only=True):
    """A kind of jobs by a key of its own. `does`: what such a job does, in words; `main`: the one key of the table that
    may stand for it alone, "" if none may; `bounds`: by key, what is no option but a limit; `rule`: what its keys have
    to do with one another; `parts`: tables within it, each under a title; `settles`: fields of the JobSpec that such a
    job has unless it says otherwise. A key `unit`
    is that of all limits without one.
    """

    kind: JobKind
    does: str
    doc: str
    keys: tuple[Key, ...]
    such: str  # a table as an example
    main: str = ""
    bounds: Mapping[str, Bound] = {}
    rule: Rule | None = None
    parts: tuple[tuple[str, tuple[Key, ...]], ...] = ()
    settles: Mapping[str, Any] = {}

    @property
    def key(self) -> Key:
        """The key of the job's table."""
        table = Table(keys=self.keys, words=f"a table such as {self.such}", where=f"`{self.kind.value}`")
        shape: Shape = Brief(main=self.main, table=table) if self.main else table
        shape = Ruled(shape=shape, rule=self.rule) if self.rule is not None else shape
        return Key(name=self.kind.value, shape=shape, kinds=(self.kind,), doc=self.doc)

    def read(self, values: Mapping[str, Any]) -> dict[str, Any]:
        """The fields of a JobSpec that the table's values make."""
        unit = values.get("unit", "")
        held = {name: bound.default for name, bound in self.bounds.items() if bound.default is not None}
        held |= {name: value for name, value in values.items() if name in self.bounds}
        limits = tuple(self._limit(name, value, unit) for name, value in held.items())
        options = tuple((name, value) for name, value in values.items() if name not in self.bounds)
        return {**self.settles, "options": options, "limits": limits}

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
