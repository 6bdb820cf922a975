"""Which names pytest takes for tests: its own rules, and the project's."""

from __future__ import annotations

import fnmatch
import re
from collections.abc import Mapping
from typing import Any

from penstock.scan.detect.declared import words
from penstock.scan.detect.requirement import strings
from penstock.value import Value

_USUAL_FUNCTION = re.compile(r"test(?:_|[A-Z0-9]|$)")
_USUAL_FOLDERS = ("*.egg", ".*", "_darcs", "build", "CVS", "dist", "node_modules", "venv", "{arch}")


class Rules(Value, frozen=True, kw_only=True):
    """pytest's `python_functions`, `python_classes` and `norecursedirs`: prefixes, or patterns where they have one."""

    functions: tuple[str, ...] = ("test",)
    classes: tuple[str, ...] = ("Test",)
    closed: tuple[str, ...] = _USUAL_FOLDERS

    def function(self, name: str) -> bool:
        """Whether pytest takes the function."""
        return _fits(self.functions, name)

    def looks(self, name: str) -> bool:
        """Whether a reader takes the function for a test, by these rules or the usual ones."""
        return self.function(name) or _USUAL_FUNCTION.match(name) is not None

    def class_(self, name: str) -> bool:
        """Whether pytest takes the class, if it is not one of unittest's."""
        return _fits(self.classes, name)

    def shut(self, folder: str) -> bool:
        """Whether the project keeps pytest out of a folder, or of one above it."""
        own = [pattern for pattern in self.closed if pattern not in _USUAL_FOLDERS]
        parts = folder.split("/")
        paths = ["/".join(parts[: number + 1]) for number in range(len(parts))]
        return any(
            fnmatch.fnmatch(path if "/" in pattern else path.rpartition("/")[2], pattern)
            for path in paths
            for pattern in own
        )


def of_options(options: Mapping[str, Any]) -> Rules:
    """The rules that a project's pytest configuration declares."""
    usual = Rules()
    return Rules(
        functions=_words(options.get("python_functions")) or usual.functions,
        classes=_words(options.get("python_classes")) or usual.classes,
        closed=_words(options.get("norecursedirs")) or usual.closed,
    )


def _words(value: object) -> tuple[str, ...]:
    if isinstance(value, list):
        return tuple(strings(value))
    return tuple(word for line in strings(value) for word in words(line))


def _fits(patterns: tuple[str, ...], name: str) -> bool:
    """As pytest does: a prefix, or a pattern where it has a wildcard."""
    return any(name.startswith(each) or (set("*?[") & set(each) and fnmatch.fnmatch(name, each)) for each in patterns)
