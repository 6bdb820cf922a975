"""Groups: jobs chosen by what they are made of, and what is declared goes before them."""

from __future__ import annotations

import re

import pytest

from penstock.cli.commands import parser_of
from penstock.errors import UsageError
from penstock.model.pipeline import JobKind, Pipeline, Stage
from penstock.model.plan import Scope
from penstock.model.snapshot import CoverageUse, Decision
from penstock.plan.draft import Draft, draft
from penstock.plan.groups import GROUPS
from penstock.plan.request import Request
from tests.builders import job_spec, pipeline, project, snapshot, tool_use
from tests.conftest import ROOT
from tests.fakes.tools import table

WHOLE = pipeline(
    job_spec("unit", "test", python=("*",)),
    job_spec("style", "lint"),
    job_spec("mypy-strict", "types"),
    job_spec("imports", "dependencies"),
    job_spec("cves", "audit"),
    job_spec("docs"),
    python=("3.12", "3.13"),
)


def asked(pipeline_: Pipeline, *select: str) -> Draft:
    return draft(pipeline_, snapshot(), Request(select=select), table())


def ids(found: Draft) -> list[str]:
    return sorted(job.id for job in found.jobs)


def told(found: Draft, subject: str) -> Decision:
    return next(decision for decision in found.decisions if decision.subject == subject)


def test_a_group_means_the_jobs_of_its_kinds_whatever_they_are_called() -> None:
    found = asked(WHOLE, "quality")
    assert ids(found) == ["imports", "mypy-strict", "style"]
    assert found.scope is Scope.PARTIAL
    assert told(found, "quality").choice == "style, mypy-strict, imports"
    assert "asked for by `quality`" in found.jobs[0].reasons
    assert ids(asked(WHOLE, "tests")) == ["unit@3.12", "unit@3.13"]
    assert ids(asked(WHOLE, "quality", "cves")) == ["cves", "imports", "mypy-strict", "style"]


def test_a_group_brings_what_its_jobs_need() -> None:
    needy = pipeline(job_spec("lint", "lint", needs=("made",)), job_spec("made"), job_spec("other"), python=("3.13",))
    found = asked(needy, "quality")
    assert ids(found) == ["lint", "made"]
    assert told(found, "quality").choice == "lint"


def test_a_group_in_a_project_without_configuration() -> None:
    detected = snapshot(project=project(tools=(tool_use("ruff"), tool_use("mypy"))))
    found = draft(pipeline(), detected, Request(select=("quality",)), table())
    assert ids(found) == ["lint", "types"]


@pytest.mark.parametrize("by", ["job", "stage"])
def test_what_is_declared_under_the_name_goes_before_the_group_and_that_is_said(by: str) -> None:
    name = "quality" if by == "job" else "all"
    stages = () if by == "job" else (Stage(name="quality"),)
    own = pipeline(job_spec(name), job_spec("lint", "lint", stage="later"), python=("3.13",), stages=stages)
    found = asked(own, "quality")
    assert ids(found) == [name]
    assert told(found, "quality").choice == f"the {by} of that name"


def test_a_group_without_a_job_is_refused_with_what_to_declare() -> None:
    with pytest.raises(UsageError) as caught:
        asked(pipeline(job_spec("docs"), python=("3.13",)), "quality")
    assert "`quality` is a group of jobs by their kind (lint, types, " in caught.value.message
    assert "`lint = true`" in str(caught.value.remedy)


def test_a_misspelt_group_is_suggested() -> None:
    with pytest.raises(UsageError) as caught:
        asked(WHOLE, "qualty")
    assert caught.value.remedy == "did you mean `quality`?"


def test_no_group_is_asked_for_by_a_run_of_everything() -> None:
    assert {one.subject for one in asked(WHOLE).decisions} & GROUPS.keys() == set()


def test_quality_holds_only_what_reads_files_and_can_be_kept() -> None:
    never_kept = {JobKind.AUDIT, JobKind.FRESHNESS}
    assert all(kind.examines and kind not in never_kept for kind in GROUPS["quality"])


def test_the_page_and_the_help_tell_the_groups_as_they_are() -> None:
    page = (ROOT / "docs" / "how-to" / "pre-commit.md").read_text()
    told = dict(re.findall(r"^\| `(\w+)` \| (.+) \|$", page, re.MULTILINE))
    assert told == {name: ", ".join(kinds) for name, kinds in GROUPS.items()}
    assert f"the groups are {' and '.join(GROUPS)}" in " ".join(parser_of("run").format_help().split())


# --- what detection says of coverage ----------------------------------------------------------------------------------

NOT_MEASURED = Decision(subject="coverage", choice="not measured", why="no command shows that it is measured")


def test_a_declared_coverage_job_settles_what_detection_said_of_it() -> None:
    facts = snapshot(project=project(unmeasured=CoverageUse(config="setup.cfg"), decisions=(NOT_MEASURED,)))
    unit, cover = job_spec("unit", "test"), job_spec("coverage", "coverage")
    with_job = draft(pipeline(unit, cover, python=("3.13",)), facts, Request(), table())
    assert NOT_MEASURED not in with_job.decisions
    one_job = draft(pipeline(unit, cover, python=("3.13",)), facts, Request(select=("unit",)), table())
    assert NOT_MEASURED not in one_job.decisions
    without = draft(pipeline(unit, python=("3.13",)), facts, Request(), table())
    assert NOT_MEASURED in without.decisions
    assert NOT_MEASURED in draft(pipeline(), facts, Request(), table()).decisions
