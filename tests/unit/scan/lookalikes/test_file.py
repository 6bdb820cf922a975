"""What of one file looks like a test and is none that pytest collects; each beside its benign twin."""

from __future__ import annotations

from textwrap import dedent

import pytest

from penstock.model.tested import Lookalike
from penstock.scan.lookalikes.file import base_names, of_text
from penstock.scan.lookalikes.rules import Rules, of_options


def found(text: str, rules: Rules | None = None, *, functions: bool = True) -> list[Lookalike]:
    text = dedent(text)
    return list(of_text("t.py", text, rules or Rules(), set(base_names(text)), functions=functions))


def odd(text: str, rules: Rules | None = None) -> list[tuple[str, str]]:
    """Name and reason of what cannot be collected, doubts aside."""
    return [(each.name, each.why) for each in found(text, rules) if each.why and not each.doubt]


INIT = "it has an __init__ or __new__ of its own, and pytest collects no such class"


@pytest.mark.parametrize(
    ("text", "name", "why"),
    [
        ("def test_a(): pass\ndef test_a(): pass", "test_a", "line 2 takes its name"),
        ("def test_a(): pass\ntest_a = None", "test_a", "line 2 takes its name"),
        ("class TestA:\n def test_b(self): pass\n def test_b(self): pass", "TestA::test_b", "line 3 takes its name"),
        (
            "class TestA:\n def test_b(self): pass\nclass TestA:\n def test_c(self): pass",
            "TestA",
            "line 3 takes its name",
        ),
        ("class TestA:\n def __init__(self): pass\n def test_b(self): pass", "TestA", INIT),
        ("class TestA:\n __test__ = False\n def test_b(self): pass", "TestA", "it says `__test__ = False`"),
        ("__test__ = False\ndef test_a(): pass", "test_a", "the file says `__test__ = False`"),
        (
            "def test_a():\n assert 1\n def test_b(): pass",
            "test_a::test_b",
            "it stands inside of test_a, where nothing calls it",
        ),
        ("if False:\n def test_a(): pass", "test_a", "it stands under a condition that is never true"),
        (
            "if not 1:\n pass\nelse:\n pass\nif 0:\n def test_a(): pass",
            "test_a",
            "it stands under a condition that is never true",
        ),
        ("class ParserTest:\n def test_a(self): pass", "ParserTest", "pytest takes classes named Test…"),
    ],
)
def test_what_is_never_collected_is_told_with_its_reason(text: str, name: str, why: str) -> None:
    assert odd(text) == [(name, why)]


@pytest.mark.parametrize(
    "text",
    [
        "def test_a(): pass\ndef test_b(): pass",
        "@pytest.fixture\ndef test_data(): pass\n@pytest.fixture()\ndef test_data(): pass",
        "def test_a(): pass\ntest_a = wrapped(test_a)",
        "@overload\ndef test_a(): pass\ndef test_a(): pass",
        "if sys.platform == 'win32':\n def test_a(): pass\nelse:\n def test_a(): pass",
        "try:\n def test_a(): pass\nexcept E:\n def test_a(): pass",
        "class TestServer:\n def __init__(self): pass\n def start(self): pass",
        "class TestBase:\n def __init__(self): pass\n def test_a(self): pass\nclass TestB(TestBase): pass",
        "class SharedTests:\n def test_a(self): pass\nclass TestB(SharedTests): pass",
        "class QueryMixin:\n def test_a(self): pass",
        "class Client:\n def test_connection(self): pass",
        "class TestA(unittest.TestCase):\n def __init__(self, name): pass\n def test_a(self): pass",
        "class TestBase:\n __test__ = False\n def test_a(self): pass\nclass TestB(TestBase):\n __test__ = True",
        "def test_a():\n def test_b(): pass\n run(test_b)",
        "def test_a():\n @case\n def test_b(): pass",
        "def make():\n def test_b(): pass\n globals().update(locals())",
        "class TestA:\n def helper(self):\n  def test_b(): pass",
        "class Test:\n class TestInner:\n  def test_a(self): pass",
        "data = '''\ndef test_a(): pass\ndef test_a(): pass\n'''",
        "class TestA:\n @property\n def test_b(self): pass\n @test_b.setter\n def test_b(self, value): pass",
    ],
)
def test_what_is_right_is_no_alarm(text: str) -> None:
    assert odd(text) == []


def test_what_the_machine_decides_is_a_doubt() -> None:
    (one,) = found("if sys.platform == 'win32':\n def test_a(): pass")
    assert (one.name, one.doubt) == ("test_a", True)
    (other,) = found("class FooTests(library.Base):\n def test_a(self): pass")
    assert (other.name, other.doubt) == ("FooTests", True)


def test_what_pytest_collects_is_told_without_a_reason_and_held_against_what_it_collected() -> None:
    text = """
        async def test_a(): pass
        class TestA:
            def test_b(self): pass
            class TestC:
                def test_d(self): pass
        class Cases(unittest.TestCase):
            def test_e(self): pass
            def helper(self): pass
    """
    assert [each.name for each in found(text)] == ["test_a", "TestA::test_b", "TestA::TestC::test_d", "Cases::test_e"]
    assert [each.name for each in found(text, functions=False)] == ["Cases::test_e"]


def test_names_that_the_projects_own_rules_do_not_take() -> None:
    rules = of_options({"python_functions": "test_* check_*", "python_classes": ["Test", "Describe*"]})
    text = "def testFoo(): pass\ndef tested(): pass\ndef check_a(): pass\nclass DescribeA:\n def test_b(self): pass"
    assert odd(text, rules) == [("testFoo", "python_functions takes only test_* and check_*")]
    assert [each.name for each in found(text, rules)] == ["testFoo", "check_a", "DescribeA::test_b"]


def test_what_is_no_python_is_an_error() -> None:
    with pytest.raises(SyntaxError):
        found("def test_a(:")
