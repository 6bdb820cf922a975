"""How many processors a run has to spare for its test sessions, as the schedule counts and the engine tells."""

from __future__ import annotations

from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from penstock.run.schedule import Schedule, Task
from tests.fakes.executor import Script
from tests.fakes.rehearsal import Rehearsal, job


def test_what_no_task_uses_is_to_spare() -> None:
    schedule = Schedule([Task(id="unit", cpus=1), Task(id="after", needs=("unit",))], 4)
    assert schedule.spare == 0, "a task waits to be started"
    for task in schedule.ready():
        schedule.started(task.id)
    assert schedule.spare == 3
    schedule.ended("unit", ok=True)
    assert schedule.spare == 0
    for task in schedule.ready():
        schedule.started(task.id)
    assert schedule.spare == 3


def test_a_task_that_waits_for_more_than_is_free_comes_first() -> None:
    schedule = Schedule([Task(id="unit", estimate_s=9), Task(id="wide", cpus=3)], 3)
    for task in schedule.ready():
        schedule.started(task.id)
    assert schedule.running == ("unit",)
    assert schedule.spare == 0


def test_what_runs_in_the_background_takes_none() -> None:
    schedule = Schedule([Task(id="unit", estimate_s=9), Task(id="wide", cpus=2, patient=True)], 2)
    for task in schedule.ready():
        schedule.started(task.id)
    assert schedule.spare == 0
    lone = Schedule([Task(id="unit", estimate_s=9), Task(id="lint", patient=True)], 1)
    for task in lone.ready():
        lone.started(task.id)
    assert lone.in_background("lint")
    lone.ended("unit", ok=True)
    assert not list(lone.ready())
    assert lone.spare == 1


@given(st.lists(st.integers(1, 3), max_size=8), st.integers(1, 4), st.data())
def test_never_more_than_is_free(sizes: list[int], cpus: int, data: st.DataObject) -> None:
    schedule = Schedule([Task(id=str(number), cpus=size) for number, size in enumerate(sizes)], cpus)
    while not schedule.done:
        for task in schedule.ready():
            schedule.started(task.id)
        used = sum(min(sizes[int(name)], cpus) for name in schedule.running)
        assert 0 <= schedule.spare <= cpus - used
        schedule.ended(data.draw(st.sampled_from(schedule.running)), ok=True)
    assert schedule.spare == cpus


def test_the_engine_tells_what_is_to_spare_whenever_it_has_started_all_it_can(tmp_path: Path) -> None:
    run = Rehearsal(
        tmp_path,
        job("unit"),
        job("lint"),
        job("build", "lint"),
        scripts={"unit": Script(lasts_s=60), "lint": Script(lasts_s=10), "build": Script(lasts_s=10)},
    )
    run.play(cpus=3)
    assert {free for at_s, free in run.offered if at_s < 20} == {1}
    assert {free for at_s, free in run.offered if 21 < at_s < 60} == {2}
