from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import pytest

from penstock.errors import ExitCode
from penstock.judge.checks import CHECKS
from penstock.judge.decide import PRECEDENCE, decide, with_answers, worst
from penstock.model.pipeline import CheckSpec, JobKind, Mode, Tolerance
from penstock.model.plan import LeftOut, Rule, Scope
from penstock.model.records import Records
from penstock.model.verdict import CheckResult, Conclusion, Evidence, Status, Verdict
from tests.builders import job, plan
from tests.verdicts import evidence, job_record, records, run_record

UNIT = job("unit@3.12")
LINT = job("lint", kind=JobKind.LINT)
RUN = job("docs", kind=JobKind.RUN)


class Says:
    """A check with a fixed answer."""

    name = "says"

    def __init__(self, **fields: Any) -> None:
        defaults: dict[str, Any] = {"name": "says", "summary": "", "status": Status.PASSED, "examined": 1}
        self.result = CheckResult(**(defaults | fields))

    def answer(self, evidence: Evidence) -> Iterable[CheckResult]:
        return (self.result,)


def ends(outcome: str, *, job_fields: dict[str, Any] | None = None, scope: Scope = Scope.FULL) -> Verdict:
    """The verdict over one good job and one with this end ("missing": none)."""
    other = job("other", kind=JobKind.RUN, **(job_fields or {}))
    kept = [job_record(RUN)] + ([] if outcome == "missing" else [job_record(other, outcome)])
    return decide(evidence(plan(RUN, other, scope=scope), records(*kept)), CHECKS)


def test_everything_planned_ran_and_passed() -> None:
    verdict = decide(evidence(plan(UNIT, LINT, RUN)), CHECKS)
    assert (verdict.conclusion, verdict.exit_code, verdict.reasons) == (Conclusion.PASSED, ExitCode.VERIFIED, ())
    assert {result.status for result in verdict.checks} == {Status.PASSED}


@pytest.mark.parametrize(
    ("outcome", "code", "listed"),
    [
        ("failed", ExitCode.GATE_FAILED, "failed_jobs"),
        ("timed_out", ExitCode.GATE_FAILED, "failed_jobs"),
        ("errored", ExitCode.NOT_VERIFIED, "unfinished_jobs"),
        ("cancelled", ExitCode.NOT_VERIFIED, "unfinished_jobs"),
        ("skipped", ExitCode.NOT_VERIFIED, "unfinished_jobs"),
        ("missing", ExitCode.NOT_VERIFIED, "unfinished_jobs"),
    ],
)
def test_one_end_that_is_no_pass(outcome: str, code: ExitCode, listed: str) -> None:
    verdict = ends(outcome)
    assert verdict.exit_code is code
    assert getattr(verdict, listed) == ("other",)
    assert verdict.reasons[0].startswith("other: ")


def test_a_failure_outweighs_what_is_missing() -> None:
    kept = records(job_record(UNIT, "failed"), job_record(RUN, "skipped", reason="needs unit@3.12"))
    verdict = decide(evidence(plan(UNIT, RUN), kept), CHECKS)
    assert verdict.exit_code is ExitCode.GATE_FAILED
    assert (verdict.failed_jobs, verdict.unfinished_jobs) == (("unit@3.12",), ("docs",))


def test_a_blocked_job_is_unfinished_whatever_its_record_says() -> None:
    blocked = job("unit@3.14", kind=JobKind.RUN, blocked_by="no Python 3.14 on this machine")
    verdict = decide(evidence(plan(RUN, blocked)), CHECKS)
    assert verdict.exit_code is ExitCode.NOT_VERIFIED
    assert verdict.reasons == ("unit@3.14: no Python 3.14 on this machine",)


@pytest.mark.parametrize("outcome", ["failed", "timed_out", "errored"])
def test_a_tolerated_failure_is_listed_with_reason_and_expiry(outcome: str) -> None:
    tolerance = Tolerance(reason="3.15 is a preview", until="2026-11-21")
    verdict = ends(outcome, job_fields={"tolerance": tolerance})
    assert verdict.exit_code is ExitCode.VERIFIED
    assert verdict.tolerated_jobs == (("other", f"3.15 is a preview (until 2026-11-21): it {outcome}"),)


@pytest.mark.parametrize("until", ["2026-11-20", "2020-01-01", "someday", ""])
def test_an_expired_tolerance_tolerates_nothing(until: str) -> None:
    verdict = ends("failed", job_fields={"tolerance": Tolerance(reason="old", until=until)})
    assert verdict.exit_code is ExitCode.GATE_FAILED
    assert "its tolerance ended" in verdict.reasons[0]


@pytest.mark.parametrize("outcome", ["missing", "skipped", "cancelled"])
def test_a_tolerance_is_no_permission_to_be_left_out(outcome: str) -> None:
    verdict = ends(outcome, job_fields={"tolerance": Tolerance(reason="r", until="2027-01-01")})
    assert verdict.exit_code is ExitCode.NOT_VERIFIED


