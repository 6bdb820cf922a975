"""Green is what is proved: no bad or missing input ever improves a verdict."""

from __future__ import annotations

import itertools
from collections.abc import Iterable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from penstock.errors import ExitCode
from penstock.judge.answer import sound
from penstock.judge.checks import CHECKS
from penstock.judge.decide import PRECEDENCE, decide
from penstock.model.events import Event, JobFinished, JobStarted, Outcome, RunFinished, RunStarted
from penstock.model.pipeline import JobKind, Mode, Tolerance
from penstock.model.plan import Job, LeftOut, Plan, Scope
from penstock.model.records import JobRecord, Records
from penstock.model.verdict import CheckResult, Conclusion, Evidence, Status, Verdict
from penstock.record.collect import collect
from penstock.util.eventlog import decode_lines, encode_line
from tests.builders import job, plan
from tests.verdicts import evidence, job_record, records

ENDS = ("passed", "cached", "failed", "errored", "timed_out", "cancelled", "skipped", "missing")
KINDS = (JobKind.RUN, JobKind.LINT, JobKind.TEST, JobKind.BUILD)


def ended(planned: Job, end: str) -> tuple[JobRecord, ...]:
    if end == "missing":
        return ()
    if end == "cached":
        return (job_record(planned, cached_from="r0", cached_wall_s=1.0),)
    return (job_record(planned, end),)


def judged(jobs: Iterable[Job], ends: Iterable[str], **fields: object) -> Verdict:
    legs = tuple(jobs)
    kept = records(*(record for leg, end in zip(legs, ends, strict=True) for record in ended(leg, end)))
    return decide(evidence(plan(*legs, **fields), kept), CHECKS)


def badness(verdict: Verdict) -> int:
    """0 is green; larger is worse, by the documented precedence."""
    return len(PRECEDENCE) - 1 - PRECEDENCE.index(verdict.exit_code)


@pytest.mark.parametrize("kind", KINDS)
def test_green_if_and_only_if_all_passed(kind: JobKind) -> None:
    jobs = tuple(job(f"{name}@3.12", kind=kind) for name in "abc")
    for ends in itertools.product(ENDS, repeat=3):
        verdict = judged(jobs, ends)
        green = all(end in ("passed", "cached") for end in ends)
        assert (verdict.exit_code is ExitCode.VERIFIED) == green, ends
        assert (verdict.conclusion is Conclusion.PASSED) == green, ends
        failed = any(end in ("failed", "timed_out") for end in ends)
        assert (verdict.exit_code is ExitCode.GATE_FAILED) == failed, ends


jobs_strategy = st.builds(
    lambda number, kind, required, mode, tolerated, blocked: job(
        f"j{number}@3.12",
        kind=kind,
        required=required,
        mode=mode,
        tolerance=Tolerance(reason="r", until="2027-01-01") if tolerated else None,
        blocked_by="no interpreter" if blocked else None,
    ),
    st.integers(0, 10**9),
    st.sampled_from(KINDS),
    st.booleans(),
    st.sampled_from(Mode),
    st.booleans(),
    st.sampled_from([False, False, False, True]),
)
legs_strategy = st.lists(st.tuples(jobs_strategy, st.sampled_from(ENDS)), max_size=5, unique_by=lambda leg: leg[0].id)
left_strategy = st.lists(st.builds(LeftOut, id=st.just("x"), reason=st.just("r"), declared=st.booleans()), max_size=2)


@given(legs=legs_strategy, extra=jobs_strategy, end=st.sampled_from(ENDS[2:]), left=left_strategy)
def test_adding_an_obligation_that_did_not_pass_never_improves(
    legs: list[tuple[Job, str]], extra: Job, end: str, left: list[LeftOut]
) -> None:
    if any(leg.id == extra.id for leg, _ in legs):
        return
    before = judged([leg for leg, _ in legs], [end for _, end in legs], left_out=tuple(left))
    after = judged([leg for leg, _ in legs] + [extra], [end for _, end in legs] + [end], left_out=tuple(left))
    # What only advises may fill an empty plan, which no rule emptied: it stays unverified.
    assert badness(after) >= badness(before)


@given(
    legs=legs_strategy,
    status=st.sampled_from([Status.FAILED, Status.MISSING, Status.PASSED]),
    mode=st.sampled_from(Mode),
    scope=st.sampled_from(Scope),
    about=st.sampled_from(["job", "run"]),
)
def test_adding_a_check_that_proves_nothing_never_improves(
    legs: list[tuple[Job, str]], status: Status, mode: Mode, scope: Scope, about: str
) -> None:
    class Extra:
        name = "extra"

        def answer(self, given: Evidence) -> Iterable[CheckResult]:
            first = given.plan.jobs[0].id if given.plan.jobs and about == "job" else None
            yield CheckResult(name="extra", status=status, summary="", mode=mode, examined=0, job=first)

    kept = records(*(record for leg, end in legs for record in ended(leg, end)))
    given_evidence = evidence(plan(*(leg for leg, _ in legs), scope=scope), kept)
    before, after = decide(given_evidence, CHECKS), decide(given_evidence, (*CHECKS, Extra()))
    assert badness(after) >= badness(before)


