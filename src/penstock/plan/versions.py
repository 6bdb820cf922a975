"""The versions of the tools that the plan's commands call, where the project or penstock itself does not fix them."""

from __future__ import annotations

import re
from collections.abc import Mapping

from msgspec.structs import replace

from penstock.model.plan import Command, Environment, Job
from penstock.model.snapshot import Resolution

_PIN = re.compile(r"^([A-Za-z0-9][A-Za-z0-9._-]*)==([^\s;\\]+)", re.MULTILINE)
_SET = re.compile(r"^\$\{penstock:bin:([^}]+)\}")


def pinned(resolution: Resolution) -> dict[str, str]:
    """Package -> version; where several are pinned under markers, all of them."""
    versions: dict[str, str] = {}
    for name, version in _PIN.findall(resolution.requirements):
        versions[name] = f"{versions[name]} | {version}" if name in versions else version
    return versions


class Versions:
    """Fills in what the resolutions tell. `environments`: by id."""

    def __init__(self, environments: Mapping[str, Environment], resolutions: Mapping[str, Resolution]) -> None:
        self._environments = environments
        self._resolutions = resolutions
        self._known: dict[str, dict[str, str]] = {}

    def fixed(self, job: Job) -> Job:
        """The job, each of its commands with the version of its tool, as far as it is known."""
        if not any(command.package for command in job.commands):
            return job
        return replace(job, commands=tuple(self._fixed(command, job) for command in job.commands))

    def _fixed(self, command: Command, job: Job) -> Command:
        if not command.package or command.version:
            return command
        return replace(command, version=self._of(self._set(command, job)).get(_normal(command.package), ""))

    def _set(self, command: Command, job: Job) -> str:
        """The dependency set whose environment the command's program is in: its own, or the job's."""
        own = _SET.match(command.argv[0]) if command.argv else None
        if own:
            return own[1]
        main = self._environments.get(job.environment or "")
        return main.dependencies.name if main is not None else ""

    def _of(self, dependencies: str) -> dict[str, str]:
        if dependencies not in self._known:
            resolution = self._resolutions.get(dependencies)
            self._known[dependencies] = {} if resolution is None else pinned(resolution)
        return self._known[dependencies]


def _normal(package: str) -> str:
    return re.sub(r"[-_.]+", "-", package).lower()
