"""A verdict says for which runs it is evidence, wherever it is told."""

from __future__ import annotations

import json
from typing import Any

import msgspec

from penstock.model.plan import Scope
from penstock.report import markdown, run_json, terminal
from penstock.report import plan as of_plan
from penstock.report.html import content
from penstock.report.screen import Screen
from penstock.report.story import Story
from tests import stories


def story(**fields: Any) -> Story:
    made = stories.green()
    return msgspec.structs.replace(made, plan=msgspec.structs.replace(made.plan, **fields))


def test_a_nightly_verdict_is_called_so() -> None:
    night = story(occasion="nightly")
    assert "  ·  nightly  ·  " in terminal.text(night, Screen()).splitlines()[-1]
    assert " · nightly" in markdown.text(night)
    assert "  ·  nightly  ·  " in of_plan.text(night.plan, (), Screen())
    assert json.loads(run_json.encode(night))["occasion"] == "nightly"
    assert content.of(night, {}, ())["head"]["reach"] == ["nightly"]


def test_a_change_is_what_goes_without_saying() -> None:
    assert story().plan.reach == ()
    assert "change" not in terminal.text(story(), Screen()).splitlines()[-1]
    assert story(occasion="release", scope=Scope.PARTIAL).plan.reach == ("release", "scope: partial")
