"""Every distinct shape of project that detection knows, as a small one of our own, with the whole answer as gold."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from pathlib import Path

import msgspec
import pytest

from penstock.model.snapshot import Project
from penstock.scan.detect.detection import project

PROJECTS = Path(__file__).parents[3] / "projects" / "detect"
SHAPES = sorted(path.name for path in PROJECTS.iterdir())


@cache
def detected(shape: str) -> Project:
    root = PROJECTS / shape
    return project(root, [path.relative_to(root).as_posix() for path in root.rglob("*") if path.is_file()])


@pytest.mark.parametrize("shape", SHAPES)
def test_the_whole_answer(shape: str, golden: Callable[[str, str], None]) -> None:
    answer = msgspec.json.format(msgspec.json.encode(detected(shape), order="sorted"), indent=1).decode()
    golden(f"tests/golden/detect/{shape}.json", answer + "\n")


@pytest.mark.parametrize("shape", SHAPES)
def test_every_decision_can_be_checked(shape: str) -> None:
    root = PROJECTS / shape
    for decision in detected(shape).decisions:
        assert decision.choice
        assert decision.why
        if decision.place is not None:
            lines = (
                (root / decision.place.path).read_text().splitlines() if (root / decision.place.path).is_file() else []
            )
            assert decision.place.line is None or 1 <= decision.place.line <= len(lines)


def first(shape: str) -> tuple[str, tuple[str, ...], tuple[str, ...]]:
    suite = detected(shape).suites[0]
    return suite.runner, suite.argv, suite.paths


RULES = {
    # R1: pytest's configuration; the tox command gives nothing that testpaths does not
    "group_and_lock": ("pytest", (), ("tests",)),
    # R2: the project's own command before discovery
    "own_runner": ("command", ("-bb", "-m", "turbine.test"), ()),
    "runner_file": ("command", ("tests/runtests.py",), ()),
    "runner_in_folder": ("command", ("test/alltests.py",), ()),
    "django_like": ("command", ("-W", "error::DeprecationWarning", "runtests.py", "--coverage"), ()),
    "unittest_tox_and_make": ("unittest", ("discover",), ()),
    "unittest_own_discovery": ("unittest", ("discover", "-s", "checks", "-p", "check_*.py", "-t", "."), ("checks",)),
    "nox_unittest_like": ("unittest", ("discover", "-s", "schemas", "-t", "."), ("schemas",)),
    "nox_followed": ("pytest", ("--import-mode=importlib",), ("tests",)),
    # what a task that the environment calls says; an environment's other runner before pytest's section
    "tox_calls_make": ("unittest", ("discover",), ()),
    # a package by its dotted name is no folder for us
    "dotted_discovery": ("unittest", ("discover", "-s", "weir.tests"), ()),
    "ci_only": ("pytest", (), ("tests",)),
    "justfile": ("pytest", (), ("tests",)),
    "installed_doctests": ("pytest", ("--doctest-modules",), ("bolts", "tests")),
    "pixi": ("pytest", ("--doctest-modules",), ("graphs",)),
    "module": ("pytest", (), ("tests.py",)),
    # R3 and R4
    "foreign_lock": ("pytest", (), ("tests",)),
    "broken_files": ("pytest", (), ("tests",)),
    "relaxed": ("pytest", (), ("tests",)),
    # R5, from the import root
    "unittest_src_namespace": (
        "unittest",
        ("discover", "-s", "src/water/wheel/tests", "-t", "src"),
        ("src/water/wheel/tests",),
    ),
    "unittest_at_the_root": ("unittest", ("test_clockwork",), ()),
    # the folders with the most test functions, inside the package too
    "tests_in_package": ("pytest", (), ("src/trident",)),
}


@pytest.mark.parametrize("shape", RULES)
def test_the_first_suite(shape: str) -> None:
    assert first(shape) == RULES[shape]


def test_no_test_is_no_suite() -> None:
    found = detected("no_tests")
    assert found.suites == ()
    assert [each.choice for each in found.decisions if each.subject == "tests"] == ["none"]


def test_more_tests_elsewhere_are_told() -> None:
    told = [each for each in detected("paths_elsewhere").decisions if each.subject == "tests elsewhere"]
    assert [(each.choice, each.runner_up) for each in told] == [("10 test functions not run", "lopsided/tests (10)")]


def test_a_second_command_with_other_options_is_a_second_suite() -> None:
    suites = detected("two_commands").suites
    assert [(suite.argv, suite.paths) for suite in suites] == [((), ()), (("--exclusive",), ("tests/overrides",))]


def test_one_tox_environment_is_read_whole() -> None:
    found = detected("tox_factors")
    chosen = found.dependency_sets[0]
    assert "pytz" in chosen.requirements
    assert "pytz<2020" not in chosen.requirements
    assert "exceptiongroup; python_version == '3.10' or python_version == '3.11'" in chosen.requirements
    assert "tomli-w; python_version != '3.10'" in chosen.requirements
    assert chosen.files == ("requirements/extra.txt",)
    assert chosen.constraints == ("constraints.txt",)
    assert chosen.extras == ("pictures",)
    assert found.suites[0].environment == (("SLUICE_MODE", "test"),)


def test_a_task_that_an_environment_calls_is_run_in_that_environment() -> None:
    found = detected("tox_calls_make")
    assert found.suites[0].interpreter == ("-b", "-X", "dev", "-Werror")
    assert found.dependency_sets[0].requirements == ("mypy", "SQLAlchemy")
    assert ("flake8", True) in [(use.tool, use.blocking) for use in found.tools]


def test_environments_that_a_product_makes_are_read() -> None:
    found = detected("tox_products")
    decision = next(each for each in found.decisions if each.subject == "tests")
    assert decision.why == "as tox env 3.13 does"
    assert found.packages[0].path == "src/build"


def test_a_mark_does_not_choose_a_plugin() -> None:
    assert found_names("tox_products") == {"pytest", "pytest-xdist"}


def found_names(shape: str) -> set[str]:
    chosen = detected(shape).dependency_sets[0]
    groups = {"test": ("pytest", "pytest-xdist")}
    return {*chosen.requirements, *(line for group in chosen.groups for line in groups[group])}


def test_of_hatch_environments_the_fullest_is_taken() -> None:
    assert "lxml" in detected("hatch_fullest").dependency_sets[0].requirements


def test_a_dotted_start_is_counted() -> None:
    assert detected("dotted_discovery").suites[0].counted == 1


def test_a_version_conflict_between_factors_is_never_joined() -> None:
    assert "Django>=5.2,<6.0" in detected("django_like").dependency_sets[0].requirements
    assert not any(line.startswith("Django>=4") for line in detected("django_like").dependency_sets[0].requirements)


def test_an_address_is_left_out_and_named() -> None:
    chosen = detected("address_requirement").dependency_sets[0]
    assert chosen.unfetchable == ("helper @ git+https://example.org/helper.git",)
    assert chosen.requirements == ("pytest", "trustme")
    assert chosen.groups == ()


def test_a_lock_of_another_project_is_not_used() -> None:
    assert detected("foreign_lock").dependency_sets[0].lock is None
    assert detected("group_and_lock").dependency_sets[0].lock is not None


def test_a_requirement_file_that_names_the_project_is_opened() -> None:
    chosen = detected("development_file_with_project").dependency_sets[0]
    assert (chosen.files, chosen.extras, chosen.requirements) == ((), ("fast",), ("pytest",))


def test_what_fights_with_our_own_spreading_is_stripped() -> None:
    suite = detected("requirement_files").suites[0]
    assert suite.strip == ("--numprocesses=auto", "--cov", "--cov-config=.coveragerc")


def test_plugins_that_are_used_but_not_declared() -> None:
    lines = detected("plugins").dependency_sets[0].requirements
    assert set(lines) == {
        "pytest",
        "pytest-rerunfailures",
        "pytest-cov",
        "pytest-timeout",
        "pytest-mock>=3",
        "pytest-freezer",
        "pytest-asyncio",
    }


def test_installs_in_commands_count() -> None:
    chosen = detected("installs_in_commands").dependency_sets[0]
    assert chosen.extras == ("d", "jupyter")
    assert chosen.groups == ("cov-tests",)
    assert chosen.install_project


def test_a_fallback_names_its_place() -> None:
    fallbacks = dict(detected("nox_unittest_like").dependency_sets[0].fallbacks)
    assert fallbacks["idna"] == "extra format (pyproject.toml:11)"


def test_types_are_checked_in_their_declared_environment() -> None:
    found = detected("group_and_lock")
    mypy = next(use for use in found.tools if use.tool == "mypy")
    types = next(each for each in found.dependency_sets if each.name == "types")
    assert (mypy.version, mypy.paths, mypy.dependencies, mypy.blocking) == ("==1.11.0", (), "types", True)
    assert types.groups == ("typing",)


def test_a_checker_that_no_command_runs_only_advises() -> None:
    pyright = next(use for use in detected("group_and_lock").tools if use.tool == "pyright")
    assert not pyright.blocking


def test_hooks_give_versions_arguments_paths_and_plugins() -> None:
    uses = {use.tool: use for use in detected("hooks").tools}
    assert uses["black"].version == "==24.4.2"
    assert uses["black"].args[:2] == ("--line-length", "100")
    assert uses["mypy"].paths == ("src", "tests")
    assert uses["mypy"].plugins == ("types-PyYAML==6.0", "pytest")
    assert uses["flake8"].version == "==7.1.0"
    assert uses["flake8"].plugins == ("flake8-bugbear", "flake8-comprehensions==3")
    assert uses["pyright"].paths == ("src",)
    assert "ruff" not in uses


def test_without_any_linter_ruff_advises() -> None:
    assert [(use.tool, use.blocking) for use in detected("no_tests").tools] == [("ruff", False)]


def test_every_broken_file_is_told() -> None:
    told = {each.place.path for each in detected("broken_files").decisions if each.subject == "files" and each.place}
    assert told == {"pyproject.toml", "tox.ini", "setup.py", "noxfile.py"}


def test_coverage_limits() -> None:
    shapes = ("requirement_files", "plugins", "module", "group_and_lock")
    limits = {shape: detected(shape).coverage for shape in shapes}
    assert [found.fail_under if found else None for found in limits.values()] == [98.0, 80.0, None, None]
    told = next(each for each in detected("group_and_lock").decisions if each.subject == "coverage")
    assert told.choice == "not measured (limit 91.5)"


COVERED = "[tool.coverage.report]\nfail_under = 90\n"


@pytest.mark.parametrize(
    ("files", "measured"),
    [
        ({}, True),  # a limit, and nothing to say who holds it
        ({"PKG-INFO": "Name: p\n"}, False),
        ({"tox.ini": "[testenv]\ncommands = pytest\n"}, False),
        ({"tox.ini": "[testenv]\ncommands = pytest --cov=p\n"}, True),
        ({"tox.ini": "[testenv]\ncommands =\n  coverage run -m pytest\n  coverage report\n"}, True),
        ({"Makefile": "test:\n\tpython -m coverage run -m pytest\n"}, True),
    ],
)
def test_coverage_is_measured_where_the_own_command_measures(
    tmp_path: Path, files: dict[str, str], *, measured: bool
) -> None:
    everything = {"pyproject.toml": COVERED, "test_a.py": "def test_a(): pass\n", **files}
    for name, text in everything.items():
        (tmp_path / name).write_text(text)
    found = project(tmp_path, everything)
    assert (found.coverage is not None) is measured
    assert ("coverage" in {each.subject for each in found.decisions}) is not measured


def test_pythons_are_those_of_classifiers_and_tox_within_requires_python() -> None:
    assert detected("group_and_lock").declared_pythons == ("3.11", "3.12", "3.13")
    assert detected("native_rust").declared_pythons == ("3.11", "3.12")
    assert detected("sdist_of_configured").declared_pythons == ("3.10", "3.11")


def test_native_projects() -> None:
    assert detected("native_rust").native
    assert detected("test_function").native
    assert not detected("own_runner").native


def made(root: Path, files: dict[str, str]) -> Project:
    for name, text in files.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text)
    return project(root, files)


@pytest.mark.parametrize(
    ("files", "blocking"),
    [
        ({}, False),  # a section alone
        ({"tox.ini": "[tox]\nenvlist = lint\n[testenv:lint]\ndeps = ruff\ncommands = ruff check\n"}, True),
        ({"tox.ini": "[testenv:lint]\ndeps = ruff\ncommands = ruff check\n"}, False),  # not asked for by default
        ({"requirements-dev.txt": "ruff==0.16.1\n"}, True),
        ({"requirements-dev.txt": "ruff>=0.16.1\n"}, False),
    ],
)
@pytest.mark.parametrize("released", [False, True])
def test_what_blocks(tmp_path: Path, files: dict[str, str], *, blocking: bool, released: bool) -> None:
    everything = {"pyproject.toml": "[tool.ruff]\nline-length = 100\n", "a.py": "", **files}
    everything |= {"PKG-INFO": "Name: a\n"} if released else {}
    (use,) = made(tmp_path, everything).tools
    assert use.blocking is (blocking and not released)


def test_where_nothing_is_declared_for_the_tests_they_get_what_the_project_can_use(tmp_path: Path) -> None:
    text = "from setuptools import setup\nsetup(name='weir', extras_require={'http2': ['h2'], 'docs': ['sphinx']})\n"
    files = {"setup.py": text, "weir.py": "", "test_weir.py": "def test_a(): pass\n"}
    assert made(tmp_path, files).dependency_sets[0].tentative == ("http2",)
    declared = {**files, "tox.ini": "[testenv]\ndeps = pytest\ncommands = pytest\n"}
    assert made(tmp_path, declared).dependency_sets[0].tentative == ()


def test_what_is_no_package_has_dependencies_all_the_same() -> None:
    chosen = detected("application").dependency_sets[0]
    assert not chosen.install_project
    assert (chosen.requirements, chosen.groups) == (("attrs>=24",), ("dev",))
