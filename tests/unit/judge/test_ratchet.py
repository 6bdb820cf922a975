"""Findings against a baseline: what is known stays known while lines move, and what is new is new."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from penstock.errors import ExitCode
from penstock.judge import ratchet
from penstock.judge.checks import CHECKS
from penstock.judge.decide import decide
from penstock.model import baseline as file
from penstock.model.change import Facts
from penstock.model.events import Outcome
from penstock.model.pipeline import CheckSpec, JobKind, Mode
from penstock.model.plan import Command, Job
from penstock.model.records import FindingRecord
from penstock.model.verdict import Evidence, Status
from tests import builders, verdicts


def finding(
    message: str = "`os` is unused", *, line: int = 3, anchor: str = "import os", **fields: Any
) -> FindingRecord:
    known: dict[str, Any] = {"job": "lint", "tool": "ruff", "rule": "F401", "path": "src/a.py"}
    return FindingRecord(message=message, line=line, anchor=anchor, **(known | fields))


def test_a_fingerprint_outlives_lines_and_numbers_and_tells_what_differs() -> None:
    one = ratchet.fingerprint(finding())
    assert one == ratchet.fingerprint(finding(line=90))
    assert one.startswith("ruff F401 src/a.py ")
    for other in (finding(anchor="import sys"), finding(rule="F811"), finding(path="src/b.py"), finding(tool="flake8")):
        assert ratchet.fingerprint(other) != one
    bare = finding("too long (121 > 120)", anchor="")
    assert ratchet.fingerprint(bare) == ratchet.fingerprint(replace(bare, message="too long (140 > 120)"))


def test_a_function_is_named() -> None:
    tangled = finding("K.f has complexity 12", tool="ruff-complexity", rule="C", anchor="K.f")
    assert ratchet.fingerprint(tangled) == "ruff-complexity C src/a.py K.f"


@given(st.text(st.characters(codec=None)), st.text(st.characters(codec=None)), st.text(st.characters(codec=None)))
def test_any_finding_is_one_line_that_is_read_back(path: str, rule: str, anchor: str) -> None:
    key = ratchet.fingerprint(finding(path=path, rule=rule.replace("\n", ""), anchor=anchor))
    text = file.written([key, key], {})
    assert file.fingerprints(text.encode("utf-8", "surrogateescape").decode("utf-8", "surrogateescape")).total() == 2


def test_of_equal_findings_those_further_down_are_new() -> None:
    told = ratchet.split([finding(line=9), finding(line=2)], Counter([ratchet.fingerprint(finding())]), ["ruff"])
    assert ([each.line for each in told.known], [each.line for each in told.new]) == ([2], [9])


def test_only_tools_that_looked_leave_slack() -> None:
    baseline = Counter(["ruff F401 src/gone.py 0", "mypy arg-type src/gone.py 0"])
    assert ratchet.split([], baseline, ["ruff"]).slack == ("ruff F401 src/gone.py 0",)
    assert ratchet.tightened(baseline, ["ruff F401 src/gone.py 0"]) == Counter(["mypy arg-type src/gone.py 0"])


# --- in the verdict --------------------------------------------------------------------------------------------------

LINT = builders.job("lint", kind=JobKind.LINT, commands=(Command(argv=("ruff",), tool="ruff"),))
RATCHETED = replace(LINT, mode=Mode.RATCHET)


def judged(
    *found: FindingRecord,
    baseline: tuple[str, ...] = (),
    job: Job = RATCHETED,
    outcome: str = "failed",
    **measures: float,
) -> Evidence:
    numbers = {"files": 3.0, "expected": 3.0, "findings": float(len(found))} | measures
    record = verdicts.job_record(job, outcome, measures=numbers, reason="ruff: findings" if found else "")
    kept = verdicts.records(record, findings=found)
    return verdicts.evidence(builders.plan(job), kept, facts=Facts(baseline=baseline))


KNOWN = (ratchet.fingerprint(finding()),)


def test_what_was_there_before_does_not_block_and_is_told() -> None:
    verdict = decide(judged(finding(), baseline=KNOWN), CHECKS)
    assert verdict.exit_code is ExitCode.VERIFIED, "that nothing is new was verified"
    assert verdict.tolerated_jobs == (("lint", "1 finding, all in penstock-baseline.txt"),)
    (answer,) = [each for each in verdict.checks if each.name == "lint"]
    assert (answer.status, answer.summary) == (Status.PASSED, "0 new of 1 finding in 3 files")


@pytest.mark.parametrize(
    "evidence",
    [
        judged(finding()),
        judged(finding(), finding(line=9), baseline=KNOWN),
        judged(finding(anchor="import sys"), baseline=KNOWN),
        judged(finding(), baseline=KNOWN, job=LINT),
        judged(finding(), baseline=KNOWN, findings=2_001.0),
        judged(baseline=KNOWN),
    ],
    ids=["no baseline", "one more", "another", "no ratchet", "more than are kept", "a refusal without a finding"],
)
def test_what_is_new_blocks(evidence: Evidence) -> None:
    assert decide(evidence, CHECKS).exit_code is ExitCode.GATE_FAILED


def test_a_job_that_could_not_be_asked_is_excused_by_no_baseline() -> None:
    assert decide(judged(finding(), baseline=KNOWN, outcome="errored"), CHECKS).exit_code is ExitCode.NOT_VERIFIED


def test_what_is_gone_is_told_and_blocks_nothing() -> None:
    verdict = decide(judged(baseline=KNOWN, outcome="passed"), CHECKS)
    (answer,) = [each for each in verdict.checks if each.name == "lint"]
    assert answer.summary == "0 new of 0 findings in 3 files, 1 of the baseline gone"
    assert verdict.exit_code is ExitCode.VERIFIED


@pytest.mark.parametrize(
    ("name", "kind", "rule", "severity"),
    [("complexity", JobKind.COMPLEXITY, "C", "note"), ("security", JobKind.SECURITY, "S602", "high")],
)
def test_gates_over_measures_hold_the_baseline_too(name: str, kind: JobKind, rule: str, severity: str) -> None:
    job = builders.job(name, kind=kind)
    one = finding("f has it", job=name, tool=f"ruff-{name}", rule=rule, severity=severity, anchor="f")
    measures = {"files": 3.0, "expected": 3.0, "findings": 1.0, "functions": 9.0, "grade_C": float(rule == "C")}
    kept = verdicts.records(verdicts.job_record(job, measures=measures), findings=(one,))
    plan = builders.plan(job, gates=(CheckSpec(name=name, mode=Mode.RATCHET),))
    known = verdicts.evidence(plan, kept, facts=Facts(baseline=(ratchet.fingerprint(one),)))
    assert decide(known, CHECKS).exit_code is ExitCode.VERIFIED
    assert decide(verdicts.evidence(plan, kept), CHECKS).exit_code is ExitCode.GATE_FAILED


def test_each_finding_that_a_ratchet_judges_is_known_or_new() -> None:
    told = judged(finding(line=9), finding(line=2), finding(anchor="import sys"), baseline=KNOWN)
    assert ratchet.known(told) == {0: False, 1: True, 2: False}
    assert ratchet.known(judged(finding(), baseline=KNOWN, job=LINT)) == {}
    security = builders.job("security", kind=JobKind.SECURITY)
    gate = CheckSpec(name="security", mode=Mode.RATCHET)
    asserted = finding(job="security", rule="S101")
    kept = verdicts.records(verdicts.job_record(security), findings=(asserted,))
    facts = Facts(baseline=(ratchet.fingerprint(asserted),))
    assert ratchet.known(verdicts.evidence(builders.plan(security, gates=(gate,)), kept, facts=facts)) == {0: True}
    assert ratchet.known(verdicts.evidence(builders.plan(security), kept, facts=facts)) == {}


def test_what_was_not_looked_at_is_excused_by_no_baseline() -> None:
    """One known finding beside a file that could not be parsed: without the finding it would be not verified."""
    job = builders.job("lint", kind=JobKind.LINT, mode=Mode.RATCHET, commands=(Command(argv=("x",), tool="ruff"),))
    measures = {"findings": 1.0, "files": 2.0, "expected": 2.0}
    for notes, code in (({}, ExitCode.VERIFIED), ({"doubt": "ruff could not parse b.py"}, ExitCode.GATE_FAILED)):
        record = verdicts.job_record(job, outcome=Outcome.FAILED, measures=measures, notes=notes)
        facts = Facts(baseline=(ratchet.fingerprint(finding()),))
        plan = builders.plan(job, builders.job("unit"))
        other = verdicts.job_record(plan.jobs[1])
        kept = verdicts.records(record, other, findings=(finding(),))
        verdict = decide(verdicts.evidence(plan, kept, facts=facts), CHECKS)
        assert verdict.exit_code is code, (notes, verdict.reasons)


def slack(
    *found: FindingRecord,
    known: tuple[FindingRecord, ...],
    standing: tuple[FindingRecord, ...] | None = None,
    strict: str = "",
) -> Any:
    """What the baseline's own answer says of a linter that found these."""
    lint = builders.job("lint", kind=JobKind.LINT, mode=Mode.RATCHET, commands=(Command(argv=("ruff",), tool="ruff"),))
    unit = builders.job()
    gates = (CheckSpec(name="baseline", options=(("strict", strict),)),) if strict else ()
    record = verdicts.job_record(lint, "failed" if found else "passed", measures={"files": 3, "findings": len(found)})
    evidence = verdicts.evidence(
        builders.plan(lint, unit, gates=gates),
        verdicts.records(record, verdicts.job_record(unit), findings=found),
        facts=Facts(
            baseline=tuple(sorted(map(ratchet.fingerprint, known))),
            standing=None if standing is None else tuple(sorted(map(ratchet.fingerprint, standing))),
        ),
    )
    return [each for each in decide(evidence, CHECKS).checks if each.name == "baseline"], decide(evidence, CHECKS)


