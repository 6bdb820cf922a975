"""What programs read: JSON with its schema, JUnit, the picture."""

from __future__ import annotations

import json
import xml.etree.ElementTree as ET
from collections.abc import Callable
from typing import Any

import jsonschema
import pytest
from hypothesis import given
from hypothesis import strategies as st

from penstock.report import junit, run_json, schema_json, svg, terminal
from penstock.report.screen import Screen
from tests import stories
from tests.builders import job, plan
from tests.verdicts import attempt, job_record, records

Golden = Callable[[str, str], None]
anything = st.text(st.characters(codec=None), max_size=40)


@pytest.mark.parametrize("name", stories.STORIES)
def test_the_json_is_what_its_schema_says(name: str) -> None:
    document = json.loads(run_json.encode(stories.STORIES[name]()))
    jsonschema.Draft202012Validator.check_schema(schema_json.schema())
    jsonschema.validate(document, schema_json.schema())
    assert (document["exit_code"] == 0) == (document["conclusion"] == "passed") == (name == "green")


@pytest.mark.parametrize("name", ["green", "red", "flaky"])
def test_the_json(name: str, golden: Golden) -> None:
    golden(f"tests/golden/report/{name}.json", run_json.encode(stories.STORIES[name]()).decode())


def test_every_field_is_always_there() -> None:
    document: dict[str, Any] = json.loads(run_json.encode(stories.empty()))
    assert set(document) == set(schema_json.schema()["$defs"]["RunDocument"]["properties"])


def test_the_reference_page_is_made_from_the_schema(golden: Golden) -> None:
    golden("docs/reference/run-json.md", schema_json.page())


@pytest.mark.parametrize("name", ["green", "red", "flaky", "hostile"])
def test_the_junit_file(name: str, golden: Golden) -> None:
    golden(f"tests/golden/report/{name}.junit.xml", junit.text(stories.STORIES[name]()))


@pytest.mark.parametrize("name", stories.STORIES)
def test_junit_says_no_where_the_run_does(name: str) -> None:
    told = stories.STORIES[name]()
    root = ET.fromstring(junit.text(told))
    suites = root.findall("testsuite")
    assert len(suites) == len(told.plan.jobs)
    bad = {*told.verdict.failed_jobs, *told.verdict.unfinished_jobs}
    for suite, planned in zip(suites, told.plan.jobs, strict=True):
        cases = suite.findall("testcase")
        assert int(suite.get("tests", "")) == len(cases) >= 1
        assert int(suite.get("failures", "")) == len(suite.findall("testcase/failure"))
        assert int(suite.get("errors", "")) == len(suite.findall("testcase/error"))
        said_no = suite.findall("testcase/failure") + suite.findall("testcase/error")
        assert said_no or planned.id not in bad


@given(anything, anything, anything)
def test_junit_is_valid_whatever_the_project_puts_out(test_id: str, message: str, text: str) -> None:
    unit = job("unit@3.12")
    measures = {"collected": 1, "failed": 1}
    row = attempt(unit, test_id, "failed", kind=message, message=message, text=text, output=text)
    kept = records(job_record(unit, "failed", measures=measures, flaky=(test_id,), reason=message), tests=(row,))
    written = junit.text(stories.story(plan(unit), kept)).encode("utf-8")
    (case,) = ET.fromstring(written).iter("testcase")
    found = case.find("failure")
    assert found is not None
    if message.isprintable():
        assert found.get("message") == message


@pytest.mark.parametrize("name", ["green", "hostile"])
def test_the_picture_is_valid_and_self_contained(name: str) -> None:
    picture = svg.draw(terminal.text(stories.STORIES[name](), Screen(color=True)), title="a <run> & more")
    root = ET.fromstring(picture.encode("utf-8"))
    assert root.get("aria-label") == "a <run> & more"
    assert "prefers-color-scheme: dark" in picture
    for outside in ("href", "url(", "@import", "<script"):
        assert outside not in picture.replace("http://www.w3.org/2000/svg", "")


def test_the_picture_keeps_columns_and_colours(golden: Golden) -> None:
    golden("tests/golden/report/green.svg", svg.draw(terminal.text(stories.green(), Screen(color=True)), title="a run"))


def test_colours_of_the_picture() -> None:
    picture = svg.draw("\x1b[1;31mbad\x1b[22m thin\x1b[39m plain \x1b[92mgood\x1b[m", title="t")
    looks = {
        "".join(text.itertext()).strip(): text.get("class")
        for text in ET.fromstring(picture).iter()
        if text.tag.endswith("}text")
    }
    assert looks == {"bad": "bold red", "thin": "red", "plain": None, "good": "green"}
