"""Whether each stage was done in its time, counted from the run's start.

What came from the cache counts as long as it took when it was run, in the order of needs: a run that says too long may
not say otherwise when it is asked again. Without the cache a stage takes at least that long.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from penstock.judge.answer import mode_of_gate
from penstock.model.events import Outcome
from penstock.model.pipeline import Mode, Stage
from penstock.model.plan import Job
from penstock.model.records import JobRecord
from penstock.model.verdict import CheckResult, Evidence, Status
from penstock.util.plural import plural

_ENDED = frozenset({Outcome.PASSED, Outcome.FAILED, Outcome.TIMED_OUT})
_SHOWN = 5


class BudgetCheck:
    """One answer a stage that has a budget and jobs, where the gate is declared."""

    name = "budget"

    def answer(self, evidence: Evidence) -> Iterable[CheckResult]:
        """The answers; none without the gate: the budgets are then only told."""
        if any(gate.name == self.name for gate in evidence.plan.gates):
            yield from _answers(evidence)


def _answers(evidence: Evidence) -> Iterator[CheckResult]:
    records = {record.job: record for record in evidence.records.jobs}
    ends = _ends(evidence.plan.jobs, records)
    mode = mode_of_gate(evidence.plan, "budget")
    for stage in evidence.plan.stages:
        jobs = tuple(job for job in evidence.plan.jobs if job.stage == stage.name)
        if stage.budget_s is not None and jobs:
            yield _answer(stage, stage.budget_s, jobs, (records, ends), mode)


def _ends(jobs: Iterable[Job], records: Mapping[str, JobRecord]) -> dict[str, float]:
    """When each job had ended, in seconds from the run's start. `jobs` in the plan's order: what is needed is first."""
    ends: dict[str, float] = {}
    for job in jobs:
        record = records.get(job.id)
        if record is None:
            continue
        after_s = max((ends.get(need, 0.0) for need in job.needs), default=0.0)
        started_s = 0.0 if record.cached_from is not None else record.started_s
        ends[job.id] = max(after_s, started_s) + record.duration_s
    return ends


def _answer(
    stage: Stage,
    budget_s: float,
    jobs: tuple[Job, ...],
    found: tuple[Mapping[str, JobRecord], Mapping[str, float]],
    mode: Mode,
) -> CheckResult:
    records, ends = found
    name = f"budget.{stage.name}"
    ended = [job.id for job in jobs if job.id in records and records[job.id].outcome in _ENDED]
    took_s = max((ends[job] for job in ended), default=0.0)
    over = took_s > budget_s
    if len(ended) < len(jobs) and not over:
        lacks = next(job.id for job in jobs if job.id not in ended)
        said = f"{lacks} did not run to an end: nobody knows how long the stage takes"
        return CheckResult(name=name, status=Status.MISSING, summary=said, mode=mode, limit=budget_s)
    last = max(ended, key=lambda job: ends[job])
    cached = sum(records[job].cached_from is not None for job in ended)
    known = f"; {cached} of {plural(len(ended), 'job')} cached, counted as they took then" if cached else ""
    longest = sorted(ended, key=lambda job: -records[job].duration_s)
    return CheckResult(
        name=name,
        status=Status.FAILED if over else Status.PASSED,
        summary=f"{_words(took_s)} of {_words(budget_s)}, {last} was the last to end{known}",
        mode=mode,
        number=took_s,
        limit=budget_s,
        examined=len(ended),
        expected=len(jobs),
        remedy=f"{longest[0]} took {_words(records[longest[0]].duration_s)}: make it shorter, share it out (`shards`), "
        f"or move it to a later stage"
        if over
        else None,
        details=tuple(f"{job} {_words(records[job].duration_s)}" for job in longest[:_SHOWN]) if over else (),
    )


def _words(seconds: float) -> str:
    """`12.3 s`, `4 min 30 s`; never less than it is."""
    if seconds < 60:
        return f"{seconds:.1f} s"
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes} min {rest} s" if rest else f"{minutes} min"
