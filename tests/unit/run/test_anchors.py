"""The text of the line that a finding is at."""

from __future__ import annotations

from pathlib import Path

from penstock.model.events import Outcome
from penstock.model.records import FindingRecord, Reading
from penstock.run.anchors import anchored


def anchor(folder: Path, path: str, line: int, known: str = "") -> str:
    finding = FindingRecord(job="lint", tool="ruff", rule="F401", message="m", path=path, line=line, anchor=known)
    (found,) = anchored(Reading(outcome=Outcome.FAILED, findings=(finding,)), folder).findings
    return found.anchor


def test_it_is_the_line_without_its_indentation(tmp_path: Path) -> None:
    (tmp_path / "a.py").write_text("x = 1\n    if  a:\tpass \n")
    assert anchor(tmp_path, "a.py", 2) == "if a: pass"
    assert anchor(tmp_path, "a.py", 1, "known") == "known"


def test_what_cannot_be_read_has_none(tmp_path: Path) -> None:
    (tmp_path / "project").mkdir()
    (tmp_path / "secret.py").write_text("x = 1\n")
    (tmp_path / "project" / "a.py").write_bytes(b"\xff\n")
    for path, line in (("a.py", 9), ("gone.py", 1), ("../secret.py", 1), ("/etc/passwd", 1), ("", 1), ("a.py", 0)):
        assert anchor(tmp_path / "project", path, line) == ""
    assert anchor(tmp_path / "project", "a.py", 1) == "\ufffd"


def test_what_is_declared_gets_the_line_that_names_it(tmp_path: Path) -> None:
    lines = (
        "[project]",
        'name = "demo"',
        "dependencies = [",
        '  "requests-cache>=1",',
        '  "Typing_Extensions>=4",',
        "]",
    )
    (tmp_path / "pyproject.toml").write_text("\n".join(lines))
    (tmp_path / "requirements.txt").write_text("# requests\nrequests==2\n")

    def line(path: str, name: str) -> int:
        finding = FindingRecord(job="d", tool="deptry", rule="DEP002", message="m", path=path, anchor=name)
        (found,) = anchored(Reading(outcome=Outcome.PASSED, findings=(finding,)), tmp_path).findings
        assert found.anchor == name
        return found.line

    assert line("pyproject.toml", "typing-extensions") == 5
    assert line("pyproject.toml", "requests") == 0, "another name begins so"
    assert line("requirements.txt", "requests") == 2
    assert line("gone.txt", "requests") == 0
