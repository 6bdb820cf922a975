"""The pytest guest in real pytest processes, by the Python that runs these tests."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

import penstock
from penstock.model import events
from penstock.model.events import Outcome
from penstock.model.snapshot import CoverageUse, Suite
from penstock.tools.pytest import Pytest
from penstock.util import eventlog
from tests.fakes.guest_runs import Ran, run, write

KINDS = """
import os, sys, unittest
import pytest

@pytest.fixture
def breaks(): raise ValueError("in setup")

@pytest.fixture
def breaks_late():
    yield
    raise KeyError("in teardown")

def test_passes(): print("said")
def test_fails():
    print("captured words")
    assert 1 == 2
def test_raises(): raise OSError("no")
@pytest.mark.skip(reason="not now")
def test_skipped(): pass
def test_skips_inside(): pytest.skip("inside")
@pytest.mark.xfail
def test_xfails(): assert 0
@pytest.mark.xfail
def test_xpasses(): pass
@pytest.mark.xfail(strict=True)
def test_xpasses_strictly(): pass
def test_breaks(breaks): pass
def test_breaks_late(breaks_late): pass
@pytest.mark.parametrize("x", [1, "\\udcff", "a b::c"])
def test_parameters(x): pass

class TestCase(unittest.TestCase):
    def test_method(self): pass
    @unittest.skip("reason")
    def test_method_skipped(self): pass
    @unittest.expectedFailure
    def test_method_xfails(self): assert 0
    @unittest.expectedFailure
    def test_method_xpasses(self): pass
    def test_subtests(self):
        for i in range(3):
            with self.subTest(i=i):
                assert i != 1

def test_sees_nothing_of_ours():
    assert not [name for name in os.environ if name.startswith("PENSTOCK_")]
    assert "PYTHONPATH" not in os.environ
    assert not [path for path in sys.path if path.endswith("guest")]

def test_forks():
    pid = os.fork()
    if not pid:
        raise SystemExit(0)  # runs on into pytest, in the child
    os.waitpid(pid, 0)

def test_closes_descriptors():
    for number in range(500, 2000):
        try:
            os.close(number)
        except OSError:
            pass

def test_after(): pass
"""  # fmt: skip


# One pytest process takes 0.3 s: what is marked slow here is left to `make test-slow` for that reason alone.


@pytest.fixture(scope="module")
def kinds(tmp_path_factory: pytest.TempPathFactory) -> Ran:
    return run(Pytest(), write(tmp_path_factory.mktemp("kinds"), {"test_kinds.py": KINDS, "pytest.ini": "[pytest]\n"}))


def test_each_way_to_end_is_told_as_pytest_counts_it(kinds: Ran) -> None:
    assert kinds.named("failed") == {
        "test_fails", "test_raises", "test_xpasses_strictly", "test_method_xpasses", "test_subtests",
    }  # fmt: skip
    assert kinds.named("errored") == {"test_breaks", "test_breaks_late"}
    assert kinds.named("skipped") == {"test_skipped", "test_skips_inside", "test_method_skipped"}
    assert kinds.named("xfailed") == {"test_xfails", "test_method_xfails"}
    assert kinds.named("xpassed") == {"test_xpasses"}
    assert kinds.reading.outcome is Outcome.FAILED
    assert kinds.reading.measures["collected"] == len(kinds.outcomes) == kinds.reading.measures["ran"]


def test_a_failure_keeps_its_text_place_and_output(kinds: Ran) -> None:
    failed = next(test for test in kinds.reading.tests if test.id.endswith("test_fails"))
    assert failed.kind == "AssertionError"
    assert failed.message == "assert 1 == 2"
    assert failed.line.startswith("test_kinds.py:")
    assert "captured words" in failed.output
    assert ">       assert 1 == 2" in failed.text
    skipped = next(test for test in kinds.reading.tests if test.id.endswith("test_skipped"))
    assert skipped.message == "not now"


def test_the_process_proves_its_interpreter(kinds: Ran) -> None:
    assert kinds.reading.notes["runner"] == f"pytest {pytest.__version__}"
    assert kinds.reading.notes["python"].startswith("3.")


def _one(tmp_path: Path, text: str, **files: str) -> Ran:
    return run(Pytest(), write(tmp_path, {"test_one.py": text, "pytest.ini": "[pytest]\n", **files}))


def test_a_failure_that_a_hook_calls_a_pass_is_a_failure(tmp_path: Path) -> None:
    hook = "@pytest.hookimpl(hookwrapper=True)\ndef pytest_runtest_makereport():\n    made = yield\n"
    hook = f"import pytest\n\n{hook}    made.get_result().outcome = 'passed'\n"
    ran = _one(tmp_path, "def test_a(): assert 1 == 2\ndef test_b(): pass\n", **{"conftest.py": hook})
    assert (ran.reading.outcome, ran.outcomes["test_one.py::test_b"]) == (Outcome.FAILED, "passed")
    assert ran.reading.tests[0].message == "a hook of the tests calls this failure a pass: assert 1 == 2"


SKIPS = """\
import pytest


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport():
    made = yield
    report = made.get_result()
    if report.failed:
        report.outcome, report.longrepr = "skipped", ("x", 1, "no")
