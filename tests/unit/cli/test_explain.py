"""`penstock explain` for what the last run knows, on run folders that are written here."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest

from penstock.cli import main
from penstock.model.events import Outcome
from penstock.model.records import Reading
from penstock.report import run_json
from penstock.run.folder import safe_name
from tests import stories

TEST = "tests/unit/test_pool.py::test_close_twice"


@pytest.fixture
def project(tmp_path: Path) -> Path:
    (tmp_path / "penstock.toml").write_text('[jobs]\ndocs = { run = "true" }\n')
    return tmp_path


@pytest.fixture
def ran(project: Path) -> Path:
    """The project after a run."""
    story = stories.red()
    run = project / ".penstock/runs" / story.records.run.run
    for job in story.plan.jobs:
        tests = tuple(record for record in story.records.tests if record.job == job.id)
        folder = run / "jobs" / safe_name(job.id)
        folder.mkdir(parents=True)
        (folder / "reading.json").write_bytes(msgspec.json.encode(Reading(outcome=Outcome.FAILED, tests=tests)))
    (run / "verdict.json").write_bytes(run_json.encode(story))
    return project


def explain(root: Path, subject: str) -> int:
    return main.run(["explain", "-C", str(root), "--offline", subject])


def test_a_test_by_its_id(ran: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert explain(ran, TEST) == 0
    told = capsys.readouterr().out
    assert f"{TEST}, in the last run (20261121-145200-7f3b9c" in told
    assert "RuntimeError: event loop is closed" in told
    assert "penstock repro 7f3b9c." in told


def test_a_test_by_the_end_of_its_name_and_a_job_with_its_last_end(
    ran: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert explain(ran, "test_close_twice") == 0
    assert TEST in capsys.readouterr().out
    assert explain(ran, "docs") == 0
    told = capsys.readouterr().out
    assert "docs: a run job, required" in told
    assert "  docs: failed, 4.0s: mkdocs ended with 1" in told


def test_what_only_the_last_run_knows(ran: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert explain(ran, "integ") == 0
    assert "integ@3.12: skipped" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("subject", "remedy"),
    [("tests/unit/test_pool.py::test_close_twize", f"did you mean `{TEST}`?"), ("nonsense", "docs")],
)
def test_what_nothing_knows_is_a_usage_error(
    ran: Path, capsys: pytest.CaptureFixture[str], subject: str, remedy: str
) -> None:
    assert explain(ran, subject) == 2
    assert remedy in capsys.readouterr().err


def test_a_test_without_a_run(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert explain(project, TEST) == 2
    assert "no earlier run" in capsys.readouterr().err


def test_a_verdict_that_is_damaged_or_of_another_form_is_passed_over(
    ran: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for name, content in (("29990101-000000-aaaaaa", b"{"), ("29990101-000000-bbbbbb", b'{"version": 9}')):
        (ran / ".penstock/runs" / name).mkdir()
        (ran / ".penstock/runs" / name / "verdict.json").write_bytes(content)
    assert explain(ran, TEST) == 0
    assert "7f3b9c" in capsys.readouterr().out
