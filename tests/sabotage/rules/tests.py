"""Tests that do not run, do not count, or do not say what they found."""

from __future__ import annotations

from typing import Any

from tests.sabotage.case import PLAIN, Files, Red, Sabotage, instead, plus
from tests.sabotage.projects import TESTED, UNIT, kiln

CONFTEST = "tests/conftest.py"
KILN = "tests/test_kiln.py"
BROKEN: Files = {"kiln/__init__.py": instead('"hot"', '"cold"')}  # a defect that one of the tests finds
ANOTHER: Files = {"tests/test_more.py": "def test_more() -> None:\n    assert True\n"}
NO_FINISH = "finish record"


def conftest(text: str) -> Files:
    """A conftest file beside the tests."""
    return {CONFTEST: text}


def hidden(text: str) -> Files:
    """The same, with a defect that it is to hide."""
    return {**BROKEN, CONFTEST: text}


def case(name: str, change: Files, twin: Files, expects: Red, **more: Any) -> Sabotage:
    """A case on the plain project."""
    return Sabotage(name=name, project=TESTED, change=change, twin=twin, expects=expects, rule="tests", **more)


ORDERLY = conftest("def pytest_collection_modifyitems(items):\n    items.sort(key=lambda item: item.name)\n")
ADDOPTS = 'testpaths = ["tests"]'


def addopts(words: str) -> Files:
    """Options in pytest's own configuration."""
    return {"pyproject.toml": instead(ADDOPTS, f'{ADDOPTS}\naddopts = "{words}"')}


NONE_RAN = (
    case(
        "all tests are skipped",
        {
            KILN: plus("\n\nimport pytest\n\npytestmark = pytest.mark.skip\n"),
            "tests/test_glaze.py": plus("\n\nimport pytest\n\npytestmark = pytest.mark.skip\n"),
        },
        {KILN: plus("\n\nimport pytest\n\npytestmark = pytest.mark.filterwarnings('error')\n")},
        Red("tests", "all 6 tests were skipped", 3),
    ),
    case(
        "a conftest skips all tests as they start",
        conftest("import pytest\n\n\ndef pytest_runtest_setup():\n    pytest.skip('later')\n"),
        conftest("def pytest_runtest_setup():\n    pass\n"),
        Red("tests", "all 6 tests were skipped", 3),
    ),
    case(
        "there are no tests any more",
        {KILN: None, "tests/test_glaze.py": None, "tests/test_nothing.py": "NOTHING = 1\n"},
        {"tests/test_nothing.py": "NOTHING = 1\n"},
        Red("tests", "no tests|no test was", 3),
    ),
    case(
        "-k that matches nothing, in pytest's configuration",
        addopts("-k no_such_test"),
        addopts("-k 'not no_such_test'"),
        Red("tests.names", "`-k no_such_test`: fits no test", also=("tests",)),
    ),
    case(
        "a marker that matches nothing, in pytest's configuration",
        addopts("-m nothing"),
        addopts("-m 'not nothing'"),
        Red("tests.names", "`-m nothing`: fits no test", also=("tests",)),
    ),
    case(
        "only collection runs",
        addopts("--collect-only"),
        addopts("--durations=3"),
        Red("tests", "not run|did not run|collect", 3),
    ),
    case(
        "only fixtures are shown",
        addopts("--fixtures"),
        addopts("--setup-show"),
        Red("tests", "told of no test|" + NO_FINISH + "|not run", 3),
    ),
    case(
        "only the help is shown",
        addopts("--help"),
        addopts("-rA"),
        Red("tests", "told of no test|" + NO_FINISH, 3),
    ),
    case(
        "fixtures are set up, tests are not called",
        addopts("--setup-only"),
        addopts("--setup-show"),
        Red("tests", "did not run|not run", 3),
    ),
    case(
        "the recorder is put away",
        hidden(
            "def pytest_configure(config):\n    manager = config.pluginmanager\n"
            "    for name, plugin in manager.list_name_plugin():\n"
            "        if plugin is not None and 'penstock' in name + type(plugin).__module__:\n"
            "            manager.unregister(plugin)\n"
        ),
        conftest("def pytest_configure(config):\n    assert config.pluginmanager.list_name_plugin()\n"),
        Red("tests", "1 failed"),
    ),
    case(
        "another prefix makes no function a test",
        {"pyproject.toml": instead(ADDOPTS, f'{ADDOPTS}\npython_functions = "check_*"')},
        {"pyproject.toml": instead(ADDOPTS, f'{ADDOPTS}\npython_functions = "test_*"')},
        Red("tests", "no tests", 3),
    ),
    case(
        "a hook says that it has run each test",
        conftest("def pytest_runtest_protocol(item):\n    return True\n"),
        conftest("def pytest_runtest_protocol(item):\n    return None\n"),
        Red("tests", "6 errored"),
    ),
)

