"""`penstock run --json FILE`: the run for programs. The format is `report.document`."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import msgspec

from penstock.model.events import Outcome, TestOutcome
from penstock.model.plan import Job
from penstock.model.records import JobRecord, TestRecord, last_attempts
from penstock.model.verdict import CheckResult
from penstock.report import causes, flaky, stages
from penstock.report.document import (
    VERSION,
    CheckPart,
    EnvironmentPart,
    FailurePart,
    FlakyPart,
    JobPart,
    LeftOutPart,
    QuarantinePart,
    RunDocument,
    StagePart,
    TestCounts,
)
from penstock.report.story import Story


def encode(story: Story) -> bytes:
    """The file's content: indented JSON in UTF-8 with a newline at its end, whatever bytes the project put out."""
    try:
        content = msgspec.json.encode(document(story))
    except UnicodeEncodeError:
        content = msgspec.json.encode(_encodable(msgspec.to_builtins(document(story))))
    return msgspec.json.format(content, indent=2) + b"\n"


def _encodable(value: Any) -> Any:
    """The same with lone surrogates (bytes that were not UTF-8) as the replacement character."""
    if isinstance(value, str):
        return value.encode("utf-8", "replace").decode("utf-8")
    if isinstance(value, dict):
        return {_encodable(key): _encodable(item) for key, item in value.items()}
    return [_encodable(item) for item in value] if isinstance(value, list) else value


def document(story: Story) -> RunDocument:
    """The run as a value of this format."""
    verdict, run = story.verdict, story.records.run
    records = {record.job: record for record in story.records.jobs}
    tests = last_attempts(story.records.tests)
    return RunDocument(
        version=VERSION,
        run=run.run,
        conclusion=verdict.conclusion.value,
        exit_code=int(verdict.exit_code),
        scope=verdict.scope.value,
        reasons=list(verdict.reasons),
        plan=story.plan.digest,
        occasion=story.plan.occasion,
        commit=story.plan.commit,
        command=story.plan.command,
        started_wall_s=run.wall_s,
        duration_s=run.duration_s,
        finished=run.finished,
        interrupted=run.interrupted,
        jobs=[_job(job, records.get(job.id)) for job in story.plan.jobs],
        checks=[_check(result) for result in verdict.checks],
        tests=_counts(tests.values()),
        failures=_failures(story, tests, records),
        failed_jobs=list(verdict.failed_jobs),
        unfinished_jobs=list(verdict.unfinished_jobs),
        tolerated_jobs=dict(verdict.tolerated_jobs),
        warned_jobs=list(verdict.warned_jobs),
        flaky=list(verdict.flaky),
        flaky_tests=[_flaky(one) for one in flaky.of(story)],
        quarantine=[
            QuarantinePart(test=each.test, owner=each.owner, reason=each.reason, until=each.until)
            for each in story.plan.quarantine
        ],
        environments=_environments(story),
        stages=[
            StagePart(id=span.stage, budget_s=span.budget_s, took_s=span.took_s, jobs=span.jobs)
            for span in stages.spans(story)
        ],
        left_out=[LeftOutPart(id=left.id, reason=left.reason, declared=left.declared) for left in story.plan.left_out],
        damaged=list(story.records.damaged),
    )


def _job(job: Job, record: JobRecord | None) -> JobPart:
    seen = record or JobRecord(job=job.id, kind=job.kind, outcome=Outcome.SKIPPED, reason=job.blocked_by or "")
    return JobPart(
        id=job.id,
        name=job.name,
        kind=job.kind.value,
        python=job.python,
        outcome=None if record is None else record.outcome.value,
        reason=seen.reason,
        required=job.required,
        started_s=seen.started_s,
        duration_s=seen.duration_s,
        cpu_s=seen.cpu_s,
        memory_bytes=seen.memory_bytes,
        cached_from=seen.cached_from,
        cached_wall_s=seen.cached_wall_s,
        measures=dict(seen.measures),
        notes=dict(seen.notes),
        flaky=list(seen.flaky),
    )


def _check(result: CheckResult) -> CheckPart:
    return CheckPart(
        name=result.name,
        job=result.job,
        status=result.status.value,
        mode=result.mode.value,
        summary=result.summary,
        number=result.number,
        limit=result.limit,
        examined=result.examined,
        expected=result.expected,
        remedy=result.remedy,
        details=list(result.details),
    )


def _counts(tests: Iterable[TestRecord]) -> TestCounts:
    numbers = dict.fromkeys(TestOutcome, 0)
    for test in tests:
        numbers[test.outcome] += 1
    return TestCounts(total=sum(numbers.values()), **{outcome.value: number for outcome, number in numbers.items()})


def _failures(
    story: Story, tests: Mapping[tuple[str, str], TestRecord], records: Mapping[str, JobRecord]
) -> list[FailurePart]:
    parts = []
    told = {failure.token: cause for cause in causes.causes(story) for failure in cause.failures}
    for failure in story.failures:
        cause = told.get(failure.token)
        test, record = tests.get((failure.job, failure.test)), records.get(failure.job)
        ended = test or record
        parts.append(
            FailurePart(
                token=failure.token,
                job=failure.job,
                test=failure.test,
                outcome="" if ended is None else ended.outcome.value,
                kind="" if test is None else test.kind,
                message=test.message if test is not None else record.reason if record is not None else "",
                tries="" if test is None else test.why,
                quarantined=any(entry.covers(failure.test) for entry in story.plan.quarantine),
                hint="" if cause is None else cause.hint,
                code="" if cause is None else cause.code,
            )
        )
    return parts


def _flaky(one: flaky.Flaky) -> FlakyPart:
    return FlakyPart(
        job=one.passed.job,
        test=one.passed.id,
        tries=one.tries,
        passed_on=one.passed.attempt,
        why=one.passed.why,
        outcome=one.failed.outcome.value,
        kind=one.failed.kind,
        message=one.failed.message,
        text=one.failed.text,
    )


def _environments(story: Story) -> list[EnvironmentPart]:
    prepared = {record.id: record for record in story.records.preparations}
    parts = []
    for environment in story.plan.environments:
        record = prepared.get(environment.id)
        parts.append(
            EnvironmentPart(
                id=environment.id,
                python=environment.python,
                resolution=environment.resolution,
                outcome=None if record is None else record.outcome.value,
                reused=record is not None and record.reused,
                duration_s=0.0 if record is None else record.duration_s,
            )
        )
    return parts
