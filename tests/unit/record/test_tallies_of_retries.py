from __future__ import annotations

import pytest

from penstock.model.events import TestOutcome as End
from penstock.model.records import TestRecord as Row
from penstock.model.trust import Trust
from penstock.record.test_timings import Table, learn


def tally(word: str, decision: str) -> tuple[int, int]:
    """Runs and failures after one run with these tries, the decision on the first that fits it."""
    ends = [End.PASSED if each == "P" else End.FAILED for each in word]
    decisive = word.index("P" if decision == "excused" else "F")
    tries = [
        Row(job="u", id="t", outcome=end, attempt=number + 1, decision=decision if number == decisive else "")
        for number, end in enumerate(ends)
    ]
    table = learn(Table(job="u", trust=Trust.PROTECTED), tries, at_s=1.0, key="k", whole=True)
    return table.tests["t"].runs, table.tests["t"].failures


@pytest.mark.parametrize(
    ("word", "decision", "told"),
    [("FP", "excused", (1, 1)), ("FPF", "red", (0, 0)), ("FPFPF", "red", (0, 0)), ("FFF", "red", (0, 0))],
)
def test_only_an_excused_failure_is_a_failure_on_good_code(word: str, decision: str, told: tuple[int, int]) -> None:
    assert tally(word, decision) == told
