"""A message about a run, as Slack's incoming webhooks take it, and those that other chats have made after them.

Foreign text stands in `plain_text`, in which Slack reads no markup; `text`, which is all that others read, has it as
code. What would mention, link or escape in any of them becomes a letter that looks alike: `<!channel>` pings nobody.
https://docs.slack.dev/reference/block-kit/blocks, https://docs.slack.dev/messaging/formatting-message-text
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

from penstock.errors import ExitCode
from penstock.model.events import Outcome
from penstock.model.run_context import RunContext
from penstock.model.verdict import CheckResult, Status
from penstock.report import checks, sanitize
from penstock.report.screen import seconds
from penstock.report.story import Story
from penstock.util.plural import plural

FAILURE, RECOVERY = "failure", "recovery"
_HEADER = 150  # characters of each, by Slack's reference
_FIELD = 200
_SECTION = 2900  # of 3,000
_SHOWN = 10
_NAMED = 3
# Single angle quotation marks, a full-width ampersand.
_ALIKE = str.maketrans({"<": "\u2039", ">": "\u203a", "&": "\uff06", "`": "'"})
_MENTION = re.compile(r"(?<!\w)@|@(?=everyone|here|channel|all)", re.IGNORECASE)
_SCHEME = re.compile(r"(https?|ftp|mailto|tel):", re.IGNORECASE)
_PAGE = re.compile(r"https://[\w.-]+(?::\d+)?/[\w./-]{1,500}")


def payload(story: Story, kind: str, context: RunContext) -> dict[str, Any]:
    """The message. `kind`: FAILURE or RECOVERY."""
    where = " ".join(each for each in (context.repository, context.branch) if each)
    word = _word(story, kind)
    bad = list(_bad(story)) if kind == FAILURE else []
    blocks: list[dict[str, Any]] = [{"type": "header", "text": _plain(f"{word}: {where}", _HEADER)}]
    if bad:
        blocks.append({"type": "section", "text": _plain(_listed(bad), _SECTION, lines=True)})
    blocks.append({"type": "section", "fields": [_plain(each, _FIELD) for each in _facts(story, context)]})
    if _PAGE.fullmatch(context.url):
        page = {"type": "mrkdwn", "text": f"<{context.url}|the run at {context.provider}>", "verbatim": True}
        blocks.append({"type": "context", "elements": [page]})
    named = ", ".join(_code(name) for name, _ in bad[:_NAMED])
    more = f" and {len(bad) - _NAMED} more" if len(bad) > _NAMED else ""
    text = f"{word}: {_code(where)}{f': {named}{more}' if bad else ''}"
    return {"text": text, "blocks": blocks, "unfurl_links": False, "unfurl_media": False}


def _word(story: Story, kind: str) -> str:
    if kind == RECOVERY:
        return "✅ green again"
    return "❌ FAIL" if story.verdict.exit_code is ExitCode.GATE_FAILED else "⚠️ NOT VERIFIED"


def _bad(story: Story) -> Iterable[tuple[str, str]]:
    """What blocks, by name, with a reason: of tests, the first that failed."""
    verdict = story.verdict
    reasons = {record.job: record.reason for record in story.records.jobs}
    reasons |= {failure.job: failure.test for failure in reversed(story.failures) if failure.test}
    told = {*verdict.failed_jobs, *verdict.unfinished_jobs}
    for job in (*verdict.failed_jobs, *verdict.unfinished_jobs):
        yield job, reasons.get(job, "")
    for result in verdict.checks:
        if result.name != "jobs" and result.job not in told and checks.blocked(result, story):
            yield result.name, _said(result)


def _said(result: CheckResult) -> str:
    return f"not verified: {result.summary}" if result.status is Status.MISSING else result.summary


def _listed(bad: list[tuple[str, str]]) -> str:
    lines = [f"• {name[:80]}{f': {why[:160]}' if why else ''}" for name, why in bad[:_SHOWN]]
    return "\n".join([*map(sanitize.line, lines), *([f"and {len(bad) - _SHOWN} more"] if len(bad) > _SHOWN else [])])


def _facts(story: Story, context: RunContext) -> Iterable[str]:
    passed = sum(record.outcome is Outcome.PASSED for record in story.records.jobs)
    yield f"{passed} of {plural(len(story.plan.jobs), 'job')} passed, {seconds(story.records.run.duration_s)}"
    if context.commit:
        yield f"commit {context.commit[:12]}"
    yield f"run {story.run}"


def _plain(text: str, longest: int, *, lines: bool = False) -> dict[str, Any]:
    shown = "\n".join(map(_inert, text.split("\n"))) if lines else _inert(text)
    return {"type": "plain_text", "text": shown[: longest - 1] + "…" if len(shown) > longest else shown, "emoji": False}


def _code(text: str) -> str:
    return f"`{_inert(text)[:_HEADER] or '?'}`"


def _inert(foreign: str) -> str:
    """One line in which no chat reads a mention, a link, an escape or the end of its code."""
    plain = _MENTION.sub("\uff20", sanitize.line(foreign).translate(_ALIKE))  # a full-width at
    return _SCHEME.sub("\\1\u2236", plain)  # a ratio's colon
