"""What of the pipeline is meant: the arguments that run, plan and explain share, and the request they make."""

from __future__ import annotations

import argparse

from penstock.cli.surroundings import Surroundings
from penstock.errors import UsageError
from penstock.plan.request import Request


def arguments(parser: argparse.ArgumentParser) -> None:
    """The arguments by which run, plan and explain say what of the pipeline is meant."""
    parser.add_argument("select", nargs="*", metavar="JOB|STAGE|JOB@3.12", help="a part of the pipeline, globs too")
    parser.add_argument("--failed", action="store_true", help="only what did not pass in the last run")
    parser.add_argument("--all", dest="fresh", action="store_true", help="run everything anew: take no cached result")
    parser.add_argument("--available", action="store_true", help="only the legs whose Python is on this machine")
    parser.add_argument("--offline", action="store_true", help="use no network: what is not here is named")
    parser.add_argument("--upgrade", action="store_true", help="choose the versions of dependencies anew")
    parser.add_argument("--event", default="", metavar="EVENT", help="plan as for a host's event: push, pull_request …")
    parser.add_argument("--branch", default="", metavar="B", help="plan as on this branch")
    parser.add_argument("--changed", action="append", metavar="FILE", help="a changed file, for path filters; repeat")
    parser.epilog = "What stands after -- is handed to pytest: penstock run unit@3.12 -- -k name"
    parser.set_defaults(pytest_args=())


def request(options: argparse.Namespace, surroundings: Surroundings) -> Request:
    """What of the pipeline is wanted. Raises UsageError for `--failed` without an earlier run."""
    return Request(
        select=tuple(options.select),
        failed=_failed(surroundings) if options.failed else None,
        available=options.available,
        fresh=options.fresh,
        pytest_args=tuple(options.pytest_args),
        event=options.event,
        branch=options.branch,
        changed=None if options.changed is None else tuple(options.changed),
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
