"""Changes that switch the asking off in the files themselves: marks, emptied tests, tests that do not run, hooks.

All of them by the default `penstock run` on a branch: what the base asks for is asked there as in the pull request.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tests.sabotage.case import PLAIN, Files, Project, Red, Sabotage, instead
from tests.sabotage.projects import LINTED, MEASURED, SECURED, TESTED, TYPED, kiln
from tests.sabotage.rules.eased import case

KILN = "tests/test_kiln.py"
CONFTEST = "tests/conftest.py"


def many(line: str, number: int = 6) -> str:
    """A module of such lines, each with a name of its own."""
    return '"""An oven."""\n\n' + "".join(line.format(n=n) for n in range(number))


# --- marks -----------------------------------------------------------------------------------------------------------

_UNDONE = "def bake_{n}(degrees: int) -> int:{mark}\n    return degrees + {n}\n\n\n"
_LONG = many("SHELF_{n} = {n}\n", 60)
MARKS = (
    case(
        "a flood of noqa",
        LINTED,
        {"kiln/oven.py": many("A_{n} = one_{n}  # noqa: F821\n")},
        {"kiln/oven.py": f"{_LONG}A = one  # noqa: F821 - the caller brings it in\n"},
        r"6 marks that silence a tool .*6 noqa",
    ),
    case(
        "a flood of type: ignore",
        TYPED,
        {"kiln/oven.py": many('A_{n}: int = "{n}"  # type: ignore[assignment]\n')},
        {"kiln/oven.py": f'{_LONG}A: int = "1"  # type: ignore[assignment]  # of a stub that is wrong\n'},
        "6 type: ignore",
    ),
    case(
        "a flood of pragma: no cover",
        MEASURED,
        {
            "kiln/oven.py": '"""An oven."""\n\n\n'
            + "".join(_UNDONE.format(n=n, mark="  # pragma: no cover") for n in range(6))
        },
        {
            "kiln/oven.py": '"""An oven."""\n\n\n' + _UNDONE.format(n=0, mark="  # pragma: no cover") + "A = 1\n",
            "tests/test_oven.py": "from kiln.oven import A\n\n\ndef test_oven() -> None:\n    assert A == 1\n",
        },
        "6 pragma: no cover",
    ),
    case(
        "a flood of nosec",
        SECURED,
        {"kiln/oven.py": many('PASSWORD_{n} = "fire and glaze {n}"  # noqa: S105  # nosec\n')},
        {"kiln/oven.py": f'{_LONG}PASSWORD = "none"  # noqa: S105 - the name of a field\n'},
        "6 nosec",
    ),
    case(
        "a whole file is not linted",
        LINTED,
        {"kiln/oven.py": '# ruff: noqa\n"""An oven."""\n\nimport os\n'},
        {"kiln/oven.py": '"""An oven."""\n\nimport os  # noqa: F401 - others take it from here\n'},
        "kiln/oven.py: `# ruff: noqa` silences",
    ),
    case(
        "a whole file is not type-checked",
        TYPED,
        {"kiln/oven.py": '# mypy: ignore-errors\nA: int = "1"\n'},
        {"kiln/oven.py": "# mypy: disallow-any-expr\nA: int = 1\n"},
        "`# mypy: ignore-errors`",
    ),
    case(
        "type: ignore stands above a whole file",
        TYPED,
        {"kiln/oven.py": '# type: ignore\nA: int = "1"\n'},
        {"kiln/oven.py": 'A: int = "1"  # type: ignore[assignment]\n'},
        "`# type: ignore` silences a tool for a whole file",
    ),
    case(
        "flake8 is kept out of a file",
        LINTED,
        {"kiln/oven.py": '# flake8: noqa\n"""An oven."""\n'},
        {"kiln/oven.py": '"""An oven. It says `# flake8: noqa` in words."""\n'},
        "`# flake8: noqa`",
    ),
    case(
        "one mark takes a whole module out of the coverage",
        MEASURED,
        {"kiln/oven.py": "if True:  # pragma: no cover\n" + "".join(f"    A_{n} = {n}\n" for n in range(40))},
        {
            "kiln/oven.py": "import sys\n\nif sys.platform == 'win32':  # pragma: no cover\n    A = 1\nB = 2\n",
            "tests/test_oven.py": "from kiln.oven import B\n\n\ndef test_oven() -> None:\n    assert B == 2\n",
        },
        "silences a tool for a block of more than 30 lines",
    ),
)

# --- tests -----------------------------------------------------------------------------------------------------------

_HOT = '    assert fire(1200) == "hot"'
_BROKEN: Files = {"kiln/__init__.py": instead('"hot"', '"cold"')}  # what the emptied test would have found


def emptied(name: str, body: str, twin: str) -> Sabotage:
    """One test's body is another one."""
    return case(
        name,
        TESTED,
        {**_BROKEN, KILN: instead(_HOT, body)},
        {KILN: instead(_HOT, twin)},
        r"test_kiln.py::test_hot (?:asserts|does) nothing any more",
    )


