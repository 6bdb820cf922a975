"""The test engine in other environments: older and newer Pythons and pytests, and a project's own pytest-cov."""

from __future__ import annotations

import operator
import subprocess
from collections.abc import Mapping
from pathlib import Path

import pytest

from tests.conformance.running import APART, python_of
from tests.fakes.guest_runs import write
from tests.faults.engine_scene import MODES, Mode, account, session

pytestmark = pytest.mark.slow  # a registry, and some seconds each
SAID = operator.attrgetter("said")
WITHOUT = tuple(word for name in APART for word in ("-p", f"no:{name}"))

ENDS = """
import os, time
import pytest

@pytest.mark.parametrize("i", range(12))
def test_good(i, tmp_path): assert not list(tmp_path.iterdir())
def test_bad(): assert [1] == [2]
def test_dies(): os._exit(0)
def test_hangs(): time.sleep(99)
@pytest.mark.skip(reason="not here")
def test_skipped(): pass
@pytest.mark.xfail(reason="known")
def test_known(): assert 0
@pytest.fixture
def broken(): raise OSError("set-up")
def test_error(broken): pass
def test_name(): assert os.environ["PYTEST_XDIST_WORKER"].startswith("gw")
"""
EXPECTED = {
    **{f"test_good[{number}]": "passed" for number in range(12)},
    "test_bad": "failed",
    "test_dies": "crashed",
    "test_hangs": "timed_out",
    "test_skipped": "skipped",
    "test_known": "xfailed",
    "test_error": "errored",
    "test_name": "passed",
}


@pytest.mark.parametrize("mode", MODES, ids=SAID)
@pytest.mark.parametrize("environment", ["oldest", "newest", "middle"])
def test_every_way_to_end_on_every_python(environment: str, mode: Mode, tmp_path: Path) -> None:
    files = {"test_a.py": ENDS, "test_b.py": "def test_other(): pass\n"}
    done = session(tmp_path, files, mode=mode, python=python_of(environment), args=WITHOUT, timeout_s=1.5)
    account(done)
    assert done.ends == {**EXPECTED, "test_other": "passed"}
    assert done.log.problem is None
    assert done.code == 1
    assert done.engine.startswith(f"2 {mode.said} workers")


def functions(count: int) -> str:
    """Functions of two branches each."""
    return "".join(f"def f{n}(x):\n    if x > {n}:\n        return {n}\n    return -1\n" for n in range(count))


MEASURED: Mapping[str, str] = {
    "mill/__init__.py": "import sys\nif sys.version_info < (3,):\n    X = 1\n",
    "mill/wheel.py": functions(12),
    "mill/gate.py": functions(8),
    "conftest.py": "import mill.gate\nY = mill.gate.f0(3)\n",
    "test_a.py": "from mill import wheel\n"
    + "".join(f"def test_{n}(): assert wheel.f{n}(99) == {n}\n" for n in range(9)),
    "test_b.py": "from mill import gate\n"
    + "".join(f"def test_{n}(): assert gate.f{n}(0) == -1\n" for n in range(1, 6)),
}
COVERAGE = ("--cov=mill", "--cov-branch", "--cov-report=term")


def figures(output: str) -> list[str]:
    """The lines of pytest-cov's table."""
    return [line for line in output.splitlines() if line.startswith(("mill", "TOTAL"))]


@pytest.fixture(scope="module")
def plain(tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    root = write(tmp_path_factory.mktemp("plain"), MEASURED)
    argv = [python_of("newest"), "-m", "pytest", *WITHOUT, *COVERAGE]
    told = figures(subprocess.run(argv, cwd=root, capture_output=True, text=True, check=True).stdout)
    assert len(told) == 4
    return told


@pytest.mark.parametrize("workers", [1, 3])
@pytest.mark.parametrize("mode", MODES, ids=SAID)
def test_the_projects_own_coverage_is_that_of_plain_pytest(
    mode: Mode, workers: int, plain: list[str], tmp_path: Path
) -> None:
    python = python_of("newest")
    done = session(
        tmp_path, MEASURED, mode=mode, workers=workers, python=python, own_coverage=True, args=(*WITHOUT, *COVERAGE)
    )
    account(done)
    assert done.log.passed
    assert figures(done.output) == plain
    assert [path.name for path in done.root.glob(".coverage*")] == [".coverage"]


def test_the_projects_own_coverage_names_the_workers_that_took_theirs_with_them(tmp_path: Path) -> None:
    files = {**MEASURED, "test_c.py": "import os\ndef test_dies(): os._exit(0)\n"}
    done = session(tmp_path, files, python=python_of("newest"), own_coverage=True, args=(*WITHOUT, *COVERAGE))
    account(done)
    assert "coverage: failed workers" in done.output


def test_penstocks_coverage_switches_the_projects_off(tmp_path: Path) -> None:
    done = session(tmp_path, MEASURED, python=python_of("newest"), args=(*WITHOUT, *COVERAGE))
    account(done)
    assert done.log.passed
    assert figures(done.output) == []


# A class so long that it is cut, whose tests build on one another.
BUILDING = """
import time, warnings
import pytest
class TestSteps:
    done = []
    @pytest.mark.parametrize("step", range(14))
    def test_step(self, step):
        time.sleep(0.1)
        warnings.warn("slow")
        self.done.append(step)
        assert self.done == list(range(step + 1))
"""


def test_tests_that_build_on_one_another_pass_although_their_class_is_cut(tmp_path: Path) -> None:
    done = session(tmp_path, {"test_it.py": BUILDING}, args=("-p", "cacheprovider"))  # the scene's retries are 0
    account(done)
    assert done.log.passed
    whys = {(test.decision, test.why) for test in done.log.records if test.decision}
    assert {decision for decision, _ in whys} == {"together"}
    assert len(done.log.records) == 14, "what only the cut made fail is no failure of the project's"
    assert not done.log.flaky
    assert all(why.startswith("it builds on tests before it in its file") for _, why in whys)
    assert "14 warnings" in done.output, "a try is no further warning"
    again = session(tmp_path, {"test_it.py": BUILDING}, args=("-p", "cacheprovider"))
    account(again)
    assert again.log.passed
    assert not again.log.together, "the next run keeps them together"
