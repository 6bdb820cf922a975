"""A pipeline cut into runners."""

from __future__ import annotations

from typing import Any

from penstock.model.pipeline import JobKind, Secret
from penstock.model.plan import NEEDS, Command, Job, Shard
from penstock.providers import slices
from penstock.providers.slices import Slice
from tests import builders


def job(name: str, kind: JobKind = JobKind.RUN, **fields: Any) -> Job:
    return builders.job(name, kind=kind, python=fields.pop("python", "3.13"), **fields)


def unit(python: str, index: int = 0, count: int = 0, **axes: str) -> Job:
    parts = ",".join([python, *(f"{axis}={value}" for axis, value in axes.items())])
    shard = f"#{index}/{count}" if count else ""
    return builders.job(
        f"unit@{parts}{shard}",
        name="unit",
        kind=JobKind.TEST,
        python=python,
        leg=tuple(sorted({"python": python, **axes}.items())),
        shard=Shard(index=index, count=count) if count else None,
    )


def named(found: tuple[Slice, ...]) -> dict[str, Slice]:
    return {each.name: each for each in found}


def filled(one: Slice) -> set[str]:
    """What each runner of the slice is asked for."""
    return {text.format(**cell) for cell in one.points for text in one.select}


def test_a_runner_gets_the_names_of_what_its_jobs_need_from_the_host() -> None:
    key, token = Secret(name="API_KEY"), Secret(name="TOKEN", required=False)
    jobs = (job("a", secrets=(key, token), require=("REGION",)), job("b"))
    assert [(one.secrets, one.variables) for one in slices.of(jobs)] == [(("API_KEY", "TOKEN"), ("REGION",)), ((), ())]


def test_what_only_reads_files_shares_a_runner() -> None:
    found = slices.of((job("lint", JobKind.LINT), job("types", JobKind.TYPES), job("docs")))
    assert [(each.name, each.select) for each in found] == [("quality", ("lint", "types")), ("docs", ("docs",))]


def test_a_job_with_legs_and_shards_has_a_runner_each() -> None:
    jobs = [unit(python, index, 3) for python in ("3.12", "3.13") for index in (1, 2, 3)]
    (found,) = slices.of(jobs)
    assert found.axes == {"python": ("3.12", "3.13"), "shard": ("1", "2", "3")}
    assert found.select == ("unit@{python}#{shard}",)
    assert filled(found) == {each.id.partition("/")[0] for each in jobs}


def test_shards_that_are_counted_later_say_so() -> None:
    jobs = [unit("3.13", index, 2) for index in (1, 2)]
    assert [one.counted for one in slices.of([*jobs, job("docs")], {"unit", "docs"})] == [True, False]


def test_legs_that_are_no_product_are_listed() -> None:
    jobs = [unit("3.12", db="old"), unit("3.13", db="new")]
    (found,) = slices.of(jobs)
    assert (found.axes, len(found.cells)) == ({}, 2)
    assert filled(found) == {each.id for each in jobs}


def test_coverage_has_no_runner_and_what_reads_a_file_runs_where_it_is_left() -> None:
    reads = (Command(argv=("read", f"{NEEDS}/x")),)
    found = slices.of(
        (
            unit("3.13"),
            job("coverage", JobKind.COVERAGE, needs=("unit@3.13",)),
            job("score"),
            job("rate", JobKind.METRIC, needs=("score",)),
            job("again", needs=("rate",), commands=reads),
        )
    )
    assert named(found)["score"].jobs == ("score", "rate", "again")
    assert [each.name for each in found] == ["unit", "score"]


def test_what_reads_of_several_jobs_brings_them_together() -> None:
    jobs = (job("one"), job("two"), job("other"), job("rate", JobKind.METRIC, needs=("one", "two")))
    found = slices.of(jobs)
    assert [(each.name, each.jobs) for each in found] == [("one", ("one", "two", "rate")), ("other", ("other",))]


def test_slices_that_would_wait_for_each_other_become_one() -> None:
    reads = (Command(argv=("read", f"{NEEDS}/x")),)
    jobs = (
        job("lint", JobKind.LINT),
        job("a"),
        job("b", needs=("a", "lint")),
        job("c", needs=("b",)),
        job("d", needs=("a", "c"), commands=reads),
        job("e", needs=("d",)),
    )
    found = named(slices.of(jobs))
    assert {name: (each.jobs, each.needs) for name, each in found.items()} == {
        "quality": (("lint",), ()),
        "a": (("a", "b", "c", "d"), ("quality",)),
        "e": (("e",), ("a",)),
    }


def test_needs_are_kept_between_slices() -> None:
    found = named(
        slices.of((job("lint", JobKind.LINT), unit("3.12"), unit("3.13"), job("integ", needs=("unit@3.13", "lint"))))
    )
    assert found["integ"].needs == ("unit", "quality")
    assert found["unit"].needs == ()


def test_a_part_of_the_jobs_keeps_the_slices_that_were_written_for_all() -> None:
    reads = job("rate", JobKind.METRIC, needs=("one", "two"))
    every = (job("one"), job("two"), job("quality"), job("lint", JobKind.LINT), reads)
    homes = slices.homes_of(every)
    found = slices.of((every[0], every[1], every[3]), homes=homes)
    assert [(each.name, each.jobs) for each in found] == [("one", ("one", "two")), ("quality-checks", ("lint",))]


def test_every_job_is_in_just_one_slice() -> None:
    jobs = (job("quality"), job("lint", JobKind.LINT), unit("3.12"), job("build", JobKind.BUILD, timeout_s=60.0))
    found = slices.of(jobs)
    names = [name for each in found for name in each.jobs]
    assert sorted(names) == sorted({each.name for each in jobs})
    assert {each.name for each in found} == {"quality", "quality-checks", "unit", "build"}
    assert named(found)["build"].timeout_s == 60.0
