"""Counting by regular expression says what `ast` says, on everything but text that only looks like code."""

from __future__ import annotations

import ast
from textwrap import dedent

import pytest

from penstock.scan.detect.counting import in_text, matches

PLAIN = """
    import pytest

    def test_one(): pass

    async def test_two():
        def test_inner(): pass

    def helper():
        def test_not_counted(): pass
        return test_not_counted

    @pytest.mark.x
    def test_three(a,
                   b): pass

    value = 1

    class TestFirst:
        x = 1
        def setup(self):
            def test_local(): pass
        def test_four(self): pass
        async def test_five(self):
            def test_deep(): pass

    if value:
        def test_six(): pass
    else:
        def test_seven(): pass

    def testament(): pass
    """


def by_ast(text: str) -> tuple[int, int]:
    functions = methods = 0
    for node in ast.parse(text).body:
        inside = [*node.body, *node.orelse] if isinstance(node, ast.If) else [node]
        for each in inside:
            functions += isinstance(each, ast.FunctionDef | ast.AsyncFunctionDef) and each.name.startswith("test")
            if isinstance(each, ast.ClassDef):
                methods += sum(getattr(item, "name", "").startswith("test") for item in each.body)
    return functions, methods


@pytest.mark.parametrize("indent", ["    ", "\t", "  "])
def test_it_counts_what_ast_counts(indent: str) -> None:
    text = dedent(PLAIN).replace("    ", indent)
    count = in_text(text)
    assert (count.functions, count.methods) == by_ast(text) == (6, 2)


def test_a_file_without_tests_counts_nothing() -> None:
    assert in_text("def helper(): pass\nclass Test: pass\n").files == 0
    assert in_text("").total == 0


@pytest.mark.parametrize(
    ("path", "patterns", "answer"),
    [
        ("tests/test_a.py", ("test_*.py",), True),
        ("tests/a_test.py", ("test_*.py", "*_test.py"), True),
        ("tests/helper.py", ("test_*.py",), False),
        ("pkg/checks/x.py", ("checks/*.py",), True),
        ("test_a.py/other.py", ("test_*.py",), False),
    ],
)
def test_names_of_test_files(path: str, patterns: tuple[str, ...], *, answer: bool) -> None:
    assert matches(path, patterns) is answer