ENDED_EARLY = (
    case(
        "a test leaves with os._exit(0)",
        {KILN: instead("    assert fire(20)", "    import os\n\n    os._exit(0)\n    assert fire(20)")},
        {
            KILN: instead(
                "    assert fire(20)",
                "    import os\n\n    if not (child := os.fork()):\n        os._exit(0)\n"
                "    os.waitpid(child, 0)\n    assert fire(20)",
            )
        },
        Red("tests", "ended early with 0|in test_|crashed", 1),
    ),
    case(
        "a conftest leaves with os._exit(0) when it is imported",
        conftest("import os\n\nos._exit(0)\n"),
        conftest("import os\n\nassert os.name\n"),
        Red("tests", "told of no test|" + NO_FINISH, 3),
    ),
    case(
        "a conftest leaves when the session starts",
        conftest("import os\n\n\ndef pytest_sessionstart():\n    os._exit(0)\n"),
        conftest("def pytest_sessionstart():\n    pass\n"),
        Red("tests", "told of no test|" + NO_FINISH, 3),
    ),
    case(
        "a conftest leaves when all is collected",
        conftest("import os\n\n\ndef pytest_collection_finish():\n    os._exit(0)\n"),
        conftest("def pytest_collection_finish():\n    pass\n"),
        Red("tests", NO_FINISH, 3),
    ),
    case(
        "a conftest leaves before the session's end is written",
        hidden(
            "import os, pytest\n\n\n@pytest.hookimpl(tryfirst=True)\ndef pytest_sessionfinish():\n    os._exit(0)\n"
        ),
        conftest("import pytest\n\n\n@pytest.hookimpl(tryfirst=True)\ndef pytest_sessionfinish():\n    pass\n"),
        Red("tests", "1 failed|" + NO_FINISH, 3),
    ),
    case(
        "a failing session ends with 0 by atexit",
        hidden("import atexit, os\n\natexit.register(os._exit, 0)\n"),
        conftest("import atexit, os\n\natexit.register(os.getpid)\n"),
        Red("tests", "1 failed"),
    ),
    case(
        "a failing session ends with 0 when pytest is put away",
        hidden("import os\n\n\ndef pytest_unconfigure():\n    os._exit(0)\n"),
        conftest("def pytest_unconfigure():\n    pass\n"),
        Red("tests", "ended early with 0", 3),
    ),
    case(
        "a hook sets the exit status to 0",
        hidden("def pytest_sessionfinish(session):\n    session.exitstatus = 0\n"),
        conftest("def pytest_sessionfinish(session):\n    session.exitstatus += 0\n"),
        Red("tests", "1 failed"),
    ),
    case(
        "pytest.exit with 0 in a conftest",
        conftest("import pytest\n\npytest.exit('enough', returncode=0)\n"),
        conftest("import pytest\n\nassert pytest.exit\n"),
        Red("tests", "Exit: enough", 3),
    ),
    case(
        "pytest.exit with 0 in a test",
        {
            KILN: instead(
                "    assert fire(20)",
                '    import pytest\n\n    pytest.exit("enough", returncode=0)\n    assert fire(20)',
            )
        },
        {KILN: instead("    assert fire(20)", "    import pytest\n\n    assert pytest.exit\n    assert fire(20)")},
        Red("tests", "not run|did not run|left before its teardown|errored", 1),
    ),
    case(
        "pytest.exit with 0 when a test has failed",
        hidden(
            "import pytest\n\n\ndef pytest_runtest_logreport(report):\n"
            "    if report.failed:\n        pytest.exit('enough', returncode=0)\n"
        ),
        conftest("def pytest_runtest_logreport(report):\n    assert report.when\n"),
        Red("tests", "failed|not run|errored", 1),
    ),
    case(
        "a test module leaves with sys.exit(0) when it is imported",
        {KILN: lambda text: f"import sys\n\nsys.exit(0)\n{text}"},
        {KILN: lambda text: f"import sys\n\nassert sys.exit\n{text}"},
        Red("tests", "2 of 2 collected tests did not run", 3),
    ),
    case(
        "a test module leaves with os._exit(0) when it is imported",
        {KILN: lambda text: f"import os\n\nos._exit(0)\n{text}"},
        {KILN: lambda text: f"import os\n\nassert os.name\n{text}"},
        Red("tests", NO_FINISH, 3),
    ),
    case(
        "the package leaves with os._exit(0) when it is imported",
        {"kiln/__init__.py": plus("\n\nimport os\n\nos._exit(0)\n")},
        {"kiln/__init__.py": plus("\n\nimport os\n\nassert os.name\n")},
        Red("tests", NO_FINISH, 3),
    ),
    case(
        "a test kills its own process",
        {
            KILN: instead(
                "    assert fire(20)",
                "    import os\n    import signal\n\n    os.kill(os.getpid(), signal.SIGKILL)\n    assert fire(20)",
            )
        },
        {KILN: instead("    assert fire(20)", "    import os\n\n    os.kill(os.getpid(), 0)\n    assert fire(20)")},
        Red("tests", "crashed|SIGKILL"),
    ),
    case(
        "a thread ends the session with 0",
        hidden(
            "import os, threading\n\n\ndef pytest_runtest_logreport(report):\n"
            "    if report.failed:\n"
            "        thread = threading.Thread(target=os._exit, args=(0,))\n"
            "        thread.start()\n        thread.join()\n"
        ),
        conftest(
            "import os, threading\n\n\ndef pytest_sessionfinish():\n"
            "    thread = threading.Thread(target=os.getpid)\n    thread.start()\n"
            "    thread.join()\n"
        ),
        Red("tests", "ended early with 0", 3),
    ),
)

