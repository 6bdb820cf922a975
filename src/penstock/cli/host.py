"""The CI host that runs this: what it says of the run. Without one there is nothing to read."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from penstock.model.run_context import RunContext
from penstock.model.trust import Trust

if TYPE_CHECKING:
    from penstock.cli.surroundings import Surroundings

_HOSTS = ("GITHUB_ACTIONS", "CIRCLECI")


def context(environ: Mapping[str, str], event: Path | None = None) -> RunContext:
    """What is known of this run. `event`: an event file, if not the host's own; an unreadable one says nothing."""
    if not any(environ.get(name) for name in _HOSTS):
        return RunContext()
    from penstock.providers import context as providers

    named = str(event) if event is not None else environ.get("GITHUB_EVENT_PATH", "")
    return providers.of(environ, _event(named))


def trust(surroundings: Surroundings, commit: str | None) -> Trust:
    """How far a run on this commit may be believed."""
    return context(surroundings.environ).trusted(commit)


def _event(name: str) -> Mapping[str, Any]:
    import json

    from penstock.scan.pull_request import MOST_BYTES

    try:
        path = Path(name)
        found = json.loads(path.read_bytes()) if name and path.stat().st_size <= MOST_BYTES else {}
    except (OSError, ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}
