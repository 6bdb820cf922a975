"""What the host's event file says of a pull request, and that silence is told."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from penstock.model.change import PullRequest
from penstock.scan.pull_request import of_event


def said(path: Path | str, name: str = "pull_request") -> PullRequest | str | None:
    return of_event({"GITHUB_EVENT_NAME": name, "GITHUB_EVENT_PATH": str(path)})


def test_it_is_read(tmp_path: Path) -> None:
    event = tmp_path / "event.json"
    event.write_text(json.dumps({"pull_request": {"title": "fix: a", "number": 7, "head": {"ref": "b"}}}))
    found = said(event)
    assert isinstance(found, PullRequest)
    assert (found.title, found.number, found.head, found.source) == ("fix: a", 7, "b", "event")


def test_another_event_is_none(tmp_path: Path) -> None:
    assert said(tmp_path / "gone", name="push") is None
    assert of_event({}) is None


@pytest.mark.parametrize("text", [None, "", "{", "[]", "{}", '{"pull_request": 1}'])
def test_what_cannot_be_read_is_told(tmp_path: Path, text: str | None) -> None:
    event = tmp_path / "event.json"
    if text is not None:
        event.write_text(text)
    found = said(event)
    assert isinstance(found, str)
    assert "pull_request" in found
    assert isinstance(said(""), str)
