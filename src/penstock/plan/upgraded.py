"""Jobs whose findings are held against a baseline that another version of their tool has made: the same tool looks at
the tree of the base, too, so that what only the newer one finds in old code is not blamed on the change.

The commands come after the job's own and are planned only then, so that no other job's key knows of the base.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import PurePosixPath

from msgspec.structs import replace

from penstock.model import baseline
from penstock.model.pipeline import CheckSpec, JobKind
from penstock.model.plan import BASE, GUEST, REPORTS, SELF, WORKSPACE, Command, Job
from penstock.model.snapshot import Held, Package

# What is asked of the tree alone: an audit asks a database, and secrets are sought in what git lists.
_OF_THE_TREE = frozenset({JobKind.LINT, JobKind.TYPES, JobKind.COMPLEXITY, JobKind.SECURITY, JobKind.DEPENDENCIES})
_REPORTS = "at-base"  # in the job's report folder: see `run.before`


class Upgrades:
    """What one plan's jobs are held against."""

    def __init__(self, held: Held | None, gates: Iterable[CheckSpec], packages: Iterable[Package]) -> None:
        self._held = held or Held()
        self._gates = tuple(gates)
        self._roots = tuple(dict.fromkeys(str(PurePosixPath(each.path).parent) for each in packages))

    def compared(self, job: Job) -> Job:
        """The job, with what its newer tools have to look at in the tree of the base."""
        if not self._held.commit or job.kind not in _OF_THE_TREE or not baseline.jobs((job,), self._gates):
            return job
        before = dict(self._held.versions)
        newer = {
            package: now
            for package, now in baseline.tools((job,)).items()
            if baseline.is_other(before.get(package, now), now)
        }
        commands = [command for command in job.commands if command.package in newer]
        if not commands:
            return job
        told = (f"{package} is {now}, the baseline was made by {before[package]}" for package, now in newer.items())
        return replace(
            job,
            commands=(*job.commands, self._export(), *(self._at_base(command, job) for command in commands)),
            reasons=(*job.reasons, f"looks at the base, too: {', '.join(told)}"),
        )

    def _export(self) -> Command:
        commit = self._held.commit
        argv = (SELF, "-E", "-s", f"{GUEST}/penstock_base.py", commit, WORKSPACE, BASE)
        return Command(argv=argv, tool="base", base=commit)

    def _at_base(self, command: Command, job: Job) -> Command:
        """The same command over the base: there it runs, and what it writes lies apart."""
        variables = {name: _moved(text) for name, text in command.environment}
        if self._roots:  # the installed project is the change's own: mypy takes what it is given here before it
            declared = [text for name, text in job.variables if name == "MYPYPATH"]
            variables["MYPYPATH"] = ":".join((*(str(PurePosixPath(BASE, root)) for root in self._roots), *declared))
        return replace(
            command,
            argv=tuple(map(_moved, command.argv)),
            environment=tuple(sorted(variables.items())),
            directory=f"{BASE}/{command.directory}" if command.directory else BASE,
            stdout=f"{_REPORTS}/{command.stdout}" if command.stdout else "",
            listed=0,
            base=self._held.commit,
        )


def _moved(text: str) -> str:
    return text.replace(WORKSPACE, BASE).replace(REPORTS, f"{REPORTS}/{_REPORTS}")
