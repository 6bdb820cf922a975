"""The verdict: obligations held against evidence. Green is what is proved; everything else has a name.

    exit code   when
    130 / 143   it was interrupted
    1           a job that blocks, or a gate, said no
    3           something that blocks has no answer, or nothing was done
    0           none of these

in this order of precedence (2 and 70 never come from evidence: then there is none).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from msgspec.structs import replace

from penstock.errors import ExitCode
from penstock.judge import standing
from penstock.judge.answer import sound
from penstock.judge.standing import Stand, Standing
from penstock.model.pipeline import Mode, kind_of_gate
from penstock.model.plan import Plan, Rule, Scope
from penstock.model.verdict import CheckResult, Conclusion, Evidence, Status, Verdict
from penstock.ports import Check

PRECEDENCE = (
    ExitCode.BUG,
    ExitCode.USAGE,
    ExitCode.INTERRUPTED,
    ExitCode.TERMINATED,
    ExitCode.GATE_FAILED,
    ExitCode.NOT_VERIFIED,
    ExitCode.DRIFT,
    ExitCode.VERIFIED,
)


def worst(codes: Iterable[ExitCode]) -> ExitCode:
    """The exit code that counts when several things happened. Of nothing at all: not verified."""
    return min(codes, key=PRECEDENCE.index, default=ExitCode.NOT_VERIFIED)


def decide(evidence: Evidence, checks: Iterable[Check]) -> Verdict:
    """Compare what was planned with what is proved. Pure; a check that raises is a bug and is let through."""
    stands = standing.of_jobs(evidence)
    results = tuple(sound(result) for check in checks for result in check.answer(evidence))
    results += tuple(_unanswered(evidence.plan, results))
    blocking = _blocking(evidence, results, stands)
    conclusion = _conclusion(evidence, stands, blocking)
    return Verdict(
        conclusion=conclusion,
        exit_code=worst((_code(conclusion), *_interruption(evidence))),
        scope=evidence.plan.scope,
        checks=results,
        failed_jobs=_in(stands, Standing.FAILED),
        unfinished_jobs=_in(stands, Standing.UNFINISHED),
        tolerated_jobs=tuple((s.job, s.reason) for s in stands.values() if s.standing is Standing.TOLERATED),
        warned_jobs=_in(stands, Standing.WARNED),
        flaky=tuple(f"{record.job} {test}" for record in evidence.records.jobs for test in record.flaky),
        reasons=tuple(_reasons(evidence, stands, blocking)),
    )


def of_answers(results: Iterable[CheckResult]) -> ExitCode:
    """The exit code of answers that stand on no job. Warnings change nothing; where nothing was asked, 3."""
    every = tuple(results)
    statuses = {result.status for result in every if result.mode is not Mode.WARN}
    if Status.FAILED in statuses:
        return ExitCode.GATE_FAILED
    return ExitCode.NOT_VERIFIED if Status.MISSING in statuses or not every else ExitCode.VERIFIED


def with_answers(verdict: Verdict, answers: Iterable[CheckResult]) -> Verdict:
    """The verdict, with what was asked beside the run. What the run has answered itself is not asked twice."""
    known = {result.name for result in verdict.checks}
    more = tuple(result for result in answers if result.name not in known)
    code = worst((verdict.exit_code, *([of_answers(more)] if more else [])))
    conclusion = verdict.conclusion if code is verdict.exit_code else _IN_A_WORD[code]
    return replace(verdict, checks=(*verdict.checks, *more), exit_code=code, conclusion=conclusion)


_IN_A_WORD = {ExitCode.GATE_FAILED: Conclusion.FAILED, ExitCode.NOT_VERIFIED: Conclusion.INCOMPLETE}


def _unanswered(plan: Plan, results: tuple[CheckResult, ...]) -> Iterable[CheckResult]:
    """Declared gates without an answer: a promise without evidence. A part of the plan promised none of them."""
    if plan.scope is Scope.PARTIAL or not plan.jobs:
        return
    answered = {result.name.partition(".")[0] for result in results}
    for gate in plan.gates:
        if gate.name not in answered and gate.name not in _OF_THE_EVENT and not _ruled_out(plan, gate.name):
            yield CheckResult(
                name=gate.name,
                status=Status.MISSING,
                summary="the gate is declared, and nothing in the plan answers it",
                mode=gate.mode,
                remedy=f"add the job that answers it, or remove gates.{gate.name}",
            )


_OF_THE_EVENT = frozenset({"pull_request"})  # asked where there is one


def _ruled_out(plan: Plan, gate: str) -> bool:
    """Whether the jobs that would answer the gate are left out by a declared rule."""
    kind = kind_of_gate(gate)
    return kind is not None and any(left.declared and left.kind is kind for left in plan.left_out)


def _blocking(evidence: Evidence, results: Iterable[CheckResult], stands: Mapping[str, Stand]) -> list[CheckResult]:
    """The answers that count. A ratchet without a baseline is judged as an error: it forgives nothing."""
    jobs = standing.blocking_jobs(evidence)
    asked_by_name = jobs & standing.advising_jobs(evidence.plan)
    counting = jobs - {*_in(stands, Standing.TOLERATED)}
    return [
        result
        for result in results
        if (result.mode is not Mode.WARN or result.job in asked_by_name)
        and (result.job is None or result.job in counting)
    ]


def _conclusion(evidence: Evidence, stands: Mapping[str, Stand], blocking: list[CheckResult]) -> Conclusion:
    if _in(stands, Standing.FAILED) or any(result.status is Status.FAILED for result in blocking):
        return Conclusion.FAILED
    missing = any(result.status is Status.MISSING for result in blocking)
    run = evidence.records.run
    open_end = not run.finished or bool(evidence.records.damaged) or bool(_interruption(evidence))
    if _in(stands, Standing.UNFINISHED) or missing or (open_end and stands):
        return Conclusion.INCOMPLETE
    if not stands:
        ruled_out = not open_end and _emptied_by_rule(evidence.plan)
        return Conclusion.PASSED if ruled_out else Conclusion.NOTHING_RAN
    proved = standing.blocking_jobs(evidence) & {stand.job for stand in stands.values() if stand.proves}
    return Conclusion.PASSED if proved else Conclusion.NOTHING_RAN


def _emptied_by_rule(plan: Plan) -> bool:
    """Whether the plan is empty for one reason only: declared path rules, none of which this change touches. That its
    jobs are for other runs makes nobody look at this one.
    """
    by_path = any(left.rule is Rule.PATHS for left in plan.left_out)
    return plan.scope is Scope.FULL and by_path and all(left.declared for left in plan.left_out)


def _code(conclusion: Conclusion) -> ExitCode:
    codes = {Conclusion.PASSED: ExitCode.VERIFIED, Conclusion.FAILED: ExitCode.GATE_FAILED}
    return codes.get(conclusion, ExitCode.NOT_VERIFIED)


def _interruption(evidence: Evidence) -> tuple[ExitCode, ...]:
    signal = evidence.interrupted or evidence.records.run.interrupted
    if not signal:
        return ()
    return (ExitCode.INTERRUPTED if signal == "SIGINT" else ExitCode.TERMINATED,)


def _in(stands: Mapping[str, Stand], kind: Standing) -> tuple[str, ...]:
    return tuple(stand.job for stand in stands.values() if stand.standing is kind)


def _reasons(evidence: Evidence, stands: Mapping[str, Stand], blocking: list[CheckResult]) -> Iterable[str]:
    """Why the verdict is what it is, in sentences; the most telling first."""
    signal = evidence.interrupted or evidence.records.run.interrupted
    if signal:
        yield f"interrupted by {signal}"
    lost = {s.job: s.reason for s in stands.values() if s.standing in {Standing.FAILED, Standing.UNFINISHED}}
    yield from (f"{job}: {reason}" for job, reason in lost.items())
    for result in blocking:
        told = result.name == "jobs" or result.job in lost
        if result.status in {Status.FAILED, Status.MISSING} and not told:
            yield f"{result.name}{f' of {result.job}' if result.job else ''}: {result.summary}"
    yield from evidence.records.damaged
    if not evidence.records.run.finished:
        yield "the run's log has no end: penstock was killed"
    yield from _why_nothing(evidence, stands)


def _why_nothing(evidence: Evidence, stands: Mapping[str, Stand]) -> Iterable[str]:
    plan = evidence.plan
    if not stands:
        yield "nothing was to be run" if _emptied_by_rule(plan) else "nothing was run"
        yield from (f"{left.id}: {left.reason}" for left in plan.left_out)
    elif not standing.blocking_jobs(evidence):
        yield "every job of the plan only advises: nothing that blocks was run"
