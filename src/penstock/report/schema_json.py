"""The JSON Schema of `penstock run --json FILE`, and its reference page. Both are made from `report.document`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import msgspec

from penstock.report.document import VERSION, RunDocument

_ROOT = "RunDocument"


def schema() -> dict[str, Any]:
    """JSON Schema (draft 2020-12) of version `VERSION`."""
    (reference,), parts = msgspec.json.schema_components((RunDocument,), ref_template="#/$defs/{name}")
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": f"A run of penstock, version {VERSION}",
        **reference,
        "$defs": parts,
    }


def page() -> str:
    """docs/reference/run-json.md."""
    parts: Mapping[str, Mapping[str, Any]] = schema()["$defs"]
    names = [_ROOT, *(name for name in parts if name != _ROOT)]
    lines = [
        "# The run as JSON",
        "",
        "`penstock run --json FILE` writes one JSON object (UTF-8). It tells every end of a run, green or not.",
        "`penstock schema run` prints its JSON Schema. This page is made from the same classes.",
        "",
        f"Version {VERSION}: fields keep their names and meanings; new ones may come: ignore what you do not know.",
        "Only `conclusion: passed` (then `exit_code` is 0) is green; every field is always there.",
    ]
    for name in names:
        lines += ["", f"## {name}", "", parts[name]["description"], "", "| field | type | meaning |", "|---|---|---|"]
        lines += _rows(parts[name]["properties"])
    return "\n".join(lines) + "\n"


def _rows(properties: Mapping[str, Mapping[str, Any]]) -> Iterator[str]:
    for name, field in properties.items():
        yield f"| `{name}` | {_type(field)} | {field.get('description', '')} |"


def _type(field: Mapping[str, Any]) -> str:
    if "anyOf" in field:
        return " or ".join(_type(part) for part in field["anyOf"])
    if "enum" in field:
        return ", ".join(f"`{value}`" for value in field["enum"])
    if "$ref" in field:
        name = field["$ref"].rpartition("/")[2]
        return f"[{name}](#{name.lower()})"
    if field["type"] == "array":
        return f"list of {_type(field['items'])}"
    if field["type"] == "object":
        return f"object of {_type(field['additionalProperties'])}"
    return str(field["type"])
