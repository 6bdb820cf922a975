"""Bad input, made from the table of keys: always all problems or a Pipeline, and the schema says the same."""

from __future__ import annotations

import importlib
import re
import tomllib
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from penstock.errors import ConfigurationError, Problem
from penstock.load.locate import EXCERPT_WIDTH, Locator
from penstock.load.parse import parse
from penstock.load.schema import schema
from penstock.report.problems import render
from tests.fakes.configurations import RAW_VALUES, as_json, documents, homes, with_value
from tests.fakes.toml_text import documents as toml_documents

HOMES = list(homes())
# It comes without types.
jsonschema: Any = importlib.import_module("jsonschema")
VALIDATOR = jsonschema.Draft202012Validator(schema(), format_checker=jsonschema.FormatChecker(["date"]))


def problems_of(document: dict[str, Any], text: str = "") -> tuple[Problem, ...]:
    try:
        parse(document, Locator(text, "pyproject.toml"))
    except ConfigurationError as error:
        return error.problems or (Problem(code="C000", message="an error without a problem"),)
    return ()


def agree(document: dict[str, Any]) -> tuple[Problem, ...]:
    """The schema refuses just what parse refuses, but for what only parse can see (what does not fit together)."""
    problems = problems_of(document)
    seen_by_schema = [
        problem for problem in problems if not problem.code.startswith("C2") or problem.code in ("C201", "C205")
    ]
    seen_by_schema = [problem for problem in seen_by_schema if "stands twice" not in problem.message]
    valid = VALIDATOR.is_valid(as_json(document))
    assert valid or problems, f"the schema refuses what parse takes: {document}"
    assert not (valid and seen_by_schema), f"the schema takes what parse refuses: {document} {seen_by_schema}"
    return problems


_FIRST = {repr(key): name for name, key, _, _ in reversed(HOMES)}  # of a key that stands in many tables, where first
_SHARE = 4  # of the values, a fourth is tried in the others: all of them within any four of these


@pytest.mark.parametrize("number", range(len(HOMES)), ids=[home[0] for home in HOMES])
def test_every_key_with_a_value_of_every_type(number: int, request: pytest.FixtureRequest) -> None:
    name, key, document, path = HOMES[number]
    every = _FIRST[repr(key)] == name or request.config.getoption("--thorough")
    refused = 0
    for raw in RAW_VALUES if every else RAW_VALUES[number % _SHARE :: _SHARE]:
        problems = agree(with_value(document, path, key.name, raw))
        refused += bool(problems)
        for problem in problems:
            assert re.fullmatch(r"C\d{3}", problem.code)
            assert problem.remedy
            assert problem.message.isprintable() or "\x00" in str(raw)
    assert refused > len(RAW_VALUES) / 2 or not every


@pytest.mark.parametrize(
    ("path", "near"),
    [
        ((), "python"),
        (("jobs", "lint"), "mode"),
        (("jobs", "unit"), "timeout"),
        (("jobs", "unit", "allow_failure"), "reason"),
        (("gates",), "coverage"),
        (("gates", "coverage"), "total"),
        (("ci",), "github"),
    ],
)
def test_an_unknown_key_at_each_level_is_told_with_the_key_that_is_meant(path: tuple[str, ...], near: str) -> None:
    document: dict[str, Any] = {
        "jobs": {"lint": {}, "unit": {"test": True, "allow_failure": {"reason": "x", "until": "2027-01-01"}}},
        "gates": {"coverage": {}},
        "ci": {},
    }
    misspelled = near[0] + near[2] + near[1] + near[3:]
    (problem,) = agree(with_value(document, path, misspelled, 1))
    assert problem.code == "C101"
    assert f"`{misspelled}`" in problem.message
    assert problem.remedy == f"did you mean `{near}`?"


@given(documents())
def test_sound_documents_are_taken_by_both(document: dict[str, Any]) -> None:
    assert [problem for problem in agree(document) if problem.code != "C110"] == []


_junk = st.recursive(
    st.sampled_from(RAW_VALUES),
    lambda inner: st.one_of(
        st.lists(inner, max_size=2),
        st.dictionaries(
            st.sampled_from(["jobs", "gates", "unit", "lint", "test", "run", "needs", "matrix", "mode", "x", ""]), inner
        ),
    ),
    max_leaves=6,
)


@given(st.dictionaries(st.sampled_from(["jobs", "gates", "stages", "python", "ci", "environment", "x"]), _junk))
def test_any_table_is_a_pipeline_or_problems(document: dict[str, Any]) -> None:
    text = render(agree(document))
    assert all(line.isprintable() for line in text.splitlines())


@given(toml_documents())
def test_any_toml_is_a_pipeline_or_problems_with_places_in_it(document: str) -> None:
    table = tomllib.loads(document)
    lines = document.replace("\r\n", "\n").split("\n")
    for problem in problems_of(table, document):
        assert problem.place is not None
        assert problem.place.line is not None
        assert problem.excerpt == lines[problem.place.line - 1][:EXCERPT_WIDTH]
