"""`[[tool.penstock.quarantine]]`: each table becomes a Quarantine."""

from __future__ import annotations

from penstock.load.findings import Findings
from penstock.load.locate import KeyPath
from penstock.load.table import Key, read_table
from penstock.load.types import Day, Text, spoken
from penstock.model.pipeline import Quarantine

KEYS = (
    Key(
        name="test",
        shape=Text(
            words='the id of a test, or a pattern such as "tests/test_pool.py::*"',
            pattern=r"^(?=.*[A-Za-z0-9_])[^\x00-\x1f]+$",
        ),
        required=True,
        doc="The id as reports show it, with or without its parameters; `*` and `?` stand for what differs.",
    ),
    Key(name="owner", shape=Text(), required=True, doc="Who mends it."),
    Key(name="reason", shape=Text(), required=True, doc="Why it may fail."),
    Key(name="until", shape=Day(), required=True, doc="The last day on which it may fail; after it the run is red."),
)


def read_quarantine(raw: object, path: KeyPath, findings: Findings) -> tuple[Quarantine, ...]:
    """The entries that are right, in the order of the file."""
    if not isinstance(raw, list):
        remedy = "write each entry below a line [[tool.penstock.quarantine]]"
        findings.add("C102", f"`quarantine` must be a list of tables, not {spoken(raw)}", path, remedy=remedy)
        return ()
    read = (_entry(entry, (*path, index), findings) for index, entry in enumerate(raw))
    entries: dict[str, Quarantine] = {}
    for entry in (entry for entry in read if entry is not None):
        if entry.test in entries:
            findings.add("C110", f'"{entry.test}" stands twice in `quarantine`', path, remedy="keep one of them")
        entries[entry.test] = entry
    return tuple(entries.values())


def _entry(raw: object, path: KeyPath, findings: Findings) -> Quarantine | None:
    if not isinstance(raw, dict):
        findings.add("C102", f"an entry of `quarantine` must be a table, not {spoken(raw)}", path)
        return None
    before = len(findings)
    values = read_table(raw, KEYS, "an entry of `quarantine`", path, findings)
    return Quarantine(**values, place=findings.locator.place(path)) if len(findings) == before else None