_MERGED = """\
import pytest


@pytest.mark.parametrize(("degrees", "name"), [(1200, "hot"), (20, "warm"), (900, "warm")])
def test_names(degrees: int, name: str) -> None:
    assert fire(degrees) == name


def test_cool"""


def merged(text: str) -> str:
    """Two tests become one with parameters."""
    return text[: text.index("def test_hot")] + _MERGED + text[text.index("def test_cool") + len("def test_cool") :]


WEAKER = (
    emptied("a test asserts what is always true", "    fire(1200)\n    assert True", '    assert fire(1100) == "hot"'),
    emptied("a test's body is pass", "    pass", '    hot = fire(1200)\n    assert hot == "hot"'),
    emptied("a test only calls", "    fire(1200)", '    assert "hot" in fire(1200)'),
    emptied(
        "a test swallows its own failure",
        '    try:\n        assert fire(1200) == "hot"\n    except AssertionError:\n        pass',
        '    try:\n        assert fire(1200) == "hot"\n    finally:\n        pass',
    ),
    emptied(
        "a test suppresses its own failure",
        '    import contextlib\n\n    with contextlib.suppress(Exception):\n        assert fire(1200) == "hot"',
        '    import contextlib\n\n    with contextlib.suppress(KeyError):\n        assert fire(1200) == "hot"',
    ),
    emptied(
        "a test returns before it asserts", f"    return\n{_HOT}", f"    if fire(1) is None:\n        return\n{_HOT}"
    ),
    emptied("an assertion has an `or True`", f"{_HOT} or True", f'{_HOT} or fire(1200) == "warm"'),
    emptied("an assertion is a tuple", '    assert (fire(1200) == "hot", "it is hot")', f'{_HOT}, "it is hot"'),
    case(
        "a test is renamed, and nobody collects it",
        TESTED,
        {**_BROKEN, KILN: instead("def test_hot", "def xtest_hot")},
        {KILN: instead("def test_hot", "def test_very_hot")},
        "is xtest_hot now, which nobody collects",
        also=("tests.uncollected",),
    ),
    case(
        "a file of tests gets a name that nobody collects",
        TESTED,
        {**_BROKEN, KILN: None, "tests/kiln_checks.py": TESTED.files[KILN]},
        {KILN: None, "tests/test_kilns.py": TESTED.files[KILN]},
        "kiln_checks.py now, which nobody collects|tests went",
        also=("tests.uncollected",),
    ),
    case(
        "a test stands under a condition that nobody meets",
        TESTED,
        {
            **_BROKEN,
            KILN: instead(
                f"def test_hot() -> None:\n{_HOT}",
                f'import os\n\nif os.environ.get("KILN_SLOW"):\n    def test_hot() -> None:\n    {_HOT}',
            ),
        },
        {KILN: instead(_HOT, f'    import os\n\n    if not os.environ.get("KILN_SLOW"):\n    {_HOT}')},
        "test_hot stands under a condition now",
    ),
    case(
        "a test that fails is deleted",
        TESTED,
        {**_BROKEN, KILN: lambda text: text.replace(f"def test_hot() -> None:\n{_HOT}\n\n\n", "")},
        {KILN: merged},
        "1 test went, and what it calls did not: tests/test_kiln.py::test_hot",
    ),
    case(
        "a file of tests is deleted",
        TESTED,
        {**_BROKEN, KILN: None},
        {"tests/test_glaze.py": None, "kiln/glaze.py": None},
        "4 tests went",
    ),
)


