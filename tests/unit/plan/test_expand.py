import pytest

from penstock.errors import ConfigurationError
from penstock.model.pipeline import JobSpec
from penstock.model.snapshot import Snapshot
from penstock.plan.expand import Leg, Needs, check_needs, expand
from penstock.plan.pythons import pythons_of
from penstock.plan.wanted import Wanted
from tests.builders import job_spec, pipeline, snapshot

DECLARED = ("3.11", "3.12")


def legs_of(
    *specs: JobSpec, python: tuple[str, ...] | None = DECLARED, on: Snapshot | None = None
) -> tuple[tuple[Leg, ...], list[str]]:
    pythons = pythons_of(pipeline(*specs, python=python), on or snapshot())
    legs, left_out = expand([Wanted(spec=spec) for spec in specs], pythons)
    return legs, [left.id for left in left_out]


def ids(*specs: JobSpec, python: tuple[str, ...] | None = DECLARED, on: Snapshot | None = None) -> list[str]:
    return [leg.id for leg in legs_of(*specs, python=python, on=on)[0]]


def test_ids() -> None:
    assert ids(job_spec("lint")) == ["lint"]
    assert ids(job_spec("unit", python=("*",))) == ["unit@3.11", "unit@3.12"]
    matrix = (("os", ("x",)), ("db", ("pg", "my")))
    assert ids(job_spec("integ", matrix=matrix)) == ["integ@db=pg,os=x", "integ@db=my,os=x"]
    assert ids(job_spec("integ", python=("3.12",), matrix=matrix)) == ["integ@3.12,db=pg,os=x", "integ@3.12,db=my,os=x"]


def test_job_without_python_runs_on_the_newest() -> None:
    (leg,), _ = legs_of(job_spec("lint"))
    assert (leg.python, leg.axes) == ("3.12", ())


def test_exclude_and_include() -> None:
    spec = job_spec(
        "integ",
        python=("*",),
        matrix=(("db", ("pg", "my")),),
        exclude=((("python", "<3.12"), ("db", "my")),),
        include=((("python", "3.13"), ("db", "pg")),),
    )
    legs, left_out = legs_of(spec)
    assert [leg.id for leg in legs] == ["integ@3.11,db=pg", "integ@3.12,db=pg", "integ@3.12,db=my", "integ@3.13,db=pg"]
    assert left_out == ["integ@3.11,db=my"]


def test_include_alone_is_the_whole_matrix() -> None:
    spec = job_spec("integ", include=((("db", "pg"),), (("db", "my"),)))
    assert ids(spec) == ["integ@db=pg", "integ@db=my"]


def test_missing_declared_python_is_told_with_places_and_remedy() -> None:
    (here, missing), _ = legs_of(job_spec("unit", python=("*",)), python=("3.12", "3.14"))
    assert here.missing is None
    assert missing.missing == "no Python 3.14 on this machine (looked in: PATH, pyenv)"
    assert missing.remedy == "uv python install 3.14; or `--available` for what this machine can do"
    assert not missing.optional


def test_supported_pythons_that_are_absent_are_optional_but_one_leg_stays() -> None:
    star, _ = legs_of(job_spec("unit", python=("*",)), python=None, on=snapshot(pythons=("3.12",)))
    assert [(leg.python, leg.optional) for leg in star] == [("3.11", True), ("3.12", False), ("3.13", True)]
    nowhere, _ = legs_of(job_spec("unit", python=("<3.12",)), python=None, on=snapshot(pythons=("3.12",)))
    assert [(leg.python, leg.optional) for leg in nowhere] == [("3.11", False)]


def test_python_that_the_job_names_is_required() -> None:
    (leg,), _ = legs_of(job_spec("old", python=("3.9",)), python=None)
    assert (leg.optional, leg.missing is None) == (False, False)


def test_all_problems_at_once() -> None:
    specs = (
        job_spec("a", python=(">=4",)),
        job_spec("b", matrix=(("x", ()),)),
        job_spec("c", include=((("x", "1"),), (("x", "1"),))),
    )
    with pytest.raises(ConfigurationError) as caught:
        legs_of(*specs)
    assert [problem.code for problem in caught.value.problems] == ["C303", "C301", "C302"]


def test_every_leg_excluded_is_an_empty_matrix() -> None:
    with pytest.raises(ConfigurationError) as caught:
        legs_of(job_spec("a", matrix=(("x", ("1",)),), exclude=((("x", "1"),),)))
    assert [problem.code for problem in caught.value.problems] == ["C301"]


def needs_of(*specs: JobSpec) -> dict[str, tuple[str, ...]]:
    legs, _ = legs_of(*specs)
    needs = Needs(legs)
    return {leg.id: needs.of(leg) for leg in legs}


def test_leg_needs_the_leg_that_agrees_with_it() -> None:
    both = (("db", ("pg", "my")),)
    needs = needs_of(
        job_spec("unit", python=("*",)),
        job_spec("integ", python=("*",), matrix=both, needs=("unit",)),
        job_spec("load", matrix=both, needs=("integ",)),
    )
    assert needs["integ@3.11,db=my"] == ("unit@3.11",)
    assert needs["load@db=pg"] == ("integ@3.11,db=pg", "integ@3.12,db=pg")


def test_job_without_python_needs_all_legs_and_all_legs_need_it() -> None:
    needs = needs_of(
        job_spec("lint"), job_spec("unit", python=("*",), needs=("lint",)), job_spec("deploy", needs=("unit",))
    )
    assert needs == {
        "lint": (),
        "unit@3.11": ("lint",),
        "unit@3.12": ("lint",),
        "deploy": ("unit@3.11", "unit@3.12"),
    }


def test_leg_without_a_fitting_one_needs_all() -> None:
    needs = needs_of(job_spec("unit", python=("3.11",)), job_spec("integ", python=("3.12",), needs=("unit",)))
    assert needs["integ@3.12"] == ("unit@3.11",)


def test_coverage_needs_every_leg_even_if_it_names_a_python() -> None:
    needs = needs_of(job_spec("unit", python=("*",)), job_spec("cov", "coverage", python=("3.12",), needs=("unit",)))
    assert needs["cov@3.12"] == ("unit@3.11", "unit@3.12")


def test_unknown_needs_and_cycles() -> None:
    def codes(*specs: JobSpec) -> list[str]:
        with pytest.raises(ConfigurationError) as caught:
            check_needs({spec.name: spec for spec in specs})
        return [problem.code for problem in caught.value.problems]

    assert codes(job_spec("a", needs=("b", "c")), job_spec("b", needs=("d",))) == ["C304", "C304"]
    assert codes(job_spec("a", needs=("a",))) == ["C305"]
    assert codes(job_spec("a", needs=("b",)), job_spec("b", needs=("c",)), job_spec("c", needs=("b",))) == ["C305"]


def test_cycle_is_spelled_out() -> None:
    specs = (job_spec("a", needs=("b",)), job_spec("b", needs=("c",)), job_spec("c", needs=("b",)))
    with pytest.raises(ConfigurationError) as caught:
        check_needs({spec.name: spec for spec in specs})
    assert caught.value.problems[0].message == "jobs need each other: b → c → b"


def test_diamond_is_no_cycle() -> None:
    specs = (
        job_spec("a"),
        job_spec("b", needs=("a",)),
        job_spec("c", needs=("a", "b")),
        job_spec("d", needs=("b", "c")),
    )
    check_needs({spec.name: spec for spec in specs})
