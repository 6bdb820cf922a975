"""One job on its way, without an engine."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from penstock.model import plan
from penstock.model.events import Outcome
from penstock.model.events import TestOutcome as Said
from penstock.model.pipeline import JobKind
from penstock.model.plan import Command, Job
from penstock.model.records import Reading
from penstock.model.records import TestRecord as Row
from penstock.model.testlog import ENDED_IN_IT
from penstock.ports import Ended
from penstock.run import attempt as attempts
from penstock.run.attempt import Attempt, Station, read_reports
from tests.builders import job


class Tool:
    """Keeps what it is given; passes."""

    name = "tool"
    requirement = ""

    def __init__(self) -> None:
        self.given: list[Mapping[str, bytes]] = []
        self.said = Reading(outcome=Outcome.PASSED)

    def commands(self, context: object) -> tuple[Command, ...]:
        raise NotImplementedError

    def read(self, ended: Ended, reports: Mapping[str, bytes], job: Job) -> Reading:
        self.given.append(reports)
        return self.said


def row(name: str, outcome: Said, **fields: str) -> Row:
    return Row(job="unit@3.12", id=name, outcome=outcome, **fields)  # type: ignore[arg-type]  # all are texts


def ended(**fields: Any) -> Ended:
    """A command that exited with 0 after a second."""
    defaults: dict[str, Any] = {
        "task": "unit@3.12",
        "exit_code": 0,
        "signal": None,
        "cause": "",
        "duration_s": 1.0,
        "cpu_s": 0.5,
        "memory_bytes": 1 << 20,
    }
    return Ended(**(defaults | fields))


def attempt(folder: Path, one: Job, *, tool: Tool | None = None, **fields: Any) -> Attempt:
    defaults: dict[str, Any] = {
        "folder": str(folder / "job"),
        "root": str(folder / "tree"),
        "workspace": str(folder / "tree"),
        "temporary": str(folder / "temporary"),
        "python": "/e/bin/python",
        "scripts": "/e/bin",
        "virtual_environment": "/e",
        "other_bins": {"ruff": "/ruff/bin"},
        "needs": str(folder / "job/needs"),
        "guest": "/guest",
        "uv": "/uv",
        "own_python": "/own",
        "own_variables": {"PENSTOCK_LAYER": "/layer"},
    }
    made = Attempt(one, Station(**(defaults | fields)), {"tool": tool or Tool()}, {"PATH": "/bin"}, started_s=10.0)
    made.prepare()
    return made


def test_a_launch_is_fully_concrete(tmp_path: Path) -> None:
    command = Command(
        argv=(plan.PYTHON, f"{plan.bin_of('ruff')}/ruff", f"--out={plan.REPORTS}/x"),
        environment=(("W", plan.WORKSPACE),),
        directory="sub",
        stdout="out.json",
        tool="tool",
    )
    one = attempt(tmp_path, job(commands=(command,), variables=(("V", plan.PYTHON),), timeout_s=10.0))
    launch = one.next_launch(elapsed_s=4.0)
    assert launch is not None
    reports = str(tmp_path / "job/reports")
    assert launch.argv == ("/e/bin/python", "/ruff/bin/ruff", f"--out={reports}/x")
    variables = dict(launch.environment)
    assert (variables["W"], variables["PENSTOCK_LAYER"]) == (str(tmp_path / "tree"), "/layer")
    assert variables["V"] == plan.PYTHON, "what the user declares is not ours to replace"
    assert (launch.directory, launch.stdout) == (str(tmp_path / "tree/sub"), f"{reports}/out.json")
    assert launch.timeout_s == pytest.approx(6.0)
    assert one.next_launch(elapsed_s=5.0) is None


def test_a_users_own_command_is_left_as_it_stands(tmp_path: Path) -> None:
    argv = ("echo", "${penstock:python}", "$HOME")
    launch = attempt(tmp_path, job(commands=(Command(argv=argv, templated=False, tool="tool"),))).next_launch(
        elapsed_s=0
    )
    assert launch is not None
    assert launch.argv == argv


def test_a_limit_that_is_over_leaves_no_time_rather_than_all(tmp_path: Path) -> None:
    one = attempt(tmp_path, job(commands=(Command(argv=("x",), tool="tool"),), timeout_s=1.0))
    launch = one.next_launch(elapsed_s=99.0)
    assert launch is not None
    assert launch.timeout_s is not None
    assert 0 < launch.timeout_s < 0.1


def test_nothing_of_an_earlier_attempt_is_evidence(tmp_path: Path) -> None:
    stale = tmp_path / "job/reports/pass.xml"
    stale.parent.mkdir(parents=True)
    stale.touch()
    tool = Tool()
    one = attempt(tmp_path, job(commands=(Command(argv=("x",), tool="tool"),)), tool=tool)
    one.next_launch(elapsed_s=0)
    one.read(ended())
    assert tool.given == [{}]


def test_the_reports_of_what_it_needs_are_linked(tmp_path: Path) -> None:
    there = tmp_path / "other/reports"
    there.mkdir(parents=True)
    (there / "data").write_text("x")
    attempt(tmp_path, job(), needed=(("unit", str(there)),))
    assert (tmp_path / "job/needs/unit/data").read_text() == "x"


def test_reports_are_read_by_name_without_links_and_giants(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(attempts, "_LARGEST_REPORT_BYTES", 10)
    (tmp_path / "sub").mkdir()
    (tmp_path / "sub/a").write_bytes(b"a")
    (tmp_path / "giant").write_bytes(b"x" * 11)
    (tmp_path / "link").symlink_to("sub/a")
    assert read_reports(tmp_path) == {"sub/a": b"a"}
    assert read_reports(tmp_path / "none") == {}


@pytest.mark.parametrize(
    ("end", "outcome"),
    [
        (ended(problem="no such program", exit_code=None), "errored"),
        (ended(cause="interrupt", exit_code=None, signal=15), "cancelled"),
        (ended(cause="cancelled", exit_code=None, signal=15), "cancelled"),
        (ended(cause="timeout", exit_code=None, signal=15), "timed_out"),
        (ended(), "passed"),
    ],
)
def test_what_an_end_means(tmp_path: Path, end: Ended, outcome: str) -> None:
    one = attempt(tmp_path, job(commands=(Command(argv=("x",), tool="tool"),) * 2))
    one.next_launch(elapsed_s=0)
    one.read(end)
    again = one.next_launch(elapsed_s=0)
    assert (again is None) == (outcome in ("cancelled", "timed_out"))
    assert one.result().outcome.value == outcome


def test_of_tests_that_were_ended_by_a_signal_the_done_ones_are_kept(tmp_path: Path) -> None:
    tool = Tool()
    tests = (
        row("a", Said.FAILED, message="no"),
        row("b", Said.CRASHED, message=ENDED_IN_IT),
        row("c", Said.CRASHED, message="killed by SIGSEGV"),
    )
    tool.said = Reading(outcome=Outcome.FAILED, tests=tests, measures={"failed": 1, "crashed": 2, "collected": 3})
    one = attempt(tmp_path, job(kind=JobKind.TEST, commands=(Command(argv=("x",), tool="tool"),)), tool=tool)
    one.next_launch(elapsed_s=0)
    one.read(ended(cause="interrupt", exit_code=None, signal=15))
    read = one.result()
    assert read.outcome is Outcome.CANCELLED
    assert [test.outcome.value for test in read.tests] == ["failed", "not_run", "crashed"]
    assert read.measures == {"failed": 1, "crashed": 1, "not_run": 1, "collected": 3}


def test_what_is_left_when_it_is_stopped_is_not_run(tmp_path: Path) -> None:
    one = attempt(tmp_path, job(commands=(Command(argv=("x",), tool="tool"),) * 2))
    one.next_launch(elapsed_s=0)
    one.read(ended())
    one.stop("cancelled")
    assert one.next_launch(elapsed_s=0) is None
    assert one.result().outcome is Outcome.CANCELLED
    whole = attempt(tmp_path, job(commands=(Command(argv=("x",), tool="tool"),)))
    whole.next_launch(elapsed_s=0)
    whole.read(ended())
    whole.stop("interrupt")
    assert whole.result().outcome is Outcome.PASSED, "all of it had run"


def test_the_end_of_a_command_is_told_with_all_its_numbers(tmp_path: Path) -> None:
    one = attempt(tmp_path, job(commands=(Command(argv=("a",), tool="tool"), Command(argv=("b",), tool="tool"))))
    one.next_launch(elapsed_s=0)
    one.next_launch(elapsed_s=0)
    event = one.note(ended(leaked=("sleep",), output_bytes=7))
    assert (event.command, event.argv, event.at_s, event.leaked, event.output_bytes) == (1, ("b",), 11.0, ("sleep",), 7)


def test_outputs_made_in_a_copy_of_the_tree_come_into_the_tree(tmp_path: Path) -> None:
    (tmp_path / "tree").mkdir()
    copy = tmp_path / "copy"
    (copy / "site").mkdir(parents=True)
    (copy / "site/a").write_text("x")
    one = attempt(
        tmp_path, job(commands=(Command(argv=("x",), tool="tool"),), outputs=("site/**",)), workspace=str(copy)
    )
    one.next_launch(elapsed_s=0)
    one.read(ended())
    assert one.result().outcome is Outcome.PASSED
    assert (tmp_path / "tree/site/a").read_text() == "x"


def test_a_measurement_that_was_there_before_is_not_this_jobs(tmp_path: Path) -> None:
    measured = tmp_path / "tree/r.lcov"
    measured.parent.mkdir()

    def outcome(*, writes: bool) -> Reading:
        command = Command(argv=("x",), tool="tool")
        one = attempt(tmp_path, job(commands=(command,), outputs=("r.lcov",), fresh=("r.lcov",)))
        one.next_launch(elapsed_s=0)
        if writes:
            measured.unlink(missing_ok=True)
            measured.write_text("TN:")
        one.read(ended())
        return one.result()

    assert outcome(writes=False).reason == "its declared outputs are not there: r.lcov"
    assert outcome(writes=True).outcome is Outcome.PASSED
    stale = outcome(writes=False)
    assert (stale.outcome, stale.reason) == (
        Outcome.ERRORED,
        "its command did not write r.lcov: what is there is from before",
    )
