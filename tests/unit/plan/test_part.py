"""One runner's part of a plan."""

from __future__ import annotations

import msgspec
import pytest

from penstock.errors import UsageError
from penstock.model.pipeline import JobKind
from penstock.model.plan import NEEDS, Command, LeftOut, Plan, Scope, Shard
from penstock.plan.part import part
from tests import builders

PLAN = builders.plan(
    builders.job("lint", kind=JobKind.LINT, environment="3.12/ruff", stage="fast"),
    builders.job("unit@3.11", name="unit", kind=JobKind.TEST),
    builders.job("unit@3.12#1/2", name="unit", kind=JobKind.TEST, shard=Shard(index=1, count=2)),
    builders.job("unit@3.12#2/2", name="unit", kind=JobKind.TEST, shard=Shard(index=2, count=2)),
    builders.job("coverage", kind=JobKind.COVERAGE, needs=("unit@3.11", "unit@3.12#1/2", "unit@3.12#2/2")),
    builders.job("docs", needs=("lint",)),
    builders.job("size", needs=("docs",), commands=(Command(argv=("read", f"{NEEDS}/docs/size")),)),
)


def ids(plan: Plan) -> list[str]:
    return [job.id for job in plan.jobs]


@pytest.mark.parametrize(
    ("names", "expected"),
    [
        (("docs",), ["docs"]),
        (("unit",), ["unit@3.11", "unit@3.12#1/2", "unit@3.12#2/2"]),
        (("unit@3.12",), ["unit@3.12#1/2", "unit@3.12#2/2"]),
        (("unit@3.12#2/2", "fast"), ["lint", "unit@3.12#2/2"]),
        (("unit@3.12#2",), ["unit@3.12#2/2"]),
        (("unit@*",), ["unit@3.11", "unit@3.12#1/2", "unit@3.12#2/2"]),
        (("docs", "size"), ["docs", "size"]),
    ],
)
def test_a_part_is_what_is_named_and_nothing_that_it_needs(names: tuple[str, ...], expected: list[str]) -> None:
    mine = part(PLAN, names)
    assert ids(mine) == expected
    assert (mine.scope, mine.of) == (Scope.PARTIAL, PLAN.digest)
    assert all(job in PLAN.jobs for job in mine.jobs)  # the same work, so that the parts add up to the whole


def test_what_the_pipeline_leaves_out_of_this_run_may_be_named_beside_what_it_holds() -> None:
    away = LeftOut(id="types", reason="none of 1 changed file matches src/**", declared=True)
    absent = LeftOut(id="slow@3.14", reason="no Python 3.14")
    plan = msgspec.structs.replace(PLAN, left_out=(away, absent))
    assert ids(part(plan, ("lint", "types"))) == ["lint"]
    with pytest.raises(UsageError, match="`types` is not in this plan: none of 1 changed file"):
        part(plan, ("types",))
    with pytest.raises(UsageError, match="`slow` is no job"):
        part(plan, ("lint", "slow"))


def test_parts_have_digests_of_their_own() -> None:
    assert len({part(PLAN, names).digest for names in (("docs",), ("lint",), ("docs", "lint"))}) == 3
    assert part(PLAN, ("docs", "lint")).digest == part(PLAN, ("lint", "docs")).digest


def test_a_job_that_reads_what_another_leaves_is_no_part_without_it() -> None:
    with pytest.raises(UsageError, match="size reads what docs leaves"):
        part(PLAN, ("size",))
    with pytest.raises(UsageError, match=r"coverage reads what unit@3.11 leaves"):
        part(PLAN, ("coverage", "unit@3.12"))


def test_a_name_that_fits_nothing_is_told_with_what_there_is() -> None:
    with pytest.raises(UsageError, match="`nuit` is no job") as caught:
        part(PLAN, ("lint", "nuit"))
    assert "lint, unit, coverage" in str(caught.value.remedy)