"""
SKIPPED = """\
import unittest

import pytest


def test_a(): assert 1 == 2
def test_b(): pytest.skip("not now")
@pytest.mark.xfail
def test_c(): assert 0


class TestD(unittest.TestCase):
    def test_d(self): self.skipTest("not now")
    @unittest.expectedFailure
    def test_e(self): self.assertTrue(0)
    def test_f(self): raise unittest.SkipTest("not now")
    def test_g(self): self.assertEqual(1, 2)
"""


def test_a_failure_that_a_hook_calls_a_skip_is_a_failure_and_a_skip_is_none(tmp_path: Path) -> None:
    ran = _one(tmp_path, SKIPPED, **{"conftest.py": SKIPS})
    assert ran.named("failed") == {"test_a", "test_g"}
    assert ran.named("skipped") == {"test_b", "test_d", "test_f"}
    assert ran.named("xfailed") == {"test_c", "test_e"}
    assert (
        ran.reading.tests[0].message == "a hook of the tests calls this failure a skip: AssertionError: assert 1 == 2"
    )


def test_a_passing_suite_passes_and_writes_nothing_into_the_tree(tmp_path: Path) -> None:
    ran = _one(tmp_path, "def test_a(): pass\n")
    assert ran.reading.outcome is Outcome.PASSED
    assert sorted(path.name for path in tmp_path.iterdir()) == [".penstock", "pytest.ini", "test_one.py"]


@pytest.mark.parametrize(
    ("leaves", "told"),
    [
        ("os._exit(0)", "exit code 0"),
        ("os.kill(os.getpid(), 9)", "SIGKILL"),
        pytest.param("os._exit(7)", "exit code 7", marks=pytest.mark.slow),
        pytest.param("os.kill(os.getpid(), 11)", "SIGSEGV", marks=pytest.mark.slow),
    ],
)
def test_a_test_that_ends_its_process_costs_itself_alone(tmp_path: Path, leaves: str, told: str) -> None:
    ran = _one(tmp_path, f"import os\ndef test_a(): pass\ndef test_b(): {leaves}\ndef test_c(): pass\n")
    assert ran.reading.outcome is Outcome.FAILED
    assert ran.outcomes == {
        "test_one.py::test_a": "passed", "test_one.py::test_b": "crashed", "test_one.py::test_c": "passed",
    }  # fmt: skip
    crashed = next(test for test in ran.reading.tests if test.id == "test_one.py::test_b")
    assert told in crashed.message


@pytest.mark.slow
def test_what_was_left_out_by_exit_first_did_not_run(tmp_path: Path) -> None:
    root = write(tmp_path, {"test_one.py": "def test_a(): assert 0\ndef test_b(): pass\n"})
    ran = run(Pytest(), root, args=("-x",))
    assert ran.reading.outcome is Outcome.FAILED
    assert ran.outcomes["test_one.py::test_b"] == "not_run"


@pytest.mark.slow
def test_a_keyboard_interrupt_is_no_pass(tmp_path: Path) -> None:
    ran = _one(tmp_path, "def test_a(): pass\ndef test_b(): raise KeyboardInterrupt\n")
    assert ran.reading.outcome is Outcome.FAILED
    assert ran.outcomes["test_one.py::test_b"] == "errored"


@pytest.mark.slow
def test_setup_only_is_no_pass(tmp_path: Path) -> None:
    ran = run(Pytest(), write(tmp_path, {"test_one.py": "def test_a(): assert 0\n"}), args=("--setup-only",))
    assert ran.reading.outcome is Outcome.ERRORED
    assert ran.outcomes == {"test_one.py::test_a": "not_run"}


@pytest.mark.slow
def test_collect_only_is_no_pass(tmp_path: Path) -> None:
    ran = run(Pytest(), write(tmp_path, {"test_one.py": "def test_a(): pass\n"}), args=("--collect-only",))
    assert ran.reading.outcome is Outcome.ERRORED


@pytest.mark.slow
def test_no_tests_and_all_deselected_are_told_apart(tmp_path: Path) -> None:
    root = write(tmp_path, {"test_one.py": "def test_a(): pass\n"})
    assert run(Pytest(), root, args=("-k", "nothing")).reading.reason == "no tests: all 1 were deselected"
    (root / "test_one.py").write_text("")
    assert run(Pytest(), root).reading.reason == "no tests"


@pytest.mark.slow
def test_a_missing_module_is_an_error_with_a_remedy_and_the_projects_own_a_failure(tmp_path: Path) -> None:
    root = write(tmp_path, {"test_one.py": "import no_such_thing\n", "test_two.py": "def test_a(): pass\n"})
    ran = run(Pytest(), root)
    assert ran.reading.outcome is Outcome.ERRORED
    assert "no_such_thing" in (ran.reading.remedy or "")
    assert run(Pytest(), root, packages=("no_such_thing",)).reading.outcome is Outcome.FAILED
    (root / "test_one.py").write_text("def broken(:\n")
    assert run(Pytest(), root).reading.outcome is Outcome.FAILED


def test_a_missing_module_in_conftest_is_an_error_with_a_remedy(tmp_path: Path) -> None:
    root = write(tmp_path, {"conftest.py": "import no_such_thing\n", "test_one.py": "def test_a(): pass\n"})
    ran = run(Pytest(), root)
    assert ran.reading.outcome is Outcome.ERRORED
    assert "no_such_thing" in ran.reading.reason


@pytest.mark.slow
def test_an_unknown_option_is_an_error_with_pytests_words(tmp_path: Path) -> None:
    ran = run(Pytest(), write(tmp_path, {"test_one.py": ""}), args=("--no-such-option",))
    assert ran.reading.outcome is Outcome.ERRORED
    assert "--no-such-option" in ran.reading.reason


@pytest.mark.slow
def test_a_file_that_skips_itself_names_the_module(tmp_path: Path) -> None:
    text = "import pytest\npytest.importorskip('no_such_thing')\ndef test_a(): pass\n"
    ran = run(Pytest(), write(tmp_path, {"test_one.py": text, "test_two.py": "def test_b(): pass\n"}))
    assert ran.reading.notes["skipped_for"] == "no_such_thing"
    assert ran.reading.measures["skipped_files"] == 1


def test_a_session_inside_a_test_is_not_recorded(tmp_path: Path) -> None:
    nested = """
