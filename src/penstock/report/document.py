"""The format of `penstock run --json FILE`. The schema and its reference page are made from these classes.

Version 1 keeps every field and its meaning; new fields may come. Read `exit_code` or `conclusion`, not the absence of
failures: only `passed` is green.
"""

from __future__ import annotations

from typing import Annotated, Final, Literal

import msgspec

from penstock.model.pipeline import CHANGE

VERSION: Final = 1

Doc = msgspec.Meta


class _Part(msgspec.Struct, frozen=True, kw_only=True):
    """Every field is always written."""


class JobPart(_Part, frozen=True, kw_only=True):
    """One obligation of the plan."""

    id: Annotated[str, Doc(description="The job's id: `unit@3.12`.")]
    name: Annotated[str, Doc(description="Its name without the leg.")]
    kind: Annotated[str, Doc(description="`lint`, `types`, `test`, `coverage`, `build` or `run`.")]
    python: Annotated[str | None, Doc(description="The interpreter that the leg names.")]
    outcome: Annotated[
        str | None,
        Doc(
            description="`passed`, `failed`, `errored`, `timed_out`, `cancelled` or `skipped`; null: it never started."
        ),
    ]
    reason: Annotated[str, Doc(description="Why it did not pass; empty if it did.")]
    required: Annotated[bool, Doc(description="False: it only advises.")]
    started_s: Annotated[float, Doc(description="Seconds from the run's start.")]
    duration_s: Annotated[float, Doc(description="Seconds.")]
    cpu_s: Annotated[float, Doc(description="Processor seconds, user and system, of all its processes.")]
    memory_bytes: Annotated[int, Doc(description="The largest resident set of one of its processes.")]
    cached_from: Annotated[str | None, Doc(description="The run that did the work, if this one did not.")]
    cached_wall_s: Annotated[float | None, Doc(description="When that was, in epoch seconds, UTC.")]
    measures: Annotated[dict[str, float], Doc(description="Its numbers: `collected`, `passed`, `files`, `findings` …")]
    notes: Annotated[dict[str, str], Doc(description="Its texts: `python` as the tests proved it, tool versions …")]
    flaky: Annotated[list[str], Doc(description="Tests that failed and then passed.")]


class CheckPart(_Part, frozen=True, kw_only=True):
    """One question and its answer."""

    name: Annotated[str, Doc(description="`jobs`, `tests`, `tests.min`, `coverage.total`, `coverage.file`, `lint` …")]
    job: Annotated[str | None, Doc(description="The job that it is about; null: the whole run.")]
    status: Annotated[str, Doc(description="`passed`, `failed`, `missing` (no evidence) or `inconclusive`.")]
    mode: Annotated[str, Doc(description="`error`, `warn` or `ratchet`: what a failure does.")]
    summary: Annotated[str, Doc(description="The answer in words.")]
    number: Annotated[float | None, Doc(description="The number that was found.")]
    limit: Annotated[float | None, Doc(description="The number it is held against.")]
    examined: Annotated[int, Doc(description="How much the answer rests on.")]
    expected: Annotated[int, Doc(description="How much it should rest on; 0: unknown.")]
    remedy: Annotated[str | None, Doc(description="What to do.")]
    details: Annotated[list[str], Doc(description="The worst of it, a few lines.")]


class FailurePart(_Part, frozen=True, kw_only=True):
    """One failure that can be replayed."""

    token: Annotated[str, Doc(description="For `penstock repro TOKEN`.")]
    job: Annotated[str, Doc(description="The job's id.")]
    test: Annotated[str, Doc(description="The test's id; empty: the job failed without one.")]
    outcome: Annotated[str, Doc(description="How it ended.")]
    kind: Annotated[str, Doc(description="The exception's type.")]
    message: Annotated[str, Doc(description="Its first line.")]
    tries: Annotated[str, Doc(description="What further tries came to, or why there were none.")]
    quarantined: Annotated[bool, Doc(description="It is in quarantine, and does not block by itself.")]
    hint: Annotated[str, Doc(description="A usual cause that it looks like; empty: none is seen.")] = ""
    code: Annotated[str, Doc(description="For `penstock explain CODE`; empty: there is no entry.")] = ""


