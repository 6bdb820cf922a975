"""The small projects: each green as it stands, and quick."""

from __future__ import annotations

import sys

from tests.sabotage.case import Project

PYTHON = f"{sys.version_info[0]}.{sys.version_info[1]}"

SOURCE = '''\
"""A kiln."""


def fire(degrees: int) -> str:
    """How hot it is."""
    if degrees > 1000:
        return "hot"
    return "warm"


def cool(degrees: int, by: int) -> int:
    """The degrees that are left."""
    return max(degrees - by, 0)
'''
GLAZE = '''\
"""A glaze."""


def mix(parts: list[int]) -> int:
    """The sum of all parts."""
    return sum(parts)
'''
TESTS = '''\
"""Tests of the kiln."""

from kiln import cool, fire


def test_hot() -> None:
    assert fire(1200) == "hot"


def test_warm() -> None:
    assert fire(20) == "warm"


def test_cool() -> None:
    assert cool(100, 30) == 70


def test_no_colder() -> None:
    assert cool(10, 30) == 0
'''
GLAZE_TESTS = '''\
"""Tests of the glaze."""

from kiln.glaze import mix


def test_mix() -> None:
    assert mix([1, 2]) == 3


def test_nothing() -> None:
    assert mix([]) == 0
'''
_PYPROJECT = """\
[project]
name = "kiln"
version = "1.0"
requires-python = ">=3.11"

[dependency-groups]
test = ["pytest"]

[tool.pytest.ini_options]
pythonpath = ["."]
testpaths = ["tests"]

[tool.penstock]
python = ["{python}"]

[tool.penstock.jobs]
{jobs}
{more}"""


def kiln(name: str, jobs: str, *, more: str = "", stock: tuple[str, ...]) -> Project:
    """The same small package with these jobs. `more`: further tables of pyproject.toml."""
    files = {
        "pyproject.toml": _PYPROJECT.format(python=PYTHON, jobs=jobs.strip(), more=more),
        "kiln/__init__.py": SOURCE,
        "kiln/glaze.py": GLAZE,
        "tests/test_kiln.py": TESTS,
        "tests/test_glaze.py": GLAZE_TESTS,
    }
    return Project(name, files, stock)


UNIT = 'unit = { test = "tests", groups = ["test"] }'
TESTED = kiln("tested", UNIT, stock=("pytest -q",))

COVERAGE = "coverage = true"
MEASURED = kiln(
    "measured",
    f"{UNIT}\n{COVERAGE}",
    more="""\
[tool.penstock.gates]
coverage = { total = 90 }

[tool.coverage.run]
source = ["kiln"]
""",
    stock=("pytest -q --cov=kiln --cov-fail-under=90",),
)
LINTED = kiln(
    "linted",
    "lint = true",
    more='[tool.ruff.lint]\nselect = ["E", "F", "I"]\n\n[tool.ruff.format]\nquote-style = "double"\n',
    stock=("ruff check .", "ruff format --check ."),
)
TYPED = kiln("typed", "types = true", more='[tool.mypy]\nstrict = true\nfiles = ["kiln"]\n', stock=("mypy",))
SECURED = kiln(
    "secured",
    'security = { paths = ["kiln"] }',
    more='[tool.penstock.gates]\nsecurity = { severity = "low" }\n',
    stock=("ruff check --select S kiln",),
)
PLAIN = kiln("plain", 'check = { run = "python -m compileall -q kiln" }', stock=("python -m compileall -q kiln",))