pytest_plugins = ["pytester"]
def test_outer(pytester):
    pytester.makepyfile("def test_inner(): assert 0")
    pytester.runpytest_inprocess().assert_outcomes(failed=1)
"""
    ran = _one(tmp_path, nested)
    assert ran.outcomes == {"test_one.py::test_outer": "passed"}
    assert ran.reading.outcome is Outcome.PASSED


@pytest.mark.slow
def test_warnings_as_errors_find_none_of_ours(tmp_path: Path) -> None:
    root = write(tmp_path, {"test_one.py": "def test_a(): pass\n"})
    assert run(Pytest(), root, args=("-W", "error", "-p", "no:terminal")).reading.outcome is Outcome.PASSED
    assert run(Pytest(), root, environment=(("PYTHONWARNINGS", "error"),)).reading.outcome is Outcome.PASSED


@pytest.mark.slow
def test_the_projects_own_pythonpath_stays(tmp_path: Path) -> None:
    text = "import os, extra\ndef test_a(): assert os.environ['PYTHONPATH'] == 'lib'\n"
    root = write(tmp_path, {"test_one.py": text, "lib/extra.py": ""})
    assert run(Pytest(), root, environment=(("PYTHONPATH", "lib"),)).reading.outcome is Outcome.PASSED


def test_a_threshold_of_a_plugin_fails_a_suite_whose_tests_pass(tmp_path: Path) -> None:
    conftest = "def pytest_sessionfinish(session): session.exitstatus = 1\n"
    ran = _one(tmp_path, "def test_a(): pass\n", **{"conftest.py": conftest})
    assert ran.reading.outcome is Outcome.FAILED
    assert ran.reading.reason == "ended with 1 though no test failed"


@pytest.mark.slow
def test_an_exit_code_that_was_made_green_is_no_pass(tmp_path: Path) -> None:
    conftest = "def pytest_sessionfinish(session): session.exitstatus = 0\n"
    ran = _one(tmp_path, "def test_a(): assert 0\n", **{"conftest.py": conftest})
    assert ran.reading.outcome is Outcome.FAILED


def test_coverage_is_measured_from_the_first_import_and_names_what_was_never_imported(tmp_path: Path) -> None:
    files = {
        "pkg/__init__.py": "",
        "pkg/used.py": "X = 1\ndef f():\n    return 1\ndef g():\n    return 2\n",
        "pkg/never.py": "Y = 1\n",
        "test_one.py": "import pkg.used\ndef test_a(): assert pkg.used.f() == 1\n",
    }
    root = write(tmp_path, files)
    ran = run(
        Pytest(), root, suite=Suite(runner="pytest", as_module=True), coverage=CoverageUse(source=("pkg",)),
        packages=("pkg",),
    )  # fmt: skip
    assert ran.reading.outcome is Outcome.PASSED, ran.output
    assert ran.reading.notes["coverage"] == "saved"
    assert ran.reading.notes["modules"] == f"pkg={root}/pkg/__init__.py"
    report = root / "report.json"
    import coverage

    measured = coverage.Coverage(data_file=ran.reports / "coverage.data", config_file=False, source=[str(root / "pkg")])
    measured.combine([str(ran.reports)], keep=True)
    measured.json_report(outfile=str(report))
    files_told = json.loads(report.read_text())["files"]
    lines = {Path(name).name: told["executed_lines"] for name, told in files_told.items()}
    assert lines["used.py"] == [1, 2, 3, 4]
    assert lines["never.py"] == []


@pytest.mark.slow
def test_coverage_that_cannot_start_is_told(tmp_path: Path) -> None:
    root = write(tmp_path, {"test_one.py": "def test_a(): pass\n", "bad.cfg": "[run]\nno_such_thing"})
    ran = run(Pytest(), root, coverage=CoverageUse(config="bad.cfg"))
    assert ran.reading.notes["coverage"].startswith("failed: ")


def test_the_tests_of_a_module_are_shuffled_on_purpose(tmp_path: Path) -> None:
    text = "import pytest\n@pytest.mark.parametrize('i', range(30))\ndef test_a(i): pass\n"
    root = write(tmp_path, {"test_one.py": text, "pytest.ini": "[pytest]\n"})
    settings = {"PENSTOCK_ENGINE": '{"workers":1,"order":"shuffled"}', "PENSTOCK_EVENTS": str(tmp_path / "log")}
    guest = Path(penstock.__file__).parent / "guest"
    environment = {**os.environ, **settings, "PYTHONPATH": str(guest)}
    subprocess.run([sys.executable, "-m", "pytest", "-p", "penstock_pytest"], cwd=root, env=environment, check=True)
    log = eventlog.decode_lines((tmp_path / "log").read_bytes()).events
    started = [event.id for event in log if isinstance(event, events.TestStarted)]
    collected = next(event.ids for event in log if isinstance(event, events.CollectionFinished))
    assert sorted(started) == sorted(collected)
    assert started != list(collected)
