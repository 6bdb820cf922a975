"""The gates' lines: those that need a reader's eye, with number, limit and remedy."""

from __future__ import annotations

from penstock.model.pipeline import SPECIAL, Mode
from penstock.model.verdict import CheckResult, Status
from penstock.report import jobs, sanitize
from penstock.report.screen import Mark, Screen, cells, mark, pad, wrap
from penstock.report.story import Story


def lines(story: Story, screen: Screen, *, only: str = "") -> list[str]:
    """Checks that did not pass and are not told by their job's own line. `only`: the name of the one that is meant."""
    shown = [result for result in story.verdict.checks if _shown(result, story) and only in ("", result.name)]
    width = max((jobs.name_cells(story), *(cells(_name(result)) for result in shown)))
    told = []
    for result in shown:
        told += _lines(result, story, screen, width)
        for detail in result.details:
            told += wrap(f"      {sanitize.line(detail)}", screen.width, indent=8)
        if result.remedy:
            told += wrap(f"      remedy  {sanitize.line(result.remedy)}", screen.width, indent=14)
    return told


def blocked(result: CheckResult, story: Story) -> bool:
    """Whether the answer is bad and counts. Advice, tolerated jobs and warnings do not."""
    forgiven = {*story.verdict.warned_jobs, *(job for job, _ in story.verdict.tolerated_jobs)}
    bad = result.status in {Status.FAILED, Status.MISSING}
    return bad and result.mode is not Mode.WARN and result.job not in forgiven


def _shown(result: CheckResult, story: Story) -> bool:
    if result.name == "jobs" or result.status is Status.PASSED:
        return result.name == "quarantine" and bool(result.details)  # what it forgives, and what can leave it
    told_by_job = {*story.verdict.failed_jobs, *story.verdict.unfinished_jobs, *story.verdict.warned_jobs}
    told_by_job |= {job for job, _ in story.verdict.tolerated_jobs}
    return result.job not in told_by_job


def _lines(result: CheckResult, story: Story, screen: Screen, width: int) -> list[str]:
    kind = Mark.WARN
    if blocked(result, story):
        kind = Mark.BAD if result.status is Status.FAILED else Mark.NOT_RUN
    no_answer = "not verified: " if result.status is Status.MISSING else ""
    first, *rest = wrap(no_answer + sanitize.line(result.summary), max(20, screen.width - width - 7))
    start = f"  {pad(_name(result), width)}  {mark(screen, kind)}  "
    return [start + first, *(" " * (width + 7) + line for line in rest)]


def titled(result: CheckResult) -> str:
    """`coverage.total`, `tests unit@3.12`, `http.p95 api`: with the job where one check answers for several."""
    gate, dot, _ = result.name.partition(".")
    alone = result.job in (None, result.name) or (dot and gate not in SPECIAL)
    return result.name if alone else f"{result.name} {result.job}"


def _name(result: CheckResult) -> str:
    return sanitize.line(titled(result))
