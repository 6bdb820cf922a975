"""What the test tools start."""

from __future__ import annotations

import json
from typing import Any

import pytest

from penstock.model.pipeline import JobKind, JobSpec
from penstock.model.plan import SELF, Command
from penstock.model.snapshot import CoverageUse, Package, Project, Suite
from penstock.ports import Tool, ToolContext
from penstock.tools import TOOLS
from penstock.tools.own_runner import split

PROJECT = Project(name="p", packages=(Package(name="pkg", path="src/pkg"),))


def _command(tool: str, suite: Suite | None = None, coverage: CoverageUse | None = None, **spec: Any) -> Command:
    declared = JobSpec(name="unit", kind=JobKind.TEST, **spec)
    adapter: Tool = TOOLS[tool]
    (command,) = adapter.commands(
        ToolContext(project=PROJECT, spec=declared, suite=suite, coverage=coverage, python="3.12")
    )
    assert command.tool == tool
    return command


def test_pytest_is_called_as_the_project_calls_it_plus_the_recorder() -> None:
    suite = Suite(runner="pytest", argv=("--strict",), paths=("tests",), no_capture=True)
    command = _command("pytest", suite, marker="not slow", keyword="a or b", args=("-v",))
    assert command.argv == (
        "${penstock:bin}/pytest", "-p", "penstock_pytest",
        "-o", "cache_dir=${penstock:workspace}/.penstock/pytest/unit-3.12",
        "-s", "--strict", "-m", "not slow", "-k", "a or b", "-v", "tests",
    )  # fmt: skip
    variables = dict(command.environment)
    assert variables["PYTHONPATH"] == "${penstock:guest}"
    assert variables["PENSTOCK_EVENTS"] == "${penstock:reports}/tests.jsonl"
    assert variables["PENSTOCK_PACKAGES"] == "pkg"
    assert "PENSTOCK_COVERAGE" not in variables


def test_pytest_as_a_module_with_declared_paths_and_a_python_path_of_the_project() -> None:
    suite = Suite(runner="pytest", paths=("tests",), as_module=True, environment=(("PYTHONPATH", "lib"),))
    command = _command("pytest", suite, paths=("tests/unit",))
    assert command.argv[:3] == ("${penstock:python}", "-m", "pytest")
    assert command.argv[-1] == "tests/unit"
    assert dict(command.environment)["PYTHONPATH"] == "${penstock:guest}:lib"


def test_coverage_settings_reach_the_guest() -> None:
    command = _command("pytest", coverage=CoverageUse(branch=True, config="setup.cfg"))
    assert json.loads(dict(command.environment)["PENSTOCK_COVERAGE"]) == {
        "data": "${penstock:reports}/coverage.data", "config": "setup.cfg", "source": ["pkg"], "branch": True,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("suite", "spec", "words"),
    [
        (("discover", "-s", "tests", "-t", "."), {}, ("discover", "-s", "tests", "-t", ".")),
        (("pkg.tests",), {}, ("run", "pkg.tests")),
        ((), {}, ("discover",)),
        (("discover", "-s", "tests"), {"paths": ("tests",)}, ("discover", "-s", "tests")),
        (("discover", "-s", "tests"), {"paths": ("other",)}, ("discover", "-s", "other")),
        ((), {"paths": ("tests/test_a.py", "pkg.tests")}, ("run", "tests/test_a.py", "pkg.tests")),
        ((), {"keyword": "fast"}, ("discover", "-k", "fast")),
    ],
)
def test_unittest_words(suite: tuple[str, ...], spec: dict[str, Any], words: tuple[str, ...]) -> None:
    command = _command("unittest", Suite(runner="unittest", argv=suite), **spec)
    assert command.argv == ("${penstock:python}", "${penstock:guest}/penstock_unittest.py", *words)
    assert "PYTHONPATH" not in dict(command.environment)


def test_unittest_with_several_folders_runs_them_all() -> None:
    command = _command("unittest", Suite(runner="unittest"), paths=("a", "b"))
    assert command.argv[2:4] == ("own", "-c")
    assert command.argv[-2:] == ("a", "b")


@pytest.mark.parametrize(
    ("words", "options", "program"),
    [
        (("-m", "pkg.test"), (), ("-m", "pkg.test")),
        (("-W", "error", "-bb", "-m", "pkg.test", "-v"), ("-W", "error", "-bb"), ("-m", "pkg.test", "-v")),
        (("-X", "dev", "runtests.py", "-W", "x"), ("-X", "dev"), ("runtests.py", "-W", "x")),
        (("-Werror", "-c", "import a"), ("-Werror",), ("-c", "import a")),
    ],
)
def test_the_interpreters_own_options_stay_in_front(
    words: tuple[str, ...], options: tuple[str, ...], program: tuple[str, ...]
) -> None:
    assert split(words) == (options, program)


def test_a_command_runs_as_declared() -> None:
    assert _command("command", run=("make", "${x}")).argv == ("make", "${x}")
    shell = _command("command", run=("a | b",), shell=True)
    assert shell.argv == ("bash", "-eo", "pipefail", "-c", "a | b", "bash")
    assert not shell.templated


def test_penstock_itself_is_the_one_that_runs_the_job() -> None:
    own = _command("command", run=("penstock", "ci", "check"))
    assert (own.argv, own.templated) == ((SELF, "-P", "-m", "penstock", "ci", "check"), True)
    for run, shell in ((("penstock ci check",), True), (("./penstock", "x"), False)):
        assert SELF not in _command("command", run=run, shell=shell).argv
