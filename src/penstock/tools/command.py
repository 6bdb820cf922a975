"""Any command of the user's: its exit code is its answer."""

from __future__ import annotations

from collections.abc import Mapping

from penstock.model.events import Outcome
from penstock.model.plan import SELF, Command, Job
from penstock.model.records import Reading
from penstock.ports import Ended, ToolContext
from penstock.tools import answers, complaints


class AnyCommand:
    """The tool `command`: `run = …` as it stands, or through bash with pipefail if the job says `shell = true`."""

    name = "command"
    requirement = ""

    def commands(self, context: ToolContext) -> tuple[Command, ...]:
        """The declared argv, with nothing replaced in it; `penstock` is the one that runs the job: on a CI host no PATH
        leads to it, and one of another version would answer for another pipeline.
        """
        spec = context.spec
        if spec.run[:1] == ("penstock",) and not spec.shell:
            own = (SELF, "-P", "-m", *spec.run, *spec.args)
            return (Command(argv=own, environment=spec.environment, tool=self.name),)
        shell = ("bash", "-eo", "pipefail", "-c", " ".join(spec.run), "bash")
        argv = shell if spec.shell else spec.run
        return (Command(argv=(*argv, *spec.args), environment=spec.environment, templated=False, tool=self.name),)

    def read(self, ended: Ended, reports: Mapping[str, bytes], job: Job) -> Reading:
        """0 is a pass; 126 and 127 of a shell mean that it could not be asked."""
        del reports, job
        if ended.problem is not None:
            return Reading(outcome=Outcome.ERRORED, reason=ended.problem, problem=ended.problem)
        if ended.cause == "timeout":
            return Reading(outcome=Outcome.TIMED_OUT, reason="ran into its time limit")
        if ended.signal is not None:
            return _killed(complaints.signal_name(ended.signal), ended.cause)
        if ended.exit_code == 0:
            return Reading(outcome=Outcome.PASSED)
        if ended.exit_code in _NOT_STARTED:
            reason = _NOT_STARTED[ended.exit_code]
            return Reading(outcome=Outcome.ERRORED, reason=reason, problem=reason, remedy="see the job's log")
        return Reading(outcome=Outcome.FAILED, reason=f"ended with {ended.exit_code}")


def _killed(name: str, cause: str) -> Reading:
    if cause == "outside":
        return answers.unasked(f"killed from outside by {name}", "run it again")
    return Reading(outcome=Outcome.FAILED, reason=f"killed by {name}{', out of memory' if cause == 'oom' else ''}")


_NOT_STARTED = {126: "a program could not be executed (126)", 127: "a program was not found (127)"}
