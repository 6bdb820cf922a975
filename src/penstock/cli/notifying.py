"""Who is told of a protected run, when it failed and when the next is green again. It changes no verdict.

Asked only where the CI host says that the run is protected: nothing that a change could do makes it speak.
"""

from __future__ import annotations

import json
from collections.abc import Collection

import msgspec

from penstock.cli import host, keeping, project
from penstock.cli.surroundings import Surroundings
from penstock.errors import ExitCode, PenstockError, PublishError
from penstock.model.pipeline import CHANGE, Notify
from penstock.model.plan import Scope
from penstock.model.run_context import RunContext
from penstock.model.trust import Trust
from penstock.report.story import Story
from penstock.value import Value

_BAD = frozenset({ExitCode.GATE_FAILED, ExitCode.NOT_VERIFIED})
_COUNTED = (*sorted(map(int, _BAD)), int(ExitCode.VERIFIED))

_QUERY = """
SELECT wall_s, run, exit_code FROM runs
WHERE trust = 'protected' AND branch = $branch AND scope = 'full' AND command <> 'test'
  AND coalesce(occasion, 'change') = $occasion AND exit_code IN (0, 1, 3) AND NOT list_contains($own, run)
ORDER BY wall_s DESC, run DESC LIMIT 1
"""


def notify(surroundings: Surroundings, story: Story, *, own: Collection[str] = ()) -> None:
    """Tell of the run, if somebody is to be told. `own`: runs that are this one, beside the story's."""
    context = host.context(surroundings.environ)
    if story.plan.scope is not Scope.FULL or context.trusted(story.plan.commit) is not Trust.PROTECTED:
        return

    declared = project.pipeline(surroundings).notify
    if declared is None:
        return
    kind = _kind(surroundings, story, context, declared, {story.records.run.run, *own})
    if kind is not None:
        _send(surroundings, story, context, declared, kind)


def _kind(
    surroundings: Surroundings, story: Story, context: RunContext, declared: Notify, own: Collection[str]
) -> str | None:
    """What there is to tell of."""
    from penstock.report import slack

    kind = None
    if story.verdict.exit_code in _BAD:
        kind = slack.FAILURE
    elif story.verdict.exit_code is ExitCode.VERIFIED and slack.RECOVERY in declared.on:
        failed = failed_before(surroundings, context.branch, own, story.plan.occasion)
        kind = slack.RECOVERY if failed else None
    return kind if kind in declared.on else None


def failed_before(surroundings: Surroundings, branch: str, own: Collection[str], occasion: str = CHANGE) -> bool:
    """Whether the last protected run of the branch, and of the occasion, was bad. What cannot be read is told, and is
    no recovery.
    """
    try:
        last = max(_rows(surroundings, branch, own, occasion), default=None)
    except (PenstockError, OSError, ValueError) as error:
        surroundings.out.progress(f"  note  whether this is a recovery is not known: {error}")
        return False
    return last is not None and last[2] != ExitCode.VERIFIED


class _Row(Value, frozen=True):
    """What of a row of the history's table `runs` matters here."""

    wall_s: float
    run: str
    exit_code: int
    scope: str = ""
    command: str = ""
    branch: str = ""
    trust: str = ""
    occasion: str = CHANGE


def _rows(surroundings: Surroundings, branch: str, own: Collection[str], occasion: str) -> list[tuple[float, str, int]]:
    """When, run, exit code. Raises PenstockError, OSError, ValueError."""
    from penstock.record.store import History

    history = History(keeping.history(surroundings.state))
    files = [file for file in history.read().files if file.table == "runs"]
    if any(file.form == "parquet" for file in files):
        from penstock.record.query import ask

        answer = ask(history, _QUERY, {"branch": branch, "own": sorted(own), "occasion": occasion})
        _tell_of_losses(surroundings, answer.found)
        return [(float(when), str(run), int(code)) for when, run, code in answer.rows]
    sound = history.sound(among=files)
    _tell_of_losses(surroundings, sound.found)
    rows = [msgspec.json.decode(line, type=_Row) for file in sound.files for line in history.lines(file)]
    return [
        (row.wall_s, row.run, row.exit_code) for row in rows if _counts(row, branch, occasion) and row.run not in own
    ]


def _tell_of_losses(surroundings: Surroundings, found: Collection[str]) -> None:
    for what in found:
        surroundings.out.progress(f"  note  whether this is a recovery may not be known: {what}")


def _counts(row: _Row, branch: str, occasion: str) -> bool:
    protected = row.trust == Trust.PROTECTED and row.branch == branch and row.occasion == occasion
    return protected and row.scope == Scope.FULL and row.command != "test" and row.exit_code in _COUNTED


def _send(surroundings: Surroundings, story: Story, context: RunContext, declared: Notify, kind: str) -> None:
    from penstock.providers import webhook
    from penstock.report import slack
    from penstock.util.web import SystemWeb

    name = declared.webhook
    address = surroundings.environ.get(name, "").strip()
    message = json.dumps(slack.payload(story, kind, context)).encode()
    try:
        webhook.deliver(SystemWeb(), surroundings.clock, address, message)
    except PublishError as error:
        remedy = f"\n  remedy: {error.remedy}" if error.remedy else ""
        surroundings.out.complain(f"penstock: nobody was told of this {kind}: {name}: {error.message}  [P303]{remedy}")
    else:
        surroundings.out.progress(f"  notified  {kind}, by {name}")