@pytest.mark.parametrize("fields", [{"required": False}, {"mode": Mode.WARN}])
@pytest.mark.parametrize("outcome", ["failed", "errored", "missing", "skipped"])
def test_advice_never_blocks_and_is_shown(fields: dict[str, Any], outcome: str) -> None:
    verdict = ends(outcome, job_fields=fields)
    assert (verdict.exit_code, verdict.warned_jobs) == (ExitCode.VERIFIED, ("other",))


def test_the_mode_of_the_lint_gate_is_the_mode_of_lint_jobs() -> None:
    gated = plan(RUN, LINT, gates=(CheckSpec(name="lint", mode=Mode.WARN),))
    verdict = decide(evidence(gated, records(job_record(RUN), job_record(LINT, "failed"))), CHECKS)
    assert (verdict.exit_code, verdict.warned_jobs) == (ExitCode.VERIFIED, ("lint",))


def test_the_mode_of_the_tests_gate_forgives_no_failing_test() -> None:
    gated = plan(UNIT, gates=(CheckSpec(name="tests", mode=Mode.WARN, limits=(("min", 1.0),)),))
    verdict = decide(evidence(gated, records(job_record(UNIT, "failed"))), CHECKS)
    assert verdict.exit_code is ExitCode.GATE_FAILED


def test_a_plan_of_advice_alone_proves_nothing() -> None:
    verdict = decide(evidence(plan(job("lint", kind=JobKind.RUN, required=False))), CHECKS)
    assert (verdict.conclusion, verdict.exit_code) == (Conclusion.NOTHING_RAN, ExitCode.NOT_VERIFIED)


@pytest.mark.parametrize(("outcome", "code"), [("passed", 0), ("failed", 1), ("errored", 3)])
def test_advice_that_was_asked_for_by_name_counts(outcome: str, code: int) -> None:
    advice = job("lint", kind=JobKind.RUN, required=False)
    part = plan(advice, scope=Scope.PARTIAL)
    verdict = decide(evidence(part, records(job_record(advice, outcome))), CHECKS)
    assert (verdict.exit_code, verdict.scope) == (code, Scope.PARTIAL)


def test_advice_asked_for_by_name_must_have_examined_something() -> None:
    advice = job("lint", kind=JobKind.LINT, required=False, mode=Mode.WARN)
    kept = records(job_record(advice, measures={"files": 0}))
    assert decide(evidence(plan(advice, scope=Scope.PARTIAL), kept), CHECKS).exit_code is ExitCode.NOT_VERIFIED


EMPTIED = LeftOut(id="unit", reason="no changed file matches src/** (changed: README.md)", declared=True)


def test_a_plan_emptied_by_declared_rules_passes_with_them_as_evidence() -> None:
    verdict = decide(evidence(plan(left_out=(EMPTIED,))), CHECKS)
    assert verdict.exit_code is ExitCode.VERIFIED
    assert "changed: README.md" in verdict.reasons[1]


def test_a_plan_emptied_by_paths_may_lack_what_is_for_other_runs_too() -> None:
    slow = LeftOut(id="slow", reason="only nightly", declared=True, rule=Rule.RUNS)
    assert decide(evidence(plan(left_out=(EMPTIED, slow))), CHECKS).exit_code is ExitCode.VERIFIED


@pytest.mark.parametrize(
    "fields",
    [
        {},
        {"left_out": (LeftOut(id="unit", reason="no interpreter"),)},
        {"left_out": (EMPTIED, LeftOut(id="lint", reason="no tool"))},
        {"left_out": (EMPTIED,), "scope": Scope.PARTIAL},
        {"left_out": (LeftOut(id="unit", reason="only nightly", declared=True, rule=Rule.RUNS),)},
        {
            "left_out": (
                LeftOut(id="unit", reason="only on main", declared=True, rule=Rule.RUNS),
                LeftOut(id="unit@3.12", reason="excluded from its matrix", declared=True, rule=Rule.MATRIX),
            )
        },
    ],
)
def test_a_plan_emptied_in_any_other_way_is_nothing(fields: dict[str, Any]) -> None:
    verdict = decide(evidence(plan(**fields)), CHECKS)
    assert (verdict.conclusion, verdict.exit_code) == (Conclusion.NOTHING_RAN, ExitCode.NOT_VERIFIED)


@pytest.mark.parametrize(("signal", "code"), [("SIGINT", 130), ("SIGTERM", 143), ("SIGHUP", 143)])
@pytest.mark.parametrize("where", ["evidence", "log"])
@pytest.mark.parametrize("outcome", ["passed", "failed", "cancelled"])
def test_an_interruption_comes_before_every_gate(signal: str, code: int, where: str, outcome: str) -> None:
    told = {"interrupted": signal} if where == "evidence" else {}
    run = run_record(interrupted=signal if where == "log" else "")
    verdict = decide(evidence(plan(RUN), records(job_record(RUN, outcome), run=run), **told), CHECKS)
    assert verdict.exit_code == code
    assert verdict.conclusion is not Conclusion.PASSED
    assert verdict.reasons[0] == f"interrupted by {signal}"


