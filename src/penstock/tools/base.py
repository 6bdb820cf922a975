"""The tree of the commit that a change is held against, brought into the job's private folder."""

from __future__ import annotations

from collections.abc import Mapping

from penstock.model.events import Outcome
from penstock.model.plan import Command, Job
from penstock.model.records import Reading
from penstock.ports import Ended, ToolContext
from penstock.tools import answers


class BaseTree:
    """`guest/penstock_base.py`: nothing but git's store is read. Planned by `plan.upgraded`, for other tools."""

    name = "base"
    requirement = ""

    def commands(self, context: ToolContext) -> tuple[Command, ...]:
        """None: no job is of this tool alone."""
        del context
        return ()

    def read(self, ended: Ended, reports: Mapping[str, bytes], job: Job) -> Reading:
        """Passed if the tree is there."""
        del reports, job
        if ended.exit_code == 0:
            return Reading(outcome=Outcome.PASSED)
        said = [line.strip() for line in answers.output(ended).splitlines() if line.strip()]
        return answers.unasked(f"its tree cannot be had: {said[-1][:300] if said else f'signal {ended.signal}'}")
