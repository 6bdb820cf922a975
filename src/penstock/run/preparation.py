"""What jobs stand on, as the engine sees it: wheels and environments that are there, or have to be made."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

from penstock.ports import Ended, Launch
from penstock.run.schedule import Task
from penstock.value import Value


class Prepared(Value, frozen=True, kw_only=True):
    """A wheel or an environment that is ready, or why there is none. Paths are absolute.

    `workspace`: the copy of the tree that jobs of this environment run in; None = the tree itself.
    `variables`: what its jobs need in their environment (PENSTOCK_LAYER …).
    """

    id: str
    ok: bool
    problem: str = ""
    remedy: str = ""
    reused: bool = False
    python: str | None = None
    scripts: str | None = None
    folder: str | None = None
    workspace: str | None = None
    variables: Mapping[str, str] = {}
    notes: Mapping[str, str] = {}


class Preparations(Protocol):
    """Wheels and environments of one plan."""

    def tasks(self, environments: frozenset[str]) -> tuple[Task, ...]:
        """What has to be made, so that these environments are there; what is there already is left out."""
        ...

    def launch(self, task: str) -> Launch:
        """The supervised process that makes it."""
        ...

    def finish(self, task: str, ended: Ended) -> Prepared:
        """What came of it."""
        ...

    def environment(self, environment: str) -> Prepared | None:
        """The environment, if it is ready or has failed by now."""
        ...
