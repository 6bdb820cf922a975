"""The base of every value: frozen, compared by content, encoded and checked by msgspec.

msgspec.Struct and not dataclass: the nouns are about fifty classes, and making them costs 2 ms instead of 50 ms of CPU
in every start (docs/design/0002-values.md), with JSON in both directions checked against the annotations.
"""

from __future__ import annotations

import msgspec


class Value(msgspec.Struct, frozen=True, omit_defaults=True):
    """A frozen value. Subclasses say `frozen=True, kw_only=True` again, for the type checker.

    Unknown fields are ignored when decoded, so that an old penstock reads what a newer one wrote.
    """
