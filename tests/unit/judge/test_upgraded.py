"""A tool that is another version than the baseline's: what it finds in the base, too, is not new; all else is."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from penstock.errors import ExitCode
from penstock.judge import ratchet, upgraded
from penstock.judge.checks import CHECKS
from penstock.judge.decide import decide
from penstock.model.change import Facts
from penstock.model.pipeline import CheckSpec, JobKind, Mode
from penstock.model.plan import Command
from penstock.model.records import FindingRecord
from penstock.model.verdict import Evidence, Status, Verdict
from tests import builders, verdicts

RUFF = Command(argv=("ruff",), tool="ruff", package="ruff", version="0.17.6")
AT_BASE = Command(argv=("ruff",), tool="ruff", package="ruff", version="0.17.6", base="c0ffee")
LOOKED = {"base:ruff": "c0ffee"}


def found(what: str, *, line: int = 1, **fields: Any) -> FindingRecord:
    defaults: dict[str, Any] = {"job": "lint", "tool": "ruff", "rule": "F401", "path": "a.py", "anchor": what}
    return FindingRecord(message=f"{what} is unused", line=line, **(defaults | fields))


def evidence(
    *here: FindingRecord,
    before: tuple[FindingRecord, ...] = (),
    known: tuple[FindingRecord, ...] = (),
    by: str = "0.4.0",
    notes: dict[str, str] | None = None,
    unknown: str = "",
    noted: str = "",
) -> Evidence:
    job = builders.job("lint", kind=JobKind.LINT, mode=Mode.RATCHET, commands=(RUFF, AT_BASE))
    measures = {"files": 3.0, "expected": 3.0, "findings": float(len(here))}
    record = verdicts.job_record(job, "failed", measures=measures, reason="ruff: findings", notes=notes or {})
    facts = Facts(
        baseline=tuple(map(ratchet.fingerprint, known)),
        found_by=(("ruff", by),) if by else (),
        noted=(("ruff", noted),) if noted else (),
        unknown=unknown,
    )
    kept = verdicts.records(record, findings=here, before=before)
    return verdicts.evidence(builders.plan(job), kept, facts=facts)


def lint(told: Evidence) -> tuple[Verdict, Any]:
    verdict = decide(told, CHECKS)
    return verdict, next(each for each in verdict.checks if each.name == "lint")


def test_what_the_newer_tool_finds_in_the_base_too_does_not_block_and_is_told() -> None:
    old, seen = found("os"), found("re")
    verdict, answer = lint(evidence(old, seen, known=(old,), before=(old, seen), notes=LOOKED))
    assert verdict.exit_code is ExitCode.VERIFIED
    assert answer.summary == "0 new of 2 findings in 3 files, 1 known since ruff 0.17.6"
    assert answer.details == (
        "1 known since ruff 0.17.6, found in the base, too: tighten the baseline with `penstock gate tighten`",
    )
    assert verdict.tolerated_jobs == (("lint", "2 findings, 1 in penstock-baseline.txt, 1 known since ruff 0.17.6"),)


def test_a_tree_whose_baseline_is_tightened_already_is_not_told_to_do_it() -> None:
    seen = found("re")
    _, answer = lint(evidence(seen, before=(seen,), notes=LOOKED, noted="0.17.6"))
    assert answer.details == ("1 known since ruff 0.17.6, found in the base, too: penstock-baseline.txt has them here",)
    told = evidence(seen, before=(seen,), notes=LOOKED, noted="0.17.6")
    assert not [each for each in decide(told, CHECKS).checks if each.name == "baseline"]


def test_a_baseline_that_is_older_than_its_tools_is_a_warning_with_its_remedy() -> None:
    verdict, _ = lint(evidence(found("re"), before=(found("re"),), notes=LOOKED))
    (told,) = [each for each in verdict.checks if each.name == "baseline"]
    assert (told.mode, told.remedy) == (Mode.WARN, "penstock gate tighten")
    assert told.summary == "penstock-baseline.txt is older than the tools: 1 known since ruff 0.17.6"
    assert verdict.exit_code is ExitCode.VERIFIED


def test_what_the_change_adds_blocks_beside_it() -> None:
    seen, added = found("re"), found("sys", line=9)
    verdict, answer = lint(evidence(seen, added, before=(seen,), notes=LOOKED))
    assert verdict.exit_code is ExitCode.GATE_FAILED
    assert answer.number == 1
    assert answer.details[0].startswith("a.py:9 F401")


@pytest.mark.parametrize(
    ("fields", "why"),
    [
        ({"notes": {"no_base:ruff": "unknown rule selector"}}, "unknown rule selector"),
        ({"unknown": "the base branch main was not fetched"}, "the base branch main was not fetched"),
        ({}, "nobody could look at it here"),
    ],
    ids=["it could not run there", "no base", "not planned"],
)
def test_where_the_base_was_not_looked_at_new_findings_block_and_that_is_said(fields: Any, why: str) -> None:
    seen = found("re")
    verdict, answer = lint(evidence(seen, before=(seen,), **fields))
    assert verdict.exit_code is ExitCode.GATE_FAILED
    told = "ruff is 0.17.6, and the baseline was made by 0.4.0: what only the newer one finds counts as new"
    assert answer.details[-1] == f"{told}, for the base was not looked at: {why}"
    (advice,) = [each for each in verdict.checks if each.name == "baseline"]
    assert (advice.mode, advice.details) == (Mode.WARN, answer.details[-1:]), "the job's own line has no room for it"


@pytest.mark.parametrize("by", ["0.17.6", ""], ids=["the same version", "an older baseline, which tells none"])
def test_without_an_upgrade_the_base_excuses_nothing(by: str) -> None:
    """A finding of the base that the same version found has been new before: it was merged red."""
    seen = found("re")
    verdict, answer = lint(evidence(seen, before=(seen,), notes=LOOKED, by=by))
    assert (verdict.exit_code, answer.number) == (ExitCode.GATE_FAILED, 1)


def test_what_another_tool_of_the_job_finds_in_the_base_excuses_nothing() -> None:
    seen = found("re", tool="flake8")
    assert lint(evidence(seen, before=(seen,), notes=LOOKED))[0].exit_code is ExitCode.GATE_FAILED


def test_gates_over_measures_are_told_too() -> None:
    job = builders.job("security", kind=JobKind.SECURITY, commands=(RUFF, AT_BASE))
    one = found("f", job="security", rule="S602", severity="high")
    record = verdicts.job_record(job, measures={"files": 3.0, "expected": 3.0, "findings": 1.0}, notes=LOOKED)
    kept = verdicts.records(record, findings=(one,), before=(one,))
    plan = builders.plan(job, gates=(CheckSpec(name="security", mode=Mode.RATCHET),))
    verdict = decide(verdicts.evidence(plan, kept, facts=Facts(found_by=(("ruff", "0.4.0"),))), CHECKS)
    (answer,) = [each for each in verdict.checks if each.name == "security"]
    assert (answer.status, verdict.exit_code) == (Status.PASSED, ExitCode.VERIFIED)
    assert answer.summary.endswith(", 1 known since ruff 0.17.6")


FINDINGS = st.lists(st.sampled_from("abc"), max_size=6)


@given(here=FINDINGS, known=FINDINGS, before=FINDINGS)
def test_as_many_are_excused_as_the_baseline_or_the_base_has(
    here: list[str], known: list[str], before: list[str]
) -> None:
    """Counted by hand, per finding: all but what both have fewer of."""
    made = [found(each, line=place) for place, each in enumerate(here)]
    baseline = Counter(ratchet.fingerprint(found(each)) for each in known)
    told = ratchet.split(made, baseline, ("ruff",), [found(each) for each in before])
    for name in "abc":
        new = sum(each.anchor == name for each in told.new)
        assert new == max(0, here.count(name) - max(known.count(name), before.count(name)))
    assert len(told.new) + len(told.known) == len(here)
    assert {id(each) for each in told.since} <= {id(each) for each in told.known}


def test_a_better_grade_is_not_counted_twice() -> None:
    """The base has one function of that grade: it is the known one, and a second of the same name is new."""
    now = [found("f", rule="C", line=line) for line in (1, 9)]
    told = ratchet.split(now, Counter([ratchet.fingerprint(found("f", rule="D"))]), (), [found("f", rule="C")])
    assert [(each.line) for each in told.new] == [9]


def test_the_upgrade_itself_is_told() -> None:
    (one,) = upgraded.of_job(told := evidence(by="0.4.0"), told.plan.jobs[0])
    assert (one.package, one.before, one.now, one.names) == ("ruff", "0.4.0", "0.17.6", frozenset({"ruff"}))
