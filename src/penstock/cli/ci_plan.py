"""`penstock ci plan`: on a runner, settle what all runners share, and tell the host which of them are wanted."""

from __future__ import annotations

import argparse
import json
from pathlib import Path

from penstock.cli import ci_files, occasions, planning
from penstock.cli.surroundings import Surroundings
from penstock.errors import ExitCode, StateError
from penstock.model.hosts import WHOLE_PLAN
from penstock.plan.request import Request


def main(surroundings: Surroundings, options: argparse.Namespace) -> int:
    """Settle versions and splits, keep the whole plan, and say which slices run."""
    import msgspec

    from penstock.providers import slices
    from penstock.providers.github.ci import job_id

    request = Request(event=occasions.of(options.event))
    planned = planning.plan(surroundings, request)
    # What this runner lacks (a Python, a secret, a GPU) says nothing of those that do the work: they say it themselves.
    jobs = tuple(msgspec.structs.replace(job, blocked_by=None, remedy=None) for job in planned.plan.jobs)
    homes = _homes(planned, request)
    whole = msgspec.structs.replace(planned.plan, jobs=jobs, homes=homes)
    ci_files.write(surroundings.state / WHOLE_PLAN, msgspec.json.encode(whole).decode())
    found = {job_id(one.name): one for one in slices.of(planned.plan.jobs, homes=homes)}
    matrices = {name: {"include": one.points} for name, one in found.items() if one.points}
    lines = f"slices={json.dumps(list(found))}\nmatrices={json.dumps(matrices)}\n"
    surroundings.out.say(lines.rstrip())
    if output := surroundings.environ.get("GITHUB_OUTPUT", ""):
        try:
            with Path(output).open("a", encoding="utf-8") as stream:
                stream.write(lines)
        except OSError as error:
            raise StateError(f"{output} cannot be written: {error.strerror}") from error
    return ExitCode.VERIFIED


def _homes(planned: planning.Planned, request: Request) -> dict[str, str]:
    """Of which runners the jobs are: by all jobs that the configuration is written for, whatever this change leaves
    out.
    """
    from penstock.plan.draft import draft
    from penstock.providers import slices
    from penstock.tools import TOOLS

    every = Request(event=request.event, unfiltered=True)
    return slices.homes_of(draft(planned.pipeline, planned.snapshot, every, TOOLS).jobs)
