from __future__ import annotations

import pytest

from penstock.judge import settings, settings_files

BASE = """
[tool.coverage.run]
source = ["kiln"]
branch = true
[tool.coverage.report]
fail_under = 90
[tool.ruff.lint]
select = ["E", "F"]
ignore = ["E501"]
[tool.mypy]
strict = true
[tool.pytest.ini_options]
testpaths = ["tests"]
addopts = "-ra -m 'not slow'"
"""


def told(files: dict[str, str | None], base: dict[str, str] | None = None) -> tuple[str, ...]:
    before = {"pyproject.toml": BASE, **(base or {})}
    now = {name: text for name, text in {**before, **files}.items() if text is not None}
    return tuple(settings.loosened(settings_files.of_files(before), settings_files.of_files(now)))


def edited(old: str, new: str) -> dict[str, str | None]:
    assert old in BASE
    return {"pyproject.toml": BASE.replace(old, new)}


@pytest.mark.parametrize(
    ("files", "says"),
    [
        (edited("fail_under = 90", "fail_under = 50"), "coverage's fail_under: 90 became 50"),
        (edited("fail_under = 90", ""), "coverage's fail_under: 90 became 0"),
        (edited("fail_under = 90", 'fail_under = 90\nomit = ["a.py"]'), "coverage's omit: a.py came in"),
        (edited('["kiln"]', '["kiln", "tests"]'), "coverage's source: kiln became kiln tests"),
        (edited("branch = true", "branch = false"), "coverage's branch is off"),
        ({".coveragerc": "[report]\nfail_under = 95\n"}, "coverage's source: kiln became the default"),
        (edited('["E501"]', '["E501", "F"]'), "ruff's ignore: F came in"),
        (edited('["E", "F"]', '["E"]'), "ruff's select: F went"),
        ({"ruff.toml": "line-length = 100\n"}, "ruff's select: E went"),
        ({"a/ruff.toml": "lint.ignore = ['ALL']\n"}, "ruff (a/ruff.toml)'s ignore: ALL came in"),
        (
            edited("select =", "per-file-ignores = { 'a/*' = ['ALL'] }\nselect ="),
            "ruff's per-file-ignores: a/*: ALL came in",
        ),
        (edited("strict = true", "strict = false"), "mypy's strict is off"),
        (edited("strict = true", "strict = true\nwarn_return_any = false"), "mypy's warn_return_any is off"),
        (edited("strict = true", "strict = true\nignore_errors = true"), "mypy's ignore_errors is on"),
        (
            edited("strict = true", "strict = true\n[[tool.mypy.overrides]]\nmodule = 'a.*'\nignore_errors = true"),
            "mypy's ignore_errors is on, for a.*",
        ),
        (
            {"mypy.ini": "[mypy]\nstrict = True\n[mypy-a]\nfollow_imports = skip\n"},
            "mypy's follow_imports: skip, for a",
        ),
        (edited("-ra", "-ra --deselect=tests/a.py"), "pytest's addopts: --deselect=tests/a.py"),
        (edited("'not slow'", "'not slow and not a'"), "pytest's addopts: -m not slow and not a"),
        (edited("-ra", "-ra -k one"), "pytest's addopts: -k one"),
        ({"pytest.ini": "[pytest]\naddopts = -x\n"}, "pytest's addopts: -x"),
        (edited('testpaths = ["tests"]', 'python_files = ["a.py"]'), "pytest's python_files: the default became a.py"),
        ({"a/ruff.toml": "line-length = 100\n"}, "ruff (a/ruff.toml)'s select: E went"),
        ({"a/ruff.toml": "extend = '../b.toml'\n"}, "ruff (a/ruff.toml)'s select: E went"),
        ({"pytest.ini": ""}, "pytest's testpaths: tests became the default"),
        ({"pytest.toml": "[pytest]\n"}, "pytest's testpaths: tests became the default"),
        ({"tests/pytest.ini": ""}, "pytest (tests/pytest.ini)'s testpaths: tests became the default"),
        ({".coveragerc": ""}, "coverage's fail_under: 90 became 0"),
        ({"mypy.ini": ""}, "mypy's strict is off"),
        ({"a/pyproject.toml": "[tool.ruff]\nline-length = 100\n"}, "ruff (a/pyproject.toml)'s select: E went"),
        (
            edited("[tool.ruff.lint]", "[tool.ruff]\ninclude = ['a']\n[tool.ruff.lint]"),
            "ruff's include: the default became a",
        ),
        ({"ruff.toml": ""}, "ruff's select: E went"),
        ({"pyproject.toml": BASE.partition("[tool.ruff")[0]}, "ruff's settings are gone"),
        (
            edited("branch = true\n[tool.coverage.report]\n", 'omit = ["a"]\n[tool.coverage.report]\nomit = ["b"]\n'),
            "coverage's omit: a, b came in",
        ),
    ],
)
def test_what_asks_for_less_is_told(files: dict[str, str | None], says: str) -> None:
    assert says in "\n".join(told(files))