def idle(
    name: str,
    change: Files,
    twin: Files,
    says: str = "test_hot is (?:skipped|expected)",
    *,
    project: Project = TESTED,
    broken: bool = True,
) -> Sabotage:
    """Tests that do not run, in a checkout that remembers no run of the base. `broken`: they would fail."""
    expects = Red("tests.left_out", says)
    return Sabotage(
        name=name,
        project=project,
        change={**(_BROKEN if broken else {}), **change},
        twin=twin,
        expects=expects,
        rule="tests",
        message=PLAIN,
        twin_message=PLAIN,
    )


def marked(mark: str) -> Mapping[str, Any]:
    """A mark on one test."""
    return {KILN: lambda text: f"import pytest\n\n{text}".replace("def test_hot", f"{mark}\ndef test_hot")}


_FIXTURE = """\
import pytest


@pytest.fixture(autouse=True)
def heated(request):
    if "hot" in request.node.name:
        {}
"""
IDLE = (
    idle(
        "a test is skipped",
        marked('@pytest.mark.skip(reason="later")'),
        marked('@pytest.mark.skipif("sys.platform == \'win32\'", reason="no fire there")'),
    ),
    idle(
        "a test is skipped by a condition that is always true",
        marked('@pytest.mark.skipif(True, reason="later")'),
        marked('@pytest.mark.skipif(False, reason="later")'),
    ),
    idle(
        "a test may fail, and is not strict about it",
        marked("@pytest.mark.xfail"),
        marked('@pytest.mark.filterwarnings("error")'),
    ),
    idle(
        "a test skips itself",
        {KILN: instead(_HOT, f'    import pytest\n\n    pytest.skip("later")\n{_HOT}')},
        {KILN: instead(_HOT, f'    import pytest\n\n    if not fire(1):\n        pytest.skip("later")\n{_HOT}')},
    ),
    idle(
        "a fixture skips a test",
        {CONFTEST: _FIXTURE.format('pytest.skip("later")')},
        {CONFTEST: _FIXTURE.format("assert request.node.name")},
    ),
    idle(
        "a hook of the conftest marks a test as skipped",
        {
            CONFTEST: "import pytest\n\n\ndef pytest_collection_modifyitems(items):\n    for item in items:\n"
            '        if item.name == "test_hot":\n            item.add_marker(pytest.mark.skip(reason="later"))\n'
        },
        {
            CONFTEST: "import pytest\n\n\ndef pytest_collection_modifyitems(items):\n    for item in items:\n"
            '        if item.name == "test_hot":\n            item.add_marker(pytest.mark.usefixtures())\n'
        },
    ),
)