LEFT_OUT = (
    case(
        "a conftest keeps one test of six",
        conftest("def pytest_collection_modifyitems(items):\n    del items[1:]\n"),
        ORDERLY,
        Red("tests", "1 test function ran, 6 were counted", 3),
    ),
    case(
        "a conftest ignores the larger file",
        conftest('collect_ignore = ["test_kiln.py"]\n'),
        conftest('collect_ignore = ["setup.py"]\n'),
        Red("tests", "2 test functions ran, 6 were counted", 3),
    ),
    case(
        "a conftest ignores files by a pattern",
        conftest('collect_ignore_glob = ["*_kiln.py"]\n'),
        conftest('collect_ignore_glob = ["*_oven.py"]\n'),
        Red("tests", "2 test functions ran, 6 were counted", 3),
    ),
    case(
        "a conftest ignores files by a hook",
        conftest(
            "def pytest_ignore_collect(collection_path):\n"
            "    return True if 'kiln.py' in collection_path.name else None\n"
        ),
        conftest("def pytest_ignore_collect(collection_path):\n    return None\n"),
        Red("tests", "2 test functions ran, 6 were counted", 3),
    ),
    case(
        "pytest is told to ignore the larger file",
        addopts("--ignore=tests/test_kiln.py"),
        addopts("--ignore=tests/data"),
        Red("tests", "2 test functions ran, 6 were counted", 3),
    ),
    case(
        "only one file counts as tests",
        {"pyproject.toml": instead(ADDOPTS, f'{ADDOPTS}\npython_files = "test_glaze.py"')},
        {"pyproject.toml": instead(ADDOPTS, f'{ADDOPTS}\npython_files = "test_*.py"')},
        Red("tests.uncollected", "4 look like a test", also=("policy",)),
        message=PLAIN,
    ),
    case(
        "a file is skipped for a module that nobody has",
        {KILN: lambda text: f'import pytest\n\npytest.importorskip("no_such_module")\n{text}'},
        {KILN: lambda text: f'import pytest\n\npytest.importorskip("json")\n{text}'},
        Red("tests", "2 test functions ran, 6 were counted", 3),
    ),
    case(
        "tests are skipped for a module that nobody has",
        {KILN: instead(") -> None:\n", ') -> None:\n    import pytest\n\n    pytest.importorskip("no_such_module")\n')},
        {KILN: instead(") -> None:\n", ') -> None:\n    import pytest\n\n    pytest.importorskip("json")\n')},
        Red("tests", "4 of 6 tests skipped: no_such_module not installed", 3),
    ),
    case(
        "a file that cannot be imported is passed over",
        {**addopts("--continue-on-collection-errors"), KILN: lambda text: f"import no_such_module\n{text}"},
        {**addopts("--continue-on-collection-errors"), KILN: lambda text: f"import json\n{text}"},
        Red("tests", "could not be collected|no module", 3),
    ),
    case(
        "a test file with a syntax error",
        {**addopts("--continue-on-collection-errors"), KILN: plus("\n\ndef test_(:\n")},
        {**addopts("--continue-on-collection-errors"), KILN: plus("\n\ndef test_() -> None:\n    pass\n")},
        Red("tests", "could not be collected|1 collection error"),
    ),
    case(
        "collection stops at the first failure",
        {**BROKEN, **addopts("--maxfail=1")},
        addopts("--maxfail=1"),
        Red("tests", "1 failed|not run"),
    ),
)

