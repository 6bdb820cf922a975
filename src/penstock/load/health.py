"""How it is asked whether something is well: a service, or what was deployed."""

from __future__ import annotations

from typing import Any

from penstock.load.findings import Findings
from penstock.load.locate import KeyPath
from penstock.load.shapes import Argv
from penstock.load.types import matches, wrong_type, wrong_value
from penstock.value import Value

_ARGV = Argv()


class Health(Value, frozen=True, kw_only=True):
    """A protocol's name, an address of HTTP, or a command as a list.

    `address`: the pattern of what is asked by HTTP; `protocols`: that may be named; `hint`: for what is none of these,
    "" = the protocol whose name is nearest.
    """

    words: str
    address: str
    protocols: tuple[str, ...] = ()
    hint: str = ""

    def read(self, raw: object, path: KeyPath, findings: Findings) -> tuple[str, ...] | None:
        """As in `ServiceSpec.health` and `Deployment.health`: how, and what with."""
        if isinstance(raw, list):
            given = _ARGV.read(raw, path, findings)
            return None if given is None else ("command", *given)
        if not isinstance(raw, str):
            wrong_type(self, raw, path, findings)
            return None
        if matches(self.address, raw):
            return ("http", raw)
        if raw in self.protocols:
            return (raw,)
        wrong_value(self, raw, path, findings, remedy=self.hint or findings.suggestion(raw, self.protocols))
        return None

    def schema(self) -> dict[str, Any]:
        """A word, an address or an array."""
        words = [{"enum": list(self.protocols)}] if self.protocols else []
        arrays = [one for one in _ARGV.schema()["anyOf"] if one["type"] == "array"]
        return {"anyOf": [*words, {"type": "string", "pattern": self.address}, *arrays]}
