"""A runner of the project's own (`python -m pkg.test`, `python runtests.py`), recorded through unittest or pytest."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from penstock.model.plan import PYTHON, Command, Job
from penstock.model.records import Reading
from penstock.ports import Ended, ToolContext
from penstock.tools import guests, recorded
from penstock.tools.unittest import STARTER

_WITH_VALUE = ("-W", "-X", "--check-hash-based-pycs")

_UNHEARD = (
    "the project's runner uses neither unittest nor pytest, or starts them out of sight: "
    'name a suite that penstock can record, jobs.NAME.test = "PATH", or take the exit code for it with jobs.NAME.run'
)


class OwnRunner:
    """The tool `own-runner`. Its exit code alone is no evidence: without one recorded test the job is errored."""

    name = "own-runner"
    requirement = ""

    def commands(self, context: ToolContext) -> tuple[Command, ...]:
        """One process: the interpreter, its own options, then the starter with what the interpreter was to run."""
        words = context.suite.argv if context.suite is not None else context.spec.run
        options, program = split(words)
        folder = guests.directory(context)
        argv = (PYTHON, *options, STARTER, "own", *guests.seen_from(folder, program), *context.spec.args)
        variables = guests.variables(context, on_path=False)
        return (Command(argv=argv, environment=variables, directory=folder, tool=self.name),)

    def read(self, ended: Ended, reports: Mapping[str, bytes], job: Job) -> Reading:
        """See `recorded.read`."""
        return recorded.read(ended, reports, job, own=guests.owner(job), unheard=_UNHEARD)


def split(words: Sequence[str]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The interpreter's own options (`-W error -bb`), and the program (`-m pkg.test …`, `-c …`, `file.py …`)."""
    at = 0
    while at < len(words) and words[at].startswith("-") and words[at][:2] not in ("-m", "-c") and words[at] != "-":
        at += 2 if words[at] in _WITH_VALUE else 1
    return tuple(words[:at]), tuple(words[at:])
