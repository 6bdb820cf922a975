"""JSON Schema of the configuration, made from the same tables that the parser reads by."""

from __future__ import annotations

from typing import Any

from penstock.load import deploy, notify, quarantine, services
from penstock.load.ci import HOSTS
from penstock.load.gate_keys import GATES
from penstock.load.keys import BUILT_IN, KIND_KEYS, TOP, TOP_TABLES, job_keys
from penstock.load.shapes import NAME
from penstock.load.table import table_schema
from penstock.load.types import Duration
from penstock.model.pipeline import JobKind

DIALECT = "https://json-schema.org/draft/2020-12/schema"
_KEY_OF = {kind: key for key, kind in KIND_KEYS.items()}


def schema() -> dict[str, Any]:
    """What `[tool.penstock]`, or the whole of penstock.toml, may hold. What does not fit together it cannot see."""
    return {
        "$schema": DIALECT,
        "title": "penstock",
        "description": "[tool.penstock] in pyproject.toml, or penstock.toml",
        "type": "object",
        "properties": {
            **{key.name: key.shape.schema() | {"description": key.doc} for key in TOP},
            "stages": _stages(),
            "jobs": _jobs(),
            "gates": _gates(),
            "quarantine": {
                "type": "array",
                "items": table_schema(quarantine.KEYS),
                "description": TOP_TABLES["quarantine"],
            },
            "services": {
                "type": "object",
                "patternProperties": {NAME.pattern: table_schema(services.KEYS)},
                "additionalProperties": False,
                "description": TOP_TABLES["services"],
            },
            "notify": table_schema(notify.KEYS) | {"description": TOP_TABLES["notify"]},
            "ci": _ci(),
            "deploy": {
                "type": "object",
                "patternProperties": {NAME.pattern: table_schema(deploy.KEYS)},
                "additionalProperties": False,
                "description": TOP_TABLES["deploy"],
            },
        },
        "additionalProperties": False,
        "$defs": {kind.value: _job(kind) for kind in JobKind},
    }


def _stages() -> dict[str, Any]:
    budgets = {
        "type": "object",
        "patternProperties": {NAME.pattern: Duration().schema()},
        "additionalProperties": False,
    }
    names = {"type": "array", "items": NAME.schema(), "uniqueItems": True}
    return {"anyOf": [budgets, names], "description": TOP_TABLES["stages"]}


def _jobs() -> dict[str, Any]:
    worked = [{"$ref": f"#/$defs/{kind.value}"} for kind in KIND_KEYS.values()]
    built_in = {
        name: {"anyOf": [{"type": "boolean"}, {"$ref": f"#/$defs/{kind.value}"}, *worked]}
        for name, kind in BUILT_IN.items()
    }
    by_tool = [{"$ref": f"#/$defs/{kind}", "required": ["tool"]} for kind in ("lint", "types")]
    others = NAME.pattern.removeprefix("^")
    return {
        "type": "object",
        "properties": built_in,
        "patternProperties": {f"^(?!(?:{'|'.join(BUILT_IN)})$){others}": {"anyOf": [*worked, *by_tool]}},
        "additionalProperties": False,
        "minProperties": 1,
        "description": TOP_TABLES["jobs"],
    }


def _job(kind: JobKind) -> dict[str, Any]:
    """A job of one kind. A kind that goes by its key needs the key; a built-in goes by its name."""
    job = table_schema(job_keys(kind))
    return job | {"required": [_KEY_OF[kind]]} if kind in _KEY_OF else job


def _gates() -> dict[str, Any]:
    properties = {gate.name: table_schema(gate.keys) | {"description": gate.doc} for gate in GATES if not gate.later}
    return {
        "type": "object",
        "properties": properties,
        "additionalProperties": False,
        "description": TOP_TABLES["gates"],
    }


def _ci() -> dict[str, Any]:
    hosts = {host: table_schema(keys) if keys else {"type": "object"} for host, keys in HOSTS.items()}
    return {
        "type": "object",
        "properties": hosts,
        "additionalProperties": False,
        "description": TOP_TABLES["ci"],
    }
