"""A service that is started in the project's environment, asked, and measured by a load generator in one of its own."""

from __future__ import annotations

from collections.abc import Mapping

from msgspec.structs import replace

from penstock.model.plan import Command, Job, bin_of
from penstock.model.records import Reading
from penstock.ports import Ended, ToolContext
from penstock.tools import special, versions

_LOADED = ("duration", "requests")  # options that ask for a load


class Http:
    """The tool `http`."""

    name = "http"
    requirement = versions.LOCUST

    def __init__(self) -> None:
        self._plain = special.SpecialTool(self.name, "penstock_http.py")

    def commands(self, context: ToolContext) -> tuple[Command, ...]:
        """One process; where a load is asked for, with the interpreter that holds the generator as a last argument."""
        (command,) = self._plain.commands(context)
        if not any(context.spec.option(name) for name in _LOADED):
            return (command,)
        return (replace(command, argv=(*command.argv, f"{bin_of(self.name)}/python")),)

    def read(self, ended: Ended, reports: Mapping[str, bytes], job: Job) -> Reading:
        """What it measured."""
        return self._plain.read(ended, reports, job)
