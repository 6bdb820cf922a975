"""`penstock run`: the pipeline, or a part of it, to a verdict."""

from __future__ import annotations

import argparse
from pathlib import Path

from penstock.cli import planning, running
from penstock.cli.out import Out
from penstock.cli.surroundings import Surroundings, look
from penstock.errors import UsageError
from penstock.plan.request import Request
from penstock.report import terminal
from penstock.report.screen import Screen
from penstock.report.story import Story
from penstock.util import atomic


def arguments(parser: argparse.ArgumentParser) -> None:
    """The command's own arguments."""
    selection(parser)
    parser.add_argument("-x", "--exit-first", action="store_true", help="stop at the first job that does not pass")
    parser.add_argument("-s", "--show-output", action="store_true", help="show what the jobs write, as it comes")
    parser.add_argument("--watch", action="store_true", help="run again whenever a file changes")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the verdict as JSON")
    parser.add_argument("--junit", type=Path, metavar="FILE", help="write the tests as JUnit XML")


def selection(parser: argparse.ArgumentParser) -> None:
    """The arguments by which run, plan and explain say what of the pipeline is meant."""
    parser.add_argument("select", nargs="*", metavar="JOB|STAGE|JOB@3.12", help="a part of the pipeline, globs too")
    parser.add_argument("--failed", action="store_true", help="only what did not pass in the last run")
    parser.add_argument("--all", dest="fresh", action="store_true", help="run everything anew: take no cached result")
    parser.add_argument("--available", action="store_true", help="only the legs whose Python is on this machine")
    parser.add_argument("--offline", action="store_true", help="use no network: what is not here is named")
    parser.add_argument("--upgrade", action="store_true", help="choose the versions of dependencies anew")
    parser.add_argument("pytest_args", nargs=argparse.REMAINDER, metavar="-- pytest args", help=argparse.SUPPRESS)


def main(options: argparse.Namespace, out: Out) -> int:
    """Run, report, and end with the verdict's exit code."""
    surroundings = look(out, directory=options.directory)
    if options.watch:
        from penstock.cli import watch

        return watch.watch(surroundings, [word for word in options.words if word != "--watch"])
    planned = planning.plan(
        surroundings, request(options, surroundings), offline=options.offline, upgrade=options.upgrade
    )
    wishes = running.Wishes(
        argv=tuple(options.words),
        exit_first=options.exit_first,
        echo=options.show_output,
        offline=options.offline,
        whole=bool(options.json or options.junit),
    )
    story, _ = running.run(surroundings, planned, wishes)
    out.say(terminal.text(story, Screen(width=out.width, color=out.color, unicode=out.unicode)))
    _write_reports(options, story, out)
    return story.verdict.exit_code


def request(options: argparse.Namespace, surroundings: Surroundings) -> Request:
    """What of the pipeline is wanted. Raises UsageError for `--failed` without an earlier run."""
    extra = tuple(options.pytest_args)
    return Request(
        select=tuple(options.select),
        failed=_failed(surroundings) if options.failed else None,
        available=options.available,
        fresh=options.fresh,
        pytest_args=extra[1:] if extra[:1] == ("--",) else extra,
        exit_first=getattr(options, "exit_first", False),
    )


def _failed(surroundings: Surroundings) -> tuple[str, ...]:
    """Jobs that did not pass in the newest run that has a verdict."""
    import json

    from penstock.run.folder import runs

    for run in runs(surroundings.state):
        try:
            told = json.loads((run / "verdict.json").read_bytes())
        except (OSError, ValueError):
            continue
        return tuple(job["id"] for job in told.get("jobs", ()) if job.get("outcome") != "passed")
    raise UsageError("there is no earlier run to take the failed jobs from", remedy="penstock run")


def _write_reports(options: argparse.Namespace, story: Story, out: Out) -> None:
    if options.json:
        from penstock.report import run_json

        _write(options.json, run_json.encode(story), out)
    if options.junit:
        from penstock.report import junit

        _write(options.junit, junit.text(story).encode("utf-8", "replace"), out)


def _write(path: Path, content: bytes, out: Out) -> None:
    try:
        atomic.write(path, content)
    except OSError as error:
        out.complain(f"penstock: {path} could not be written: {error.strerror}")
