"""Coverage of other programs: what is read of it, and what is refused."""

from __future__ import annotations

import contextlib
import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from penstock.guest import penstock_imported as imported

# As geninfo of lcov 1.16 writes it (with branches) of a file of eleven lines.
LCOV = """TN:
SF:{root}/csrc/add.c
FN:1,sign
FNDA:1,sign
BRDA:2,0,0,1
BRDA:2,0,1,-
BRF:2
BRH:1
DA:1,1
DA:2,1
DA:3,1
DA:5,0,abc
LF:4
LH:3
end_of_record
"""
# As `coverage xml` of coverage.py 7.17 writes it, whose version 7 has no DOCTYPE.
XML = """<?xml version="1.0" ?>
<coverage version="7.17.3" timestamp="1" lines-valid="2" line-rate="0.5">
  <sources><source>{root}/csrc</source></sources>
  <packages><package name="."><classes><class name="add.c" filename="add.c"><methods/><lines>
    <line number="1" hits="4"/>
    <line number="2" hits="1" branch="true" condition-coverage="50% (1/2)"/>
    <line number="3" hits="0"/>
  </lines></class></classes></package></packages>
</coverage>
"""


def project(root: Path) -> Path:
    (root / "project/csrc").mkdir(parents=True)
    (root / "project/csrc/add.c").write_text("int x;\n" * 11)
    (root / "needs").mkdir()
    return root / "project"


def leave(root: Path, content: str, leg: str = "c", name: str = "out/c.lcov") -> None:
    """What a leg leaves: `needs/<leg>` leads to its reports, beside which its outputs lie."""
    folder = root / "jobs" / leg
    (folder / "reports").mkdir(parents=True)
    path = folder / "outputs" / name
    path.parent.mkdir(parents=True)
    path.write_text(content.replace("{root}", str(root / "project")))
    (root / "needs" / leg).symlink_to(folder / "reports")


def run(root: Path, *sources: list[str]) -> dict[str, Any]:
    told = json.dumps(sources or [["c", "out/c.lcov", "c"]])
    assert imported.main([str(root / "needs"), str(root / "r.json"), str(root / "project"), told]) == 0
    found: dict[str, Any] = json.loads((root / "r.json").read_text())
    return found


def test_a_tracefile_becomes_lines_and_forks(tmp_path: Path) -> None:
    project(tmp_path)
    leave(tmp_path, LCOV)
    report = run(tmp_path)
    assert report["sources"][0]["problem"] == ""
    assert report["files"] == [
        {
            "flag": "c",
            "path": "csrc/add.c",
            "statements": 4,
            "covered": 3,
            "branches": 2,
            "covered_branches": 1,
            "missing": [5],
            "ran": [[1, 3]],
            "forks": [[2, 2, 1]],
        }
    ]


def test_coberturas_xml_says_the_same(tmp_path: Path) -> None:
    project(tmp_path)
    leave(tmp_path, XML)
    (file,) = run(tmp_path)["files"]
    assert (file["path"], file["statements"], file["missing"], file["forks"]) == ("csrc/add.c", 3, [3], [[2, 2, 1]])


def test_legs_are_united_and_files_elsewhere_are_left_out(tmp_path: Path) -> None:
    project(tmp_path)
    leave(tmp_path, LCOV + "SF:/usr/include/x.h\nDA:1,1\nend_of_record\n", "c@os=a")
    leave(tmp_path, LCOV.replace("DA:5,0,abc", "DA:5,7"), "c@os=b")
    report = run(tmp_path)
    (file,) = report["files"]
    assert (file["covered"], file["statements"], report["unplaced"]) == (4, 4, ["/usr/include/x.h"])


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (LCOV.removesuffix("end_of_record\n"), "it is cut"),
        (LCOV.replace("DA:3,1", "DA:3,x"), "is no count"),
        (LCOV.replace("DA:3,1", "DA:3"), "a DA of 1 parts"),
        (LCOV.replace("DA:3,1", "DA:0,1"), "it has a line 0"),
        (LCOV.replace("DA:3,1", "DA:99,1"), "tells of line 99 of csrc/add.c, which is shorter"),
        (LCOV.replace("DA:3,1", "DA:3," + "9" * 400), "is no count"),
        (LCOV.replace("add.c", "gone.c"), "csrc/gone.c, which is not here"),
        (LCOV.replace("{root}/csrc/add.c", "/etc/passwd"), "no file of the project"),
        (LCOV.replace("{root}/csrc/add.c", "../../x"), "no file of the project"),
        ("DA:1,1\n", "outside of a file"),
        ("", "no file of the project"),
        ("SF:" + "a" * 2000 + "\nend_of_record\n", "by no path"),
        ("<?xml version='1.0'?><!DOCTYPE coverage SYSTEM 'http://x'><coverage/>", "DOCTYPE"),
        ('<!DOCTYPE a [<!ENTITY b "cc">]><coverage>&b;</coverage>', "DOCTYPE"),
        ("<coverage>" + "<a>" * 100, "too deep"),
        ("<html/>", "no coverage report but <html>"),
        (XML.replace("</coverage>", ""), "no XML"),
        (XML.replace("(1/2)", "(3/2)"), "takes 3 of 2"),
        (XML.replace('hits="4"', 'hits="-4"'), "is no count"),
        (XML.replace('filename="add.c"', ""), "by no path"),
    ],
)
def test_what_cannot_be_trusted_is_refused_whole(tmp_path: Path, content: str, said: str) -> None:
    project(tmp_path)
    leave(tmp_path, content)
    assert said in run(tmp_path)["sources"][0]["problem"]


def test_a_file_that_is_not_there_is_a_link_or_too_large_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    project(tmp_path)
    assert run(tmp_path)["sources"][0]["problem"] == "its job is not there"
    leave(tmp_path, LCOV)
    assert run(tmp_path, ["c", "other.lcov", "c"])["sources"][0]["problem"] == "its job left no such file"
    monkeypatch.setattr(imported, "_LARGEST", 10)
    assert "is larger than" in run(tmp_path)["sources"][0]["problem"]
    place = tmp_path / "jobs/c/outputs/out/c.lcov"
    place.unlink()
    place.symlink_to(tmp_path / "project/csrc/add.c")
    assert run(tmp_path)["sources"][0]["problem"] == "its job left no such file"


@pytest.mark.parametrize(("cap", "content"), [("_FILES", LCOV * 1 + LCOV.replace("add.c", "b.c")), ("_LINES", LCOV)])
def test_counts_are_bounded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, cap: str, content: str) -> None:
    project(tmp_path)
    leave(tmp_path, content)
    monkeypatch.setattr(imported, cap, 1)
    assert "it tells of more than 1" in run(tmp_path)["sources"][0]["problem"]


@given(st.lists(st.sampled_from(["SF:a", "DA:1,1", "DA:2,-1", "BRDA:1,0,0,-", "end_of_record", "<", "DA:", "\0"])))
def test_any_rows_are_read_or_refused(rows: list[str]) -> None:
    with contextlib.suppress(imported.RefusedError):
        found = imported.lcov("\n".join(rows))
        assert all(number > 0 for lines in found.lines.values() for number in lines)


@given(st.binary(max_size=200))
def test_any_bytes_are_read_as_xml_or_refused(content: bytes) -> None:
    with contextlib.suppress(imported.RefusedError):
        imported.cobertura(content)
