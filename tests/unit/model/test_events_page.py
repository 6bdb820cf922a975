"""docs/reference/events.md says what model/events.py says: it is made from its classes."""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable
from typing import get_args

import msgspec

from penstock.model import events

_HEAD = """\
# Events

<!-- Made from penstock.model.events by `pytest --update-golden`; do not edit. -->

The evidence of a run, one event a line:

    <crc32 of the JSON, 8 hex digits> <JSON object in one line, with "event" and the fields below>

A line is appended by one write, before anything is made of it. A last line without its newline was being written when
its writer died, and does not count; any other line that does not check is damage, and keeps the job from passing.
penstock writes `events.jsonl` of the run; the recorder inside the tests' process writes one below the job's `reports/`.

`at_s` is the machine's monotonic clock in seconds (only differences mean anything), `wall_s` epoch seconds, UTC.
A field that has a default is left out where it says just that."""


def page() -> str:
    parts = [_HEAD]
    for kind in get_args(events.Event):
        rows = [
            f"| `{field.name}` | `{_type(kind, field.name)}` | {_default(field)} |"
            for field in msgspec.structs.fields(kind)
        ]
        about = " ".join(line.strip() for line in (kind.__doc__ or "").splitlines()).strip()
        parts.append(
            "\n".join([f"## {kind.__name__}", "", about, "", "| field | type | default |", "|---|---|---|", *rows])
        )
    return "\n\n".join(parts) + "\n"


def _type(kind: type, name: str) -> str:
    written = inspect.formatannotation(inspect.get_annotations(kind)[name])
    return re.sub(r"\b(?:\w+\.)+(?=\w)", "", written).replace("|", "\\|")


def _default(field: msgspec.structs.FieldInfo) -> str:
    if field.required:
        return ""
    made = field.default if field.default is not msgspec.NODEFAULT else field.default_factory()
    return f"`{made!r}`"


def test_the_page_is_current(golden: Callable[[str, str], None]) -> None:
    golden("docs/reference/events.md", page())
