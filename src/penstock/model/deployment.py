"""What became of a deployment: `[tool.penstock.deploy]` says what there is, see `pipeline.Deployment`."""

from __future__ import annotations

from enum import StrEnum

from penstock.value import Value


class State(StrEnum):
    """What stands there now. Only DEPLOYED is green."""

    DEPLOYED = "deployed"  # the new version, and it is healthy
    UNCHANGED = "unchanged"  # what was there before: nothing was started
    ROLLED_BACK = "rolled_back"  # what was there before, and it is healthy
    UNKNOWN = "unknown"  # nobody can say: somebody has to look


class Deployed(Value, frozen=True, kw_only=True):
    """One deployment that is over.

    `why`: what went wrong, "" where nothing did. `health`: what the last question was answered with, "" = healthy;
    `asked`: how often. `wall_s`: when it began, in epoch seconds; `run`: that the verdict was of.
    """

    name: str
    commit: str
    run: str = ""
    state: State
    why: str = ""
    health: str = ""
    asked: int = 0
    wall_s: float = 0.0
    duration_s: float = 0.0
