from penstock.errors import ExitCode
from penstock.model.events import Outcome
from penstock.model.pipeline import JobKind, Stage
from penstock.model.plan import Scope
from penstock.model.records import JobRecord, Records, RunRecord
from penstock.model.verdict import Conclusion, Verdict
from penstock.report import stages
from penstock.report.screen import Screen
from penstock.report.story import Story
from tests import builders


def story(*ended_s: float, cached: bool = False) -> Story:
    jobs = tuple(builders.job(f"unit@3.{9 + n}", stage="fast") for n, _ in enumerate(ended_s))
    records = tuple(
        JobRecord(
            job=job.id,
            kind=JobKind.TEST,
            outcome=Outcome.PASSED,
            started_s=1.0,
            duration_s=end - 1.0,
            cached_from="earlier" if cached else None,
        )
        for job, end in zip(jobs, ended_s, strict=True)
    )
    run = RunRecord(run="r-1", plan="plan", wall_s=0.0, duration_s=9.0, finished=True)
    plan = builders.plan(*jobs, stages=(Stage(name="fast", budget_s=60.0), Stage(name="empty", budget_s=1.0)))
    verdict = Verdict(conclusion=Conclusion.PASSED, exit_code=ExitCode.VERIFIED, scope=Scope.FULL, checks=())
    return Story(plan=plan, records=Records(run=run, jobs=records), verdict=verdict)


def test_a_stage_ends_with_its_last_job() -> None:
    (span,) = stages.spans(story(12.0, 30.0))
    assert (span.stage, span.took_s, span.jobs, span.over) == ("fast", 30.0, 2, False)
    assert stages.lines(story(12.0, 30.0), Screen()) == ["  stage fast  ✓  30.0s of 1m00s"]


def test_a_stage_over_its_budget_is_told() -> None:
    (line,) = stages.lines(story(75.0), Screen())
    assert line == "  stage fast  !  1m15s of 1m00s, over its budget"


def test_cached_results_take_no_time() -> None:
    (span,) = stages.spans(story(75.0, cached=True))
    assert span.took_s == 0.0
    assert not span.over
