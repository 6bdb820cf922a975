"""The small readers: version specifiers, tox names, requirement lines, pip's and pytest's words, hooks, workflows."""

from __future__ import annotations

from pathlib import Path

import pytest

from penstock.model.snapshot import Lock
from penstock.scan.detect import precommit, pytestcalls, runners, toolcalls
from penstock.scan.detect.declared import installed, script_lines
from penstock.scan.detect.dependencies import locks
from penstock.scan.detect.dependencies.poetry import specifier
from penstock.scan.detect.dependencies.scripts import runs
from penstock.scan.detect.dependencies.toxnames import expanded
from penstock.scan.detect.pythons import allows, declared
from penstock.scan.detect.requirement import is_url, name_of, pin_of, with_marker
from penstock.scan.detect.tree import Tree


@pytest.fixture
def tree(tmp_path: Path) -> Tree:
    files = ["tests/a.py", "tests/unit/b.py", "src/pkg/__init__.py", "pkg2/__init__.py", "runtests.py", "docs/conf.py"]
    for name in files:
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text("")
    return Tree(tmp_path, files)


@pytest.mark.parametrize(
    ("requires", "minor", "answer"),
    [
        (">=3.9", "3.9", True),
        (">=3.10", "3.9", False),
        (">=3.12,!=3.14.1", "3.14", True),
        (">=3.8,!=3.11.*", "3.11", False),
        ("<3.13", "3.13", False),
        ("<=3.12", "3.12", True),
        ("~=3.9", "3.13", True),
        ("~=3.9.2", "3.10", False),
        ("^3.10", "3.9", False),
        ("^3.10", "3.14", True),
        ("~3.11", "3.12", False),
        ("==3.12.*", "3.12", True),
        (">3.11.3", "3.11", True),
        ("<3.11 || >=3.13", "3.12", False),
        ("nonsense", "3.12", True),
        ("", "3.12", True),
    ],
)
def test_requires_python(requires: str, minor: str, *, answer: bool) -> None:
    assert allows(requires, minor) is answer


def test_classifiers_that_agree_with_nothing_are_ignored() -> None:
    old = ["Programming Language :: Python :: 3.6"]
    assert declared(">=3.12", old) == ("3.12", "3.13", "3.14")


@pytest.mark.parametrize(
    ("entry", "names"),
    [
        ("py3{9-11}-tests", ["py39-tests", "py310-tests", "py311-tests"]),
        ("py{310,311}{,-tz}", ["py310", "py310-tz", "py311", "py311-tz"]),
        ("{,ci-}py312", ["py312", "ci-py312"]),
        ("lint", ["lint"]),
    ],
)
def test_tox_names(entry: str, names: list[str]) -> None:
    assert list(expanded(entry)) == names


@pytest.mark.parametrize(
    ("said", "meant"),
    [
        ("^1.2.3", ">=1.2.3,<2"),
        ("^0.2.3", ">=0.2.3,<0.3"),
        ("~1.2", ">=1.2,<1.3"),
        ("~1", ">=1,<2"),
        ("*", ""),
        ("1.0", "==1.0"),
        (">=1, <3", ">=1,<3"),
    ],
)
def test_poetry_specifiers(said: str, meant: str) -> None:
    assert specifier(said) == meant


def test_requirement_lines() -> None:
    assert name_of("Foo.Bar_baz[x]>=1 ; python_version<'3'") == "foo-bar-baz"
    assert name_of("./local") is None
    assert is_url("x @ git+https://example.org/x.git")
    assert not is_url("x>=1")
    assert pin_of("ruff == 0.4.4 ; x == 'y'") == "==0.4.4"
    assert with_marker("a; x", "y") == "a; (x) and (y)"


def test_the_words_of_pip_install() -> None:
    words = [
        "-r",
        "a.txt",
        "-cb.txt",
        "-e",
        ".[x,Y_z]",
        "--group=dev",
        "attrs>=1",
        "--upgrade",
        "wheel.whl",
        "-i",
        "url",
    ]
    needs = installed(words)
    assert (needs.files, needs.constraints, needs.extras, needs.groups) == (
        ("a.txt",),
        ("b.txt",),
        ("x", "y-z"),
        ("dev",),
    )
    assert needs.requirements == ("attrs>=1",)
    assert needs.project


@pytest.mark.parametrize(
    ("line", "argv", "paths"),
    [
        ("-v --tb=short --basetemp={envtmpdir} tests", (), ("tests",)),
        ("--durations 10 -n auto --cov pkg2 --cov-report=xml tests/unit", (), ("tests/unit",)),
        ("-m 'not slow' -p no:cacheprovider -W error", ("-m", "not slow", "-p", "no:cacheprovider", "-W", "error"), ()),
        ("--own-option value tests", ("--own-option", "value"), ("tests",)),
        ("--doctest-modules --pyargs pkg", ("--doctest-modules",), ("src/pkg",)),
        ("tests/a.py::test_x gone", (), ("tests/a.py::test_x",)),
        ("--junitxml report.xml -ra -vv ./tests/", (), ("tests",)),
        ("--ignore={toxinidir}/x tests", (), ("tests",)),
    ],
)
def test_the_words_of_pytest(tree: Tree, line: str, argv: tuple[str, ...], paths: tuple[str, ...]) -> None:
    found = pytestcalls.read(script_lines(f"pytest {line}")[0][1:], tree)
    assert (found.argv, found.paths) == (argv, paths)