FLOOR = kiln(
    "floor",
    UNIT,
    more="[tool.penstock.gates]\ntests = { min = 6 }\n",
    stock=("pytest -q",),
)
COUNTED = (
    Sabotage(
        name="a test is gone, and the count falls below the floor",
        project=FLOOR,
        rule="tests",
        change={"tests/test_glaze.py": lambda text: text[: text.index("\n\ndef test_nothing")]},
        twin={"tests/test_glaze.py": plus("\n\ndef test_one() -> None:\n    assert mix([1]) == 1\n")},
        expects=Red("tests.min", "5 tests ran, at least 6"),
    ),
    Sabotage(
        name="a test is skipped, and the count of those that ran falls below the floor",
        project=FLOOR,
        rule="tests",
        change={
            "tests/test_glaze.py": instead(
                "\n\ndef test_nothing", "\n\n@__import__('pytest').mark.skip\ndef test_nothing"
            )
        },
        twin={"tests/test_glaze.py": plus("\n\ndef test_one() -> None:\n    assert mix([1]) == 1\n")},
        expects=Red("tests.min", "5 tests ran, at least 6"),
    ),
    Sabotage(
        name="parameters make up for tests that are gone",
        project=FLOOR,
        rule="tests",
        change={KILN: None},
        twin={KILN: instead("def test_warm", "def test_luke_warm")},
        expects=Red("tests.min", "2 tests ran, at least 6"),
    ),
)

FORGED = (
    case(
        "a hook makes passes of failures",
        hidden(
            "import pytest\n\n\n@pytest.hookimpl(hookwrapper=True)\n"
            "def pytest_runtest_makereport():\n    made = yield\n"
            "    made.get_result().outcome = 'passed'\n"
        ),
        conftest(
            "import pytest\n\n\n@pytest.hookimpl(hookwrapper=True)\n"
            "def pytest_runtest_makereport():\n    made = yield\n"
            "    assert made.get_result().outcome\n"
        ),
        Red("tests", "1 failed"),
    ),
    case(
        "a hook changes reports before they are heard",
        hidden(
            "import pytest\n\n\n@pytest.hookimpl(tryfirst=True)\n"
            "def pytest_runtest_logreport(report):\n    report.outcome = 'passed'\n"
        ),
        conftest(
            "import pytest\n\n\n@pytest.hookimpl(tryfirst=True)\n"
            "def pytest_runtest_logreport(report):\n    assert report.outcome\n"
        ),
        Red("tests", "1 failed"),
    ),
    case(
        "a hook turns failures into skips",
        hidden(
            "import pytest\n\n\n@pytest.hookimpl(hookwrapper=True)\n"
            "def pytest_runtest_makereport():\n    made = yield\n"
            "    report = made.get_result()\n    if report.failed:\n"
            "        report.outcome, report.longrepr = 'skipped', ('x', 1, 'no')\n"
        ),
        conftest(
            "import pytest\n\n\n@pytest.hookimpl(hookwrapper=True)\n"
            "def pytest_runtest_makereport():\n    made = yield\n"
            "    assert made.get_result().longrepr is None\n"
        ),
        Red("tests", "1 failed"),
    ),
)

RETRIED = (
    case(
        "a new test passes only when it is tried again",
        {
            "tests/test_new.py": "from pathlib import Path\n\n\ndef test_new() -> None:\n"
            "    mark = Path('.penstock/tried')\n    tried = mark.exists()\n    mark.touch()\n    assert tried\n"
        },
        ANOTHER,
        Red("tests", "1 failed"),
    ),
)

CASES = (
    case("a test fails", BROKEN, ANOTHER, Red("tests", "1 failed")),
    *NONE_RAN,
    *ENDED_EARLY,
    *LEFT_OUT,
    *COUNTED,
    *FORGED,
    *RETRIED,
)
