"""Which host runs this, and what it says of the run. Pure: the environment and the event come as arguments.

Everything in an event is foreign text; what decides about trust is what the host's runner itself has written.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from penstock.model.run_context import RunContext
from penstock.providers.circleci import context as circleci
from penstock.providers.github import context as github

# Branches (patterns, separated by blanks) that only reviewed changes reach, for hosts that do not say so. It is set in
# the host's settings, where a change that is not reviewed yet cannot reach it; in a file of the repository it could.
PROTECTED = "PENSTOCK_PROTECTED_BRANCHES"


def of(environ: Mapping[str, str], event: Mapping[str, Any]) -> RunContext:
    """What is known of this run. `event`: the content of the host's event file, {} where there is none."""
    protected = _any_of(environ.get(PROTECTED, "").split())
    if environ.get("GITHUB_ACTIONS") == "true" and not environ.get("ACT"):  # act plays GitHub on one's own machine
        return github.of(environ, event, protected)
    if environ.get("CIRCLECI") == "true":
        return circleci.of(environ, protected)
    return RunContext()


def _any_of(patterns: Iterable[str]) -> Callable[[str], bool]:
    """Whether a whole branch name fits one of these, in which `*` stands for anything but a slash, `**` for all."""
    spelled = (re.escape(each).replace(r"\*\*", ".*").replace(r"\*", "[^/]*") for each in patterns)
    expression = re.compile("|".join(f"(?:{each})" for each in spelled) or r"(?!)")
    return lambda branch: bool(branch) and expression.fullmatch(branch) is not None
