"""`penstock pr --publish`: label, comment and summary of a pull request, where its readers look for them.

What cannot be published is told, with its remedy, and changes no exit code: that is the verdict's.
"""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from msgspec.structs import replace

from penstock.cli import interface, rejudging, summary
from penstock.cli.interface import Interface
from penstock.cli.surroundings import Surroundings
from penstock.errors import ExitCode, UsageError
from penstock.judge import decide
from penstock.model.plan import Scope
from penstock.model.run_context import RunContext
from penstock.model.verdict import CheckResult, Conclusion, Evidence, Verdict
from penstock.report.story import Story

if TYPE_CHECKING:
    from penstock.providers.github.publish import Relabel, Told, Wanted


class Place(NamedTuple):
    """Where to publish to, and what with."""

    interface: Interface
    number: int

    @property
    def context(self) -> RunContext:
        """What the host says of the run."""
        return self.interface.context


def arguments(parser: argparse.ArgumentParser) -> None:
    """The arguments of publishing."""
    parser.add_argument(
        "--publish",
        action="store_true",
        help="label the pull request, and write comment and job summary: on GitHub, with GH_TOKEN or GITHUB_TOKEN",
    )
    parser.add_argument("--dry-run", action="store_true", help="show what --publish would send, and send nothing")
    parser.add_argument("--number", type=int, metavar="N", help="the pull request, if not the event's")
    interface.arguments(parser)
    rejudging.arguments(
        parser, "tell of these runs, as `penstock gate` does; else of the last run here, if it is of this commit"
    )


def place(surroundings: Surroundings, options: argparse.Namespace, asked: Evidence) -> Place | None:
    """Where to publish to. None where that is not possible, as for a fork without a token, and nobody did wrong.

    Raises UsageError for what the command line or the environment lacks: before anything is judged.
    """
    reached = interface.of(surroundings, options, event=options.event)
    context = reached.context
    request = asked.facts.pull_request
    number = options.number or (request.number if request else 0) or context.pull_request
    if number < 1:
        raise UsageError("it is not known which pull request to publish to", remedy="--number N")
    if context.head and asked.plan.commit not in (context.head, context.commit):
        raise UsageError(
            f"the checkout is of commit {(asked.plan.commit or 'none')[:12]}, which is not the pull request's",
            remedy=f"check out {context.head[:12]}, or its merge with the base",
        )
    if not options.dry_run and not context.fork:
        interface.need_token(reached)
    return Place(reached, number)


def publish(
    surroundings: Surroundings,
    options: argparse.Namespace,
    place: Place,
    asked: Evidence,
    results: tuple[CheckResult, ...],
) -> None:
    """Do it, and tell what was done. Raises UsageError if the runs that are named cannot be told of."""
    story = _story(surroundings, options, asked, results)
    if not options.dry_run:
        summary.write(surroundings, story)
    if not place.interface.token and not options.dry_run:
        surroundings.out.progress("  note  not published: this is of a fork, which has no token")
        return
    wanted = _wanted(surroundings, place, story, asked)
    if options.dry_run:
        _rehearse(surroundings, place, wanted, asked)
        return
    from penstock.providers.github.publish import publish as published

    api = interface.api(surroundings, place.interface)
    for told in published(api, wanted, _relabel(asked)):
        _tell(surroundings, told, fork=place.context.fork)


def _tell(surroundings: Surroundings, told: Told, *, fork: bool) -> None:
    error = told.error
    if error is None:
        surroundings.out.progress(f"  published  {told.what}")
    elif fork and error.status in (401, 403, 404):
        what = f"{told.what}: this is of a fork, whose token may only read"
        surroundings.out.progress(f"  note  not published: {what}")
    else:
        remedy = f"\n  remedy: {error.remedy}" if error.remedy else ""
        surroundings.out.complain(f"penstock: not published: {told.what}: {error.message}  [{error.code}]{remedy}")


def _rehearse(surroundings: Surroundings, place: Place, wanted: Wanted, asked: Evidence) -> None:
    from penstock.providers.github.publish import publish as published
    from penstock.providers.github.rehearsal import Rehearsal
    from penstock.util.web import SystemWeb

    rehearsal = Rehearsal(SystemWeb() if place.interface.token else None)
    api = interface.api(surroundings, place.interface, rehearsal)
    done = list(published(api, wanted, _relabel(asked)))
    for told in done:
        if told.error is not None or told.what.startswith("nothing"):
            _tell(surroundings, told, fork=False)
    if not place.interface.token:
        surroundings.out.progress(
            "  note  without a token nothing was read: as if the pull request had nothing of ours"
        )
    for request in rehearsal.noted:
        surroundings.out.say(interface.shown(request))


def _relabel(asked: Evidence) -> Relabel | None:
    """What to do to the labels; None where the size is not known."""
    from penstock.judge.checks.pull_request import size_label
    from penstock.judge.pull_request.size import labels

    label = size_label(asked)
    return None if label is None else lambda present: labels(label, present)


def _wanted(surroundings: Surroundings, place: Place, story: Story, asked: Evidence) -> Wanted:
    from penstock.providers.github.publish import Wanted
    from penstock.providers.github.stamp import Stamp, stamped
    from penstock.report.markdown import COMMENT_BYTES, MARK, text
    from penstock.util import percent

    context = place.context
    stamp = Stamp(
        project=percent.quoted(interface.project(surroundings)),
        provider=context.provider,
        order=context.order,
        attempt=context.attempt,
        head=context.head or asked.plan.commit or "",
    )
    body = stamped(text(story, COMMENT_BYTES), stamp).encode("utf-8", "replace").decode()
    return Wanted(repository=place.interface.repository, number=place.number, mark=MARK, body=body, stamp=stamp)


def _story(
    surroundings: Surroundings, options: argparse.Namespace, asked: Evidence, results: tuple[CheckResult, ...]
) -> Story:
    """The run, if there is one to tell of, with what was asked of the pull request."""
    run = _run(surroundings, options.sources, asked.plan.commit)
    if run is None:
        nothing = Verdict(conclusion=Conclusion.PASSED, exit_code=ExitCode.VERIFIED, scope=Scope.PARTIAL, checks=())
        run = Story(plan=asked.plan, records=asked.records, verdict=nothing, now_s=surroundings.clock.wall_s())
    return replace(run, verdict=decide.with_answers(run.verdict, results))


def _run(surroundings: Surroundings, sources: list[Path] | None, commit: str | None) -> Story | None:
    """What `--from` names; else the last run here, if it is of this commit. Raises UsageError for runs of another."""
    try:
        story = rejudging.judged(surroundings, sources, cached=True)
    except UsageError:
        if sources:
            raise
        surroundings.out.progress("  note  there is no run here to tell of, only the pull request itself")
        return None
    if story.plan.commit == commit:
        return story
    what = f"is of commit {(story.plan.commit or 'none')[:12]}, and this is {(commit or 'none')[:12]}"
    if sources:
        raise UsageError(f"what --from names {what}", remedy="check out the commit that was run")
    surroundings.out.progress(f"  note  not told of: the last run here {what}")
    return None
