"""Tests that a change leaves in name only; each alarm beside an honest change that looks like it."""

from __future__ import annotations

import pytest

from penstock.judge import weaker_tests
from penstock.model.change import Sides

HOT = '    assert fire(1200) == "hot"\n'
TESTS = f"""\
from kiln import cool, fire


def test_hot():
{HOT}

def test_cool():
    assert cool(100, 30) == 70
"""


def side(now: str | None, before: str | None = TESTS, path: str = "tests/test_kiln.py", was: str = "") -> Sides:
    return Sides(path=path, was=was or path, before=before, now=now)


def told(*sides: Sides, total: int = 10) -> list[str]:
    return list(weaker_tests.told(sides, lambda: total))


@pytest.mark.parametrize(
    "body",
    [
        "    pass\n",
        "    ...\n",
        "    fire(1200)\n",
        "    fire(1200)\n    assert True\n",
        '    print("all is well")\n',
        f"    return\n{HOT}",
        '    assert fire(1200) == "hot" or True\n',
        '    assert (fire(1200) == "hot", "it is hot")\n',
        "    hot = fire(1200)\n    assert hot == hot\n",
        "    if False:\n        assert fire(1200)\n",
        "    try:\n        assert fire(1200)\n    except AssertionError:\n        pass\n",
        "    try:\n        assert fire(1200)\n    except:\n        print(1)\n",
        "    with suppress(Exception):\n        assert fire(1200)\n",
        "    with pytest.raises(BaseException):\n        assert fire(1200)\n",
        "    try:\n        assert fire(1200)\n    except* AssertionError:\n        pass\n",
        "    while False:\n        assert fire(1200)\n",
        "    def inner():\n        assert fire(1200)\n\n    assert inner\n",
        "    for each in []:\n        assert fire(each)\n",
        "    with contextlib.suppress(KeyError, AssertionError):\n        assert fire(1200)\n",
    ],
)
def test_a_test_that_cannot_fail_any_more_is_told(body: str) -> None:
    assert told(side(TESTS.replace(HOT, body))) == ["tests/test_kiln.py::test_hot asserts nothing any more"]


@pytest.mark.parametrize(
    "body",
    [
        '    assert fire(1300) == "hot"\n',
        "    check_hot(1200)\n",
        "    look_at(fire(1200))\n",
        "    with raises(ValueError):\n        fire(-1)\n",
        "    if not fire(1200):\n        raise AssertionError\n",
        "    if fire(1) is None:\n        return\n    assert fire(1200)\n",
        "    try:\n        assert fire(1200)\n    finally:\n        cool(1, 1)\n",
        "    try:\n        fire(-1)\n    except ValueError:\n        pass\n    else:\n        raise AssertionError\n",
        "    with suppress(KeyError):\n        assert fire(1200)\n",
        "    def inner():\n        assert fire(1200)\n\n    inner()\n",
    ],
)
def test_a_test_that_still_can_is_not(body: str) -> None:
    assert told(side(TESTS.replace(HOT, body))) == []


def test_one_that_only_called_and_now_does_not_is_told() -> None:
    before = "def test_imports():\n    kiln.start()\n"
    assert told(side("def test_imports():\n    pass\n", before)) == [
        "tests/test_kiln.py::test_imports does nothing any more"
    ]
    assert told(side("def test_imports():\n    pass\n", "def test_imports():\n    pass\n")) == []


def test_a_test_under_a_name_that_nobody_collects_is_told_unless_it_is_called() -> None:
    renamed = TESTS.replace("test_hot", "xtest_hot")
    assert told(side(renamed)) == ["tests/test_kiln.py::test_hot is xtest_hot now, which nobody collects"]
    helper = renamed + "\n\ndef test_both():\n    xtest_hot()\n"
    assert told(side(helper)) == []
    assert told(side(TESTS.replace("test_hot", "test_very_hot"))) == []


def test_a_class_that_nobody_collects_is_told() -> None:
    before = f"class TestKiln:\n    def test_hot(self):\n    {HOT}"
    (words,) = told(side(before.replace("TestKiln", "KilnCase"), before))
    assert words == "tests/test_kiln.py::TestKiln::test_hot is KilnCase::test_hot now, which nobody collects"


