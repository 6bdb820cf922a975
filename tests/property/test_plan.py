"""Planning as a function: what holds for every small pipeline on every machine."""

from itertools import pairwise
from typing import Any

from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from penstock.errors import UsageError
from penstock.model.pipeline import OCCASIONS, JobKind, JobSpec, Pipeline
from penstock.model.plan import Plan, Scope
from penstock.model.snapshot import Snapshot, Timings
from penstock.plan.assemble import assemble
from penstock.plan.draft import draft
from penstock.plan.expand import expand
from penstock.plan.keys import bind
from penstock.plan.pythons import pythons_of
from penstock.plan.request import Request
from penstock.plan.wanted import declared
from tests.builders import FILES, job_spec, pipeline, resolution, snapshot
from tests.fakes.tools import table

NAMES = ("a", "b", "c", "d", "e")
MINORS = ("3.10", "3.11", "3.12", "3.13")
STAGES = (None, "fast", "slow")


@st.composite
def specs(draw: st.DrawFn) -> tuple[JobSpec, ...]:
    made = []
    count = draw(st.integers(1, len(NAMES)))
    for number, name in enumerate(NAMES[:count]):
        needs = draw(st.lists(st.sampled_from(NAMES[:number]), max_size=2, unique=True)) if number else []
        fields: dict[str, Any] = {
            "python": draw(st.sampled_from(((), ("*",), (">=3.12",), ("3.11",), ("3.13", "3.12")))),
            "matrix": draw(st.sampled_from(((), (("db", ("pg", "my")),), (("os", ("x",)), ("db", ("pg", "lite")))))),
            "needs": tuple(needs),
            "when": draw(st.sampled_from(((), (), ("docs/**",), ("src/**",)))),
            "on": draw(st.sampled_from(((), (), ("nightly",), ("change", "release")))),
            "branches": draw(st.sampled_from(((), (), ("main",)))),
            "cpus": draw(st.integers(1, 9)),
            "stage": draw(st.sampled_from(STAGES)),
        }
        if fields["matrix"] and draw(st.booleans()):
            fields["exclude"] = ((("db", "pg"),),)
        last = (JobKind.COVERAGE,) if number == count - 1 else ()  # else the tests it merges could need it
        kind = draw(st.sampled_from((JobKind.RUN, JobKind.TEST, JobKind.LINT, *last)))
        made.append(job_spec(name, kind, **fields))
    return tuple(made)


@st.composite
def pipelines(draw: st.DrawFn) -> Pipeline:
    every = draw(st.sampled_from((None, ("3.11", "3.12", "3.13"), ("*",))))
    return pipeline(*draw(specs()), python=every)


@st.composite
def snapshots(draw: st.DrawFn) -> Snapshot:
    pythons = draw(st.lists(st.sampled_from(MINORS), unique=True, min_size=1))
    changed = draw(st.sampled_from((None, (), ("docs/index.md",), ("src/demo/core.py", "x"))))
    return snapshot(pythons=pythons, changed=changed)


timings = st.dictionaries(st.sampled_from((*NAMES, "a@3.12", "b@3.11")), st.floats(0, 100)).map(
    lambda jobs: Timings(jobs=jobs)
)
requests = st.builds(
    Request,
    select=st.lists(st.sampled_from((*NAMES, "*", "?@*", "@3.12")), max_size=3, unique=True).map(tuple),
    available=st.booleans(),
    event=st.sampled_from(OCCASIONS),
    branch=st.sampled_from(("", "main")),
)


def planned(declaration: Pipeline, facts: Snapshot, request: Request, known: Timings) -> Plan | None:
    """The plan; None where the request names what is not there."""
    try:
        found = draft(declaration, facts, request, table())
    except UsageError:
        return None
    return assemble(found, [resolution(one.name) for one in found.sets], known)


