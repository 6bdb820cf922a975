"""Keeps a session to the tests that a replay asks for: PENSTOCK_ONLY names a file with their ids, a JSON list in order.

PYTEST_DONT_REWRITE

The ids are those of the log: the second test of one id is `ID #2`.
Standard library only, Python >= 3.9.
"""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable


class Numbering:
    """Names in the log: the second test of one id gets ` #2`, and so on."""

    def __init__(self) -> None:
        self._used: dict[str, int] = {}

    def name(self, base: str) -> str:
        """A name that was not given before."""
        number = self._used[base] = self._used.get(base, 0) + 1
        return base if number == 1 else f"{base} #{number}"


class Only:
    """The tests of one replay."""

    def __init__(self, path: str) -> None:
        with open(path, encoding="utf-8") as stream:
            self._places = {name: place for place, name in enumerate(json.load(stream))}

    def choose(self, tests: Iterable[Any], id_of: Callable[[Any], str]) -> tuple[list[tuple[str, Any]], list[Any]]:
        """Of all collected tests: the wanted ones with their names, in the order of the file; and the others."""
        numbering = Numbering()
        named = [(numbering.name(id_of(test)), test) for test in tests]
        wanted = sorted((pair for pair in named if pair[0] in self._places), key=lambda pair: self._places[pair[0]])
        if len(wanted) < len(self._places):
            sys.stderr.write(
                f"penstock: {len(self._places) - len(wanted)} tests of the replay are not there any more\n"
            )
        return wanted, [test for name, test in named if name not in self._places]
