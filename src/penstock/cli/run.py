"""`penstock run`: the pipeline, or a part of it, to a verdict."""

from __future__ import annotations

import argparse

from penstock.cli import commands_of_host, files, planning, running, selection
from penstock.cli.out import Out
from penstock.cli.places import Wishes
from penstock.cli.surroundings import look
from penstock.report import terminal
from penstock.report.screen import Screen


def arguments(parser: argparse.ArgumentParser) -> None:
    """The command's own arguments."""
    selection.arguments(parser)
    parser.add_argument("-x", "--exit-first", action="store_true", help="stop at the first job that does not pass")
    parser.add_argument("-s", "--show-output", action="store_true", help="show what the jobs write, as it comes")
    parser.add_argument("--watch", action="store_true", help="run again whenever a file changes")
    files.arguments(parser)


def main(options: argparse.Namespace, out: Out) -> int:
    """Run, report, and end with the verdict's exit code."""
    surroundings = look(out, directory=options.directory)
    if options.watch:
        from penstock.cli import watch

        return watch.watch(surroundings, [word for word in options.words if word != "--watch"])
    planned = planning.plan(
        surroundings, selection.request(options, surroundings), offline=options.offline, upgrade=options.upgrade
    )
    wishes = Wishes(
        argv=tuple(options.words),
        exit_first=options.exit_first,
        echo=options.show_output,
        offline=options.offline,
        whole=bool(options.json or options.junit),
    )
    story, folder = running.run(surroundings, planned, wishes)
    if story.verdict.failed_jobs:
        from penstock.cli import second_opinion

        for line in second_opinion.tell(surroundings, planned, story, offline=options.offline):
            out.progress(f"  note  {line}")
    out.say(terminal.text(story, Screen(width=out.width, color=out.color, unicode=out.unicode)))
    if planned.whole is not None:
        out.progress(f"  note  this is one part, kept in {folder}; what judges all: penstock gate --from DIR …")
    files.write(options.json, options.junit, story, out)
    if commands_of_host.heard(surroundings.environ):
        from penstock.cli import logs
        from penstock.report import annotations

        out.afterwards += annotations.lines(story)
        out.folded += logs.of(surroundings.root, story)
    if surroundings.environ.get("CI"):  # what nobody else is told of: a start without a host imports none of it
        from penstock.cli import notifying

        notifying.notify(surroundings, story)
    return story.verdict.exit_code