@given(legs=legs_strategy, where=st.integers(0, 4), end=st.sampled_from(ENDS[2:]), scope=st.sampled_from(Scope))
def test_taking_a_pass_away_never_improves(legs: list[tuple[Job, str]], where: int, end: str, scope: Scope) -> None:
    passed = [number for number, (_, before) in enumerate(legs) if before in ("passed", "cached")]
    if not passed:
        return
    chosen = passed[where % len(passed)]
    jobs, ends = [leg for leg, _ in legs], [before for _, before in legs]
    after = [end if number == chosen else before for number, before in enumerate(ends)]
    assert badness(judged(jobs, after, scope=scope)) >= badness(judged(jobs, ends, scope=scope))


@given(
    st.builds(
        CheckResult,
        name=st.just("x"),
        status=st.sampled_from(Status),
        summary=st.just("s"),
        examined=st.integers(-3, 10),
        expected=st.integers(-3, 10),
    )
)
def test_what_rests_on_too_little_is_never_a_pass(result: CheckResult) -> None:
    answer = sound(result)
    if answer.status is Status.PASSED:
        assert answer.examined >= max(1, answer.expected)
        assert answer == result
    else:
        assert result.status in {answer.status, Status.PASSED}


# --- the log ---------------------------------------------------------------------------------------------------------

JOBS = (job("lint", kind=JobKind.RUN), job("docs", kind=JobKind.RUN))
PLAN = plan(*JOBS)


def log_bytes(*ends: Outcome, interrupted: str = "") -> bytes:
    events: list[Event] = [
        RunStarted(
            run="20261121-145200-7f3b9c",
            plan=PLAN.digest,
            obligations=("lint", "docs"),
            at_s=1.0,
            wall_s=1.0,
            penstock="0.1.0",
        )
    ]
    for leg, end in zip(JOBS, ends, strict=True):
        events.append(JobStarted(job=leg.id, attempt=1, at_s=2.0))
        events.append(JobFinished(job=leg.id, outcome=end, reason="", at_s=3.0, duration_s=1.0))
    events.append(RunFinished(run="20261121-145200-7f3b9c", at_s=4.0, wall_s=4.0, interrupted=interrupted))
    return b"".join(map(encode_line, events))


def judged_log(content: bytes, of: Plan = PLAN) -> Verdict:
    kept: Records = collect(of, decode_lines(content), {})
    return decide(evidence(of, kept), CHECKS)


@pytest.mark.parametrize(
    ("ends", "interrupted"),
    [
        ((Outcome.PASSED, Outcome.PASSED), ""),
        ((Outcome.PASSED, Outcome.PASSED), "SIGINT"),
        ((Outcome.PASSED, Outcome.FAILED), ""),
        ((Outcome.ERRORED, Outcome.PASSED), ""),
    ],
)
def test_a_log_cut_at_any_byte_is_never_green(ends: tuple[Outcome, ...], interrupted: str) -> None:
    whole = log_bytes(*ends, interrupted=interrupted)
    green = all(end is Outcome.PASSED for end in ends) and not interrupted
    assert (judged_log(whole).exit_code is ExitCode.VERIFIED) == green
    for cut in range(len(whole)):
        assert judged_log(whole[:cut]).exit_code is not ExitCode.VERIFIED, cut


def test_a_log_with_any_byte_changed_is_never_green() -> None:
    whole = log_bytes(Outcome.PASSED, Outcome.PASSED)
    for place in range(len(whole)):
        for flip in (0x01, 0x20, 0x80):
            changed = whole[:place] + bytes([whole[place] ^ flip]) + whole[place + 1 :]
            assert judged_log(changed).exit_code is not ExitCode.VERIFIED, (place, flip)


@given(st.permutations(range(3)), st.sampled_from([end for end in Outcome if end is not Outcome.PASSED]))
def test_a_bad_end_anywhere_in_the_log_is_never_green(order: list[int], bad: Outcome) -> None:
    ends = (Outcome.PASSED, bad, Outcome.PASSED)
    lines = [
        encode_line(JobFinished(job="lint", outcome=ends[number], reason="", at_s=3.0, duration_s=1.0))
        for number in order
    ]
    first, *rest = log_bytes(Outcome.PASSED, Outcome.PASSED).splitlines(keepends=True)
    assert judged_log(first + b"".join(lines) + b"".join(rest)).exit_code is not ExitCode.VERIFIED
