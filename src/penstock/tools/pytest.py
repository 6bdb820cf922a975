"""pytest, recorded by penstock's own plugin: `-p penstock_pytest`, loaded from beside the project, not installed."""

from __future__ import annotations

import re
from collections.abc import Mapping

from penstock.model.plan import BIN, PYTHON, WORKSPACE, Command, Job
from penstock.model.records import Reading
from penstock.ports import Ended, ToolContext
from penstock.tools import guests, recorded


class Pytest:
    """The tool `pytest`. The project's own version, options and plugins; only recording is added."""

    name = "pytest"
    requirement = ""

    def commands(self, context: ToolContext) -> tuple[Command, ...]:
        """One pytest process."""
        suite, spec = context.suite, context.spec
        module = suite is not None and (suite.as_module or suite.interpreter)
        options = suite.interpreter if suite is not None else ()
        start = (PYTHON, *options, "-m", "pytest") if module else (f"{BIN}/pytest",)
        argv = [*start, "-p", "penstock_pytest", "-o", f"cache_dir={WORKSPACE}/.penstock/pytest/{_place(context)}"]
        if suite is not None:
            argv += [*(["-s"] if suite.no_capture else []), *guests.seen_from(suite.directory, suite.argv)]
        argv += ["-m", spec.marker] if spec.marker else []
        argv += ["-k", spec.keyword] if spec.keyword else []
        argv += [*spec.args, *context.pytest_args]
        folder = guests.directory(context)
        argv += guests.seen_from(folder, spec.paths or (suite.paths if suite is not None else ()))
        variables = {**dict(guests.variables(context, on_path=True)), guests.ENGINE: guests.engine_of(context)}
        environment = tuple(sorted(variables.items()))
        return (Command(argv=tuple(argv), environment=environment, directory=folder, tool=self.name),)

    def read(self, ended: Ended, reports: Mapping[str, bytes], job: Job) -> Reading:
        """See `recorded.read`."""
        return recorded.read(
            ended, reports, job, own=guests.owner(job), unheard="see what pytest says in the job's log"
        )


def _place(context: ToolContext) -> str:
    """A folder name of the job's own: parallel legs share nothing."""
    return re.sub(r"[^\w.-]", "_", f"{context.spec.name}-{context.python or 'any'}")