class FlakyPart(_Part, frozen=True, kw_only=True):
    """A test that failed and then passed, in one job."""

    job: Annotated[str, Doc(description="The job's id.")]
    test: Annotated[str, Doc(description="The test's id.")]
    tries: Annotated[int, Doc(description="How often it ran.")]
    passed_on: Annotated[int, Doc(description="The number of the try that counts.")]
    why: Annotated[str, Doc(description="Why that is believed.")]
    outcome: Annotated[str, Doc(description="How its first failed try ended.")]
    kind: Annotated[str, Doc(description="The exception's type.")]
    message: Annotated[str, Doc(description="Its first line.")]
    text: Annotated[str, Doc(description="What that try put out.")]


class QuarantinePart(_Part, frozen=True, kw_only=True):
    """A declared entry of the quarantine."""

    test: Annotated[str, Doc(description="The id or pattern.")]
    owner: Annotated[str, Doc(description="Who mends it.")]
    reason: Annotated[str, Doc(description="Why it may fail.")]
    until: Annotated[str, Doc(description="Its last day.")]


class EnvironmentPart(_Part, frozen=True, kw_only=True):
    """One environment that jobs ran in."""

    id: Annotated[str, Doc(description="`3.12/test`.")]
    python: Annotated[str, Doc(description="Its interpreter, as users name it.")]
    resolution: Annotated[str, Doc(description="Digest of the chosen versions.")]
    outcome: Annotated[str | None, Doc(description="Of its preparation; null: it was not needed.")]
    reused: Annotated[bool, Doc(description="It was there already.")]
    duration_s: Annotated[float, Doc(description="Seconds to make or find it.")]


class LeftOutPart(_Part, frozen=True, kw_only=True):
    """A job or leg that is not in the plan."""

    id: str
    reason: str
    declared: Annotated[bool, Doc(description="Left out by a declared rule.")]


class TestCounts(_Part, frozen=True, kw_only=True):
    """Tests by their end, over all jobs and legs; the last attempt of each counts."""

    __test__ = False  # not a test class of pytest

    total: int
    passed: int
    failed: int
    errored: int
    skipped: int
    xfailed: int
    xpassed: int
    timed_out: int
    crashed: int
    not_run: int


class StagePart(_Part, frozen=True, kw_only=True):
    """A stage that has a budget."""

    id: str
    budget_s: Annotated[float, Doc(description="Declared, in seconds from the run's start.")]
    took_s: Annotated[float, Doc(description="When its last job had ended; cached jobs take no time.")]
    jobs: int


class RunDocument(_Part, frozen=True, kw_only=True):
    """One judged run of penstock."""

    version: Annotated[Literal[1], Doc(description="Of this format.")]
    run: Annotated[str, Doc(description="The run's id.")]
    conclusion: Annotated[
        Literal["passed", "failed", "incomplete", "nothing_ran"], Doc(description="Only `passed` is green.")
    ]
    exit_code: Annotated[int, Doc(description="0, 1, 3, 130 or 143: docs/reference/exit-codes.md.")]
    scope: Annotated[Literal["full", "partial"], Doc(description="Only `full` is evidence for the whole pipeline.")]
    reasons: Annotated[list[str], Doc(description="Why the conclusion is what it is, the most telling first.")]
    plan: Annotated[str, Doc(description="The plan's digest.")]
    occasion: Annotated[
        str, Doc(description="What it is for: `change`, `nightly` or `release`; `full` is all that is for that.")
    ] = CHANGE
    commit: Annotated[str | None, Doc(description="The commit, where there is one.")]
    command: Annotated[str, Doc(description="Whose run it is: `run`, or `test`, which tells of no pipeline.")]
    started_wall_s: Annotated[float, Doc(description="Epoch seconds, UTC.")]
    duration_s: Annotated[float, Doc(description="Seconds.")]
    finished: Annotated[bool, Doc(description="False: penstock was killed.")]
    interrupted: Annotated[str, Doc(description="The signal's name, or empty.")]
    jobs: list[JobPart]
    checks: list[CheckPart]
    tests: TestCounts
    failures: list[FailurePart]
    failed_jobs: list[str]
    unfinished_jobs: Annotated[list[str], Doc(description="Without an answer: not run, cut off, could not be asked.")]
    tolerated_jobs: Annotated[dict[str, str], Doc(description="Job -> reason and expiry.")]
    warned_jobs: Annotated[list[str], Doc(description="Advise only, and did not pass.")]
    flaky: list[str]
    flaky_tests: list[FlakyPart]
    quarantine: list[QuarantinePart]
    environments: list[EnvironmentPart]
    stages: Annotated[list[StagePart], Doc(description="Stages with a budget.")]
    left_out: list[LeftOutPart]
    damaged: Annotated[list[str], Doc(description="Evidence that could not be trusted, in words.")]
