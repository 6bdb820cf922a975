"""A number out of a result file."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from penstock.guest.penstock_metric import UnreadableError, main, number

JUNIT = (
    '<testsuites><testsuite><testcase name="a" time="1.5"/><testcase name="b" time="0.5"><failure/><error/></testcase>'
    '<testcase name="c"><skipped/></testcase></testsuite></testsuites>'
)
FILES = {
    "score.json": '{"runs": [{"score": 0.25}, {"score": "0.75"}], "good": true, "huge": 1e999}',
    "score.csv": "epoch,loss\n1,0.9\n2,0.4\n",
    "score.xml": JUNIT,
}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name, text in FILES.items():
        (tmp_path / name).write_text(text)
    return tmp_path


@pytest.mark.parametrize(
    ("file", "where", "expected"),
    [
        ("score.json", "runs.0.score", 0.25),
        ("score.json", "runs.-1.score", 0.75),
        ("score.csv", "loss", 0.4),
        ("score.xml", "tests", 3),
        ("score.xml", "failures", 1),
        ("score.xml", "time", 2.0),
        ("score.xml", "pass_rate", 50.0),
    ],
)
def test_the_number_is_read(folder: Path, file: str, where: str, expected: float) -> None:
    assert number(str(folder / file), where) == expected


@pytest.mark.parametrize(
    ("file", "text", "where", "why"),
    [
        ("score.json", None, "runs.2.score", "has no `runs.2`"),
        ("score.json", None, "good", "is no finite number"),
        ("score.json", None, "huge", "is no finite number"),
        ("score.json", "{", "x", "is not JSON"),
        ("score.json", "[" * 100_000, "x", "is not JSON"),
        ("score.csv", None, "gain", "has no column `gain`; there are epoch, loss"),
        ("score.csv", "loss\n", "loss", "has no row"),
        ("score.xml", None, "refused", "has no `refused`"),
        ("score.xml", "<testsuite/>", "pass_rate", "tells of no test that ran"),
        ("score.xml", "<!DOCTYPE x><testsuite/>", "tests", "has a DOCTYPE"),
        ("score.xml", "<testsuite>", "tests", "is not XML"),
        ("score.txt", "1", "x", "is neither .json nor .csv nor .xml"),
    ],
)
def test_a_number_that_is_not_there_is_told_with_its_reason(
    folder: Path, file: str, text: str | None, where: str, why: str
) -> None:
    if text is not None:
        (folder / file).write_text(text)
    with pytest.raises(UnreadableError, match=why):
        number(str(folder / file), where)


def test_the_report_holds_the_number_or_the_reason(folder: Path) -> None:
    report = folder / "report.json"
    main(str(report), json.dumps({"file": str(folder / "score.csv"), "value": "loss"}))
    assert json.loads(report.read_text()) == {"measures": {"value": 0.4}, "notes": {"summary": "loss 0.4"}}
    main(str(report), json.dumps({"file": str(folder / "score.xml"), "value": "pass_rate", "unit": "%"}))
    assert json.loads(report.read_text())["notes"] == {"summary": "pass_rate 50 %"}
    main(str(report), json.dumps({"file": str(folder / "none.json"), "value": "loss"}))
    assert "cannot be read" in json.loads(report.read_text())["problem"]
