"""How adapters make their commands: the project's wishes kept, what would spoil the answer taken away."""

from __future__ import annotations

from typing import Any

import pytest

from penstock.errors import Place
from penstock.model.plan import BIN, PYTHON, bin_of
from penstock.model.snapshot import Package
from penstock.ports import ToolContext
from penstock.tools import TOOLS, calls
from tests import builders

FILES = ("src/demo/__init__.py", "src/demo/core.py", "tests/test_core.py", "setup.py")


def context(tool: str = "ruff", *, spec: dict[str, Any] | None = None, **use: Any) -> ToolContext:
    return ToolContext(
        project=builders.project(packages=(Package(name="demo", path="src/demo"),)),
        spec=builders.job_spec("lint", "lint", **(spec or {})),
        use=builders.tool_use(tool, **use),
        python="3.12",
        files=FILES,
    )


def argv(tool: str, **fields: Any) -> tuple[str, ...]:
    return TOOLS[tool].commands(context(tool, **fields))[-1].argv


def test_every_tool_goes_by_its_name_and_pins_exactly() -> None:
    for name, tool in TOOLS.items():
        assert tool.name == name
        assert "==" in tool.requirement or not tool.requirement


@pytest.mark.parametrize("tool", ["ruff", "ruff-format", "black", "isort", "flake8", "pylint", "mypy", "pyright", "ty"])
def test_a_tool_runs_from_its_own_environment_unless_the_project_says_where(tool: str) -> None:
    program = tool.partition("-")[0]
    assert argv(tool)[0] == f"{bin_of(program)}/{program}"
    assert argv(tool, dependencies="dev")[0] == f"{BIN}/{program}"


@pytest.mark.parametrize(
    ("tool", "option"), [("mypy", "--python-executable"), ("pyright", "--pythonpath"), ("ty", "--python")]
)
def test_type_checkers_look_at_the_jobs_interpreter(tool: str, option: str) -> None:
    words = argv(tool)
    assert words[words.index(option) + 1] == PYTHON


@pytest.mark.parametrize(
    ("tool", "given", "kept"),
    [
        ("ruff", ("--fix", "--exit-zero", "--preview"), ("--preview",)),
        ("ruff", ("--output-format=github", "--output-format", "full", "--select", "E"), ("--select", "E")),
        ("ruff-format", ("--diff", "--line-length", "100"), ("--line-length", "100")),
        ("black", ("--quiet", "--line-length=100"), ("--line-length=100",)),
        ("isort", ("--diff", "--profile", "black"), ("--profile", "black")),
        ("flake8", ("--exit-zero", "--format=pylint", "--count", "--max-line-length=100"), ("--max-line-length=100",)),
        ("pylint", ("--exit-zero", "--output-format=colorized", "-j", "2"), ("-j", "2")),
        ("mypy", ("--install-types", "--non-interactive", "--cache-dir=/x", "--strict"), ("--strict",)),
        ("pyright", ("--outputjson", "--pythonpath", "x", "--level", "error"), ("--level", "error")),
        ("ty", ("--exit-zero", "--output-format", "full", "--error", "all"), ("--error", "all")),
    ],
)
def test_the_projects_options_are_kept_but_for_those_that_spoil_the_answer(
    tool: str, given: tuple[str, ...], kept: tuple[str, ...]
) -> None:
    plain, words = list(argv(tool)), list(argv(tool, args=given))
    for word in plain:
        words.remove(word)
    assert tuple(words) == kept


def test_declared_paths_come_before_detected_ones_and_those_before_defaults() -> None:
    assert argv("black")[-1] == "."
    assert argv("black", paths=("src",))[-1] == "src"
    assert argv("black", paths=("src",), spec={"paths": ("lib",)})[-1] == "lib"


@pytest.mark.parametrize("tool", ["flake8", "isort"])
def test_the_whole_folder_is_spelled_out_so_that_ours_is_not_in_it(tool: str) -> None:
    assert argv(tool)[-3:] == ("setup.py", "src", "tests")
    assert argv(tool, paths=("src",))[-1] == "src"


def test_an_unconfigured_mypy_looks_at_the_packages_and_a_configured_one_where_it_says() -> None:
    assert argv("mypy")[-1] == "src/demo"
    assert argv("mypy", place=Place(path="mypy.ini", line=1))[-1] == PYTHON


@pytest.mark.parametrize(
    ("paths", "count"),
    [((), 4), ((".",), 4), (("src",), 2), (("src/",), 2), (("./src", "setup.py"), 3), (("sr",), 0)],
)
def test_files_are_counted_in_the_chosen_paths(paths: tuple[str, ...], count: int) -> None:
    assert calls.listed(context(), paths) == count


@pytest.mark.parametrize(
    ("pin", "exact"), [("", "0.17.6"), ("==0.4.4", "0.4.4"), (">=0.4", ""), ("==0.4.*", ""), ("==0.4,!=0.4.1", "")]
)
def test_a_version_is_told_only_where_the_plan_fixes_it(pin: str, exact: str) -> None:
    assert calls.version(context(version=pin), "ruff==0.17.6") == exact


def test_nothing_is_written_outside_penstocks_folder() -> None:
    for tool in ("ruff", "ruff-format", "mypy"):
        words = argv(tool)
        assert words[words.index("--cache-dir") + 1].startswith("${penstock:workspace}/.penstock/tools/")
    for tool, variable in (("black", "BLACK_CACHE_DIR"), ("pylint", "PYLINTHOME")):
        (command,) = TOOLS[tool].commands(context(tool))
        assert dict(command.environment)[variable].startswith("${penstock:workspace}/.penstock/tools/")


@pytest.mark.parametrize(
    ("version", "paths", "args", "words"),
    [
        ("==0.17.0", (), (), ("--extend-exclude", ".penstock")),
        ("", (), (), ("--extend-exclude", ".penstock")),
        ("==0.4.4", (), (), ("setup.py", "src", "tests")),
        ("==0.4.4", ("src",), (), ("src",)),
        ("==0.4.4", (), ("--extend-exclude", "tests"), ("--force-exclude", FILES[0], FILES[1], FILES[3])),
    ],
)
def test_ruff_format_of_every_version_leaves_our_folder_alone(
    version: str, paths: tuple[str, ...], args: tuple[str, ...], words: tuple[str, ...]
) -> None:
    given = argv("ruff-format", version=version, paths=paths, args=args)
    assert given[given.index("--cache-dir") + 2 :] == words


@pytest.mark.parametrize("released", [False, True])
def test_of_a_source_distribution_the_wheel_is_built_from_the_tree(*, released: bool) -> None:
    given = ToolContext(project=builders.project(released=released), spec=builders.job_spec("build", "build"))
    assert ("--wheel" in TOOLS["build"].commands(given)[0].argv) is released
