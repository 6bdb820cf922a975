"""`[tool.penstock.ci.github]`: nights, releases, Codecov."""

from __future__ import annotations

import pytest
from jsonschema import Draft202012Validator

from penstock.errors import ConfigurationError
from penstock.load.file import declared
from penstock.load.schema import schema
from penstock.model.hosts import Codecov, GitHub, Release


def github(text: str) -> GitHub:
    found = declared(None, f"[ci.github]\n{text}\n").github
    assert found is not None
    return found


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", GitHub()),
        ('nightly = "23:05"', GitHub(nightly="23:05")),
        ("release = true", GitHub(release=Release())),
        ("release = false", GitHub()),
        ('release = { pypi = false, environment = "index" }', GitHub(release=Release(pypi=False, environment="index"))),
        ("codecov = true", GitHub(codecov=Codecov())),
        ('codecov = { flags = true, token = "CODECOV" }', GitHub(codecov=Codecov(flags=True, token="CODECOV"))),
    ],
)
def test_what_is_declared(text: str, expected: GitHub) -> None:
    assert github(text) == expected


@pytest.mark.parametrize(
    ("text", "code", "words"),
    [
        ('nightly = "2:00"', "C103", '`nightly` cannot be the string "2:00"'),
        ('nightly = "24:00"', "C103", "it takes a time such as"),
        ("nightly = true", "C102", "`nightly` cannot be the boolean true"),
        ('release = "yes"', "C102", "it takes true, false or a table such as { pypi = false }"),
        ("release = { pip = true }", "C101", "unknown key `pip`"),
        ("codecov = { token = 'a-b' }", "C103", "it takes the name of a secret"),
    ],
)
def test_what_is_wrong_is_said_with_what_would_be_right(text: str, code: str, words: str) -> None:
    with pytest.raises(ConfigurationError) as caught:
        github(text)
    (problem,) = caught.value.problems
    assert problem.code == code
    assert words in f"{problem.message} {problem.remedy}"


@pytest.mark.parametrize(
    ("value", "valid"),
    [
        ({"release": True, "codecov": {"flags": True}, "nightly": "02:00"}, True),
        ({"release": {"pypi": False}}, True),
        ({"release": "yes"}, False),
        ({"nightly": "25:00"}, False),
        ({"codecov": {"flag": True}}, False),
    ],
)
def test_the_schema_says_the_same(value: dict[str, object], *, valid: bool) -> None:
    assert Draft202012Validator(schema()).is_valid({"ci": {"github": value}}) is valid
