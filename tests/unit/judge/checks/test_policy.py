"""A weaker policy is refused unless the change says why."""

from __future__ import annotations

from penstock.errors import ExitCode
from penstock.judge.checks import CHECKS
from penstock.judge.decide import decide
from penstock.model.change import Change, Facts
from tests import builders, verdicts

UNIT = builders.job("unit@3.12")
LESS = ("gates.coverage.total: 80 became 70",)


def code(facts: Facts) -> ExitCode:
    return decide(verdicts.evidence(builders.plan(UNIT), facts=facts), CHECKS).exit_code


def test_what_asks_for_less_blocks_unless_it_is_said_why() -> None:
    assert code(Facts()) is ExitCode.VERIFIED
    assert code(Facts(weakened=LESS)) is ExitCode.GATE_FAILED
    assert code(Facts(weakened=LESS, why="the suite is rewritten")) is ExitCode.VERIFIED


def test_it_is_told_in_words() -> None:
    verdict = decide(verdicts.evidence(builders.plan(UNIT), facts=Facts(weakened=LESS)), CHECKS)
    (answer,) = [each for each in verdict.checks if each.name == "policy"]
    assert answer.details == LESS
    assert "Policy: WHY" in (answer.remedy or "")


def test_a_pull_request_whose_base_is_not_known_is_not_verified() -> None:
    unknown = Facts(unknown="the base branch main was not fetched", proposed=True)
    assert code(unknown) is ExitCode.NOT_VERIFIED
    verdict = decide(verdicts.evidence(builders.plan(UNIT), facts=unknown), CHECKS)
    (answer,) = [each for each in verdict.checks if each.name == "policy"]
    assert "the base branch main was not fetched" in answer.summary
    assert "fetch-depth: 0" in (answer.remedy or "")
    assert code(Facts(unknown="there is no git repository")) is ExitCode.VERIFIED
    assert code(Facts(change=Change(base="0" * 40), proposed=True)) is ExitCode.VERIFIED
