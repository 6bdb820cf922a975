"""A suspect in real runs at the base: made flaky by the change, or flaky before; and when that cannot be told."""

from __future__ import annotations

import json
import subprocess
import sys
import textwrap
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace

from penstock.model.events import Outcome
from penstock.model.plan import Command
from penstock.ports import ToolContext
from penstock.tools.pytest import Pytest
from tests.fakes.guest_runs import GUEST, Ran, run, write
from tests.fakes.repository import ENVIRON, call, save

pytestmark = pytest.mark.slow  # ten processes of pytest at the head, ten at the base

TESTS = """
import pathlib
from pkg import answer

def test_answer():
    assert answer() == 42

def test_steady():
    assert answer
"""
GOOD, BAD = "def answer():\n    return 42\n", "def answer():\n    return 0\n"
# Passes every so many times: each process that asks counts one up.
FLAKY = """
import pathlib, os

def answer():
    place = pathlib.Path(os.environ["COUNTS"], {name!r})
    number = int(place.read_text()) if place.exists() else 0
    place.write_text(str(number + 1))
    return 0 if (number + 1) % {every} else 42
"""


class Known(Pytest):
    """The tool where the base is known, and the history of the tests is not."""

    def __init__(self, **fields: Any) -> None:
        self._fields = fields

    def commands(self, context: ToolContext) -> tuple[Command, ...]:
        return super().commands(replace(context, against="main", **self._fields))


def project(root: Path, before: str, now: str, layout: str = "src", tests: str = TESTS) -> Path:
    """A repository with a base and a branch that changes the package."""
    place = f"{layout}/pkg.py" if layout else "pkg.py"
    ini = f"[pytest]\npythonpath = {layout or '.'}\n"
    write(root, {place: before, "tests/test_it.py": tests, "pytest.ini": ini, ".gitignore": ".penstock/\ncounts/\n"})
    call(root, "init", "-q", "-b", "main")
    save(root)
    call(root, "checkout", "-q", "-b", "mine")
    write(root, {place: now})
    save(root, "feat: change")
    return root


def ran(root: Path, tool: Pytest | None = None, *args: str, packages: tuple[str, ...] = ()) -> Ran:
    counts = root.parent / "counts"
    counts.mkdir(exist_ok=True)
    return run(tool or Known(), root, environment=(("COUNTS", str(counts)),), args=args, packages=packages)


def why(done: Ran) -> str:
    (told,) = [test.why for test in done.reading.tests if test.decision]
    return told


def test_a_test_that_the_change_makes_flaky_is_red_and_named(tmp_path: Path) -> None:
    """At the base it passes ten times of ten, here three."""
    done = ran(project(tmp_path / "p", GOOD, FLAKY.format(name="now", every=3)))
    assert done.reading.outcome is Outcome.FAILED
    assert done.outcomes["tests/test_it.py::test_answer"] == "failed"
    assert done.outcomes["tests/test_it.py::test_steady"] == "passed"
    assert why(done) == ("made flaky by this change: failed 7 of 10 times here, 0 of 10 at the base, p = 0.0015")


def test_a_test_that_was_flaky_before_is_excused(tmp_path: Path) -> None:
    flaky = FLAKY.format(name="both", every=3)
    done = ran(project(tmp_path / "p", flaky, f"{flaky}\nNAME = 1\n"))
    assert done.reading.outcome is Outcome.PASSED, done.output
    assert why(done) == "flaky: failed 7 of 10 times here, 7 of 10 at the base, p = 0.69"


def test_a_test_that_always_failed_there_tells_nothing(tmp_path: Path) -> None:
    done = ran(project(tmp_path / "p", BAD, FLAKY.format(name="now", every=3)))
    assert done.reading.outcome is Outcome.FAILED
    assert why(done).startswith("it cannot be told whether this change made it flaky")
    assert why(done).endswith("the base was not compared: it never passed there, so something else may be missing")


# --- the comparison by itself -----------------------------------------------------------------------------------------


