from __future__ import annotations

import json

import pytest

from penstock.errors import UsageError
from penstock.model.pipeline import JobKind, Pipeline
from penstock.model.plan import PINS, Job, Plan, Scope
from penstock.model.snapshot import Timings
from penstock.plan.assemble import assemble
from penstock.plan.draft import draft
from penstock.plan.forecast import Past
from penstock.plan.request import Request
from penstock.plan.shards import Known, Pin, sliced
from penstock.tools import TOOLS
from tests.builders import job_spec, pipeline, resolution, snapshot

TESTS = {f"tests/test_{number}.py::test_{each}": (1.0, 0.0, 0.0) for number in range(10) for each in range(12)}
UNIT = job_spec("unit", JobKind.TEST, shards=4)


def planned(declared: Pipeline, request: Request | None = None, known: Known | None = None) -> Plan:
    found = draft(declared, snapshot(), request or Request(), TOOLS, known or Known())
    return assemble(found, (resolution(),), Timings())


def shards(plan: Plan) -> list[Job]:
    return [job for job in plan.jobs if job.shard is not None]


def settings(job: Job) -> dict[str, object]:
    told: dict[str, object] = json.loads(dict(job.commands[0].environment)["PENSTOCK_ENGINE"])
    return told


def test_each_shard_is_a_job_that_is_told_which_it_is() -> None:
    plan = planned(pipeline(UNIT))
    assert sorted(job.id for job in plan.jobs) == ["unit#1/4", "unit#2/4", "unit#3/4", "unit#4/4"]
    assert [settings(job)["shard"] for job in sorted(plan.jobs, key=lambda job: job.id)] == [
        [index, 4] for index in (1, 2, 3, 4)
    ]
    assert plan.scope is Scope.FULL


def test_each_leg_is_spread() -> None:
    plan = planned(pipeline(job_spec("unit", JobKind.TEST, shards=2, python=("*",))))
    assert len(plan.jobs) == 6
    assert {job.whole for job in plan.jobs} == {"unit@3.11", "unit@3.12", "unit@3.13"}


def test_one_shard_is_the_job_itself() -> None:
    assert [job.id for job in planned(pipeline(job_spec("unit", JobKind.TEST, shards=1))).jobs] == ["unit"]


def test_what_needs_the_job_needs_all_its_shards() -> None:
    plan = planned(pipeline(UNIT, job_spec("docs", needs=("unit",))))
    docs = next(job for job in plan.jobs if job.id == "docs")
    assert docs.needs == ("unit#1/4", "unit#2/4", "unit#3/4", "unit#4/4")


def test_command_line_asks_for_another_number() -> None:
    plan = planned(pipeline(UNIT, job_spec("other", JobKind.TEST)), Request(shard=(1, 3)))
    assert {job.id for job in plan.jobs} == {"unit#1/3", "unit#2/3", "unit#3/3", "other"}
    plain = planned(pipeline(job_spec("unit", JobKind.TEST)), Request(shard=(1, 2)))
    assert {job.id for job in plain.jobs} == {"unit#1/2", "unit#2/2"}


def test_slice_is_one_runners_part_with_what_it_needs() -> None:
    whole = planned(
        pipeline(job_spec("make"), job_spec("unit", JobKind.TEST, shards=2, needs=("make",)), job_spec("docs"))
    )
    part = sliced(whole, 2, 2)
    assert {job.id for job in part.jobs} == {"make", "unit#2/2"}
    assert (part.scope, part.of, part.tree) == (Scope.PARTIAL, whole.digest, whole.tree)
    assert part.digest != sliced(whole, 1, 2).digest != whole.digest
    with pytest.raises(UsageError, match="no test job"):
        sliced(planned(pipeline(job_spec("docs"))), 1, 2)


def test_pin_stands_in_the_command_and_changes_the_plan() -> None:
    known = Known(pin=lambda _: Pin(digest="d1", tests=TESTS))
    plan = planned(pipeline(UNIT), known=known)
    first = plan.jobs[0]
    assert settings(first)["timings"] == f"{PINS}/d1.json"
    assert first.shard is not None
    assert first.shard.predicted_s == 30.0
    assert first.estimate_s == 32.0  # and two seconds for the start
    assert plan.digest != planned(pipeline(UNIT), known=Known(pin=lambda _: Pin(digest="d2", tests=TESTS))).digest


def test_settled_split_names_the_number() -> None:
    pin = Pin(digest="d", tests=TESTS, parts=(tuple(TESTS)[:5], tuple(TESTS)[5:]))
    plan = planned(pipeline(UNIT), known=Known(pin=lambda _: pin))
    assert len(shards(plan)) == 2
    assert settings(plan.jobs[0])["shard_plan"] == f"{PINS}/d.json"
    assert sorted(job.shard.predicted_s or 0 for job in shards(plan) if job.shard) == [5.0, 115.0]
    with pytest.raises(UsageError, match="2 shards of unit, 3 are asked for"):
        planned(pipeline(UNIT), Request(shard=(1, 3)), Known(pin=lambda _: pin))


def test_auto_takes_as_many_as_the_target_needs_and_says_what_others_would_take() -> None:
    spec = job_spec("unit", JobKind.TEST, shards=0, target_s=40.0)
    plan = planned(pipeline(spec), known=Known(pin=lambda _: Pin(tests=TESTS), past=Past(startups={"unit": 5.0})))
    assert len(shards(plan)) == 4
    (told,) = {reason for job in plan.jobs for reason in job.reasons if "auto" in reason}
    assert told == (
        'shards = "auto" for 40s: 3: 49s and 3 billed min, 4*: 38s and 4 billed min, 5: 32s and 5 billed min'
    )


def test_auto_without_durations_says_so() -> None:
    plan = planned(pipeline(job_spec("unit", JobKind.TEST, shards=0)))
    assert len(shards(plan)) == 4
    assert any("no durations are known yet" in reason for job in plan.jobs for reason in job.reasons)


def test_auto_that_fits_one_runner_is_not_spread() -> None:
    spec = job_spec("unit", JobKind.TEST, shards=0, target_s=600.0)
    assert [job.id for job in planned(pipeline(spec), known=Known(pin=lambda _: Pin(tests=TESTS))).jobs] == ["unit"]


def test_target_that_no_number_meets_is_told() -> None:
    tests = {**TESTS, "tests/test_long.py::test": (100.0, 0.0, 0.0)}
    spec = job_spec("unit", JobKind.TEST, shards=0, target_s=60.0)
    plan = planned(pipeline(spec), known=Known(pin=lambda _: Pin(tests=tests)))
    assert any("cannot be met: the longest test alone takes 1m52s" in r for job in plan.jobs for r in job.reasons)
    assert len(shards(plan)) == 3


@pytest.mark.parametrize("request_", [Request(select=("unit#2/4",)), Request(failed=("unit#2/4",))])
def test_single_shards_can_be_asked_for(request_: Request) -> None:
    plan = planned(pipeline(UNIT), request_)
    assert [job.id for job in plan.jobs] == ["unit#2/4"]
    assert plan.scope is Scope.PARTIAL


def test_shard_that_does_not_exist_is_refused() -> None:
    with pytest.raises(UsageError, match="unit#5/4"):
        planned(pipeline(UNIT), Request(select=("unit#5/4",)))


def test_margin_is_learnt_from_five_errors_on() -> None:
    assert Past(errors=(2.0,) * 4).margin == 1.10
    assert Past(errors=(0.9, 1.0, 1.0, 1.1, 1.3)).margin == 1.3
    assert Past(errors=tuple(number / 100 for number in range(100, 150))).margin == 1.44
