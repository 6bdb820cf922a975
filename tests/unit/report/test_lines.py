"""Coverage for other programs, read back by them where they are at hand."""

from __future__ import annotations

from xml.etree import ElementTree as ET

from hypothesis import given
from hypothesis import strategies as st

from penstock.model.records import CoverageRecord
from penstock.report import lines

ONE = CoverageRecord(
    path="src/pkg/a.py",
    statements=6,
    covered=4,
    branches=4,
    covered_branches=3,
    missing=(5, 9),
    ran=((1, 3), (7, 7)),
    forks=((3, 2, 2), (7, 2, 1)),
)


def test_cobertura_says_line_by_line_what_ran() -> None:
    root = ET.fromstring(lines.cobertura([ONE], timestamp_s=12.5))
    assert root.attrib["timestamp"] == "12500"
    assert (root.attrib["lines-valid"], root.attrib["lines-covered"], root.attrib["line-rate"]) == ("6", "4", "0.6666")
    (of_file,) = root.iter("class")
    assert of_file.attrib["filename"] == "src/pkg/a.py"
    assert [(each.attrib["number"], each.attrib["hits"]) for each in of_file.iter("line")] == [
        ("1", "1"), ("2", "1"), ("3", "1"), ("5", "0"), ("7", "1"), ("9", "0")
    ]  # fmt: skip
    conditions = {
        each.attrib["number"]: each.attrib["condition-coverage"]
        for each in of_file.iter("line")
        if "branch" in each.attrib
    }
    assert conditions == {"3": "100% (2/2)", "7": "50% (1/2)"}


def test_lcov_says_the_same() -> None:
    told = lines.lcov([ONE]).splitlines()
    assert told[:2] == ["TN:penstock", "SF:src/pkg/a.py"]
    assert [line for line in told if line.startswith("DA:")] == [
        "DA:1,1",
        "DA:2,1",
        "DA:3,1",
        "DA:5,0",
        "DA:7,1",
        "DA:9,0",
    ]
    assert [line for line in told if line.startswith("BRDA:")] == [
        "BRDA:3,0,0,1",
        "BRDA:3,0,1,1",
        "BRDA:7,0,0,1",
        "BRDA:7,0,1,0",
    ]
    assert told[-1] == "end_of_record"
    assert {"LF:6", "LH:4", "BRF:4", "BRH:3"} <= set(told)


@given(st.text(min_size=1, max_size=30))
def test_any_name_of_a_file_makes_sound_xml(path: str) -> None:
    record = CoverageRecord(path=path, statements=1, covered=0, missing=(1,))
    root = ET.fromstring(lines.cobertura([record], timestamp_s=0.0))
    assert len(list(root.iter("line"))) == 1
    assert lines.lcov([record]).count("\n") == 6
