"""One request of an `http` job, and what its answer must be."""

from __future__ import annotations

import json
from typing import Any

from penstock.load.findings import Findings
from penstock.load.locate import KeyPath
from penstock.load.shapes import Scalars
from penstock.load.table import Key, Table
from penstock.load.types import Choice, Text, Whole, matches, spelled, wrong_type, wrong_value
from penstock.value import Value

_METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")
_LINE = rf"^(?:{'|'.join(_METHODS)}) /[!-~]*$"
_DEEPEST = 50  # tables in tables of a body


class Content(Value, frozen=True, kw_only=True):
    """What can be sent as JSON."""

    words: str = "what JSON can hold, such as { x = 1 } or [1, 2]"

    def read(self, raw: object, path: KeyPath, findings: Findings) -> object:
        """The value as it is."""
        if _is_json(raw):
            return raw
        wrong_type(self, raw, path, findings, remedy="write dates as strings; nan and inf are no JSON")
        return None

    def schema(self) -> dict[str, Any]:
        """Anything that an editor can see of it."""
        return {"type": ["object", "array", "string", "number", "boolean"]}


def _is_json(raw: object, depth: int = 0) -> bool:
    if isinstance(raw, dict):
        return depth < _DEEPEST and all(_is_json(value, depth + 1) for value in raw.values())
    if isinstance(raw, list):
        return depth < _DEEPEST and all(_is_json(value, depth + 1) for value in raw)
    if isinstance(raw, float):
        return abs(raw) < float("inf")
    return isinstance(raw, str | int)


PATH = Text(words='a path such as "/health", percent-encoded', pattern=r"^/[!-~]*$")

CALL = (
    Key(name="method", shape=Choice(options=_METHODS), default='"GET"', doc="How it is asked."),
    Key(name="path", shape=PATH, required=True, doc="What is asked for, with its query."),
    Key(name="json", shape=Content(), doc="What is sent, as JSON."),
    Key(name="body", shape=Text(), doc="What is sent, as it stands."),
    Key(
        name="headers",
        shape=Scalars(words="a table of headers", keys=r"^[A-Za-z0-9-]+$", key_words="the name of a header"),
        default="{}",
        doc="Headers beside the usual ones.",
    ),
    Key(name="status", shape=Whole(minimum=100, maximum=599), default="any from 200 to 299", doc="What it answers."),
    Key(name="contains", shape=Text(), doc="A text that stands in the answer."),
)


class Call(Value, frozen=True, kw_only=True):
    """`"GET /path"`, or a table. Read as JSON text: an option of a job is one value."""

    words: str = 'a call such as "GET /health" or { method = "POST", path = "/predict", json = { x = 1 } }'

    def read(self, raw: object, path: KeyPath, findings: Findings) -> str | None:
        """{"method", "path", …} of what is declared."""
        if isinstance(raw, str):
            if not matches(_LINE, raw):
                wrong_value(self, raw, path, findings)
                return None
            method, _, target = raw.partition(" ")
            return json.dumps({"method": method, "path": target})
        if not isinstance(raw, dict):
            wrong_type(self, raw, path, findings)
            return None
        table = Table(keys=CALL, words=self.words, where=spelled(path)).read(raw, path, findings)
        if table is None:
            return None
        if "json" in table and "body" in table:
            remedy = "leave one of them out"
            findings.add("C212", "a call sends `json` or `body`", (*path, "body"), value=False, remedy=remedy)
            return None
        return json.dumps({"method": "GET", **table})

    def schema(self) -> dict[str, Any]:
        """A string with a pattern, or an object."""
        table = Table(keys=CALL, words=self.words, where="a call").schema()
        return {"anyOf": [{"type": "string", "pattern": _LINE}, table]}
