"""`penstock gate`: the verdict again, from the evidence of one or many runners."""

from __future__ import annotations

import argparse
from pathlib import Path

from penstock.cli import evidence, files, rejudging, summary
from penstock.cli.out import Out
from penstock.cli.surroundings import look
from penstock.report import terminal
from penstock.report.screen import Screen


def arguments(parser: argparse.ArgumentParser) -> None:
    """The command's own arguments."""
    parser.add_argument(
        "select",
        nargs="*",
        metavar="JOB|GROUP",
        help="judge this part of the pipeline alone; or tighten: take out of the baseline what is gone",
    )
    rejudging.arguments(parser)
    parser.add_argument("--plan", type=Path, metavar="FILE", help="the whole plan, as `penstock ci plan` left it")
    files.arguments(parser)


def main(options: argparse.Namespace, out: Out) -> int:
    """Judge, report, and end with the verdict's exit code."""
    surroundings = look(out, directory=options.directory)
    if options.select == ["tighten"]:
        from penstock.cli import baseline

        return baseline.tighten(surroundings, out, options.sources)
    story = rejudging.judged(surroundings, options.sources, select=options.select, plan=options.plan)
    out.say(terminal.text(story, Screen(width=out.width, color=out.color, unicode=out.unicode)))
    files.write(options.json, options.junit, story, out)
    if options.sources:  # on a host, of all its runners
        summary.write(surroundings, story)
    if options.sources and not options.select:  # a run of this machine has told by itself
        from penstock.cli import notifying

        notifying.notify(surroundings, story, own=[source.name for source in evidence.folders(options.sources)])
    if options.sources:  # a run of this machine has learnt by itself
        from penstock.cli import learning

        learning.learn(surroundings, story)
    return story.verdict.exit_code
