"""`penstock explain JOB`: why it is in the plan or left out, cached or not, and what it would run."""

from __future__ import annotations

import argparse

from penstock.cli import planning
from penstock.cli.out import Out
from penstock.cli.surroundings import look
from penstock.errors import ExitCode
from penstock.plan.explain import explain
from penstock.plan.request import Request
from penstock.report import sanitize


def arguments(parser: argparse.ArgumentParser) -> None:
    """The command's own arguments."""
    parser.add_argument("subject", metavar="JOB", help="a job's id or name, or an environment's id")
    parser.add_argument("--offline", action="store_true", help="use no network")


def main(options: argparse.Namespace, out: Out) -> int:
    """Print the reasons."""
    surroundings = look(out, directory=options.directory)
    planned = planning.plan(surroundings, Request(), offline=options.offline)
    for line in explain(planned.plan, planned.bindings.values(), options.subject):
        out.say(sanitize.line(line))
    return ExitCode.VERIFIED