def test_a_file_that_nobody_collects_is_told_and_one_that_moved_is_not() -> None:
    away = side(TESTS, path="tests/kiln_checks.py", was="tests/test_kiln.py")
    assert told(away)[0] == "tests/test_kiln.py::test_hot is tests/kiln_checks.py now, which nobody collects"
    assert told(side(TESTS, path="tests/unit/test_kiln.py", was="tests/test_kiln.py")) == []
    assert told(side(None), side(TESTS, None, "tests/test_more.py")) == []


def test_tests_that_go_are_told_by_their_share() -> None:
    less = TESTS.replace(f"def test_hot():\n{HOT}", "")
    assert told(side(less)) == ["1 test went, and what it calls did not: tests/test_kiln.py::test_hot"]
    assert told(side(less), total=18) == ["1 test went, and what it calls did not: tests/test_kiln.py::test_hot"]
    assert told(side(less), total=19) == [], "as many as `min = auto` lets go"


def test_tests_that_go_with_what_they_test_are_not() -> None:
    code = side("def cool(): ...\n", "def fire(): ...\ndef cool(): ...\n", "kiln/__init__.py")
    assert told(side(TESTS.replace(f"def test_hot():\n{HOT}", "")), code) == []


def test_tests_that_become_parameters_are_not() -> None:
    merged = '@pytest.mark.parametrize("a", [1, 2])\ndef test_all(a):\n    assert fire(a)\n'
    assert told(side(merged)) == []
    assert told(side(merged.replace("[1, 2]", "CASES"))) == []
    assert len(told(side(merged.replace("[1, 2]", "[1]")))) == 1


def test_a_test_that_is_emptied_where_it_moves_is_told() -> None:
    moved = side(TESTS.replace(HOT, "    pass\n"), None, "tests/test_more.py")
    assert told(side(None), moved) == ["tests/test_more.py::test_hot asserts nothing any more"]


def test_a_test_under_a_condition_is_told_and_one_under_a_true_one_is_not() -> None:
    def under(condition: str, before: str = TESTS) -> list[str]:
        start = before.index("def test_hot")
        block = before[start : before.index("def test_cool")].strip()
        inner = "\n".join(f"    {line}" for line in block.splitlines())
        return told(side(before.replace(block, f"if {condition}:\n{inner}"), before))

    assert under('os.environ.get("SLOW")') == ["tests/test_kiln.py::test_hot stands under a condition now"]
    assert under("True") == []


def test_a_fixture_is_no_test() -> None:
    (words,) = told(side(TESTS.replace("def test_hot", "@pytest.fixture\ndef test_hot")))
    assert words == "tests/test_kiln.py::test_hot is test_hot now, which nobody collects"


def test_what_is_no_python_is_told_by_others() -> None:
    assert told(side("def test_(:\n", "def (:\n")) == []


def idled(now: str, before: str | None = TESTS, path: str = "tests/test_kiln.py") -> list[tuple[str, str]]:
    return list(weaker_tests.idled([side(now, before, path)]))


@pytest.mark.parametrize(
    ("mark", "reason"),
    [
        ('@pytest.mark.skip(reason="later")', "later"),
        ('@pytest.mark.skip("later")', "later"),
        ("@pytest.mark.skip", ""),
        ("@pytest.mark.skipif(True, reason=why())", ""),
        ("@pytest.mark.xfail", ""),
        ("@unittest.expectedFailure", ""),
        ('@unittest.skip("later")', "later"),
        ('@pytest.mark.parametrize("a", [pytest.param(1, marks=pytest.mark.skip)])', ""),
    ],
)
def test_a_test_that_the_change_marks_is_named(mark: str, reason: str) -> None:
    assert idled(TESTS.replace("def test_hot", f"{mark}\ndef test_hot")) == [("tests/test_kiln.py::test_hot", reason)]


def test_skips_in_a_body_a_class_a_file_and_a_folder_are_named_by_what_they_hit() -> None:
    assert idled(TESTS.replace(HOT, '    pytest.skip("later")\n')) == [("tests/test_kiln.py::test_hot", "later")]
    assert idled(f"{TESTS}\n\npytestmark = pytest.mark.skip\n") == [("tests/test_kiln.py", "")]
    assert idled(f'pytest.importorskip("gone")\n{TESTS}') == [("tests/test_kiln.py", "")]
    cased = "@pytest.mark.skip\nclass TestA:\n    def test_a(self):\n        pass\n"
    assert idled(cased) == [("tests/test_kiln.py::TestA", "")]
    hook = 'def pytest_runtest_setup():\n    pytest.skip("later")\n'
    assert idled(hook, None, "tests/conftest.py") == [("tests/", "later")]
    assert idled(hook, None, "conftest.py") == [("", "later")]