def test_a_log_without_its_end_is_not_green() -> None:
    verdict = decide(evidence(plan(RUN), records(job_record(RUN), run=run_record(finished=False))), CHECKS)
    assert verdict.exit_code is ExitCode.NOT_VERIFIED


def test_damage_is_not_green() -> None:
    verdict = decide(evidence(plan(RUN), records(job_record(RUN), damaged=("line 3: no",))), CHECKS)
    assert (verdict.exit_code, verdict.reasons) == (ExitCode.NOT_VERIFIED, ("line 3: no",))


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({}, 0),
        ({"status": Status.FAILED}, 1),
        ({"status": Status.FAILED, "mode": Mode.RATCHET}, 1),
        ({"status": Status.MISSING}, 3),
        ({"status": Status.INCONCLUSIVE}, 0),
        ({"status": Status.FAILED, "mode": Mode.WARN}, 0),
        ({"examined": 0}, 3),
        ({"examined": 4, "expected": 5}, 3),
        ({"examined": -1}, 3),
    ],
)
def test_what_a_check_does(fields: dict[str, Any], code: int) -> None:
    assert decide(evidence(plan(RUN)), (Says(**fields),)).exit_code == code


def test_without_checks_the_jobs_are_judged_all_the_same() -> None:
    assert decide(evidence(plan(RUN), Records(run=run_record(), jobs=())), ()).exit_code is ExitCode.NOT_VERIFIED


@pytest.mark.parametrize("name", ["coverage", "types", "lint", "package", "security", "new"])
def test_a_declared_gate_that_nothing_answers_is_missing(name: str) -> None:
    gated = plan(RUN, gates=(CheckSpec(name=name),))
    verdict = decide(evidence(gated), CHECKS)
    assert verdict.exit_code is ExitCode.NOT_VERIFIED
    assert name in verdict.reasons[0]


def test_a_gate_whose_jobs_a_rule_left_out_is_not_asked() -> None:
    left = LeftOut(id="coverage", reason="no changed file matches", declared=True, kind=JobKind.COVERAGE)
    gated = plan(RUN, gates=(CheckSpec(name="coverage"),), left_out=(left,))
    assert decide(evidence(gated), CHECKS).exit_code is ExitCode.VERIFIED


def test_a_part_is_not_held_to_the_gates_of_the_rest() -> None:
    gated = plan(RUN, gates=(CheckSpec(name="coverage"),), scope=Scope.PARTIAL)
    assert decide(evidence(gated), CHECKS).exit_code is ExitCode.VERIFIED


def test_the_precedence_of_exit_codes() -> None:
    assert [int(code) for code in PRECEDENCE] == [70, 2, 130, 143, 1, 3, 4, 0]
    assert set(PRECEDENCE) == set(ExitCode)
    assert worst(()) is ExitCode.NOT_VERIFIED
    assert worst(ExitCode) is ExitCode.BUG


def test_flaky_tests_are_named_with_their_job() -> None:
    assert decide(evidence(plan(UNIT), records(job_record(UNIT, flaky=("t",)))), CHECKS).flaky == ("unit@3.12 t",)


def _answer(name: str, status: str, mode: str = "error") -> CheckResult:
    return CheckResult(name=name, status=Status(status), summary="x", mode=Mode(mode), examined=1, expected=1)


@pytest.mark.parametrize(
    ("run", "answers", "code", "conclusion"),
    [
        (ExitCode.VERIFIED, ["passed"], ExitCode.VERIFIED, "passed"),
        (ExitCode.VERIFIED, ["failed"], ExitCode.GATE_FAILED, "failed"),
        (ExitCode.VERIFIED, ["missing"], ExitCode.NOT_VERIFIED, "incomplete"),
        (ExitCode.VERIFIED, ["failed", "missing"], ExitCode.GATE_FAILED, "failed"),
        (ExitCode.GATE_FAILED, ["passed"], ExitCode.GATE_FAILED, "passed"),
        (ExitCode.NOT_VERIFIED, ["failed"], ExitCode.GATE_FAILED, "failed"),
        (ExitCode.INTERRUPTED, ["failed"], ExitCode.INTERRUPTED, "passed"),
        (ExitCode.VERIFIED, [], ExitCode.VERIFIED, "passed"),
    ],
)
def test_what_was_asked_beside_a_run_can_only_make_it_worse(
    run: ExitCode, answers: list[str], code: ExitCode, conclusion: str
) -> None:
    """The run's own conclusion stands ("passed", here, for all) where its exit code does."""
    verdict = Verdict(conclusion=Conclusion.PASSED, exit_code=run, scope=Scope.FULL, checks=())
    more = [_answer(f"pull_request.{number}", status) for number, status in enumerate(answers)]
    joined = with_answers(verdict, more)
    assert (joined.exit_code, joined.conclusion) == (code, conclusion)
    assert joined.checks == tuple(more)
    warned = with_answers(verdict, [_answer("pull_request.size", "failed", "warn")])
    assert (warned.exit_code, len(warned.checks)) == (run, 1)
    again = with_answers(joined, more)
    assert again == joined, "what the run has answered is not asked twice"