MARKED = kiln(
    "marked", 'unit = { test = "tests", groups = ["test"], marker = "not slow" }', stock=("pytest -q -m 'not slow'",)
)
MARKED = MARKED._replace(
    files={
        **MARKED.files,
        "pyproject.toml": MARKED.files["pyproject.toml"].replace(
            'testpaths = ["tests"]', 'testpaths = ["tests"]\nmarkers = ["slow: takes long"]'
        ),
        "tests/test_slow.py": "import pytest\n\n\n@pytest.mark.slow\ndef test_slow() -> None:\n    assert True\n",
    }
)
_SLOW = "import pytest\n\n"
LEFT = (
    idle(
        "a test is called slow, and slow ones do not run",
        {KILN: lambda text: f"{_SLOW}{text}".replace("def test_hot", "@pytest.mark.slow\ndef test_hot")},
        {KILN: lambda text: f"{_SLOW}{text}\n\n@pytest.mark.slow\ndef test_slower() -> None:\n    assert fire(2)\n"},
        "test_hot is not collected any more",
        project=MARKED,
    ),
    idle(
        "a small file is skipped for a module that nobody has",
        {"tests/test_glaze.py": lambda text: f'import pytest\n\npytest.importorskip("no_such_module")\n{text}'},
        {"tests/test_glaze.py": lambda text: f'import pytest\n\npytest.importorskip("json")\n{text}'},
        "tests/test_glaze.py is skipped",
        broken=False,
    ),
    Sabotage(
        name="a conftest drops one test of six",
        project=TESTED,
        change={
            **_BROKEN,
            CONFTEST: "def pytest_collection_modifyitems(items):\n"
            '    items[:] = [item for item in items if item.name != "test_hot"]\n',
        },
        twin={CONFTEST: "def pytest_collection_modifyitems(items):\n    items[:] = reversed(items)\n"},
        expects=Red("tests.uncollected", "test_hot"),
        rule="tests",
        message=PLAIN,
        twin_message=PLAIN,
    ),
    case(
        "a hook stands in for the tests",
        TESTED,
        {**_BROKEN, CONFTEST: "def pytest_pyfunc_call(pyfuncitem):\n    return True\n"},
        {
            CONFTEST: "import pytest\n\n\n@pytest.hookimpl(hookwrapper=True)\n"
            "def pytest_pyfunc_call(pyfuncitem):\n    yield\n"
        },
        "pytest_pyfunc_call stands in for pytest's own call",
    ),
    case(
        "a hook puts another result in place",
        TESTED,
        {
            **_BROKEN,
            CONFTEST: "import pytest\n\n\n@pytest.hookimpl(hookwrapper=True)\ndef pytest_runtest_call(item):\n"
            "    made = yield\n    made.force_result(None)\n",
        },
        {
            CONFTEST: "import pytest\n\n\n@pytest.hookimpl(hookwrapper=True)\ndef pytest_runtest_call(item):\n"
            "    made = yield\n    made.get_result()\n"
        },
        "pytest_runtest_call writes `force_result`",
    ),
    case(
        "a conftest chooses the tests",
        TESTED,
        {**_BROKEN, CONFTEST: 'def pytest_configure(config):\n    config.option.keyword = "not hot"\n'},
        {CONFTEST: "def pytest_configure(config):\n    assert config.option.keyword is not None\n"},
        "pytest_configure writes `option.keyword`",
    ),
    case(
        "a hook puts another function in the place of a test",
        TESTED,
        {
            **_BROKEN,
            CONFTEST: "def pytest_collection_modifyitems(items):\n    for item in items:\n"
            "        item.obj = lambda: None\n",
        },
        {CONFTEST: "def pytest_collection_modifyitems(items):\n    for item in items:\n        assert item.obj\n"},
        "pytest_collection_modifyitems writes `obj`",
    ),
    case(
        "a stub hides a module from the type checker",
        TYPED,
        {"kiln/oven.py": 'A: int = "1"\n', "kiln/oven.pyi": "A: int\n"},
        {"kiln/oven.py": "A: int = 1\n", "kiln/clay.pyi": "A: int\n"},
        "kiln/oven.pyi came in, and hides kiln/oven.py",
    ),
    case(
        "a file that every Python runs at its start",
        TESTED,
        {"sitecustomize.py": "import builtins\n"},
        {"kiln/customize.py": "import builtins\n\nassert builtins\n"},
        "sitecustomize.py came in",
    ),
)

CASES = (*MARKS, *WEAKER, *IDLE, *LEFT)