def test_a_mark_that_was_there_is_none_of_the_change() -> None:
    marked = TESTS.replace("def test_hot", '@pytest.mark.skip(reason="later")\ndef test_hot')
    assert idled(marked, marked) == []
    assert idled(TESTS, marked) == []


def test_another_condition_is_another_skip_and_another_reason_is_not() -> None:
    marked = TESTS.replace("def test_hot", '@pytest.mark.skipif(ON_WINDOWS, reason="later")\ndef test_hot')
    assert idled(marked.replace("ON_WINDOWS", "True"), marked) == [("tests/test_kiln.py::test_hot", "later")]
    assert idled(marked.replace("later", "much later"), marked) == []
    empty = TESTS.replace("def test_hot", '@pytest.mark.parametrize("a", [])\ndef test_hot')
    assert idled(empty) == [("tests/test_kiln.py::test_hot", "")]


def deselected(now: str, before: str | None = TESTS, path: str = "tests/test_kiln.py") -> list[str]:
    return list(weaker_tests.deselected([side(now, before, path)]))


def test_a_mark_by_which_a_test_may_be_taken_out_is_told_where_the_test_was() -> None:
    slow = TESTS.replace("def test_hot", "@pytest.mark.slow\ndef test_hot")
    assert deselected(slow) == ["tests/test_kiln.py::test_hot"]
    assert deselected(slow, slow) == []
    assert deselected(slow, None) == []
    assert deselected(f"{TESTS}\n\n@pytest.mark.slow\ndef test_new():\n    pass\n") == []
    assert deselected(f"{TESTS}\n\npytestmark = pytest.mark.slow\n") == ["tests/test_kiln.py"]
    assert deselected(TESTS.replace("def test_hot", '@pytest.mark.usefixtures("a")\ndef test_hot')) == []
    hook = "def pytest_collection_modifyitems(config, items):\n    config.hook.pytest_deselected(items=items)\n"
    assert deselected(hook, None, "tests/conftest.py") == ["tests/"]


def hooks(now: str, before: str | None = None, path: str = "tests/conftest.py") -> list[str]:
    return list(weaker_tests.hooks([side(now, before, path)]))


WRITES = "def pytest_runtest_makereport():\n    made = yield\n    made.get_result().outcome = 'passed'\n"


def test_hooks_that_write_what_a_test_said_are_told() -> None:
    assert hooks(WRITES) == ["tests/conftest.py: pytest_runtest_makereport writes `outcome`"]
    assert hooks(WRITES, WRITES) == []
    assert hooks(WRITES.replace(" = 'passed'", " == 'passed'")) == []
    assert hooks("def pytest_runtest_call():\n    (yield).force_result(None)\n") == [
        "tests/conftest.py: pytest_runtest_call writes `force_result`"
    ]
    assert hooks("def pytest_exception_interact(report):\n    setattr(report, 'longrepr', None)\n") == [
        "tests/conftest.py: pytest_exception_interact writes `longrepr`"
    ]
    assert hooks("def pytest_pyfunc_call(pyfuncitem):\n    return True\n") == [
        "tests/conftest.py: pytest_pyfunc_call stands in for pytest's own call"
    ]
    assert hooks("def pytest_pyfunc_call():\n    yield\n") == []
    assert hooks("def pytest_configure(config):\n    config.option.keyword = 'a'\n    config.option.verbose = 2\n") == [
        "tests/conftest.py: pytest_configure writes `option.keyword`"
    ]
    assert hooks("def pytest_itemcollected(item):\n    item.runtest = print\n") == [
        "tests/conftest.py: pytest_itemcollected writes `runtest`"
    ]


def test_a_file_that_every_python_runs_is_told_when_it_comes() -> None:
    assert hooks("", path="sitecustomize.py") == [
        "sitecustomize.py came in, and runs before every program that finds it"
    ]
    assert hooks("x = 1\n", "", path="src/sitecustomize.py") == []
