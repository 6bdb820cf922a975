"""`penstock ci plan`: on a runner, settle what all runners share, and tell the host which of them are wanted."""

from __future__ import annotations

import argparse
import json

from penstock.cli import ci_files, occasions, outputs, planning
from penstock.cli.surroundings import Surroundings
from penstock.errors import ExitCode
from penstock.model.hosts import WHOLE_PLAN
from penstock.model.pipeline import JobKind
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
    measured = any(job.kind is JobKind.COVERAGE for job in planned.plan.jobs)
    told = {"slices": json.dumps(list(found)), "matrices": json.dumps(matrices), "coverage": json.dumps(measured)}
    surroundings.out.say("\n".join(f"{name}={value}" for name, value in told.items()))
    outputs.tell(surroundings, told)
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