@pytest.mark.parametrize(
    "files",
    [
        {},
        edited("fail_under = 90", "fail_under = 91"),
        edited('["E", "F"]', '["E", "F", "I"]'),
        edited('["E", "F"]', '["ALL"]'),
        edited('["E501"]', "[]"),
        edited("-ra", "-rA --durations=3"),
        edited("strict = true", "strict = true\nwarn_unreachable = true\npretty = true"),
        edited("[tool.ruff.lint]", "[tool.ruff]\nline-length = 100\n[tool.ruff.lint]"),
        {"a/ruff.toml": "extend = '../pyproject.toml'\nline-length = 100\n"},
        {"setup.cfg": "[flake8]\nmax-line-length = 100\n"},
        {"tox.ini": "[nothing"},
        {"a/pyproject.toml": "[project]\nname = 'a'\n[tool.ruff]\nline-length = 100\n"},
        {"samples/pytest.ini": ""},
        edited('["E", "F"]', '["E", "F4", "F", "E7"]'),
    ],
)
def test_what_asks_for_as_much_is_not_told(files: dict[str, str | None]) -> None:
    assert told(files) == ()


def test_a_tool_that_comes_in_takes_nothing_away() -> None:
    base = {"pyproject.toml": "[project]\nname = 'a'\n"}
    assert (
        told({"pyproject.toml": "[tool.mypy]\nignore_missing_imports = true\n[tool.ruff]\nexclude = ['a']\n"}, base)
        == ()
    )
    assert told({"pyproject.toml": "[tool.coverage.run]\nomit = ['a']\n"}, base) == ("coverage's omit: a came in",)


def test_settings_that_go_are_told() -> None:
    assert "mypy's strict is off" in told({"pyproject.toml": BASE.replace("[tool.mypy]\nstrict = true\n", "")})


@pytest.mark.parametrize("path", ["pyproject.toml", "a/b/ruff.toml", ".coveragerc", "setup.cfg"])
def test_the_files_that_hold_settings(path: str) -> None:
    assert settings_files.holds_settings(path)
    assert not settings_files.holds_settings(f"{path}.md")


OTHERS = """
[tool.bandit]
skips = ["B101"]
[tool.pylint."messages control"]
disable = ["C0111"]
[tool.pylint.main]
fail-under = 9
[tool.pyright]
typeCheckingMode = "strict"
[tool.ty.rules]
unused-import = "error"
[tool.deptry]
ignore = []
[tool.ruff.lint]
select = ["C90"]
[tool.ruff.lint.mccabe]
max-complexity = 8
[tool.pytest]
addopts = ["--strict-markers", "-W", "error"]
filterwarnings = ["error"]
"""
FLAKE8 = "[flake8]\nmax-complexity = 8\nper-file-ignores =\n    a.py: E1\n"


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ('["B101"]', '["B101", "B602"]', "bandit's skips: B602 came in"),
        ('["C0111"]', '["C0111", "all"]', "pylint's disable: all came in"),
        ("fail-under = 9", "fail-under = 5", "pylint's fail-under: 9 became 5"),
        ('"strict"', '"basic"', "pyright's typeCheckingMode: strict became basic"),
        ('"strict"', '"strict"\nreportAny = false', "pyright's reportAny: the default became false"),
        ('unused-import = "error"', 'unused-import = "ignore"', "ty's unused-import: error became ignore"),
        ("ignore = []", 'ignore = ["DEP001"]', "deptry's ignore: DEP001 came in"),
        ("max-complexity = 8", "max-complexity = 20", "ruff's max-complexity: 8 became 20"),
        ("max-complexity = 8", "", "ruff's max-complexity: 8 became the default"),
        ('"--strict-markers", ', "", "pytest's addopts: without --strict-markers"),
        ('["error"]', '["default"]', "pytest's filterwarnings: without error"),
        ('"-W", "error"', '"-p", "no:cacheprovider"', "pytest's addopts: -p no:cacheprovider"),
    ],
)
def test_the_settings_of_every_tool_that_judges(old: str, new: str, says: str) -> None:
    assert says in told({"pyproject.toml": OTHERS.replace(old, new)}, {"pyproject.toml": OTHERS})
    assert told({}, {"pyproject.toml": OTHERS}) == ()


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("a.py: E1", "a.py: E1,E2", "flake8's per-file-ignores: E2 came in"),
        ("max-complexity = 8", "max_complexity = 9", "flake8's max-complexity: 8 became 9"),
        ("max-complexity = 8", "extend_exclude = a", "flake8's extend-exclude: a came in"),
    ],
)
def test_the_settings_of_flake8_in_either_spelling(old: str, new: str, says: str) -> None:
    assert says in told({".flake8": FLAKE8.replace(old, new)}, {".flake8": FLAKE8})


def test_a_file_of_settings_that_only_moves_loosens_nothing() -> None:
    assert told({".flake8": None, "setup.cfg": FLAKE8}, {".flake8": FLAKE8}) == ()
    ruff = '[lint]\nselect = ["E", "F"]\nignore = ["E501"]\n'
    start, end = BASE.index("[tool.ruff"), BASE.index("[tool.mypy")
    assert told({"pyproject.toml": BASE[:start] + BASE[end:], "ruff.toml": ruff}) == ()
