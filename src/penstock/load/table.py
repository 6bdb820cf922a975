"""Tables with known keys: what a key is, and how a table of them is read."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from penstock.load.findings import Findings
from penstock.load.locate import KeyPath
from penstock.load.suggest import MASKS, normal
from penstock.load.types import NOT_YET, Shape, shortened, wrong_type
from penstock.model.pipeline import JobKind
from penstock.value import Value

MASK_REMEDY = 'declare it: allow_failure = { reason = "…", until = 2027-03-01 }; it is then told in every verdict'


class Key(Value, frozen=True, kw_only=True):
    """One key. `default` and `doc` are for people; `kinds`: the job kinds that it fits, () = all.

    `field`: the field of the model that holds it, where the names differ. `later`: known, but without meaning yet.
    """

    name: str
    shape: Shape
    doc: str
    default: str = ""
    kinds: tuple[JobKind, ...] = ()
    later: bool = False
    required: bool = False
    field: str = ""

    @property
    def target(self) -> str:
        """The model's field."""
        return self.field or self.name

    def fits(self, kind: JobKind) -> bool:
        """Whether it may stand in a job of this kind."""
        return not self.kinds or kind in self.kinds


def unknown(name: str, known: tuple[str, ...], where: str, path: KeyPath, findings: Findings) -> None:
    """Note an unknown key, with the key that may be meant; a key that hides failures gets its own answer."""
    if normal(name) in MASKS:
        message = f"`{name}` would hide a failure, so there is no such key"
        findings.add("C106", message, path, value=False, remedy=MASK_REMEDY)
        return
    remedy = findings.suggestion(name, known) or f"known here: {', '.join(known)}"
    findings.add("C101", f"unknown key `{shortened(name)}` in {where}", path, value=False, remedy=remedy)


def read_value(key: Key, raw: object, path: KeyPath, findings: Findings) -> Any:
    """The value of one key, or None with a problem noted."""
    value = key.shape.read(raw, path, findings)
    if key.later and value is not None:
        message = f"`{key.name}` is not supported by this version"
        findings.add("C104", message, path, value=False, remedy=NOT_YET)
        return None
    return value


def read_table(
    raw: Mapping[str, object], keys: tuple[Key, ...], where: str, path: KeyPath, findings: Findings
) -> dict[str, Any]:
    """Every value that is right, by the model's field. Unknown and missing keys are noted."""
    by_name = {key.name: key for key in keys}
    values: dict[str, Any] = {}
    for name, given in raw.items():
        key = by_name.get(name)
        if key is None:
            unknown(name, tuple(by_name), where, (*path, name), findings)
            continue
        value = read_value(key, given, (*path, name), findings)
        if value is not None:
            values[key.target] = value
    for key in keys:
        if key.required and key.name not in raw:
            findings.add("C105", f"{where} needs `{key.name}`", path, remedy=f"`{key.name}`: {key.doc}")
    return values


def table_schema(keys: tuple[Key, ...]) -> dict[str, Any]:
    """JSON Schema of a table of these keys; those without meaning yet are left out."""
    properties = {}
    for key in keys:
        if not key.later:
            properties[key.name] = key.shape.schema() | {"description": key.doc}
    schema: dict[str, Any] = {"type": "object", "properties": properties, "additionalProperties": False}
    required = [key.name for key in keys if key.required]
    return schema | {"required": required} if required else schema


class Table(Value, frozen=True, kw_only=True):
    """A table of known keys as a value, read as a dict by the model's fields."""

    keys: tuple[Key, ...]
    words: str
    where: str

    def read(self, raw: object, path: KeyPath, findings: Findings) -> dict[str, Any] | None:
        """The values, or None where a required one is missing or wrong."""
        if not isinstance(raw, dict):
            wrong_type(self, raw, path, findings)
            return None
        before = len(findings)
        values = read_table(raw, self.keys, self.where, path, findings)
        return values if len(findings) == before else None

    def schema(self) -> dict[str, Any]:
        """An object."""
        return table_schema(self.keys)
