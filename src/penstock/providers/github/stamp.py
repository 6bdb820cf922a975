"""What a published comment hides: whose it is, and of which run it tells. Pure.

The first line is penstock's mark, the second the stamp; a comment without both at its beginning is none of ours.
"""

from __future__ import annotations

import re

from penstock.value import Value

_LINE = re.compile(
    r"<!-- penstock: of=(?P<project>[\w.%/~-]*) by=(?P<provider>[a-z]+) order=(?P<order>\d{1,18})"
    r" attempt=(?P<attempt>\d{1,9}) head=(?P<head>[0-9a-f]{0,64}) -->"
)


class Stamp(Value, frozen=True, kw_only=True):
    """`project`: its folder in the repository, percent-encoded, "" for the top: each has a comment of its own. The
    rest as in `model.run_context`.
    """

    project: str = ""
    provider: str = "local"
    order: int = 0
    attempt: int = 0
    head: str = ""

    def newer_than(self, other: Stamp) -> bool:
        """Whether it is known to tell of a later run."""
        known = self.provider == other.provider and min(self.order, other.order) > 0
        return known and (self.order, self.attempt) > (other.order, other.attempt)


def stamped(text: str, stamp: Stamp) -> str:
    """The page with the stamp below its first line, which is the mark."""
    mark, _, rest = text.partition("\n")
    line = (
        f"<!-- penstock: of={stamp.project} by={stamp.provider} order={stamp.order}"
        f" attempt={stamp.attempt} head={stamp.head} -->"
    )
    return f"{mark}\n{line}\n{rest}"


def read(body: str, mark: str) -> Stamp | None:
    """The stamp of a comment; None if it does not begin with `mark` and one."""
    lines = body[: len(mark) + 20_000].splitlines()
    found = _LINE.fullmatch(lines[1]) if len(lines) > 1 and lines[0] == mark else None
    if found is None:
        return None
    return Stamp(
        project=found["project"],
        provider=found["provider"],
        order=int(found["order"]),
        attempt=int(found["attempt"]),
        head=found["head"],
    )
