"""Durations for tests that no plan knows."""

from __future__ import annotations

import json
from pathlib import Path

from penstock.model.events import TestOutcome as Said
from penstock.model.records import TestRecord as Row
from penstock.model.trust import Trust
from penstock.record.timing_files import TimingFiles


def learn(files: TimingFiles, job: str, test: str, call_s: float) -> None:
    row = Row(job=job, id=test, outcome=Said.PASSED, call_s=call_s)
    files.learn(Trust.LOCAL, job, [row], at_s=1.0, key="", whole=False)


def test_its_own_runs_come_first_then_those_of_any_job(tmp_path: Path) -> None:
    files = TimingFiles.of(tmp_path)
    learn(files, "unit@3.12", "a", 5.0)
    learn(files, "unit@3.12", "b", 2.0)
    learn(files, "test", "a", 1.0)
    tests = json.loads(files.of_all(Trust.LOCAL, "test"))["tests"]
    assert {name: row[0] for name, row in tests.items()} == {"a": 1.0, "b": 2.0}


def test_what_cannot_be_read_tells_nothing(tmp_path: Path) -> None:
    files = TimingFiles.of(tmp_path)
    learn(files, "test", "a", 1.0)
    (tmp_path / "timings" / "local" / "broken").write_text("no")
    assert json.loads(files.of_all(Trust.LOCAL, "test"))["tests"].keys() == {"a"}
    assert json.loads(TimingFiles.of(tmp_path / "none").of_all(Trust.LOCAL, "test"))["tests"] == {}
