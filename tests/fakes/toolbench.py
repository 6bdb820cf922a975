"""Runs an adapter's commands for real and keeps what they left as a small file, so that reading can be tested without
the tool. Used by the slow tests and by `pytest --update-golden`."""

from __future__ import annotations

import os
import re
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import msgspec

from penstock.model import plan
from penstock.model.plan import Command, Job
from penstock.model.records import Reading
from penstock.ports import Ended, Tool, ToolContext
from penstock.run.variables import passed
from tests import builders

PROJECT = "/project"  # where every recorded report believes that it was made


class Recording(msgspec.Struct, frozen=True, kw_only=True):
    """What one command of one tool left behind."""

    tool: str
    exit_code: int
    output: str
    reports: dict[str, str]
    listed: int = 0
    excludes: bool = False

    def ended(self, **fields: Any) -> Ended:
        """Its end, as the executor would tell it."""
        output = self.output.encode("utf-8", "surrogateescape")
        defaults: dict[str, Any] = {
            "task": "lint",
            "exit_code": self.exit_code,
            "signal": None,
            "cause": "",
            "duration_s": 1.0,
            "cpu_s": 1.0,
            "memory_bytes": 1,
            "output_bytes": len(output),
            "head": output,
            "directory": PROJECT,
        }
        return Ended(**(defaults | fields))

    def job(self) -> Job:
        """A job of this one command."""
        command = Command(argv=("x",), tool=self.tool, listed=self.listed, excludes=self.excludes, version="1.0")
        return builders.job("lint", commands=(command,))

    def content(self) -> dict[str, bytes]:
        """The reports as bytes."""
        return {name: text.encode("utf-8", "surrogateescape") for name, text in self.reports.items()}

    def read(self, tools: Mapping[str, Tool]) -> Reading:
        """What the adapter makes of it."""
        return tools[self.tool].read(self.ended(), self.content(), self.job())


def run(tool: Tool, context: ToolContext, *, root: Path, reports: Path, places: Mapping[str, str]) -> list[Recording]:
    """Start the tool's commands in `root` one after another. `places`: token -> path, beside REPORTS and WORKSPACE."""
    reports.mkdir(parents=True, exist_ok=True)
    table = {plan.REPORTS: str(reports), plan.WORKSPACE: str(root), **places}
    recordings = []
    for command in tool.commands(context):
        argv = [_filled(word, table) for word in command.argv]
        variables = {name: _filled(value, table) for name, value in command.environment}
        done = subprocess.run(
            argv,
            cwd=root,
            env=passed(os.environ) | {"HOME": str(root.parent), "LANG": "C.UTF-8", **variables},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            check=False,
        )
        output = done.stderr
        if command.stdout:
            (reports / command.stdout).write_bytes(done.stdout)
        else:
            output = done.stdout + output
        recordings.append(
            Recording(
                tool=command.tool,
                exit_code=done.returncode,
                output=_scrubbed(output, root),
                reports={
                    path.relative_to(reports).as_posix(): _scrubbed(path.read_bytes()[:100_000], root)
                    for path in sorted(reports.rglob("*"))
                    if path.is_file()
                },
                listed=command.listed,
                excludes=command.excludes,
            )
        )
    return recordings


def _filled(text: str, table: Mapping[str, str]) -> str:
    text = re.sub(r"\$\{penstock:bin:[^}]+\}", table[plan.BIN], text)
    for token, path in table.items():
        text = text.replace(token, path)
    return text


def _scrubbed(content: bytes, root: Path) -> str:
    text = content.decode("utf-8", "surrogateescape").replace(str(root), PROJECT)
    return re.sub(r"/\S+/site-packages/", "/site-packages/", text)
