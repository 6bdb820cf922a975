"""The verdict as algebra: order tells nothing, saying a thing twice tells nothing more, and worse is never better.

The oracle is written from TRUST's words alone: it shares no line with the judge.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Sequence
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from msgspec.structs import replace

from penstock.errors import ExitCode
from penstock.judge.checks import CHECKS
from penstock.judge.decide import PRECEDENCE, decide, of_answers, worst
from penstock.model.pipeline import CheckSpec, JobKind, Mode, Tolerance
from penstock.model.plan import Job
from penstock.model.records import JobRecord
from penstock.model.verdict import CheckResult, Conclusion, Evidence, Status, Verdict
from tests.builders import job, plan
from tests.verdicts import evidence, job_record, records

RESULTS = ("success", "failure", "cancelled", "skipped", "missing", "unknown")
ROLES: dict[str, dict[str, Any]] = {
    "blocks": {},
    "advises": {"mode": Mode.WARN},
    "tolerated": {"tolerance": Tolerance(reason="r", until="2027-01-01")},
}
_OUTCOMES = {
    "success": "passed",
    "failure": "failed",
    "cancelled": "cancelled",
    "skipped": "skipped",
    "unknown": "errored",
}


def oracle(results: Sequence[str], roles: Sequence[str]) -> tuple[int, str]:
    """What the rules say: an allow-list of successes. A tolerance is a permission to fail, none to be left out; advice
    counts neither way, and proves nothing.
    """
    red = open_end = proved = False
    for result, role in zip(results, roles, strict=True):
        if role == "advises":
            continue
        if role == "tolerated" and result in ("failure", "unknown"):
            continue
        red = red or result == "failure"
        open_end = open_end or result in ("cancelled", "skipped", "missing", "unknown")
        proved = proved or result == "success"
    if red:
        return 1, "failed"
    if open_end:
        return 3, "incomplete"
    return (0, "passed") if proved else (3, "nothing_ran")


def judged(results: Iterable[str], jobs: Sequence[Job]) -> Verdict:
    ends = [
        job_record(each, _OUTCOMES[result]) for each, result in zip(jobs, results, strict=True) if result != "missing"
    ]
    return decide(evidence(plan(*jobs), records(*ends)), CHECKS)


@pytest.mark.parametrize("roles", list(itertools.combinations_with_replacement(ROLES, 3)))
@pytest.mark.parametrize("kind", [JobKind.RUN, JobKind.TEST])
def test_six_results_over_three_jobs_are_what_the_rules_say(roles: tuple[str, ...], kind: JobKind) -> None:
    jobs = [job(f"{name}@3.12", kind=kind, **ROLES[role]) for name, role in zip("abc", roles, strict=True)]
    for results in itertools.product(RESULTS, repeat=3):
        verdict = judged(results, jobs)
        assert (int(verdict.exit_code), verdict.conclusion.value) == oracle(results, roles), (results, roles)


# --- any evidence ----------------------------------------------------------------------------------------------------

KINDS = (JobKind.RUN, JobKind.LINT, JobKind.TYPES, JobKind.TEST, JobKind.BUILD, JobKind.COVERAGE)
ENDS = ("passed", "failed", "errored", "timed_out", "cancelled", "skipped", "missing")
_jobs = st.lists(
    st.tuples(st.sampled_from(KINDS), st.sampled_from(sorted(ROLES)), st.sampled_from(ENDS)), min_size=1, max_size=5
)
_gates = st.lists(
    st.sampled_from(
        [
            CheckSpec(name="tests", limits=(("min", 3.0),)),
            CheckSpec(name="coverage", limits=(("total", 95.0),)),
            CheckSpec(name="coverage", limits=(("total", 90.0),), mode=Mode.WARN),
            CheckSpec(name="lint", mode=Mode.WARN),
            CheckSpec(name="security"),
        ]
    ),
    max_size=3,
    unique_by=lambda gate: gate.name,
)


def made(legs: Sequence[tuple[JobKind, str, str]], gates: Sequence[CheckSpec]) -> Evidence:
    jobs = tuple(job(f"j{number}@3.12", kind=kind, **ROLES[role]) for number, (kind, role, _) in enumerate(legs))
    ends = [job_record(each, end) for each, (_, _, end) in zip(jobs, legs, strict=True) if end != "missing"]
    return evidence(plan(*jobs, gates=tuple(gates)), records(*ends))


def essence(verdict: Verdict) -> object:
    """All that a verdict says, but for the order in which it says it."""
    return (
        verdict.conclusion,
        verdict.exit_code,
        frozenset(verdict.failed_jobs),
        frozenset(verdict.unfinished_jobs),
        frozenset(verdict.tolerated_jobs),
        frozenset(verdict.warned_jobs),
        frozenset((each.name, each.job, each.status) for each in verdict.checks),
    )


def badness(verdict: Verdict) -> int:
    return _badness(verdict.exit_code)


def _badness(code: ExitCode) -> int:
    return len(PRECEDENCE) - 1 - PRECEDENCE.index(code)


NOT_KNOWN = _badness(ExitCode.NOT_VERIFIED)


@given(legs=_jobs, gates=_gates, rng=st.randoms(use_true_random=False))
def test_order_tells_nothing(legs: list[tuple[JobKind, str, str]], gates: list[CheckSpec], rng: Any) -> None:
    given_evidence = made(legs, gates)

    def mixed(values: Sequence[Any]) -> tuple[Any, ...]:
        return tuple(rng.sample(list(values), len(values)))

    kept = given_evidence.records
    other = replace(
        given_evidence,
        plan=replace(given_evidence.plan, jobs=mixed(given_evidence.plan.jobs), gates=mixed(given_evidence.plan.gates)),
        records=replace(kept, jobs=mixed(kept.jobs), tests=mixed(kept.tests)),
    )
    assert essence(decide(other, mixed(CHECKS))) == essence(decide(given_evidence, CHECKS))


@given(legs=_jobs, gates=_gates)
def test_saying_it_twice_tells_nothing_more(legs: list[tuple[JobKind, str, str]], gates: list[CheckSpec]) -> None:
    given_evidence = made(legs, gates)
    once = decide(given_evidence, CHECKS)
    assert decide(given_evidence, CHECKS) == once
    assert essence(decide(given_evidence, (*CHECKS, *CHECKS))) == essence(once)


def _worse(record: JobRecord, way: str) -> JobRecord | None:
    """The record with less in it, or with something worse."""
    measures = {name: value for name, value in record.measures.items() if value}
    if way == "gone":
        return None
    if way == "failed":
        return replace(record, outcome=type(record.outcome)("failed"), reason="no")
    if way == "no measures":
        return replace(record, measures={})
    if way == "no notes":
        return replace(record, notes={})
    if way == "nothing examined":
        return replace(record, measures=measures | {"files": 0.0, "collected": 0.0, "sdists": 0.0, "covered": 0.0})
    return replace(record, measures=measures | {"failed": 1.0, "not_run": 1.0, "collection_errors": 1.0})


LOSING = ("gone", "no measures", "no notes", "nothing examined")
WAYS = (*LOSING, "failed", "a failure among its counts")


@given(legs=_jobs, gates=_gates, which=st.integers(0, 4), way=st.sampled_from(WAYS))
@example(
    legs=[(JobKind.COVERAGE, "blocks", "passed")],
    gates=[CheckSpec(name="coverage", limits=(("total", 95.0),))],
    which=0,
    way="gone",
)
def test_worse_evidence_never_makes_a_better_verdict(
    legs: list[tuple[JobKind, str, str]], gates: list[CheckSpec], which: int, way: str
) -> None:
    before = made(legs, gates)
    kept = before.records
    passed = [record for record in kept.jobs if record.outcome.value == "passed"]
    if not passed:
        return
    chosen = passed[which % len(passed)]
    worse = _worse(chosen, way)
    jobs = tuple(each if each is not chosen else worse for each in kept.jobs)
    tests = kept.tests if worse is not None else tuple(each for each in kept.tests if each.job != chosen.job)
    after = replace(before, records=replace(kept, jobs=tuple(each for each in jobs if each is not None), tests=tests))
    # A failure that only this record told is not known any more: that is not verified, and never green.
    known = badness(decide(before, CHECKS))
    assert badness(decide(after, CHECKS)) >= (min(known, NOT_KNOWN) if way in LOSING else known)


_answers = st.lists(
    st.builds(
        CheckResult,
        name=st.sampled_from(["a", "b"]),
        status=st.sampled_from(Status),
        summary=st.just(""),
        mode=st.sampled_from(Mode),
        examined=st.just(1),
    ),
    max_size=5,
)


@given(_answers, _answers)
def test_answers_alone_are_a_join(one: list[CheckResult], other: list[CheckResult]) -> None:
    both = of_answers((*one, *other))
    assert both == of_answers((*other, *one)) == of_answers((*one, *other, *one))
    if one and other:
        assert both == worst((of_answers(one), of_answers(other)))
    assert worst((both, both)) == both
    assert (both is ExitCode.VERIFIED) <= all(
        each.status in (Status.PASSED, Status.INCONCLUSIVE) or each.mode is Mode.WARN for each in (*one, *other)
    )


@given(st.lists(st.sampled_from(ExitCode), min_size=1), st.lists(st.sampled_from(ExitCode), min_size=1))
def test_the_worst_code_is_a_join(one: list[ExitCode], other: list[ExitCode]) -> None:
    assert worst((*one, *other)) == worst((worst(other), worst(one)))
    assert PRECEDENCE.index(worst((*one, *other))) <= PRECEDENCE.index(worst(one))


def test_only_passed_is_green() -> None:
    for results in itertools.product(RESULTS, repeat=2):
        verdict = judged(results, [job("a@3.12", kind=JobKind.RUN), job("b@3.12", kind=JobKind.RUN)])
        assert (verdict.conclusion is Conclusion.PASSED) == (verdict.exit_code is ExitCode.VERIFIED)
