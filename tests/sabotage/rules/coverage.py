"""Figures of coverage that say more than the tests did."""

from __future__ import annotations

from typing import Any

from tests.sabotage.case import PLAIN, Files, Red, Sabotage, instead, plus
from tests.sabotage.projects import COVERAGE, MEASURED, UNIT, kiln

CONFTEST = "tests/conftest.py"
UNTESTED = "".join(
    f'\n\ndef bake_{n}(degrees: int) -> int:\n    """Bake."""\n    return degrees + {n}\n' for n in range(6)
)
# Of 20 statements 11 are run: far below the limit.
UNTESTED_FILE: Files = {"kiln/oven.py": f'"""An oven."""\n{UNTESTED}'}
TESTED_FILE: Files = {
    **UNTESTED_FILE,
    "tests/test_oven.py": "from kiln import oven\n\n\ndef test_oven() -> None:\n"
    + "".join(f"    assert oven.bake_{n}(1) == {n + 1}\n" for n in range(6)),
}
CONFIGURED = '[tool.coverage.run]\nsource = ["kiln"]\n'


def case(name: str, change: Files, twin: Files, expects: Red, **more: Any) -> Sabotage:
    """A case on the measured project."""
    return Sabotage(name=name, project=MEASURED, change=change, twin=twin, expects=expects, rule="coverage", **more)


def configured(text: str) -> Files:
    """Other settings of coverage.py."""
    return {"pyproject.toml": instead(CONFIGURED, text)}


def hidden(text: str) -> Files:
    """Untested code, and a conftest file that is to hide it."""
    return {**UNTESTED_FILE, CONFTEST: text}


TOTAL = Red("coverage.total", r"of 90 %")
LOST = Red("coverage.total", "coverage data|not measured|measurements|died", 3)

FIGURES = (
    case("code without tests", {"kiln/__init__.py": plus(UNTESTED)}, TESTED_FILE, TOTAL),
    case("a module that nobody imports", UNTESTED_FILE, TESTED_FILE, TOTAL),
    case(
        "a module that nobody imports, and no source is named",
        {**UNTESTED_FILE, **configured("[tool.coverage.run]\nbranch = false\n")},
        {**TESTED_FILE, **configured("[tool.coverage.run]\nbranch = false\n")},
        TOTAL,
        stock=("pytest -q --cov --cov-fail-under=90",),
    ),
    case(
        "rounding lifts it over the limit",
        {
            "kiln/oven.py": '"""An oven."""\n\n\ndef bake(hot: bool) -> None:\n    """Bake."""\n    if hot:\n'
            + "        bake(False)\n" * 3
        },
        TESTED_FILE,
        TOTAL,
    ),
    case(
        "the tests count in",
        {
            **UNTESTED_FILE,
            **configured('[tool.coverage.run]\nsource = ["kiln", "tests"]\n'),
            "tests/test_long.py": "def test_long() -> None:\n    x = 1\n" + "    x += 1\n" * 150 + "    assert x\n",
        },
        TESTED_FILE,
        Red("policy", "coverage's source: kiln became kiln tests"),
        proposed=True,
        message=PLAIN,
        twin_message=PLAIN,
        stock=("pytest -q --cov --cov-fail-under=90",),
    ),
    case(
        "another package is measured",
        {**UNTESTED_FILE, **configured('[tool.coverage.run]\nsource = ["tests"]\n')},
        {**TESTED_FILE, **configured('[tool.coverage.run]\nsource = ["kiln"]\nparallel = true\n')},
        Red("coverage.total", "nothing of the package kiln was measured", 3),
        stock=("pytest -q --cov --cov-fail-under=90",),
    ),
)

# Where the measured data lie: beside penstock's log of the tests, or where coverage.py puts them.
_FIND = """\
import atexit, glob, os

def found():
    return glob.glob('.penstock/runs/*/jobs/**/coverage*', recursive=True) + glob.glob('.coverage*')
"""


def at_exit(body: str) -> Files:
    """A conftest file that does something with the data when all is over."""
    return hidden(f"{_FIND}\n\ndef act():\n    for name in found():\n        {body}\n\n\natexit.register(act)\n")


HARMLESS: Files = {**TESTED_FILE, CONFTEST: f"{_FIND}\n\natexit.register(found)\n"}

