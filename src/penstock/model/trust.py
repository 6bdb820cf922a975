"""How far what a run left may be believed (TRUST: protected, branch, local)."""

from __future__ import annotations

from enum import StrEnum


class Trust(StrEnum):
    """Where a run took place. A reader accepts what its own level or a higher one wrote."""

    PROTECTED = "protected"  # on a branch that only reviewed changes reach
    BRANCH = "branch"  # on any other branch of the repository, by a CI host
    LOCAL = "local"  # on somebody's machine

    @property
    def accepted(self) -> tuple[Trust, ...]:
        """The levels that a reader of this one accepts, its own first."""
        levels = tuple(Trust)
        return tuple(reversed(levels[: levels.index(self) + 1]))
