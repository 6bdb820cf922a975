"""`penstock report --issue`: one issue of the repository, open for as long as a nightly run is not green.

What could not be judged is not green. What cannot be told ends in 3: to tell it is all that is asked for.
"""

from __future__ import annotations

import argparse
import json
from datetime import UTC, datetime
from typing import TYPE_CHECKING, NamedTuple

from penstock.cli import interface, rejudging
from penstock.cli.interface import Interface
from penstock.cli.surroundings import Surroundings
from penstock.errors import ExitCode, PenstockError, UsageError
from penstock.model.hosts import HOST_JOBS
from penstock.model.plan import Scope
from penstock.report import issue as form
from penstock.report.story import Story

if TYPE_CHECKING:
    from collections.abc import Iterator

    from penstock.providers.github.client import Api
    from penstock.providers.github.issues import Wanted

LABEL = "nightly"
_MOST_LABEL = 50  # characters, of GitHub


def arguments(parser: argparse.ArgumentParser) -> None:
    """The arguments of telling an issue."""
    parser.add_argument(
        "--issue",
        action="store_true",
        help="open an issue on GitHub, bring it up to date, or close it, as the verdict is: with GH_TOKEN or "
        "GITHUB_TOKEN",
    )
    parser.add_argument("--title", metavar="TEXT", default=form.TITLE, help=f'of a new issue (default: "{form.TITLE}")')
    parser.add_argument("--label", metavar="NAME", default=LABEL, help=f"by which it is found (default: {LABEL})")
    parser.add_argument("--dry-run", action="store_true", help="show what --issue would send, and send nothing")
    interface.arguments(parser)


class _Told(NamedTuple):
    """What there is to tell. `story`: of a run that is green; `page`: of any other, "" where nothing is to be told."""

    story: Story | None
    page: str


def tell(surroundings: Surroundings, options: argparse.Namespace) -> int:
    """Do it, and say what was done.

    Raises UsageError for what the command line or the environment lacks, PublishError where GitHub did not take it.
    """
    _check(options)
    reached = interface.of(surroundings, options)
    if not options.dry_run:
        interface.need_token(reached)
    told = _told(surroundings, options)
    if told.story is None and not told.page:
        surroundings.out.say("issue  nothing: a part of the pipeline is green, and it is asked about the whole")
        return ExitCode.VERIFIED
    wanted = _wanted(surroundings, options, reached)
    if options.dry_run:
        _rehearse(surroundings, reached, wanted, told)
        return ExitCode.VERIFIED
    for what in _done(surroundings, interface.api(surroundings, reached), wanted, reached, told):
        surroundings.out.say(f"issue  {what}")
    return ExitCode.VERIFIED


def _check(options: argparse.Namespace) -> None:
    """Raises UsageError for a label that no search finds, and an empty title."""
    if not options.label.strip() or "," in options.label or len(options.label) > _MOST_LABEL:
        raise UsageError(
            f"--label {options.label}: no label of GitHub's that can be searched for",
            remedy=f"a name without commas, of at most {_MOST_LABEL} characters",
        )
    if not options.title.strip():
        raise UsageError("--title is empty")


def _told(surroundings: Surroundings, options: argparse.Namespace) -> _Told:
    """The run, judged. Raises UsageError where none is named and there is none here."""
    own, surroundings = _without_own(surroundings)
    try:
        story = rejudging.judged(surroundings, options.sources, cached=True, plan=options.plan)
    except PenstockError as error:
        if not options.sources:
            raise
        return _Told(None, form.unjudged(error.message, error.remedy))
    if story.verdict.exit_code is not ExitCode.VERIFIED:
        return _Told(None, form.page(story))
    if own not in ("", "success"):
        return _Told(None, form.unjudged(f"the evidence is green, and GitHub's job verdict ended as {own}"))
    return _Told(story, "") if story.plan.scope is Scope.FULL else _Told(None, "")


def _without_own(surroundings: Surroundings) -> tuple[str, Surroundings]:
    """How the job that judged before ended, "" where that is not told; the surroundings, in which the host's results
    are those that this one judged by.
    """
    from penstock.providers.github.ci import VERDICT

    try:
        results = json.loads(surroundings.environ.get(HOST_JOBS, ""))
        own = results.pop(VERDICT)["result"]
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return "", surroundings
    return str(own), surroundings._replace(environ={**surroundings.environ, HOST_JOBS: json.dumps(results)})


def _wanted(surroundings: Surroundings, options: argparse.Namespace, reached: Interface) -> Wanted:
    from penstock.providers.github.issues import Wanted
    from penstock.providers.github.stamp import Stamp
    from penstock.util import percent

    context = reached.context
    stamp = Stamp(
        project=percent.quoted(interface.project(surroundings)),
        provider=context.provider,
        order=context.order,
        attempt=context.attempt,
        head=context.commit,
    )
    return Wanted(repository=reached.repository, label=options.label, title=options.title, mark=form.MARK, stamp=stamp)


def _done(surroundings: Surroundings, api: Api, wanted: Wanted, reached: Interface, told: _Told) -> Iterator[str]:
    from penstock.providers.github import issues
    from penstock.providers.github.stamp import stamped

    url = reached.context.url
    if told.story is not None:
        return issues.end(api, wanted, form.green(told.story, url))
    day = datetime.fromtimestamp(surroundings.clock.wall_s(), UTC).date().isoformat()

    def render(before: str) -> str:
        standing = form.standing(before, day, wanted.stamp.order)
        whole = stamped(form.text(told.page, standing, url), wanted.stamp)
        return whole.encode("utf-8", "replace").decode()

    return issues.stand(api, wanted, render)


def _rehearse(surroundings: Surroundings, reached: Interface, wanted: Wanted, told: _Told) -> None:
    from penstock.providers.github.rehearsal import Rehearsal
    from penstock.util.web import SystemWeb

    rehearsal = Rehearsal(SystemWeb() if reached.token else None)
    for what in _done(surroundings, interface.api(surroundings, reached, rehearsal), wanted, reached, told):
        if what.startswith("nothing"):
            surroundings.out.say(f"issue  {what}")
    if not reached.token:
        surroundings.out.progress("  note  without a token nothing was read: as if there were no issue of ours")
    for request in rehearsal.noted:
        surroundings.out.say(interface.shown(request))