def compared(root: Path, tmp_path: Path, **more: Any) -> dict[str, Any]:
    """What `penstock_at_base` says of two runs at the base."""
    folder = tmp_path / "private"
    folder.mkdir()
    orders = {
        "commit": "main",
        "root": str(root),
        "packages": [],
        "test": "tests/test_it.py::test_answer",
        "directory": str(root),
        "rootdir": str(root),
        "arguments": ["-q"],
        "path": [str(root / "src"), *sys.path],
        "runs": 2,
        "seconds": 60.0,
        "folder": str(folder),
        "result": str(folder / "result"),
    }
    (folder / "orders").write_text(json.dumps(orders | more))
    script = [sys.executable, f"{GUEST}/penstock_at_base.py", str(folder / "orders")]
    environ = ENVIRON | {"COUNTS": str(tmp_path), "PYTHONDONTWRITEBYTECODE": "1"}
    subprocess.run(script, env=environ, cwd=root, check=True, timeout=120)
    told: dict[str, Any] = json.loads((folder / "result").read_text())
    return told


@pytest.mark.parametrize("layout", ["src", ""])
@pytest.mark.parametrize("packages", [[], None], ids=["nobody named them", "named"])
def test_the_base_s_own_package_is_run_whatever_is_installed(
    tmp_path: Path, layout: str, packages: list[list[str]] | None
) -> None:
    """The change's package stands on sys.path, as an editable install puts it there."""
    root = project(tmp_path / "p", GOOD, BAD, layout)
    named = packages if packages is not None else [["pkg", f"{layout}/pkg.py".lstrip("/")]]
    told = compared(root, tmp_path, packages=named, path=[str(root / layout), *sys.path])
    assert told == {"runs": 2, "failures": 0, "why": ""}


def test_a_package_that_is_not_the_base_s_makes_it_void(tmp_path: Path) -> None:
    """Installed as a build under a name that the base's tree does not have at that place."""
    root = project(tmp_path / "p", GOOD, BAD)
    built = write(tmp_path / "site-packages", {"pkg.py": GOOD})
    taken = f"import sys\nsys.path.insert(0, {str(built)!r})\n"
    (root / "tests/conftest.py").write_text(taken)
    save(root)
    call(root, "branch", "-f", "main")
    (root / "src/pkg.py").write_text(BAD.replace("0", "1"))
    told = compared(root, tmp_path, packages=[["pkg", "src/pkg.py"]])
    assert told["why"] == f"pkg was imported from {built}/pkg.py, which is not the base's"


OTHER = TESTS.replace("def test_answer", "def test_other")
SKIPPED = TESTS.replace("assert answer() == 42", "pathlib.pytest.skip('no')").replace("import pathlib", "import pytest")


def test_a_package_that_is_installed_from_a_build_is_not_compared(tmp_path: Path) -> None:
    root = project(tmp_path / "p", GOOD, BAD)
    built = write(tmp_path / "site-packages", {"pkg.py": BAD})
    told = compared(root, tmp_path, path=[str(built), *sys.path])
    assert told["why"] == f"pkg is installed from a build ({built}/pkg.py), and there is none of the base"


@pytest.mark.parametrize(
    ("tests", "reason"),
    [
        (OTHER, "it is not there"),
        (
            f"import nothing_of_that_name\n{TESTS}",
            "pytest did not come to it: E   ModuleNotFoundError: No module named 'nothing_of_that_name'",
        ),
        (SKIPPED.replace("pathlib.", ""), "test_answer was not run there"),
    ],
    ids=["not there", "does not import", "skipped"],
)
def test_what_says_nothing_of_the_test_is_no_run(tmp_path: Path, tests: str, reason: str) -> None:
    told = compared(project(tmp_path / "p", GOOD, BAD, tests=tests), tmp_path)
    assert (told["runs"], told["why"].startswith(reason)) == (0, True), told


def test_a_test_that_ends_its_process_there_has_failed(tmp_path: Path) -> None:
    dies = textwrap.dedent("""
        import os, pathlib
        def answer():
            place = pathlib.Path(os.environ["COUNTS"], "died")
            if not place.exists():
                place.touch()
                os._exit(0)
            return 42
    """)
    assert compared(project(tmp_path / "p", dies, GOOD), tmp_path) == {"runs": 2, "failures": 1, "why": ""}


def test_without_time_or_a_change_nothing_is_compared(tmp_path: Path) -> None:
    root = project(tmp_path / "p", "import time\ntime.sleep(30)\n", GOOD)
    assert compared(root, tmp_path, seconds=2.0)["why"] == "there was time for 0 of 2 runs only"
    (tmp_path / "again").mkdir()
    call(root, "checkout", "-q", "main")
    assert compared(root, tmp_path / "again")["why"] == "nothing here differs from it"
