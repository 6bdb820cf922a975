"""A tool table for tests of planning and running: adapters whose commands say what they were asked."""

from __future__ import annotations

from collections.abc import Mapping

from penstock.model.events import Outcome
from penstock.model.plan import BIN, PYTHON, UV, Command, Job, bin_of
from penstock.model.records import Reading
from penstock.ports import Ended, Tool, ToolContext


class FakeTool:
    """Calls `program` of the environment `dependencies` (None: the job's own) with what the context says."""

    def __init__(self, name: str, requirement: str = "", *, dependencies: str | None = None) -> None:
        self.name = name
        self.requirement = requirement
        self._dependencies = dependencies
        self.calls = 0

    def commands(self, context: ToolContext) -> tuple[Command, ...]:
        """One command."""
        self.calls += 1
        if self.name == "command":
            return (Command(argv=context.spec.run, tool=self.name),)
        if self.name == "build":
            return (
                Command(argv=(UV, "build", "--python", PYTHON), tool=self.name),
                Command(argv=(f"{bin_of('twine')}/twine", "check"), tool="twine"),
            )
        shared = self._dependencies is None or (context.use is not None and context.use.dependencies is not None)
        folder = BIN if shared else bin_of(self._dependencies or "")
        argv = [f"{folder}/{self.name}"] if self.requirement else [PYTHON, "-m", self.name]
        argv += context.use.args if context.use else ()
        argv += context.suite.paths if context.suite else ()
        argv += ["--measure"] if context.coverage else []
        argv += [*context.spec.args, *context.pytest_args]
        return (Command(argv=tuple(argv), tool=self.name),)

    def read(self, ended: Ended, reports: Mapping[str, bytes], job: Job) -> Reading:
        """Passed, if it exited with 0."""
        return Reading(outcome=Outcome.PASSED if ended.exit_code == 0 else Outcome.FAILED)


def table() -> dict[str, Tool]:
    """Adapters under the names that a plan asks for."""
    tools: tuple[Tool, ...] = (
        FakeTool("pytest"),
        FakeTool("unittest"),
        FakeTool("own-runner"),
        FakeTool("command"),
        FakeTool("ruff", "ruff==0.17.6", dependencies="ruff"),
        FakeTool("ruff-format", "ruff==0.17.6", dependencies="ruff"),
        FakeTool("flake8", "flake8==7.5.0", dependencies="flake8"),
        FakeTool("mypy", "mypy==2.4.1", dependencies="mypy"),
        FakeTool("pyright", "pyright==1.1.414", dependencies="pyright"),
        FakeTool("coverage", "coverage==7.17.3"),
        FakeTool("build"),
        FakeTool("twine", "twine==7.0.0", dependencies="twine"),
    )
    return {tool.name: tool for tool in tools}
