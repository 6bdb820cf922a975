"""`[tool.penstock.notify]`: the name of a variable, never the address itself."""

from __future__ import annotations

import pytest

from penstock.errors import ConfigurationError
from penstock.load.locate import Locator
from penstock.load.parse import parse
from penstock.model.pipeline import Notify, Pipeline
from penstock.report import problems


def read(text: str) -> Pipeline:
    import tomllib

    return parse(tomllib.loads(text), Locator(text, "penstock.toml"))


def test_the_variable_is_named() -> None:
    assert read('[notify]\nwebhook = "SLACK_WEBHOOK_URL"\n').notify == Notify(webhook="SLACK_WEBHOOK_URL")
    assert read('notify = { webhook = "HOOK", on = ["failure"] }\n').notify == Notify(webhook="HOOK", on=("failure",))
    assert read("").notify is None


def test_whom_to_tell_changes_no_plan() -> None:
    assert read('notify = { webhook = "HOOK" }\n').digest == read("").digest


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ('notify = "HOOK"', "C102"),
        ("notify = {}", "C105"),
        ("notify = { webhook = 3 }", "C102"),
        ('notify = { webhook = "a b" }', "C103"),
        ('notify = { webhook = "HOOK", on = [] }', "C103"),
        ('notify = { webhook = "HOOK", on = ["success"] }', "C103"),
        ('notify = { webhok = "HOOK" }', "C101"),
    ],
)
def test_what_is_wrong_is_told(text: str, code: str) -> None:
    with pytest.raises(ConfigurationError) as caught:
        read(text)
    assert code in [problem.code for problem in caught.value.problems]


@pytest.mark.parametrize(
    "text",
    [
        'notify = { webhook = "https://hooks.slack.com/services/T0/B0/s3cret" }',
        '[notify]\nwebhok = "https://hooks.slack.com/services/T0/B0/s3cret"\non = 3',
        'notify = { webhook = ["https://hooks.slack.com/services/T0/B0/s3cret"], x = 1 }',
    ],
)
def test_an_address_in_the_file_is_not_repeated(text: str) -> None:
    with pytest.raises(ConfigurationError) as caught:
        read(text)
    (problem,) = caught.value.problems
    assert problem.code == "C103"
    assert "s3cret" not in problems.render(caught.value.problems)
