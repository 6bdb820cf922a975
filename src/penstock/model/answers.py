"""What an event starts on a CI host: each generated job, with the rule that decides."""

from __future__ import annotations

from enum import StrEnum

from penstock.value import Value

TAG = "tag"  # a push of one
EVENTS = ("push", "pull_request", "merge_group", "schedule", "workflow_dispatch", TAG)  # that can be asked about


class State(StrEnum):
    """What becomes of a job. BLOCKS: it has to end well, and nothing that happens in this run can make it."""

    RUNS = "runs"
    SKIPPED = "skipped"
    BLOCKS = "blocks"


class JobAnswer(Value, frozen=True, kw_only=True):
    """One job. `rule`: what decides, in words; `runners`: how many machines it gets, 0 where it does not run."""

    job: str
    state: State
    rule: str
    runners: int = 1


class WorkflowAnswer(Value, frozen=True, kw_only=True):
    """One file. Where it does not start, `rule` says why, and so does every job of it."""

    path: str
    starts: bool
    rule: str
    jobs: tuple[JobAnswer, ...] = ()
