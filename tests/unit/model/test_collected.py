from __future__ import annotations

import pytest

from penstock.model.collected import collected, has_end, place
from penstock.model.pipeline import JobKind
from tests.builders import job, plan
from tests.verdicts import attempt, job_record


@pytest.mark.parametrize(
    ("test", "told"),
    [
        ("tests/test_a.py::TestA::test_b[x::y]", ("tests/test_a.py", "TestA::test_b")),
        ("tests/test_a.py::test_b #2", ("tests/test_a.py", "test_b")),
        ("tests.test_a.TestA.test_b", ("tests/test_a.py", "TestA::test_b")),
        ("test_a.TestA.test_b (x=1)", ("test_a.py", "TestA::test_b")),
    ],
)
def test_a_test_has_a_file_and_a_name(test: str, told: tuple[str, str]) -> None:
    assert place(test) == told


def test_what_was_left_out_by_name_or_by_itself_was_seen() -> None:
    unit, lint = job("unit"), job("lint", kind=JobKind.LINT)
    notes = {"runner": "pytest 9", "deselected": "a.py::test_z", "skipped_files": "b.py"}
    tests = (attempt(unit, "a.py::test_x[1]"), attempt(unit, "a.py::test_x[2]"), attempt(lint, "c.py::test_q"))
    found = collected(plan(unit, lint), (job_record(unit, notes=notes), job_record(lint)), tests)
    assert found.names == {"a.py": frozenset({"test_x", "test_z"})}
    assert found.skips("b.py")
    assert found.functions
    assert not collected(plan(unit), (job_record(unit, notes={"runner": "unittest"}),), ()).functions


def test_a_class_has_an_end_if_anything_of_it_has() -> None:
    assert has_end("TestA", {"TestA::test_b"})
    assert not has_end("Test", {"TestA::test_b"})
