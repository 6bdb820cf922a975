"""The job that compares the interface: brought by its gate, left out where there is nothing, or blocked."""

from __future__ import annotations

import pytest

from penstock.model.pipeline import CheckSpec, JobKind
from penstock.model.plan import Scope
from penstock.model.snapshot import Base
from penstock.plan.compared import wants_base
from penstock.plan.draft import Draft, draft
from penstock.plan.request import Request
from penstock.tools import TOOLS
from tests.builders import job_spec, pipeline, snapshot

GATED = pipeline(job_spec("lint", kind=JobKind.LINT), gates=(CheckSpec(name="api"),))


def drafted(base: Base | None) -> Draft:
    return draft(GATED, snapshot(base=base), Request(), TOOLS)


def test_only_what_compares_asks_for_a_base() -> None:
    assert wants_base(GATED)
    assert wants_base(pipeline(job_spec("interface", kind=JobKind.API)))
    assert not wants_base(pipeline(job_spec("lint", kind=JobKind.LINT), gates=(CheckSpec(name="lint"),)))


def test_the_gate_brings_the_job_with_the_commit_in_its_command() -> None:
    found = drafted(Base(commit="c" * 40, branch="main"))
    job = next(job for job in found.jobs if job.kind is JobKind.API)
    assert "c" * 40 in job.commands[0].argv
    (made,) = (one for one in found.sets if one.name == "griffelib")
    assert len(made.requirements) == 3, "older Pythons get the last griffe that they can run"


def test_without_anything_to_compare_with_the_job_is_left_out_and_the_plan_is_whole() -> None:
    found = drafted(Base(absent="there is no git repository"))
    assert [job.kind for job in found.jobs] == [JobKind.LINT]
    assert [(left.kind, left.declared) for left in found.left_out] == [(JobKind.API, False)]
    assert found.left_out[0].reason == "nothing to compare with: there is no git repository"
    assert found.scope is Scope.FULL


@pytest.mark.parametrize("base", [None, Base(unknown="the base branch main was not fetched", remedy="fetch it")])
def test_a_base_that_is_not_here_blocks_the_job(base: Base | None) -> None:
    job = next(job for job in drafted(base).jobs if job.kind is JobKind.API)
    assert job.blocked_by is not None
    assert job.blocked_by.startswith("nothing to compare with: ")
    assert job.remedy == (base.remedy if base else None)