def test_a_baseline_with_findings_that_are_gone_is_a_warning_and_strict_it_blocks() -> None:
    here, gone = finding(), finding(anchor="import sys")
    (told,), verdict = slack(here, known=(here, gone))
    assert (told.status, told.mode, told.number) == (Status.FAILED, Mode.WARN, 1)
    assert told.details == (ratchet.fingerprint(gone),)
    assert verdict.exit_code is ExitCode.VERIFIED
    (told,), verdict = slack(here, known=(here, gone), strict="true")
    assert (told.mode, verdict.exit_code) == (Mode.ERROR, ExitCode.GATE_FAILED)
    (told,), verdict = slack(here, known=(here,), strict="true")
    assert (told.status, verdict.exit_code) == (Status.PASSED, ExitCode.VERIFIED)


def test_what_the_change_has_taken_out_of_the_file_is_tightened() -> None:
    here, gone, other = finding(), finding(anchor="import sys"), finding(anchor="import os")
    (told,), verdict = slack(here, known=(here, gone), standing=(here,), strict="true")
    assert (told.status, verdict.exit_code) == (Status.PASSED, ExitCode.VERIFIED)
    (told,), verdict = slack(here, known=(here, gone, other), standing=(here, other), strict="true")
    assert (told.details, verdict.exit_code) == ((ratchet.fingerprint(other),), ExitCode.GATE_FAILED)


def test_of_another_tool_and_without_a_baseline_nothing_is_said() -> None:
    (told,), _ = slack(known=(finding(tool="mypy"),), strict="true")
    assert told.status is Status.PASSED
    assert slack(finding(), known=())[0] == []
