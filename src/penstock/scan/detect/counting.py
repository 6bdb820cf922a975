"""Test functions counted by reading the files: what a run is held against (guard G2).

By one regular expression over the lines instead of `ast`: 30 times cheaper; the two agree on the files of the surveyed
projects but for tests inside conditionals deeper than one level and for text that looks like code at column 0.
"""

from __future__ import annotations

import fnmatch
import re
from collections.abc import Iterable

from penstock.scan.detect.tree import Tree
from penstock.value import Value

PYTEST_FILES = ("test_*.py", "*_test.py")
USUAL_FILES = ("test_*.py", "*_test.py", "tests.py", "test.py", "*_tests.py")

_LINE = re.compile(
    r"^(?:(?P<top>[A-Za-z@][A-Za-z_]*)|(?P<indent>[ \t]+)(?:async[ \t]+)?def[ \t]+(?P<name>\w+))", re.MULTILINE
)
_TOP_TEST = re.compile(r"(?:async[ \t]+)?def[ \t]+test")
_BLOCKS = frozenset({"class", "if", "else", "elif", "try", "except", "finally", "with", "for", "while"})


class Count(Value, frozen=True, kw_only=True):
    """Of one file or several: functions named test* at module level, methods named test* in classes."""

    functions: int = 0
    methods: int = 0
    files: int = 0

    @property
    def total(self) -> int:
        """Functions and methods."""
        return self.functions + self.methods

    def plus(self, other: Count) -> Count:
        """The sum."""
        return Count(
            functions=self.functions + other.functions,
            methods=self.methods + other.methods,
            files=self.files + other.files,
        )


class Signs(Value, frozen=True, kw_only=True):
    """What a test file shows of its runner."""

    count: Count
    pytest: bool
    unittest: bool


def in_text(text: str) -> Count:
    """Count one file's tests."""
    functions = methods = 0
    block, body = "", ""
    if "def test" not in text:
        return Count()
    for found in _LINE.finditer(text):
        top = found["top"]
        if top:
            if top in {"def", "async"}:
                functions += bool(_TOP_TEST.match(text, found.start()))
            if top[0] != "@":
                block, body = top if top in _BLOCKS else "", ""
        elif block:
            body = body or found["indent"]
            if found["indent"] == body and found["name"].startswith("test"):
                methods += block == "class"
                functions += block != "class"
    return Count(functions=functions, methods=methods, files=int(functions + methods > 0))


def matches(path: str, patterns: Iterable[str]) -> bool:
    """Whether the file's name fits any of `patterns` (pytest's python_files; one with a slash fits the whole path)."""
    name = path.rpartition("/")[2]
    return any(fnmatch.fnmatchcase(path if "/" in pattern else name, pattern) for pattern in patterns)


class Counter:
    """Counts test files, each read once."""

    def __init__(self, tree: Tree) -> None:
        self._tree = tree
        self._seen: dict[str, Signs] = {}

    def signs(self, path: str) -> Signs:
        """Tests and runner signs of one file."""
        if path not in self._seen:
            text = self._tree.peek(path)
            self._seen[path] = Signs(
                count=in_text(text),
                pytest=bool(re.search(r"^\s*(?:import pytest\b|from pytest\b)", text, re.MULTILINE)),
                unittest="unittest" in text or "TestCase" in text,
            )
        return self._seen[path]

    def total(self, paths: Iterable[str]) -> Count:
        """The sum over files."""
        total = Count()
        for path in paths:
            total = total.plus(self.signs(path).count)
        return total
