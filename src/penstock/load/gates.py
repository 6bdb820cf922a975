"""`[tool.penstock.gates]`: each gate's table becomes a CheckSpec."""

from __future__ import annotations

from penstock.load.findings import Findings
from penstock.load.gate_keys import GATES, Gate
from penstock.load.locate import KeyPath
from penstock.load.table import read_table, unknown
from penstock.load.types import NOT_YET, spoken
from penstock.model.pipeline import CheckSpec, Ignored, Mode

_BY_NAME = {gate.name: gate for gate in GATES}


def read_gates(raw: object, path: KeyPath, findings: Findings) -> tuple[CheckSpec, ...]:
    """The gates that are right, in the order of the file."""
    if not isinstance(raw, dict):
        findings.add("C102", f"`gates` must be a table of gates, not {spoken(raw)}", path)
        return ()
    checks = []
    for name, value in raw.items():
        gate = _BY_NAME.get(name)
        if gate is None:
            unknown(name, tuple(_BY_NAME), "`gates`", (*path, name), findings)
        elif gate.later:
            message = f"the gate `{name}` is not supported by this version"
            findings.add("C104", message, (*path, name), value=False, remedy=NOT_YET)
        elif not isinstance(value, dict):
            findings.add("C102", f"the gate `{name}` must be a table, not {spoken(value)}", (*path, name))
        else:
            checks.append(_check(gate, value, (*path, name), findings))
    return tuple(checks)


def _check(gate: Gate, raw: dict[str, object], path: KeyPath, findings: Findings) -> CheckSpec:
    values = read_table(raw, gate.keys, f"the gate `{gate.name}`", path, findings)
    mode = Mode(values.pop("mode", Mode.ERROR))
    ignored = tuple(Ignored(**entry) for entry in values.pop("ignore", ()))
    flags = values.pop("flags", ())
    limits = tuple((name, float(value)) for name, value in values.items() if _is_number(value))
    limits += tuple((f"flags.{name}", number) for name, number in flags)
    options = tuple((name, _words(value)) for name, value in values.items() if not _is_number(value))
    place = findings.locator.place(path)
    return CheckSpec(name=gate.name, mode=mode, limits=limits, options=options, ignored=ignored, place=place)


def _words(value: object) -> str:
    """An option as text; a list with commas between."""
    return ",".join(map(str, value)) if isinstance(value, list | tuple) else str(value).lower()


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)
