"""`penstock plan`: the job graph, what is cached, predicted times, why each job is in or out. Runs nothing."""

from __future__ import annotations

import argparse
from pathlib import Path

from penstock.cli import files, planning, selection
from penstock.cli.out import Out
from penstock.cli.surroundings import Surroundings, look
from penstock.errors import ExitCode, UsageError
from penstock.model.answers import EVENTS
from penstock.report import plan as report
from penstock.report.screen import Screen


def arguments(parser: argparse.ArgumentParser) -> None:
    """The command's own arguments."""
    selection.arguments(parser, events=f"or what an event starts on the CI host: {', '.join(EVENTS)}")
    parser.add_argument("--json", action="store_true", help="the plan and its bindings as JSON, to stdout")
    parser.add_argument(
        "--shards", dest="all_shards", type=_count, metavar="N", help="spread the tests over N shards, whatever is set"
    )
    parser.add_argument("--base", default="", metavar="B", help="of an event: the branch that it leads to")
    parser.add_argument("--tag", default="", metavar="T", help="of --event tag: its name")
    parser.add_argument("--fork", action="store_true", help="of --event pull_request: it comes from a fork")
    parser.add_argument("--out", type=Path, metavar="FILE", help="write how the tests are split, for --shards-from")


def main(options: argparse.Namespace, out: Out) -> int:
    """Print the plan, or what an event starts on the host."""
    surroundings = look(out, directory=options.directory)
    if options.event in EVENTS:
        from penstock.cli import happening

        return happening.tell(surroundings, options)
    if options.base or options.tag or options.fork:
        raise UsageError("--base, --tag and --fork are about an event of the CI host", remedy=f"--event {EVENTS[1]}")
    planned = planning.plan(
        surroundings, selection.request(options, surroundings), offline=options.offline, upgrade=options.upgrade
    )
    if options.json:
        import msgspec

        bindings = [planned.bindings[job.id] for job in planned.plan.jobs]
        content = {"version": 1, "plan": planned.plan, "bindings": bindings}
        out.say(msgspec.json.format(msgspec.json.encode(content), indent=1).decode())
        return ExitCode.VERIFIED
    if options.out:
        _write_split(surroundings, planned, options.out)
    screen = Screen(width=out.width, color=out.color, unicode=out.unicode)
    out.say(report.text(planned.plan, planned.bindings.values(), screen, cpus=planned.snapshot.platform.cpus))
    return ExitCode.VERIFIED


def _write_split(surroundings: Surroundings, planned: planning.Planned, path: Path) -> None:
    """The shard plan, for other machines."""
    from penstock.cli import pins

    files.put(path, pins.shard_plan(surroundings.state, planned.whole or planned.plan))
    surroundings.out.progress(
        f"  the split stands in {path}; a shard of it: penstock run --shard 1/N --shards-from {path}"
    )


def _count(text: str) -> tuple[int, int]:
    """All of so many shards. Raises ArgumentTypeError, which argparse tells."""
    return 0, selection.shard(f"1/{text}")[1]
