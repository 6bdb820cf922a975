"""Stages against their budgets: when the last job of each had ended, counted from the run's start (rows A2)."""

from __future__ import annotations

from collections.abc import Iterator

from penstock.report import sanitize
from penstock.report.screen import Mark, Screen, mark, own, pad, seconds
from penstock.report.story import Story
from penstock.value import Value


class Span(Value, frozen=True, kw_only=True):
    """One stage with a budget. `took_s`: from the run's start to its last job's end; cached jobs take no time."""

    stage: str
    budget_s: float
    took_s: float
    jobs: int

    @property
    def over(self) -> bool:
        """Whether it took longer than its budget."""
        return self.took_s > self.budget_s


def spans(story: Story) -> Iterator[Span]:
    """The stages that have a budget and jobs in this plan, as declared."""
    ends: dict[str, list[float]] = {}
    stage_of = {job.id: job.stage for job in story.plan.jobs}
    for record in story.records.jobs:
        took_s = 0.0 if record.cached_from else record.started_s + record.duration_s
        ends.setdefault(stage_of.get(record.job, ""), []).append(took_s)
    for stage in story.plan.stages:
        if stage.budget_s is not None and stage.name in ends:
            took_s = max(ends[stage.name])
            yield Span(stage=stage.name, budget_s=stage.budget_s, took_s=took_s, jobs=len(ends[stage.name]))


def lines(story: Story, screen: Screen) -> list[str]:
    """One line a stage: `stage fast  ✓  12.1s of 5m`."""
    told = list(spans(story))
    width = max((len(span.stage) for span in told), default=0)
    return [
        f"  stage {pad(sanitize.line(span.stage), width)}  {mark(screen, Mark.WARN if span.over else Mark.GOOD)}  "
        + own(screen, f"{seconds(span.took_s)} of {seconds(span.budget_s)}{', over its budget' if span.over else ''}")
        for span in told
    ]
