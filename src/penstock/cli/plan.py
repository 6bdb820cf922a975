"""`penstock plan`: the job graph, what is cached, predicted times, why each job is in or out. Runs nothing."""

from __future__ import annotations

import argparse

from penstock.cli import planning, selection
from penstock.cli.out import Out
from penstock.cli.surroundings import look
from penstock.errors import ExitCode
from penstock.report import plan as report
from penstock.report.screen import Screen


def arguments(parser: argparse.ArgumentParser) -> None:
    """The command's own arguments."""
    selection.arguments(parser)
    parser.add_argument("--json", action="store_true", help="the plan and its bindings as JSON, to stdout")


def main(options: argparse.Namespace, out: Out) -> int:
    """Print the plan."""
    surroundings = look(out, directory=options.directory)
    planned = planning.plan(
        surroundings, selection.request(options, surroundings), offline=options.offline, upgrade=options.upgrade
    )
    if options.json:
        import msgspec

        bindings = [planned.bindings[job.id] for job in planned.plan.jobs]
        content = {"version": 1, "plan": planned.plan, "bindings": bindings}
        out.say(msgspec.json.format(msgspec.json.encode(content), indent=1).decode())
        return ExitCode.VERIFIED
    screen = Screen(width=out.width, color=out.color, unicode=out.unicode)
    out.say(report.text(planned.plan, planned.bindings.values(), screen, cpus=planned.snapshot.platform.cpus))
    return ExitCode.VERIFIED
