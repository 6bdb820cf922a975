"""Replays inside real pytest and unittest processes: the tests that are asked for, in the order that is asked for."""

from __future__ import annotations

import json
from pathlib import Path

from penstock.model.events import Outcome
from penstock.model.snapshot import Suite
from penstock.tools.pytest import Pytest
from penstock.tools.unittest import Unittest
from tests.fakes.guest_runs import Ran, run, write

PYTEST = """
import pytest
SEEN = []
def test_a(): SEEN.append("a")
def test_b(): SEEN.append("b")
@pytest.mark.parametrize("x", [1, 1, "é b"])
def test_c(x): SEEN.append("c")
def test_d(): assert SEEN == ["b", "a"], SEEN
"""

UNITTEST = """
import unittest
class A(unittest.TestCase):
    @classmethod
    def setUpClass(cls): print("class A")
    def test_a(self): pass
    def test_b(self): self.fail("no")
class B(unittest.TestCase):
    @classmethod
    def setUpClass(cls): raise RuntimeError("never asked for")
    def test_c(self): pass
"""


def only(root: Path, tool: Pytest | Unittest, ids: list[str], suite: Suite) -> Ran:
    names = root / "ids.json"
    names.write_text(json.dumps(ids), encoding="utf-8")
    return run(tool, root, suite=suite, environment=(("PENSTOCK_ONLY", str(names)),))


def test_pytest_runs_what_is_asked_for_in_that_order(tmp_path: Path) -> None:
    write(tmp_path, {"test_x.py": PYTEST})
    ids = ["test_x.py::test_b", "test_x.py::test_a", "test_x.py::test_d"]
    ran = only(tmp_path, Pytest(), ids, Suite(runner="pytest"))
    assert list(ran.outcomes) == ids, ran.output
    assert ran.reading.outcome is Outcome.PASSED
    assert ran.reading.measures["deselected"] == 3


def test_pytest_keeps_the_names_of_tests_with_one_id(tmp_path: Path) -> None:
    write(
        tmp_path,
        {"test_x.py": "import pytest\n@pytest.fixture(params=[1])\ndef p(request): pass\ndef test_a(): pass\n"},
    )
    write(
        tmp_path,
        {
            "conftest.py": "def pytest_collection_modifyitems(items): items.extend(items[:1] and _again(items))\n"
            "def _again(items):\n    import copy\n    return [copy.copy(items[0])]\n"
        },
    )
    ran = only(tmp_path, Pytest(), ["test_x.py::test_a #2"], Suite(runner="pytest"))
    assert ran.outcomes == {"test_x.py::test_a #2": "passed"}


def test_pytest_says_what_is_not_there_any_more(tmp_path: Path) -> None:
    write(tmp_path, {"test_x.py": PYTEST})
    ran = only(tmp_path, Pytest(), ["test_x.py::test_gone", "test_x.py::test_a"], Suite(runner="pytest"))
    assert ran.outcomes == {"test_x.py::test_a": "passed"}
    assert "1 tests of the replay are not there any more" in ran.output


def test_unittest_runs_what_is_asked_for_with_the_fixtures_of_its_classes(tmp_path: Path) -> None:
    write(tmp_path, {"test_x.py": UNITTEST})
    ran = only(tmp_path, Unittest(), ["test_x.A.test_b"], Suite(runner="unittest", argv=("discover",)))
    assert ran.outcomes == {"test_x.A.test_b": "failed"}
    assert "class A" in ran.output


def test_a_long_list_is_no_argument(tmp_path: Path) -> None:
    write(tmp_path, {"test_x.py": "import pytest\n@pytest.mark.parametrize('n', range(200))\ndef test_n(n): pass\n"})
    ids = [f"test_x.py::test_n[{n}]" for n in range(200)]
    ran = only(tmp_path, Pytest(), [*ids, "x" * 200_000], Suite(runner="pytest"))
    assert ran.reading.measures["passed"] == 200


def test_the_tests_see_nothing_of_it(tmp_path: Path) -> None:
    write(tmp_path, {"test_x.py": "import os\ndef test_a(): assert 'PENSTOCK_ONLY' not in os.environ\n"})
    assert only(tmp_path, Pytest(), ["test_x.py::test_a"], Suite(runner="pytest")).reading.outcome is Outcome.PASSED
