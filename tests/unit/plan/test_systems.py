"""Legs on several operating systems: one machine is of one of them, and says so of the others."""

from __future__ import annotations

import pytest

from penstock.model.pipeline import Pipeline
from penstock.model.plan import Job
from penstock.plan.draft import Draft, draft
from penstock.plan.request import Request
from penstock.providers import slices
from penstock.tools import TOOLS
from tests.builders import job_spec, pipeline, platform, snapshot

UNIT = job_spec("unit", "test", python=("*",), systems=("linux", "macos"))
DECLARED = pipeline(UNIT, python=("3.12",))


def drafted(system: str, request: Request | None = None, declared: Pipeline = DECLARED) -> Draft:
    return draft(declared, snapshot(platform=platform(system=system)), request or Request(), TOOLS)


def blocked(jobs: tuple[Job, ...]) -> dict[str, str | None]:
    return {job.id: job.blocked_by for job in jobs}


@pytest.mark.parametrize(("system", "other"), [("linux", "macos"), ("darwin", "linux")])
def test_a_leg_of_another_system_is_planned_and_cannot_run_here(system: str, other: str) -> None:
    here = {"linux": "linux", "darwin": "macos"}[system]
    found = drafted(system)
    assert blocked(found.jobs) == {
        f"unit@3.12,system={here}": None,
        f"unit@3.12,system={other}": f"it is for {other}, and this machine is {here}",
    }
    (remedy,) = (job.remedy for job in found.jobs if job.blocked_by)
    assert remedy == f"run it on a runner of {other}; or `--available` for what this machine can do"


def test_what_this_machine_can_do_leaves_the_others_out_and_is_a_part() -> None:
    found = drafted("linux", Request(available=True))
    assert blocked(found.jobs) == {"unit@3.12,system=linux": None}
    (left,) = found.left_out
    assert (left.id, left.declared) == ("unit@3.12,system=macos", False)
    assert found.scope.value == "partial"


def test_its_legs_are_asked_for_by_the_name_of_the_system() -> None:
    for word in ("unit@linux", "@linux", "unit@3.12,linux", "unit@system=linux"):
        assert blocked(drafted("linux", Request(select=(word,))).jobs) == {"unit@3.12,system=linux": None}


def test_every_machine_plans_the_same_legs() -> None:
    ids = [{job.id for job in drafted(system).jobs} for system in ("linux", "darwin")]
    assert ids[0] == ids[1]


def test_a_system_that_is_excluded_is_left_out_by_a_declared_rule() -> None:
    spec = job_spec(
        "unit",
        "test",
        python=("*",),
        systems=("linux", "macos"),
        exclude=((("python", "3.11"), ("system", "macos")),),
    )
    found = drafted("linux", declared=pipeline(spec, python=("3.11", "3.12")))
    assert [left.id for left in found.left_out if left.declared] == ["unit@3.11,system=macos"]
    assert len(found.jobs) == 3


def test_a_job_without_systems_runs_anywhere() -> None:
    declared = pipeline(job_spec("a"), python=("3.12",))
    assert blocked(drafted("darwin", declared=declared).jobs) == {"a": None}


def test_its_process_and_its_runner_know_the_system() -> None:
    found = drafted("linux")
    assert ("PENSTOCK_MATRIX_SYSTEM", "linux") in found.jobs[0].variables
    (one,) = slices.of(found.jobs)
    assert one.axes == {"python": ("3.12",), "system": ("linux", "macos")}
    assert one.select == ("unit@{python},system={system}",)
