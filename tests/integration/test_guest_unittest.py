"""The unittest starter in real processes: discovery, names, own runners, pytest inside an own runner."""

from __future__ import annotations

from pathlib import Path

import pytest

from penstock.model.events import Outcome, SessionFinished
from penstock.model.snapshot import CoverageUse, Suite
from penstock.ports import Tool
from penstock.tools.own_runner import OwnRunner
from penstock.tools.pytest import Pytest
from penstock.tools.unittest import Unittest
from penstock.util.eventlog import decode_lines
from tests.fakes.guest_runs import Ran, run, write

CASES = """
import os, sys, unittest
class A(unittest.TestCase):
    def test_passes(self): pass
    def test_fails(self): self.assertEqual(1, 2)
    def test_raises(self): raise KeyError("x")
    @unittest.skip("not now")
    def test_skipped(self): pass
    @unittest.expectedFailure
    def test_xfails(self): assert 0
    @unittest.expectedFailure
    def test_xpasses(self): pass
    def test_subtests(self):
        for i in range(3):
            with self.subTest(i=i): self.assertNotEqual(i, 1)
    def test_runs_a_suite_of_its_own(self):
        class Inner(unittest.TestCase):
            def test_inner(self): assert 0
        result = unittest.TestResult()
        unittest.defaultTestLoader.loadTestsFromTestCase(Inner).run(result)
        self.assertEqual(len(result.failures), 1)
    def test_sees_nothing_of_ours(self):
        self.assertFalse([name for name in os.environ if name.startswith("PENSTOCK_") or name == "PYTEST_PLUGINS"])
        self.assertFalse([path for path in sys.path if path.endswith("guest")])
        self.assertEqual(sys.path[0], os.getcwd())
class B(unittest.TestCase):
    @classmethod
    def setUpClass(cls): raise RuntimeError("class")
    def test_never(self): pass
class C(unittest.TestCase):
    @classmethod
    def setUpClass(cls): raise unittest.SkipTest("class skips")
    def test_never(self): pass
@unittest.skip("decorated")
class D(unittest.TestCase):
    def test_never(self): pass
"""
PASSING = "import unittest\nclass A(unittest.TestCase):\n    def test_a(self): pass\n    def test_b(self): pass\n"


def _unittest(root: Path, *words: str) -> Ran:
    return run(Unittest(), root, suite=Suite(runner="unittest", argv=words))


def _own(root: Path, *words: str) -> Ran:
    return run(OwnRunner(), root, suite=Suite(runner="command", argv=words))


def test_each_way_to_end_is_told(tmp_path: Path) -> None:
    ran = _unittest(write(tmp_path, {"test_a.py": CASES}))
    assert {name.partition("test_a.")[2] or name: said for name, said in ran.outcomes.items()} == {
        "A.test_passes": "passed",
        "A.test_fails": "failed",
        "A.test_raises": "errored",
        "A.test_skipped": "skipped",
        "A.test_xfails": "xfailed",
        "A.test_xpasses": "failed",
        "A.test_subtests": "failed",
        "A.test_runs_a_suite_of_its_own": "passed",
        "A.test_sees_nothing_of_ours": "passed",
        "B)": "errored",  # setUpClass (test_a.B)
        "B.test_never": "not_run",
        "C.test_never": "skipped",
        "D.test_never": "skipped",
    }
    assert ran.reading.outcome is Outcome.FAILED
    failed = next(test for test in ran.reading.tests if test.id.endswith("test_fails"))
    assert (failed.kind, failed.message) == ("AssertionError", "AssertionError: 1 != 2")


PARTS = """
import unittest
class A(unittest.TestCase):
    def test_all_parts_skip(self):
        for i in range(2):
            with self.subTest(i=i): self.skipTest("no part of it")
    def test_one_part_skips(self):
        for i in range(2):
            with self.subTest(i=i):
                if i: self.skipTest("not this part")
    @unittest.skip("not now")
    def test_skipped(self): pass
def load_tests(loader, tests, pattern):
    return unittest.TestSuite([*tests, loader.loadTestsFromName("test_a.A.test_skipped")])
"""


def test_parts_that_skip_and_a_skipped_test_that_is_there_twice(tmp_path: Path) -> None:
    ran = _unittest(write(tmp_path, {"test_a.py": PARTS}))
    assert {name.partition("A.")[2]: said for name, said in ran.outcomes.items()} == {
        "test_all_parts_skip": "skipped",
        "test_one_part_skips": "passed",
        "test_skipped": "skipped",
        "test_skipped #2": "skipped",
    }
    assert ran.reading.outcome is Outcome.PASSED, ran.reading.reason


def test_a_suite_runs_where_its_own_command_runs(tmp_path: Path) -> None:
    text = "import os\nassert os.path.basename(os.getcwd()) == 'checks'\n" + PASSING
    root = write(tmp_path, {"checks/run.py": text + "unittest.main()\n", "checks/test_a.py": text})
    suites: dict[Tool, Suite] = {
        OwnRunner(): Suite(runner="command", argv=("checks/run.py",), directory="checks"),
        Unittest(): Suite(runner="unittest", argv=("discover", "-s", "checks"), directory="checks"),
        Pytest(): Suite(runner="pytest", paths=("checks/test_a.py",), directory="checks"),
    }
    for tool, suite in suites.items():
        ran = run(tool, root, suite=suite)
        assert ran.reading.outcome is Outcome.PASSED, ran.output
        assert len(ran.outcomes) == 2


