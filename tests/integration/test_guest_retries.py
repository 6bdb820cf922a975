"""Failed tests tried again, in real pytest processes: what is excused, and what a retry must not hide."""

from __future__ import annotations

from pathlib import Path

from msgspec.structs import replace

from penstock.model.events import Outcome
from penstock.model.plan import Command
from penstock.ports import ToolContext
from penstock.tools.pytest import Pytest
from tests.fakes.guest_runs import Ran, run, write

# Fails in the first process that runs it, and in no other.
ONCE = """
import pathlib
SEEN = pathlib.Path(__file__).with_name("seen")
def test_once():
    if not SEEN.exists():
        SEEN.touch()
        assert 0, "the first time"
"""
# Passes alone, and fails behind the test that leaves something.
ORDERED = """
STATE = []
def test_a(): pass
def test_leaves(): STATE.append(1)
def test_b(): pass
def test_behind(): assert not STATE
"""


class Told(Pytest):
    """The tool where a change edits files, or the job wants a number of retries."""

    def __init__(self, *edited: str, retries: int | None = None) -> None:
        self._edited = edited
        self._retries = retries

    def commands(self, context: ToolContext) -> tuple[Command, ...]:
        spec = replace(context.spec, retries=self._retries)
        return super().commands(replace(context, edited=self._edited, spec=spec))


def ran(root: Path, text: str, tool: Pytest | None = None) -> Ran:
    write(root, {"test_it.py": text, "pytest.ini": "[pytest]\n"})
    return run(tool or Pytest(), root)


def whys(done: Ran) -> list[tuple[str, str]]:
    return [(test.decision, test.why) for test in done.reading.tests if test.decision]


def test_a_flaky_test_is_excused_and_told(tmp_path: Path) -> None:
    done = ran(tmp_path, ONCE)
    assert done.reading.outcome is Outcome.PASSED
    assert done.reading.measures["flaky"] == 1
    assert done.reading.tests[0].message.startswith("AssertionError: the first time")
    assert whys(done)[0][0] == "excused"


def test_a_test_that_the_change_edits_is_not_tried_again(tmp_path: Path) -> None:
    done = ran(tmp_path, ONCE, Told("test_it.py"))
    assert (done.reading.outcome, done.reading.reason) == (Outcome.FAILED, "1 failed")
    assert whys(done) == [("red", "not tried again: this change added or edited it")]


def test_a_number_of_retries_is_kept(tmp_path: Path) -> None:
    done = ran(tmp_path, "def test_no(): assert 0\n", Told(retries=1))
    assert len(done.reading.tests) == 2
    assert whys(done) == [("red", "failed 2 of 2 times: it failed each time")]


def test_what_fails_behind_another_test_is_red_and_names_it(tmp_path: Path) -> None:
    done = ran(tmp_path, ORDERED)
    assert done.reading.outcome is Outcome.FAILED
    ((decision, why),) = whys(done)
    assert decision == "red"
    assert why.startswith("order-dependent")
    assert why.endswith("it fails behind test_it.py::test_leaves")
