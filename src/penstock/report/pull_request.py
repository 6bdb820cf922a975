"""What `penstock pr` says: one line a part, what is wrong with it, and a verdict."""

from __future__ import annotations

from collections.abc import Sequence

from penstock.errors import ExitCode
from penstock.model.change import PullRequest
from penstock.model.pipeline import Mode
from penstock.model.verdict import CheckResult, Status
from penstock.report import sanitize
from penstock.report.screen import Mark, Screen, cells, fit, mark, own, pad, paint, wrap
from penstock.util.plural import plural

_WORDS = {ExitCode.VERIFIED: ("PASS", "1;32"), ExitCode.GATE_FAILED: ("FAIL", "1;31")}


def text(request: PullRequest, results: Sequence[CheckResult], code: ExitCode, screen: Screen) -> str:
    """The whole report, without a newline at its end."""
    whose = f"#{request.number}" if request.number else "this branch as a pull request"
    return answers(f"{whose}  {request.title}", results, code, screen)


def answers(about: str, results: Sequence[CheckResult], code: ExitCode, screen: Screen) -> str:
    """Answers that stand on no run, below what they are about, which may be foreign text."""
    lines = [fit(screen, f"  {sanitize.line(about)}", screen.width), ""]
    width = max((cells(part(result)) for result in results), default=0)
    for result in results:
        lines += _lines(result, screen, width)
    bad = [result for result in results if result.status is not Status.PASSED]
    blocking = [part(result) for result in bad if result.mode is Mode.ERROR]
    warned = len(bad) - len(blocking)
    word, color = _WORDS.get(code, ("NOT VERIFIED", "1;33"))
    facts = [", ".join(blocking)] if blocking else []
    facts += [plural(warned, "warning")] if warned else []
    facts += [f"{len(results) - len(bad)} of {len(results)} as they should be"]
    return "\n".join([*lines, "", f"{paint(screen, word, color)}  {own(screen, '  ·  ').join(facts)}"])


def part(result: CheckResult) -> str:
    """`title` of `pull_request.title`."""
    return result.name.partition(".")[2] or result.name


def _lines(result: CheckResult, screen: Screen, width: int) -> list[str]:
    sign = Mark.GOOD if result.status is Status.PASSED else Mark.WARN
    if result.status is not Status.PASSED and result.mode is Mode.ERROR:
        sign = Mark.BAD if result.status is Status.FAILED else Mark.NOT_RUN
    first, *rest = wrap(sanitize.line(result.summary), max(20, screen.width - width - 7))
    lines = [
        f"  {pad(part(result), width)}  {mark(screen, sign)}  {first}",
        *(" " * (width + 7) + each for each in rest),
    ]
    for detail in result.details if result.status is not Status.PASSED else ():
        lines += wrap(f"      {sanitize.line(detail)}", screen.width, indent=8)
    if result.remedy:
        lines += wrap(f"      remedy  {sanitize.line(result.remedy)}", screen.width, indent=14)
    return lines
