from __future__ import annotations

from collections.abc import Callable

import pytest

from penstock.model.events import JobFinished, JobStarted, Outcome, PreparationFinished, RunStarted
from penstock.model.pipeline import JobKind, Tolerance
from penstock.model.plan import Binding, CacheState, LeftOut, Scope
from penstock.report import live
from penstock.report import plan as plan_report
from penstock.report.screen import Screen
from tests import stories
from tests.builders import job, plan

Golden = Callable[[str, str], None]

LINT = job("lint", kind=JobKind.LINT)
UNIT = job("unit@3.12", cpus=2)
INTEG = job("integ@3.12", needs=("unit@3.12",), tolerance=Tolerance(reason="flaky server", until="2027-01-01"))
TYPES = job("types", kind=JobKind.TYPES, required=False)
BLOCKED = job("unit@3.14", blocked_by="no Python 3.14 on this machine", remedy="uv python install 3.14")
PLAN = plan(
    LINT,
    UNIT,
    INTEG,
    TYPES,
    BLOCKED,
    digest="0123456789abcdef",
    decisions=stories.DECISIONS,
    left_out=(LeftOut(id="unit@3.9", reason="excluded at pyproject.toml:9", declared=True),),
)
BINDINGS = (
    Binding(job="lint", cache=CacheState.HIT, estimate_s=1.0),
    Binding(job="unit@3.12", cache=CacheState.MISS, miss="changed src/a.py (+2), mypy 1.18 → 1.19", estimate_s=12.0),
    Binding(job="integ@3.12", cache=CacheState.OFF, estimate_s=30.0),
    Binding(job="types", cache=CacheState.MISS, miss="never ran", estimate_s=3.0),
    Binding(job="unit@3.14", estimate_s=50.0),
)


def test_the_plan(golden: Golden) -> None:
    golden("tests/golden/report/plan.txt", plan_report.text(PLAN, BINDINGS, Screen(), cpus=2) + "\n")


def test_the_critical_path_leaves_out_what_takes_no_time() -> None:
    bound = {binding.job: binding for binding in BINDINGS}
    assert plan_report.critical_path(PLAN, bound) == (("unit@3.12", "integ@3.12"), 42.0)
    assert plan_report.lower_bound_s(PLAN, bound, 1) == 12.0 + 30.0 + 3.0
    assert plan_report.lower_bound_s(PLAN, bound, 2) == 42.0


def test_a_cached_plan_takes_no_time() -> None:
    hits = tuple(Binding(job=each.id, cache=CacheState.HIT) for each in (LINT, UNIT))
    told = plan_report.text(plan(LINT, UNIT, scope=Scope.PARTIAL), hits, Screen())
    assert told.splitlines()[-1].startswith("2 jobs  ·  2 cached  ·  scope: partial")


def test_an_empty_plan_is_told() -> None:
    assert "0 jobs" in plan_report.text(plan(), (), Screen())


def test_ten_thousand_legs_are_told_in_one_pass() -> None:
    legs = tuple(job(f"unit@{number}", needs=(f"unit@{number - 1}",) if number else ()) for number in range(500))
    bound = tuple(Binding(job=leg.id, cache=CacheState.MISS, estimate_s=1.0) for leg in legs)
    path, length_s = plan_report.critical_path(plan(*legs), {binding.job: binding for binding in bound})
    assert (len(path), length_s) == (500, 500.0)


JOBS = {each.id: each for each in PLAN.jobs}


def ended(name: str, outcome: Outcome, **fields: object) -> str | None:
    event = JobFinished(job=name, outcome=outcome, at_s=1.0, duration_s=2.0, **({"reason": ""} | fields))  # type: ignore[arg-type]  # the fields of the one call below each
    return live.line(event, JOBS, Screen(), width=live.name_cells(JOBS), now_s=7_300.0)


@pytest.mark.parametrize(
    ("line", "told"),
    [
        (ended("unit@3.12", Outcome.PASSED, measures={"passed": 3}), "  unit@3.12   ✓  2.0s       3 passed"),
        (
            ended("lint", Outcome.PASSED, cached_from="r", cached_wall_s=100.0),
            "  lint        ✓  cached     same inputs as 2h ago",
        ),
        (ended("integ@3.12", Outcome.SKIPPED, reason="needs unit"), "  integ@3.12  \N{EN DASH}  not run    needs unit"),
        (ended("types", Outcome.FAILED, reason="4 findings"), "  types       !  2.0s       advises only:  4 findings"),
        (ended("stranger", Outcome.FAILED), None),
    ],
)
def test_a_line_when_a_job_ends(line: str | None, told: str | None) -> None:
    assert line == told


def test_other_events() -> None:
    start = RunStarted(run="20261121-145200-7f3b9c", plan="p", obligations=("a", "b"), at_s=0, wall_s=0, penstock="0")
    assert live.line(start, JOBS, Screen(), width=9) == "  2 jobs to run  ·  run 7f3b9c"
    assert live.line(JobStarted(job="lint", attempt=1, at_s=1.0), JOBS, Screen(), width=9) is None


@pytest.mark.parametrize(
    ("outcome", "duration_s", "reused", "told"),
    [
        (Outcome.PASSED, 0.2, False, None),
        (Outcome.PASSED, 9.0, True, None),
        (Outcome.PASSED, 9.0, False, "  3.12/test built in 9.0s"),
        (Outcome.ERRORED, 0.1, False, "  3.12/test could not be made: no wheel"),
    ],
)
def test_preparations(outcome: Outcome, duration_s: float, reused: object, told: str | None) -> None:
    event = PreparationFinished(
        id="3.12/test", outcome=outcome, reason="no wheel", at_s=1.0, duration_s=duration_s, reused=bool(reused)
    )
    assert live.line(event, JOBS, Screen(), width=9) == told


def test_the_sign_of_life_of_long_preparations() -> None:
    assert live.preparing(["3.12/test", "3.13/test"], Screen()) == "  building 3.12/test, 3.13/test…"
    assert live.preparing(["3.12/test"], Screen(unicode=False)) == "  building 3.12/test..."
