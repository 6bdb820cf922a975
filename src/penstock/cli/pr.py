"""`penstock pr`: whether a pull request, or this branch as one, is what a reviewer can work with. It runs no job.

With `--publish`, and only then, it goes out of the machine.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from msgspec.structs import replace

from penstock.cli import facts, project, publishing
from penstock.cli.out import Out
from penstock.cli.surroundings import Surroundings, look
from penstock.errors import ExitCode, UsageError
from penstock.judge import decide
from penstock.judge.answer import sound
from penstock.judge.checks.policy import PolicyCheck
from penstock.judge.checks.pull_request import PullRequestCheck
from penstock.model.change import PullRequest
from penstock.model.records import Records, RunRecord
from penstock.model.verdict import CheckResult, Evidence
from penstock.plan import alone
from penstock.report import pull_request as form
from penstock.report.screen import Screen


def arguments(parser: argparse.ArgumentParser) -> None:
    """The command's own arguments."""
    parser.add_argument("--title", metavar="TEXT", help="the title, if not the event's or the first commit's")
    parser.add_argument("--body", metavar="FILE", help="the description, - = standard input")
    parser.add_argument("--event", type=Path, metavar="FILE", help="the event file, if not GITHUB_EVENT_PATH")
    parser.add_argument("--base", metavar="REV", help="what to compare with, if not the base branch")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the answers as JSON")
    publishing.arguments(parser)


def main(options: argparse.Namespace, out: Out) -> int:
    """Judge, report, and end with the verdict's exit code."""
    surroundings = look(out, directory=options.directory)
    asked = evidence_of(surroundings, options)
    place = publishing.place(surroundings, options, asked) if options.publish or options.dry_run else None
    answers = (*PullRequestCheck().answer(asked), *PolicyCheck().answer(asked))
    results = tuple(map(sound, answers))
    code = decide.of_answers(results)
    request = asked.facts.pull_request or PullRequest(title="")
    out.say(form.text(request, results, code, Screen(width=out.width, color=out.color, unicode=out.unicode)))
    if options.json is not None:
        _write(options.json, request, results, code, out)
    if place is not None:
        publishing.publish(surroundings, options, place, asked, results)
    return code


def evidence_of(surroundings: Surroundings, options: argparse.Namespace) -> Evidence:
    """All that the answers rest on. Raises UsageError where there is no pull request and no branch for one."""
    pipeline = project.pipeline(surroundings)
    taken = project.tree(surroundings)
    found = facts.of(surroundings, taken, base=options.base, event=options.event, branch_too=True)
    request = found.pull_request
    if request is None and options.title is None:
        why = f": {found.unknown}" if found.unknown else " that the base does not have"
        raise UsageError(
            f"there is no pull request, and no commit on this branch to be one{why}",
            remedy="commit to a branch, or give --title and --body",
        )
    request = request or PullRequest(title="", source="branch")
    request = replace(
        request,
        title=request.title if options.title is None else options.title,
        body=request.body if options.body is None else _body(options.body),
    )
    return Evidence(
        plan=replace(alone.gates(str(surroundings.root), pipeline.gates), commit=taken.git.commit),
        records=Records(run=RunRecord(run="", plan="", wall_s=0.0, duration_s=0.0, finished=True), jobs=()),
        today="",
        facts=replace(found, pull_request=request),
    )


def _body(name: str) -> str:
    """The description. Raises UsageError if it cannot be read."""
    try:
        return sys.stdin.read() if name == "-" else Path(name).read_text(encoding="utf-8", errors="replace")
    except OSError as error:
        raise UsageError(f"{name} cannot be read: {error.strerror}") from error


def _write(path: Path, request: PullRequest, results: tuple[CheckResult, ...], code: ExitCode, out: Out) -> None:
    import msgspec

    from penstock.util import atomic

    told = {"version": 1, "exit_code": int(code), "title": request.title, "number": request.number, "checks": results}
    try:
        atomic.write(path, msgspec.json.format(msgspec.json.encode(told), indent=2) + b"\n")
    except OSError as error:
        out.complain(f"penstock: {path} could not be written: {error}")
