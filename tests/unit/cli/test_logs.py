"""The logs that a host folds away: of jobs that did not pass, and none of their lines a command."""

from __future__ import annotations

from pathlib import Path

import pytest
from msgspec.structs import replace

from penstock.cli import logs
from penstock.cli.commands_of_host import stopped
from penstock.cli.out import Out
from tests import stories


def test_each_job_that_did_not_pass_has_one(tmp_path: Path) -> None:
    story = stories.red()
    first, second, *_ = story.verdict.failed_jobs
    (tmp_path / "a.log").write_text("one\n::error::from a test\n\x1b]0;title\x07\n")
    (tmp_path / "b.log").write_bytes(b"x" * 70_000 + b"\nlast \xff\n")
    told = logs.of(tmp_path, replace(story, logs={first: "a.log", second: "b.log", "other": "a.log"}))
    assert told == [
        (f"the log of {first}", "one\n::error::from a test\n\\x1b]0;title\\x07\n"),
        (f"the end of the log of {second}", "last \N{REPLACEMENT CHARACTER}\n"),
    ]


def test_a_run_that_passed_and_a_log_that_is_gone_have_none(tmp_path: Path) -> None:
    (tmp_path / "a.log").write_text("x\n")
    green = stories.green()
    assert logs.of(tmp_path, replace(green, logs={job.id: "a.log" for job in green.plan.jobs})) == []
    red = stories.red()
    assert logs.of(tmp_path, replace(red, logs={red.verdict.failed_jobs[0]: "gone.log"})) == []


def test_in_a_group_nothing_is_a_command_but_its_own_end(capsys: pytest.CaptureFixture[str]) -> None:
    out = Out()
    with stopped(out, ["run"], {"GITHUB_ACTIONS": "true"}):
        out.folded.append(("the log of unit", "::endgroup::\n::error::from a test"))
    _, _, head, deaf, *foreign, heard, end = capsys.readouterr().out.splitlines()
    assert (head, foreign, end) == (
        "::group::the log of unit",
        ["::endgroup::", "::error::from a test"],
        "::endgroup::",
    )
    assert heard == f"::{deaf.removeprefix('::stop-commands::')}::"
