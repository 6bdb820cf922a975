"""What a pipeline keeps out of a run: jobs for other occasions and branches."""

from __future__ import annotations

from typing import Any

import pytest

from penstock.model.pipeline import JobKind, Pipeline
from penstock.model.plan import Job, Rule
from penstock.plan.draft import Draft, draft
from penstock.plan.request import Request
from tests.builders import job_spec, pipeline, snapshot
from tests.fakes.tools import table

PIPELINE = pipeline(
    job_spec("unit", "test", paths=("tests",)),
    job_spec("slow", "test", paths=("tests/slow",), on=("nightly",), when=("src/**",)),
    job_spec("gpu", branches=("main", "feature/gpu-*")),
    job_spec("wheel", on=("release",), needs=("unit",)),
    job_spec("build", "build"),
    job_spec("docs", when=("docs/**",)),
)


def drafted(declared: Pipeline = PIPELINE, changed: tuple[str, ...] | None = None, **fields: Any) -> Draft:
    return draft(declared, snapshot(changed=changed), Request(**fields), table())


def names(found: Draft) -> list[str]:
    return sorted(job.name for job in found.jobs)


def left_out(found: Draft) -> dict[str, tuple[str, Rule]]:
    assert all(left.declared for left in found.left_out)
    return {left.id: (left.reason, left.rule) for left in found.left_out}


def test_without_a_word_a_job_is_for_changes_and_the_night_and_a_package_for_releases_too() -> None:
    assert names(drafted()) == ["build", "docs", "unit"]
    assert names(drafted(event="nightly")) == ["build", "docs", "slow", "unit"]
    assert names(drafted(event="release")) == ["build", "unit", "wheel"], "what is needed is brought in"


def test_what_is_left_out_says_for_what_it_is() -> None:
    assert left_out(drafted(branch="mine")) == {
        "slow": ("only nightly", Rule.RUNS),
        "gpu": ("only on main, feature/gpu-*", Rule.RUNS),
        "wheel": ("only release", Rule.RUNS),
    }
    assert left_out(drafted(event="release"))["docs"] == ("only change and nightly", Rule.RUNS)
    assert drafted(branch="mine").scope == "full", "of its occasion it is the whole"
    assert [left.paths for left in drafted().left_out if left.id == "slow"] == [("tests/slow",)]


@pytest.mark.parametrize(
    ("branch", "fits"),
    [("main", True), ("feature/gpu-2", True), ("feature/gpu-2/x", False), ("mine", False), ("", False), ("mai", False)],
)
def test_a_branch_fits_by_its_whole_name(branch: str, *, fits: bool) -> None:
    assert ("gpu" in names(drafted(branch=branch))) is fits


def test_path_filters_are_for_changes() -> None:
    assert left_out(drafted(changed=("src/a.py",)))["docs"] == (
        "none of 1 changed file matches docs/**",
        Rule.PATHS,
    )
    assert {"docs", "slow"} <= set(names(drafted(changed=("README.md",), event="nightly")))


def test_what_is_written_for_all_runs_has_every_job_of_the_occasion() -> None:
    assert names(drafted(changed=("README.md",), unfiltered=True)) == ["build", "docs", "gpu", "unit"]


def test_what_is_asked_for_by_name_is_in() -> None:
    assert names(drafted(select=("slow", "gpu"))) == ["gpu", "slow"]


def coverage_of(found: Draft) -> Job:
    return next(job for job in found.jobs if job.kind is JobKind.COVERAGE)


def test_coverage_merges_the_tests_of_the_run_and_brings_in_no_others() -> None:
    declared = pipeline(*(PIPELINE.jobs or ()), job_spec("coverage", "coverage"))
    assert coverage_of(drafted(declared)).needs == ("unit",)
    assert set(coverage_of(drafted(declared, event="nightly")).needs) == {"slow", "unit"}
    named = pipeline(*(PIPELINE.jobs or ()), job_spec("coverage", "coverage", needs=("slow",)))
    assert coverage_of(drafted(named)).needs == ("slow",), "what is declared is kept"


def test_the_digest_knows_the_occasion_and_what_the_branch_leaves_out_but_not_its_name() -> None:
    def digest(**fields: Any) -> str:
        return drafted(**fields).policy_digest

    assert digest(branch="mine") == digest(branch="yours") != digest(branch="main")
    assert digest() == digest(event="change")
    assert len({digest(event=event) for event in ("change", "nightly", "release")}) == 3
    assert drafted(event="nightly").occasion == "nightly"
