"""All cases: for each rule of honest gates, ways to get a green build that is none."""

from __future__ import annotations

from tests.sabotage.case import Sabotage
from tests.sabotage.rules import coverage, eased, evidence, examined, measured, policy, running, silenced, supply, tests

CASES: tuple[Sabotage, ...] = (
    *tests.CASES,
    *coverage.CASES,
    *examined.CASES,
    *evidence.CASES,
    *policy.CASES,
    *policy.SETTINGS,
    *running.CASES,
    *measured.CASES,
    *silenced.CASES,
    *eased.CASES,
    *supply.CASES,
)