@given(pipelines(), snapshots(), requests, timings)
def test_plans_are_sound(declaration: Pipeline, facts: Snapshot, request: Request, known: Timings) -> None:
    plan = planned(declaration, facts, request, known)
    if plan is None:
        return
    ids = [job.id for job in plan.jobs]
    assert len(set(ids)) == len(ids)
    places = {name: place for place, name in enumerate(ids)}
    for place, job in enumerate(plan.jobs):
        assert all(places[need] < place for need in job.needs), "needs are in the plan, and before"
        assert job.cpus <= facts.platform.cpus
        assert job.reasons
    environments = {environment.id for environment in plan.environments}
    for job in plan.jobs:
        named = {job.environment, *job.extra_environments} - {None}
        assert named <= environments
        if request.available:
            assert job.blocked_by is None or "no Python" not in job.blocked_by


@given(pipelines(), snapshots(), requests)
def test_every_declared_leg_is_planned_or_left_out_with_a_reason(
    declaration: Pipeline, facts: Snapshot, request: Request
) -> None:
    plan = planned(declaration, facts, request, Timings())
    if plan is None:
        return
    legs, excluded = expand(declared(declaration, facts.project), pythons_of(declaration, facts))
    expected = sorted((*(leg.id for leg in legs), *(left.id for left in excluded)))
    assert sorted((*(job.id for job in plan.jobs), *(left.id for left in plan.left_out))) == expected
    assert all(left.reason for left in plan.left_out)
    undeclared = [left for left in plan.left_out if not left.declared]
    optional = {leg.id for leg in legs if leg.optional}
    if plan.scope is Scope.FULL:
        assert {left.id for left in undeclared} <= optional


@given(pipelines(), snapshots(), timings, st.randoms(use_true_random=False))
def test_order_of_the_arguments_changes_nothing(
    declaration: Pipeline, facts: Snapshot, known: Timings, random: Any
) -> None:
    def shuffled(values: Any) -> Any:
        values = list(values)
        random.shuffle(values)
        return values

    turned = replace(
        declaration,
        jobs=tuple(shuffled(declaration.jobs or ())),
        python=declaration.python and declaration.python[::-1],
    )
    other = replace(facts, files=dict(shuffled(facts.files.items())), interpreters=tuple(shuffled(facts.interpreters)))
    timed = Timings(jobs=dict(shuffled(known.jobs.items())))
    one, two = planned(declaration, facts, Request(), known), planned(turned, other, Request(), timed)
    assert one is not None
    assert two is not None
    assert [job.id for job in one.jobs] == [job.id for job in two.jobs]
    assert one.environments == two.environments
    assert one.left_out == two.left_out
    assert one.digest == two.digest
    keys = [[found.key for found in bind(plan, facts, table(), lambda _: False)] for plan in (one, two)]
    assert keys[0] == keys[1]


@given(pipelines(), snapshots(), st.lists(st.sampled_from(NAMES), min_size=1, unique=True))
def test_asking_for_more_plans_more(declaration: Pipeline, facts: Snapshot, names: list[str]) -> None:
    there = [name for name in names if any(spec.name == name for spec in declaration.jobs or ())]
    chosen: list[set[str]] = []
    for count in range(1, len(there) + 1):
        plan = planned(declaration, facts, Request(select=tuple(there[:count])), Timings())
        assert plan is not None
        chosen.append({job.id for job in plan.jobs})
    assert all(fewer <= more for fewer, more in pairwise(chosen))


@given(pipelines(), st.permutations(MINORS).flatmap(lambda all_of: st.integers(1, 4).map(lambda n: all_of[:n])))
def test_digest_is_the_same_on_every_machine_where_pythons_are_declared(
    declaration: Pipeline, pythons: list[str]
) -> None:
    required = replace(declaration, python=("3.11", "3.12", "3.13"))
    here = planned(required, snapshot(pythons=pythons), Request(), Timings())
    there = planned(required, replace(snapshot(), root="/ci", files=FILES), Request(), Timings())
    assert here is not None
    assert there is not None
    assert here.digest == there.digest
