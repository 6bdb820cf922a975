"""What is learnt where the runs of other machines are judged."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from penstock.cli import learning
from penstock.cli.out import Out
from penstock.cli.surroundings import Surroundings
from penstock.record.store import History
from penstock.report.story import Story
from tests import stories
from tests.fakes.clock import FakeClock
from tests.fakes.processes import FakeProcesses


def learn(state: Path, story: Story, **environ: str) -> None:
    surroundings = Surroundings(
        root=state.parent, state=state, environ=environ, processes=FakeProcesses(), clock=FakeClock(), out=Out()
    )
    learning.learn(surroundings, story)


def durations(state: Path) -> dict[str, list[float]]:
    found: dict[str, list[float]] = json.loads((state / "timings.json").read_text())["jobs"]
    return found


def test_on_a_host_the_verdict_learns_for_all_runners(tmp_path: Path) -> None:
    story = stories.red()
    ran = {record.job for record in story.records.jobs if record.duration_s and record.cached_from is None}
    learn(tmp_path / "state", story, CI="true")
    first = durations(tmp_path / "state")
    assert first
    assert first.keys() <= ran
    learn(tmp_path / "state", story, CI="true")
    second = durations(tmp_path / "state")
    assert all(second[job] == seconds * 2 for job, seconds in first.items()), "with what was there before"
    assert {file.table for file in History(tmp_path / "state" / "history").read().files} >= {"runs", "jobs"}


def test_elsewhere_foreign_runs_enter_no_history(tmp_path: Path) -> None:
    learn(tmp_path / "state", stories.green())
    assert not (tmp_path / "state").exists()


def test_what_cannot_be_kept_is_told_and_changes_nothing(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "state").write_text("no folder")
    learn(tmp_path / "state", stories.green(), CI="true")
    assert "note  what was learnt could not be kept" in capsys.readouterr().err
