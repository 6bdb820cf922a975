"""Whose lines GitHub's runner obeys."""

from __future__ import annotations

import pytest

from penstock.cli.commands_of_host import stopped
from penstock.cli.out import Out

RUNNER = {"GITHUB_ACTIONS": "true"}


def printed(words: list[str], environ: dict[str, str], capsys: pytest.CaptureFixture[str]) -> list[str]:
    out = Out()
    with stopped(out, words, environ):
        out.say("::error::from a test")
        out.afterwards.append("::error::ours")
    return capsys.readouterr().out.splitlines()


@pytest.mark.parametrize(
    "words", [["run"], [], ["-q"], ["gate", "--from", "x"], ["report"], ["report", "--issue", "--dry-run"]]
)
def test_nothing_that_is_quoted_is_a_command(words: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    first, foreign, last, ours = printed(words, RUNNER, capsys)
    token = first.removeprefix("::stop-commands::")
    assert len(token) == 32
    assert (foreign, last, ours) == ("::error::from a test", f"::{token}::", "::error::ours")


def test_each_start_has_a_word_of_its_own(capsys: pytest.CaptureFixture[str]) -> None:
    assert printed(["run"], RUNNER, capsys)[0] != printed(["run"], RUNNER, capsys)[0]


@pytest.mark.parametrize(("words", "environ"), [(["run"], {}), (["report", "--annotations", "-"], RUNNER)])
def test_elsewhere_nothing_is_added(
    words: list[str], environ: dict[str, str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert printed(words, environ, capsys) == ["::error::from a test"]


def test_it_is_obeyed_again_after_an_error(capsys: pytest.CaptureFixture[str]) -> None:
    out = Out()
    with pytest.raises(ValueError, match="x"), stopped(out, ["run"], RUNNER):
        raise ValueError("x")
    first, last = capsys.readouterr().out.splitlines()
    assert last == f"::{first.removeprefix('::stop-commands::')}::"
