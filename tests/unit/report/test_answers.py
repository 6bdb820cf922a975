"""What an event starts on a host, as a page of text."""

from __future__ import annotations

from penstock.model.answers import JobAnswer, State, WorkflowAnswer
from penstock.report.answers import text
from penstock.report.screen import Screen

STARTS = WorkflowAnswer(
    path=".github/workflows/ci.yml",
    starts=True,
    rule="on.push.branches: main",
    jobs=(
        JobAnswer(job="plan", state=State.RUNS, rule="no condition"),
        JobAnswer(job="unit", state=State.RUNS, rule="src/a.py changed", runners=4),
        JobAnswer(job="docs", state=State.SKIPPED, rule="without docs: only nightly", runners=0),
        JobAnswer(job="integ", state=State.BLOCKS, rule="a fork is not given the secret TOKEN"),
    ),
)
NEVER = WorkflowAnswer(
    path=".github/workflows/pr.yml",
    starts=False,
    rule="`on` names no push",
    jobs=(JobAnswer(job="pr", state=State.SKIPPED, rule="`on` names no push", runners=0),),
)


def test_a_block_a_file_and_a_line_a_job() -> None:
    assert text("a push to main, 1 changed file", (STARTS, NEVER), Screen()).splitlines() == [
        "a push to main, 1 changed file",
        "",
        ".github/workflows/ci.yml  starts: on.push.branches: main",
        "  plan   runs     no condition",
        "  unit   runs     4 runners, src/a.py changed",
        "  docs   skipped  without docs: only nightly",
        "  integ  blocks   a fork is not given the secret TOKEN",
        "",
        ".github/workflows/pr.yml  does not start: `on` names no push",
        "",
        "2 jobs run  ·  2 skipped  ·  1 blocked  ·  6 runners in all",
    ]


def test_what_blocks_is_shown_of_a_file_that_does_not_start_too() -> None:
    blocked = JobAnswer(job="pr", state=State.BLOCKS, rule="it never reports", runners=0)
    never = WorkflowAnswer(path="pr.yml", starts=False, rule="no", jobs=(blocked,))
    told = text("x", (never,), Screen(unicode=False))
    assert "  pr  blocks   it never reports" in told
    assert told.endswith("0 jobs run  |  1 blocked  |  0 runners in all")


def test_no_word_of_others_steers_the_terminal() -> None:
    odd = WorkflowAnswer(path="a\x1b[2J", starts=False, rule="b\x1b]0;x\x07")
    assert "\x1b" not in text("c\x1b[1m", (odd,), Screen())
