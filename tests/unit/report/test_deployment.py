"""What is said of a deployment that is over."""

from __future__ import annotations

import pytest

from penstock.model.deployment import Deployed, State
from penstock.report.deployment import text
from penstock.report.screen import Screen

DONE = Deployed(name="staging", commit="a" * 40, state=State.DEPLOYED, asked=1, duration_s=2.04)


def test_what_is_deployed_is_told_in_one_line() -> None:
    assert text(DONE, Screen()) == "DEPLOYED  staging  aaaaaaaaaaaa  ·  2.0s  ·  asked 1 time"


@pytest.mark.parametrize("state", [state for state in State if state is not State.DEPLOYED])
def test_what_is_not_says_why_and_what_serves_now(state: State) -> None:
    told = text(
        Deployed(name="staging", commit="a" * 40, state=state, why="it fell\nover", health="\x1b[2Jno"), Screen()
    )
    first, *rest = told.splitlines()
    assert "DEPLOYED" not in first.replace("NOT DEPLOYED", "")
    assert rest[:2] == ["  why   it fell\\nover", "  said  \\x1b[2Jno"]
    assert rest[2].startswith("  now   ")