WITHOUT = (
    case(
        "the measuring is stopped, the figure is another's",
        hidden(
            "import coverage\n\n\ndef pytest_sessionstart():\n    measured = coverage.Coverage.current()\n"
            "    if measured:\n        measured.stop()\n"
        ),
        {**TESTED_FILE, CONFTEST: "def pytest_sessionstart():\n    pass\n"},
        Red("coverage.total", "of 90 %|not measured"),
    ),
    case("the data are deleted when all is over", at_exit("os.unlink(name)"), HARMLESS, LOST),
    case("the data are emptied when all is over", at_exit("os.truncate(name, 0)"), HARMLESS, LOST),
    case("the data are overwritten when all is over", at_exit("open(name, 'w').write('all of it')"), HARMLESS, LOST),
    case("the data are cut when all is over", at_exit("os.truncate(name, os.path.getsize(name) // 2)"), HARMLESS, LOST),
    case(
        "a process leaves before it saves what it measured",
        {**UNTESTED_FILE, CONFTEST: "import os\n\n\ndef pytest_unconfigure():\n    os._exit(0)\n"},
        {**TESTED_FILE, CONFTEST: "def pytest_unconfigure():\n    pass\n"},
        Red("coverage.total", "not measured to an end", 3, also=("tests",)),
    ),
    case(
        "a test is killed with what it measured",
        {
            "tests/test_oven.py": "import os\nimport signal\n\n\ndef test_oven() -> None:\n"
            "    os.kill(os.getpid(), signal.SIGKILL)\n"
        },
        TESTED_FILE,
        Red("coverage.total", "died before it saved|not measured|coverage data", 1, also=("tests",)),
    ),
    case(
        "no test is run, and the figure of nothing is good",
        {"tests/test_kiln.py": None, "tests/test_glaze.py": None, "tests/test_none.py": "NONE = 1\n"},
        TESTED_FILE,
        Red("coverage.total", "not measured|coverage data", 3, also=("tests",)),
    ),
)

FILES = kiln(
    "files",
    f"{UNIT}\n{COVERAGE}",
    more="[tool.penstock.gates]\ncoverage = { file = 90 }\n",
    stock=("pytest -q --cov=kiln --cov-fail-under=90",),
)
DIFF = kiln(
    "difference",
    f"{UNIT}\n{COVERAGE}",
    more="""\
[tool.penstock.gates]
coverage = { diff = 90 }

[tool.coverage.run]
source = ["kiln"]
""",
    stock=("pytest -q --cov=kiln --cov-fail-under=50",),
)
BRANCH = kiln(
    "branches",
    f"{UNIT}\n{COVERAGE}",
    more="""\
[tool.penstock.gates]
coverage = { total = 95, branch = true }

[tool.coverage.run]
source = ["kiln"]
branch = true
""",
    stock=("pytest -q --cov=kiln --cov-fail-under=95",),
)
PARTS = (
    Sabotage(
        name="a poor file hides in a good total",
        project=FILES,
        rule="coverage",
        change={
            "kiln/oven.py": '"""An oven."""\n\n\ndef bake(n: int) -> int:\n    """Bake."""\n    return n\n',
            "kiln/large.py": '"""Large."""\n\n' + "".join(f"A{n} = {n}\n" for n in range(200)),
            "tests/test_large.py": "from kiln import large\n\n\ndef test_large() -> None:\n    assert large.A1\n",
        },
        twin=TESTED_FILE,
        expects=Red("coverage.file", r"kiln/oven.py"),
    ),
    Sabotage(
        name="changed lines are not tested",
        project=DIFF,
        rule="coverage",
        change={"kiln/__init__.py": plus("\n\ndef bake(n: int) -> int:\n    return n\n")},
        twin=TESTED_FILE,
        expects=Red("coverage.diff", "of 90 %"),
    ),
    Sabotage(
        name="a changed file has no record",
        project=DIFF,
        rule="coverage",
        change={**UNTESTED_FILE, **configured('[tool.coverage.run]\nsource = ["kiln"]\nomit = ["kiln/oven.py"]\n')},
        twin=TESTED_FILE,
        expects=Red("coverage.diff", "kiln/oven.py is changed and was not measured", 3),
    ),
    Sabotage(
        name="git is told that Python is no text",
        project=DIFF,
        rule="coverage",
        change={
            ".gitattributes": "*.py binary\n",
            "kiln/__init__.py": plus("\n\ndef bake(n: int) -> int:\n    return n\n"),
        },
        twin={".gitattributes": "*.png binary\n", **TESTED_FILE},
        expects=Red("coverage.diff", "of 90 %"),
    ),
    Sabotage(
        name="branches are not measured any more",
        project=BRANCH,
        rule="coverage",
        change={
            "pyproject.toml": instead("branch = true\n", "branch = false\n"),
            "kiln/__init__.py": plus("\n\ndef dry(n: int) -> int:\n    if n:\n        n = 0\n    return n\n"),
            "tests/test_dry.py": "from kiln import dry\n\n\ndef test_dry() -> None:\n    assert dry(1) == 0\n",
        },
        twin={
            "kiln/__init__.py": plus("\n\ndef dry(n: int) -> int:\n    if n:\n        n = 0\n    return n\n"),
            "tests/test_dry.py": "from kiln import dry\n\n\ndef test_dry() -> None:\n"
            "    assert dry(1) == dry(0) == 0\n",
        },
        expects=Red("coverage.total", "branches are asked for and were not measured", 3),
    ),
)

CASES = (*FIGURES, *WITHOUT, *PARTS)
