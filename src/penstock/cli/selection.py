"""What of the pipeline is meant: the arguments that run, plan and explain share, and the request they make."""

from __future__ import annotations

import argparse
from pathlib import Path

from penstock.cli import occasions
from penstock.cli.surroundings import Surroundings
from penstock.errors import UsageError
from penstock.plan.request import Request


def arguments(parser: argparse.ArgumentParser, *, events: str = "") -> None:
    """The arguments by which run and plan say what of the pipeline is meant. `events`: what else than an occasion
    `--event` may be, in words.
    """
    parser.add_argument(
        "select",
        nargs="*",
        metavar="JOB|STAGE|GROUP|JOB@3.12",
        help="a part of the pipeline, globs too; the groups are quality and tests",
    )
    parser.add_argument("--failed", action="store_true", help="only what did not pass in the last run")
    parser.add_argument("--all", dest="fresh", action="store_true", help="run everything anew: take no cached result")
    parser.add_argument("--available", action="store_true", help="only the legs whose Python is on this machine")
    parser.add_argument("--offline", action="store_true", help="use no network: what is not here is named")
    parser.add_argument("--upgrade", action="store_true", help="choose the versions of dependencies anew")
    occasions.argument(parser, otherwise=events)
    parser.add_argument("--branch", default="", metavar="B", help="as on this branch, for jobs with `branches`")
    parser.add_argument("--changed", action="append", metavar="FILE", help="a changed file, for path filters; repeat")
    parser.add_argument("--shard", type=shard, metavar="2/4", help="only this shard of the tests, the second of four")
    parser.add_argument("--alone", action="store_true", help="only these jobs, and nothing that they need")
    parser.add_argument("--shards-from", type=Path, metavar="FILE", help="split tests as this shard plan settles it")
    parser.epilog = "What stands after -- is handed to pytest: penstock run unit@3.12 -- -k name"
    parser.set_defaults(pytest_args=())


def request(options: argparse.Namespace, surroundings: Surroundings) -> Request:
    """What of the pipeline is wanted. Raises UsageError for `--failed` without an earlier run, and for `--alone` with
    what does not go with it.
    """
    if options.alone and (not options.select or options.shard or options.failed):
        raise UsageError("--alone takes the names of jobs, and neither --shard nor --failed", remedy="unit@3.12#2/4 …")
    return Request(
        select=() if options.alone else tuple(options.select),
        alone=tuple(options.select) if options.alone else (),
        failed=_failed(surroundings) if options.failed else None,
        available=options.available,
        fresh=options.fresh,
        pytest_args=tuple(options.pytest_args),
        event=occasions.of(options.event),
        branch=options.branch,
        changed=None if options.changed is None else tuple(options.changed),
        exit_first=getattr(options, "exit_first", False),
        shard=options.shard or getattr(options, "all_shards", None),
        shard_plan=_shard_plan(options.shards_from),
        split_anew=getattr(options, "out", None) is not None,
    )


def shard(text: str) -> tuple[int, int]:
    """`2/4` as (2, 4): the type of a `--shard` option. Raises ArgumentTypeError, which argparse tells."""
    from penstock.guest.penstock_shards import parse

    try:
        return parse(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(str(error)) from error


def _shard_plan(path: Path | None) -> str:
    if path is None:
        return ""
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, ValueError) as error:
        remedy = "write one: penstock plan --shards 4 --out FILE"
        raise UsageError(f"the shard plan {path} cannot be read: {error}", remedy=remedy) from error


def _failed(surroundings: Surroundings) -> tuple[str, ...]:
    """Jobs that did not pass in the pipeline's newest run that has a verdict."""
    import json

    from penstock.run.folder import runs

    for run in runs(surroundings.state):
        try:
            told = json.loads((run / "verdict.json").read_bytes())
        except (OSError, ValueError):
            continue
        if told.get("command", "run") != "run":  # of `penstock test`: no job of the pipeline
            continue
        return tuple(job["id"] for job in told.get("jobs", ()) if job.get("outcome") != "passed")
    raise UsageError("there is no earlier run to take the failed jobs from", remedy="penstock run")
