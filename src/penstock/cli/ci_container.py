"""`penstock ci jobs`: on a runner of CircleCI, what of the plan it does. Other hosts are told by `penstock ci plan`."""

from __future__ import annotations

import argparse

from penstock.cli import evidence
from penstock.cli.surroundings import Surroundings
from penstock.errors import ExitCode, UsageError
from penstock.providers.circleci import context
from penstock.providers.dealt import dealt


def main(surroundings: Surroundings, options: argparse.Namespace) -> int:
    """Say it, one job a line; nothing where the plan leaves all of it out. Raises UsageError."""
    if options.plan is None or not options.of.strip():
        raise UsageError("ci jobs takes the whole plan, and the jobs it is asked for", remedy="--plan FILE --of JOBS")
    try:
        index, count = context.container(surroundings.environ)
    except ValueError as error:
        remedy = "CIRCLE_NODE_INDEX and CIRCLE_NODE_TOTAL are CircleCI's own: nothing else sets them"
        raise UsageError(f"which container this is cannot be told: {error}", remedy=remedy) from error
    found = dealt(evidence.plan_of(options.plan).jobs, options.of.split(), index=index, count=count)
    if found:
        surroundings.out.say("\n".join(found))
    return ExitCode.VERIFIED