def test_discovery_with_its_options_and_names_pass(tmp_path: Path) -> None:
    root = write(tmp_path, {"suite/test_a.py": PASSING, "suite/__init__.py": ""})
    found = _unittest(root, "discover", "-s", "suite", "-t", ".")
    named = _unittest(root, "-v", "suite.test_a.A.test_a")
    assert found.reading.outcome is named.reading.outcome is Outcome.PASSED
    assert set(found.outcomes) == {"suite.test_a.A.test_a", "suite.test_a.A.test_b"}
    assert set(named.outcomes) == {"suite.test_a.A.test_a"}


def test_a_suite_without_tests_is_no_pass(tmp_path: Path) -> None:
    ran = _unittest(write(tmp_path, {"empty.py": ""}))
    assert ran.reading.outcome is Outcome.ERRORED
    assert ran.reading.reason == "no tests"


@pytest.mark.slow
def test_a_missing_module_is_an_error_with_a_remedy(tmp_path: Path) -> None:
    ran = _unittest(write(tmp_path, {"test_a.py": "import no_such_thing\n", "test_b.py": PASSING}))
    assert ran.reading.outcome is Outcome.ERRORED
    assert "no_such_thing" in (ran.reading.remedy or "")


@pytest.mark.slow
def test_a_process_that_leaves_with_0_is_no_pass(tmp_path: Path) -> None:
    text = PASSING.replace("def test_a(self): pass", "def test_a(self): __import__('os')._exit(0)")
    ran = _unittest(write(tmp_path, {"test_a.py": text}))
    assert ran.reading.outcome is Outcome.ERRORED
    assert ran.outcomes == {"test_a.A.test_a": "crashed", "test_a.A.test_b": "not_run"}


def test_an_own_runner_with_a_result_class_of_its_own(tmp_path: Path) -> None:
    runner = """
import sys, unittest
class Result(unittest.TestResult):
    def addSuccess(self, test): pass  # does not call the base class
    def startTest(self, test): super().startTest(test)
assert __name__ == "__main__" and sys.argv[1:] == ["--quick"]
for name in ("pkg.cases.A.test_a", "pkg.cases.A.test_b", "pkg.cases.A.test_b"):
    result = Result()
    unittest.defaultTestLoader.loadTestsFromName(name).run(result)
    assert result.wasSuccessful()
"""
    root = write(tmp_path, {"pkg/__init__.py": "", "pkg/cases.py": PASSING, "pkg/runner.py": runner})
    ran = _own(root, "-W", "error", "-m", "pkg.runner", "--quick")
    assert ran.reading.outcome is Outcome.PASSED, ran.output
    assert set(ran.outcomes) == {"pkg.cases.A.test_a", "pkg.cases.A.test_b", "pkg.cases.A.test_b #2"}


@pytest.mark.slow
def test_an_own_runner_that_calls_a_function(tmp_path: Path) -> None:
    package = PASSING + "def test():\n    return unittest.main('pkg', argv=['pkg'], exit=False)\n"
    ran = _own(write(tmp_path, {"pkg.py": package}), "-c", "import pkg; pkg.test()")
    assert ran.reading.outcome is Outcome.PASSED
    assert set(ran.outcomes) == {"pkg.A.test_a", "pkg.A.test_b"}


@pytest.mark.slow
@pytest.mark.parametrize("how", ["here", "child"])
def test_pytest_inside_an_own_runner_is_recorded_by_the_plugin(tmp_path: Path, how: str) -> None:
    calls = {
        "here": "import pytest, sys; sys.exit(pytest.main(['-q', 'tests']))",
        "child": "import subprocess, sys; sys.exit(subprocess.call([sys.executable, '-m', 'pytest', '-q', 'tests']))",
    }
    root = write(tmp_path, {"runtests.py": calls[how], "tests/test_a.py": "def test_a(): pass\n"})
    ran = _own(root, "runtests.py")
    assert ran.reading.outcome is Outcome.PASSED, ran.output
    assert ran.outcomes == {"tests/test_a.py::test_a": "passed"}


def test_an_own_runner_that_tells_nothing_is_no_pass(tmp_path: Path) -> None:
    ran = _own(write(tmp_path, {"runtests.py": "print('all fine')\n"}), "runtests.py")
    assert ran.reading.outcome is Outcome.ERRORED
    assert "told of no test" in ran.reading.reason
    assert "neither unittest nor pytest" in (ran.reading.remedy or "")


@pytest.mark.slow
def test_coverage_of_a_unittest_suite(tmp_path: Path) -> None:
    root = write(tmp_path, {"pkg.py": "X = 1\n", "test_a.py": "import pkg\n" + PASSING})
    ran = run(Unittest(), root, suite=Suite(runner="unittest"), coverage=CoverageUse(source=("pkg",)))
    assert ran.reading.notes["coverage"] == "saved"
    (saved,) = ran.reports.glob("coverage.data.*")
    assert saved.stat().st_size > 0
    (end,) = (event for event in decode_lines(ran.log).events if isinstance(event, SessionFinished))
    assert end.coverage_files == (saved.name,)
