"""On which branches CircleCI starts a job: an expression, and no regular one.

It may start a job on more branches than it is wanted on (`feature/*` of ours stops at a slash, the host's beginning
does not): there the plan leaves the job out, and `penstock deploy` refuses.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

_BRANCH = "pipeline.git.branch"


def expression(patterns: Iterable[str]) -> str:
    """The value of `filters`; "" where every branch could be meant."""
    parts: list[str] = []
    for pattern in patterns:
        beginning = re.split(r"[*]", pattern, maxsplit=1)[0]
        if not beginning:
            return ""
        parts.append(f'{_BRANCH} == "{pattern}"' if beginning == pattern else f'{_BRANCH} starts-with "{beginning}"')
    return " or ".join(dict.fromkeys(parts))
