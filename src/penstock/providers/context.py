"""Which host runs this, and what it says of the run. Pure: the environment and the event come as arguments.

Everything in an event is foreign text; what decides about trust is what the host's runner itself has written.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from penstock.model.run_context import RunContext
from penstock.providers.circleci import context as circleci
from penstock.providers.github import context as github
from penstock.util.branches import any_of

# Branches (patterns, separated by blanks) that only reviewed changes reach, for hosts that do not say so. It is set in
# the host's settings, where a change that is not reviewed yet cannot reach it; in a file of the repository it could.
PROTECTED = "PENSTOCK_PROTECTED_BRANCHES"


def of(environ: Mapping[str, str], event: Mapping[str, Any]) -> RunContext:
    """What is known of this run. `event`: the content of the host's event file, {} where there is none."""
    protected = any_of(environ.get(PROTECTED, "").split())
    if environ.get("GITHUB_ACTIONS") == "true":
        found = github.of(environ, event, protected)
        # act plays GitHub on one's own machine: what it says is believed by nobody
        return RunContext(works_on=found.works_on) if environ.get("ACT") else found
    if environ.get("CIRCLECI") == "true":
        return circleci.of(environ, protected)
    return RunContext()
