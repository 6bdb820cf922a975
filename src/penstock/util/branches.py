"""Branches, named by patterns: `main`, `release/*`, `feature/**`."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable


def any_of(patterns: Iterable[str]) -> Callable[[str], bool]:
    """Whether a whole branch name fits one of these, in which `*` stands for anything but a slash, `**` for all.

    "" is no branch, and fits none.
    """
    spelled = (re.escape(each).replace(r"\*\*", ".*").replace(r"\*", "[^/]*") for each in patterns)
    expression = re.compile("|".join(f"(?:{each})" for each in spelled) or r"(?!)")
    return lambda branch: bool(branch) and expression.fullmatch(branch) is not None
