from typing import Any

from msgspec.structs import replace

from penstock.model.pipeline import CheckSpec, Pipeline, Stage
from penstock.model.plan import Plan
from penstock.model.snapshot import Snapshot, Timings
from penstock.plan.assemble import assemble
from penstock.plan.draft import draft
from penstock.plan.order import longest_path_first
from penstock.plan.request import Request
from penstock.tools import TOOLS
from tests.builders import interpreter, job, job_spec, pipeline, platform, project, resolution, snapshot, tool_use
from tests.fakes.tools import table

DECLARED = pipeline(
    job_spec("unit", "test", python=("*",)),
    job_spec("docs"),
    job_spec("heavy", cpus=16, needs=("docs",)),
    python=("3.12", "3.13"),
)


def planned(
    declared: Pipeline = DECLARED,
    facts: Snapshot | None = None,
    request: Request | None = None,
    timings: Timings | None = None,
    **resolved: Any,
) -> Plan:
    found = draft(declared, facts or snapshot(), request or Request(), table())
    resolutions = [resolution(one.name, **resolved) for one in found.sets]
    return assemble(found, resolutions, timings or Timings())


def test_longest_path_comes_first() -> None:
    plan = planned(timings=Timings(jobs={"unit@3.12": 5, "unit@3.13": 9, "docs": 2, "heavy": 4}))
    assert [(one.id, one.estimate_s) for one in plan.jobs] == [
        ("unit@3.13", 9),
        ("docs", 2),
        ("unit@3.12", 5),
        ("heavy", 4),
    ]


def test_estimates_come_from_other_legs_and_then_from_the_kind() -> None:
    plan = planned(timings=Timings(jobs={"unit@3.10": 4, "unit@3.11": 8, "docs": float("nan"), "heavy": -3}))
    assert {one.id: one.estimate_s for one in plan.jobs} == {
        "unit@3.12": 6,
        "unit@3.13": 6,
        "docs": 10,
        "heavy": 0.01,
    }


def test_ties_go_by_stage_name_and_python() -> None:
    jobs = [
        job("b@3.10", stage="late"),
        job("b@3.9", stage="late"),
        job("z", stage="early"),
        job("a", stage="late"),
        job("c"),
    ]
    stages = (Stage(name="early"), Stage(name="late"))
    assert [one.id for one in longest_path_first(jobs, stages)] == ["z", "a", "b@3.9", "b@3.10", "c"]


def test_job_that_asks_for_too_many_cpus_gets_all() -> None:
    heavy = next(one for one in planned().jobs if one.id == "heavy")
    assert heavy.cpus == 4
    assert heavy.reasons[-1] == "asks for 16 cpus, this machine has 4: it gets all of them"


def test_resolutions_reach_environments() -> None:
    plan = planned()
    assert {one.id: one.resolution for one in plan.environments} == {"3.12/test": "r-test", "3.13/test": "r-test"}
    assert [one.dependencies for one in plan.resolutions] == ["test"]


def with_mypy(*, same: bool, extras: tuple[str, ...] | None = None) -> Plan:
    uses = (tool_use("mypy", dependencies="test"),)
    declared = pipeline(
        job_spec("unit", "test", python=("*",)), job_spec("types", "types", extras=extras), python=("3.12", "3.13")
    )
    found = draft(declared, snapshot(project=project(tools=uses)), Request(), table())
    return assemble(found, [resolution(one.name, digest="r" if same else one.name) for one in found.sets], Timings())


def test_environments_that_hold_the_same_versions_are_one() -> None:
    plan = with_mypy(same=True)
    assert {one.id: one.environment for one in plan.jobs}["types"] == "3.13/test"
    assert [one.id for one in plan.environments] == ["3.12/test", "3.13/test"]
    assert [one.dependencies for one in plan.resolutions] == ["test"]


def test_environments_with_other_versions_or_contents_stay_apart() -> None:
    for plan in (with_mypy(same=False), with_mypy(same=True, extras=("types",))):
        assert len(plan.environments) == 3


def test_unresolved_set_blocks_its_jobs_with_its_remedy() -> None:
    plan = planned(problem="no such package", remedy="name another")
    assert all(one.blocked_by for one in plan.jobs)
    unit = next(one for one in plan.jobs if one.id == "unit@3.13")
    assert unit.blocked_by == "the environment 3.13/test cannot be made: no such package"
    assert unit.remedy == "name another"


def test_digest_is_of_the_work_and_not_of_the_machine() -> None:
    facts = snapshot()
    elsewhere = replace(
        facts,
        root="/elsewhere",
        platform=platform(cpus=64, machine="aarch64"),
        interpreters=(interpreter("3.13", path="/other"),),
        looked_in=("nowhere",),
    )
    assert planned(facts=elsewhere).digest == planned(facts=facts).digest
    assert planned().digest == planned().digest


def test_digest_knows_no_change_that_another_runners_git_may_not_know() -> None:
    every = [snapshot(files={"tests/test_a.py": "1"}, edited=edited) for edited in (("tests/test_a.py",), ())]
    spec = pipeline(job_spec("unit", "test", paths=("tests",), runner="pytest"), python=("3.12",))
    plans = [assemble(draft(spec, facts, Request(), TOOLS), [], Timings()) for facts in every]
    assert plans[0].jobs != plans[1].jobs
    assert plans[0].digest == plans[1].digest


def test_digest_changes_with_everything_that_counts() -> None:
    facts = snapshot()
    others = [
        planned(),
        planned(replace(DECLARED, digest="other")),
        planned(replace(DECLARED, gates=(CheckSpec(name="coverage", limits=(("total", 80.0),)),))),
        planned(facts=replace(facts, files={**facts.files, "new.py": "1"})),
        planned(request=Request(event="nightly")),
        planned(request=Request(event="release")),
        planned(request=Request(select=("docs",))),
        planned(request=Request(pytest_args=("-x",))),
        planned(timings=Timings(jobs={"docs": 3})),
        planned(digest="another"),
        planned(replace(DECLARED, python=("3.13",))),
    ]
    assert len({plan.digest for plan in others}) == len(others)


def test_plan_carries_the_declaration() -> None:
    plan = planned()
    assert (plan.source, plan.commit, plan.root) == ("pyproject.toml", "c0ffee" * 6 + "c0ff", "/home/someone/demo")
