"""A command as a value inside of a kind's table."""

from __future__ import annotations

from typing import Any

from penstock.load import commands
from penstock.load.findings import Findings
from penstock.load.locate import KeyPath
from penstock.load.shapes import Argv
from penstock.value import Value


class Program(Value, frozen=True, kw_only=True):
    """A command, read as its arguments: a string is split as a shell would split it, and no shell runs it."""

    words: str = Argv().words

    def read(self, raw: object, path: KeyPath, findings: Findings) -> tuple[str, ...] | None:
        """The arguments."""
        given = Argv(words=self.words).read(raw, path, findings)
        return None if given is None else commands.of_job(given, path, findings, shell=False)

    def schema(self) -> dict[str, Any]:
        """A string or an array of strings."""
        return Argv().schema()
