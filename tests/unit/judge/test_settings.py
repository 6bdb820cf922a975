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
        ({"ruff.toml": "line-length = 100\n"}, "ruff's select: E, F went"),
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
        {"a/ruff.toml": "line-length = 100\n"},
        {"setup.cfg": "[flake8]\nmax-line-length = 100\n"},
        {"tox.ini": "[nothing"},
        {"a/ruff.toml": "no = TOML ="},
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
