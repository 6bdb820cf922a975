from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import pytest
from msgspec.structs import replace

from penstock.model.events import Event, JobFinished, JobStarted, Outcome, RunFinished, RunStarted
from penstock.model.plan import Job, Plan, Scope, Shard
from penstock.model.records import Reading
from penstock.plan.shards import sliced
from penstock.record.merge import Part, merge, whole_of
from penstock.util.eventlog import Log
from tests.builders import command, environment, job, plan

ENGINE = command("pytest", tool="pytest", environment=(("PENSTOCK_ENGINE", '{"workers":4,"retries":2}'),))


def shard(index: int, pin: str = "p", **fields: Any) -> Job:
    told = Shard(index=index, count=2, pin=pin, predicted_s=3.0)
    return replace(job(f"unit#{index}/2", name="unit", shard=told, commands=(ENGINE,)), **fields)


WHOLE = plan(shard(1), shard(2), job("docs"), tree="t")


def part(mine: Plan, name: str, *, outcomes: Mapping[str, str] | None = None, whole: Plan | None = None) -> Part:
    events: list[Event] = [
        RunStarted(
            run=name, plan=mine.digest, obligations=tuple(j.id for j in mine.jobs), at_s=0, wall_s=1, penstock="1"
        )
    ]
    readings = {}
    for one in mine.jobs:
        outcome = Outcome((outcomes or {}).get(one.id, "passed"))
        events.append(JobStarted(job=one.id, attempt=1, at_s=1))
        events.append(JobFinished(job=one.id, outcome=outcome, reason="", at_s=2, duration_s=1))
        readings[one.id] = Reading(outcome=outcome)
    events.append(RunFinished(run=name, at_s=3, wall_s=4))
    return Part(name=name, plan=mine, log=Log(events=tuple(events)), readings=readings, whole=whole)


def of_shard(index: int, name: str, whole: Plan = WHOLE) -> Part:
    return part(sliced(whole, index, 2), name, whole=whole)


def docs(whole: Plan = WHOLE) -> Plan:
    return replace(whole, digest="docs alone", jobs=whole.jobs[2:], scope=Scope.PARTIAL)


def test_parts_are_one_run_of_the_whole() -> None:
    parts = [of_shard(1, "a"), of_shard(2, "b"), part(docs(), "c")]
    assert whole_of(parts) is WHOLE
    merged = merge(WHOLE, parts)
    assert [record.job for record in merged.records.jobs] == ["unit#1/2", "unit#2/2", "docs"]
    assert merged.records.damaged == ()
    assert merged.records.run.finished
    assert merged.source == {"unit#1/2": "a", "unit#2/2": "b", "docs": "c"}


def damage(*parts: Part) -> str:
    return "; ".join(merge(WHOLE, parts).records.damaged)


def test_shard_that_is_there_twice_is_told() -> None:
    told = damage(of_shard(1, "a"), of_shard(1, "b"), of_shard(2, "c"))
    assert told == "the shard unit#1/2 is there twice, in a and b: give each shard once"


def test_of_two_ends_of_another_job_the_bad_one_counts() -> None:
    records = merge(WHOLE, [part(docs(), "a"), part(docs(), "b", outcomes={"docs": "failed"})]).records
    assert [record.outcome for record in records.jobs] == [Outcome.FAILED]
    assert records.damaged == ()


@pytest.mark.parametrize(
    ("changed", "told"),
    [
        (replace(WHOLE, tree="other"), "a: it is of other files, another configuration or another event"),
        (plan(shard(1, pin="older"), shard(2), tree="t"), "a: unit#1/2 was split by other durations (older, not p)"),
        (plan(shard(1, timeout_s=5.0), shard(2), tree="t"), "a: unit#1/2 is not the work that the plan asks for"),
        (
            plan(shard(1), shard(2), job("more"), tree="t", digest="d"),
            "a: it is a shard of another plan: not both have",
        ),
    ],
)
def test_part_that_does_not_belong_is_refused_by_name(changed: Plan, told: str) -> None:
    mine = of_shard(1, "a", changed)
    merged = merge(WHOLE, [mine, of_shard(2, "b")])
    assert merged.records.damaged[0].startswith(told)
    assert "unit#1/2" not in {record.job for record in merged.records.jobs}


def test_other_versions_of_dependencies_are_refused() -> None:
    def with_versions(resolution: str) -> Plan:
        jobs = (shard(1, environment="3.12/test"), shard(2, environment="3.12/test"))
        return plan(*jobs, tree="t", environments=(environment(resolution=resolution),))

    merged = merge(with_versions("r1"), [of_shard(1, "a", with_versions("r2"))])
    assert "other versions of its dependencies" in merged.records.damaged[0]


def test_what_only_one_machine_says_makes_no_difference() -> None:
    settings = json.dumps({"workers": 64, "retries": 2, "edited": ["x"], "against": {"commit": "c"}})
    other = command("pytest", tool="pytest", environment=(("PENSTOCK_ENGINE", settings),))
    elsewhere = plan(
        shard(1, commands=(other,), cpus=8, estimate_s=9.0, reasons=("why",)), shard(2), job("docs"), tree="t"
    )
    assert merge(WHOLE, [of_shard(1, "a", elsewhere)]).records.damaged == ()


def test_run_that_was_killed_leaves_the_whole_unfinished() -> None:
    cut = of_shard(1, "a")
    cut = replace(cut, log=Log(events=cut.log.events[:-1]))
    assert not merge(WHOLE, [cut, of_shard(2, "b")]).records.run.finished


def test_damage_of_a_part_is_told_with_its_name() -> None:
    broken = replace(of_shard(1, "a"), damaged=("what it left is gone",))
    assert damage(broken) == "a: what it left is gone"
