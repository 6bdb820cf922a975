"""Tests in quarantine in real pytest processes: they run, and nothing else is forgiven with them."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest
from msgspec.structs import replace

from penstock.model.events import Outcome
from penstock.model.pipeline import Quarantine
from penstock.model.plan import Command, Job
from penstock.model.records import Reading
from penstock.ports import Ended, ToolContext
from penstock.tools.pytest import Pytest
from tests.fakes.guest_runs import Ran, run, write

ENTRIES = (Quarantine(test="test_it.py::test_shaky", owner="ops", reason="issue 12", until="2027-03-01"),)
TESTS = """
import pytest
def test_a(): pass
@pytest.fixture
def late():
    yield
    assert 0
@pytest.mark.parametrize("n", [1, 2])
def test_shaky(n, late): assert n == 2
def test_b(): pass
"""


class Quarantined(Pytest):
    """The tool in a plan with a quarantine."""

    def commands(self, context: ToolContext) -> tuple[Command, ...]:
        return super().commands(replace(context, quarantine=ENTRIES))

    def read(self, ended: Ended, reports: Mapping[str, bytes], job: Job) -> Reading:
        return super().read(ended, reports, replace(job, quarantine=ENTRIES))


def ran(root: Path, more: str = "", *args: str) -> Ran:
    write(root, {"test_it.py": TESTS + more, "pytest.ini": "[pytest]\n"})
    return run(Quarantined(), root, args=args)


@pytest.mark.parametrize("args", [(), ("-x",)])
def test_they_run_and_fail_and_the_job_passes(tmp_path: Path, args: tuple[str, ...]) -> None:
    done = ran(tmp_path, "", *args)
    assert done.reading.outcome is Outcome.PASSED
    assert done.reading.reason == "2 quarantined, 2 passed"
    assert done.named("failed") == {"test_shaky[1]"}
    assert done.named("errored") == {"test_shaky[2]"}
    assert "1 failed" in done.output


def test_another_failure_fails_the_job(tmp_path: Path) -> None:
    done = ran(tmp_path, "def test_c(): assert 0\n")
    assert (done.reading.outcome, done.reading.reason) == (Outcome.FAILED, "1 failed, 2 quarantined, 2 passed")


@pytest.mark.slow
def test_a_plugin_that_says_no_is_heard_beside_them(tmp_path: Path) -> None:
    plugin = "def pytest_sessionfinish(session): session.exitstatus = 1\n"
    write(tmp_path, {"conftest.py": plugin})
    assert ran(tmp_path).reading.reason == "ended with 1 though no other test failed"
