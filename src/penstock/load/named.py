"""A table of names that the user chooses, each with a value of one shape."""

from __future__ import annotations

from typing import Any

from penstock.load.findings import Findings
from penstock.load.locate import KeyPath
from penstock.load.types import Shape, matches, shortened, wrong_type
from penstock.value import Value


class Named(Value, frozen=True, kw_only=True):
    """Names -> values of `item`. `keys`: the pattern of the names. Read as pairs in the order of the file."""

    item: Shape
    words: str
    keys: str
    key_words: str

    def read(self, raw: object, path: KeyPath, findings: Findings) -> tuple[tuple[str, Any], ...] | None:
        """Pairs."""
        if not isinstance(raw, dict):
            wrong_type(self, raw, path, findings)
            return None
        pairs = []
        for name, value in raw.items():
            if not matches(self.keys, name):
                message = f'"{shortened(name)}" is not {self.key_words}'
                findings.add("C103", message, (*path, name), value=False)
            elif (read := self.item.read(value, (*path, name), findings)) is not None:
                pairs.append((name, read))
        return tuple(pairs) if len(pairs) == len(raw) else None

    def schema(self) -> dict[str, Any]:
        """An object."""
        return {"type": "object", "patternProperties": {self.keys: self.item.schema()}, "additionalProperties": False}