@pytest.mark.parametrize(
    ("line", "runner"),
    [
        ("coverage run --source x -m pytest tests", "pytest"),
        ("python -X dev -m pytest", "pytest"),
        ("uv run --group test -- pytest", "pytest"),
        ("uv run -m pytest", "pytest"),
        ("env A=1 xvfb-run -a py.test", "pytest"),
        ("{envpython} -m unittest -v", "unittest"),
        ("poetry run trial pkg2", "unittest"),
        ("python -m pkg2.tests.run --fast", "command"),
        ("python runtests.py", "command"),
        ("python missing_tests.py", None),
        ("python -c 'import pkg2; pkg2.test()'", "command"),
        ("python -c 'print(1)'", None),
        ("python -m build", None),
        ("coverage report", None),
        ("make test", None),
    ],
)
def test_what_runs_tests(tree: Tree, line: str, runner: str | None) -> None:
    found = runners.recognise(script_lines(line)[0], tree, {"pkg2", "pkg"})
    assert (found.runner if found else None) == runner


@pytest.mark.parametrize(
    ("line", "answer"),
    [
        ("ruff check --fix src docs", ("ruff", (), ("docs",))),
        ("ruff format --check .", ("ruff-format", (), (".",))),
        ("uvx ruff@0.5 check", ("ruff", (), ())),
        ("python -m mypy --strict -p pkg", ("mypy", ("--strict", "-p", "pkg"), ())),
        ("black --check --line-length 100 tests", ("black", ("--line-length", "100"), ("tests",))),
        ("pyright --verifytypes pkg", None),
        ("ty check", ("ty", (), ())),
        ("ty server", None),
        ("mypy --version", None),
        ("pytest", None),
    ],
)
def test_what_checks(tree: Tree, line: str, answer: tuple[str, tuple[str, ...], tuple[str, ...]] | None) -> None:
    argv = [word for word in script_lines(line)[0] if word != "src"]
    assert toolcalls.recognise(argv, tree) == answer


def test_plain_patterns_of_hooks_are_folders(tree: Tree) -> None:
    assert precommit.folders("^(src|tests)/", tree) == ["src", "tests"]
    assert precommit.folders("^src/|^docs/", tree) == ["src", "docs"]
    assert precommit.folders(r"^tests/.*\.py$", tree) == ["tests"]
    assert precommit.folders(r"^(?!tests)", tree) is None


def test_the_scripts_of_a_workflow() -> None:
    steps = [
        "- run: one ${{ x }} two",
        "- name: b",
        "  run: |",
        "    three",
        "",
        "    four",
        "- run: >-",
        "    five",
        "    six",
    ]
    text = "\n".join(["jobs:", "  a:", "    steps:", *(f"      {line}" for line in steps)]) + "\n"
    assert list(runs(text)) == [(4, "one  two"), (6, "three\n\nfour"), (10, "five six")]


@pytest.mark.parametrize(
    ("fragment", "commands"),
    [
        ("cd tests && python all.py", [("env", "--chdir=tests", "python", "all.py")]),
        ("cd tests\ncd unit\npytest\ncd ../..\nmake", [("env", "--chdir=tests/unit", "pytest"), ("make",)]),
        ('cd "$HERE"; pytest', [("pytest",)]),
        ("cd /tmp; pytest", [("pytest",)]),
    ],
)
def test_commands_after_cd_name_their_folder(fragment: str, commands: list[tuple[str, ...]]) -> None:
    assert [argv for argv in script_lines(fragment) if argv[0] != "cd"] == commands


def test_of_several_locked_versions_the_newest_is_the_tools(tmp_path: Path) -> None:
    held = '[[package]]\nname = "mypy"\nversion = "{}"\n'
    (tmp_path / "uv.lock").write_text(held.format("1.19.1") + held.format("2.3.1") + held.format("1.20.0"))
    assert locks.version(Tree(tmp_path, ["uv.lock"]), Lock(kind="uv", path="uv.lock"), "mypy") == "2.3.1"


def test_a_link_out_of_the_project_is_not_read(tmp_path: Path) -> None:
    (tmp_path / "secret.toml").write_text("[project]\nname = 'stolen'\n")
    root = tmp_path / "root"
    root.mkdir()
    (root / "pyproject.toml").symlink_to(tmp_path / "secret.toml")
    (root / "real.toml").write_text("a = 1\n")
    (root / "inside.toml").symlink_to("real.toml")
    found = Tree(root, ["pyproject.toml", "inside.toml", "real.toml", "gone.toml"])
    assert found.toml("pyproject.toml") == {}
    assert found.toml("inside.toml") == {"a": 1}
    assert found.toml("gone.toml") == {}
    assert [problem.place.path for problem in found.problems if problem.place] == ["pyproject.toml", "gone.toml"]
