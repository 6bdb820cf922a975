"""The keys that every CI host's table has: what its runners install, and are given."""

from __future__ import annotations

from penstock.load.shapes import INSIDE, VARIABLE, Scalars
from penstock.load.table import Key
from penstock.load.types import Flag, Text


def keys(folder: str) -> tuple[Key, ...]:
    """Those keys. `folder`: of the host's configuration."""
    return (
        Key(
            name="penstock",
            shape=Text(words="a file of requirements with hashes", pattern=INSIDE),
            default=f'"{folder}/penstock.txt"',
            doc="Where runners get penstock: requirements with their hashes, as `uv pip compile --generate-hashes` "
            "writes.",
        ),
        Key(
            name="from_checkout",
            shape=Flag(),
            default="false",
            doc="penstock itself is built from the checkout, and only what that takes and needs comes from that file.",
        ),
        Key(
            name="environment",
            shape=Scalars(words="a table of variables", keys=VARIABLE, key_words="the name of a variable"),
            default="{}",
            doc="Variables of all runners. Secrets do not belong here.",
        ),
    )
