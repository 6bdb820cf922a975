"""unittest, recorded by penstock's own start of `python -m unittest`."""

from __future__ import annotations

from collections.abc import Mapping

from penstock.model.plan import GUEST, PYTHON, Command, Job
from penstock.model.records import Reading
from penstock.ports import Ended, ToolContext
from penstock.tools import guests, recorded

STARTER = f"{GUEST}/penstock_unittest.py"


class Unittest:
    """The tool `unittest`: what `python -m unittest …` would run, test by test in the log."""

    name = "unittest"
    requirement = ""

    def commands(self, context: ToolContext) -> tuple[Command, ...]:
        """One process: the suite's own words (`discover -s tests -t .`, or names), else plain discovery."""
        suite, spec = context.suite, context.spec
        words = list(suite.argv) if suite is not None else []
        mode = "run" if words and words[0] != "discover" else "discover"
        words = words[1:] if words and mode == "discover" else words
        if spec.paths and not words:
            mode, words = ("run", list(spec.paths)) if len(spec.paths) > 1 else ("discover", ["-s", spec.paths[0]])
        if spec.keyword:
            words += ["-k", spec.keyword]
        argv = (PYTHON, STARTER, mode, *words, *spec.args)
        return (Command(argv=argv, environment=guests.variables(context, on_path=False), tool=self.name),)

    def read(self, ended: Ended, reports: Mapping[str, bytes], job: Job) -> Reading:
        """See `recorded.read`."""
        return recorded.read(ended, reports, job, own=guests.owner(job), unheard="unittest says why in the job's log")
