"""Tests that build on those before them in their file: which of those they ran without, and what is kept whole.

PYTEST_DONT_REWRITE

A file is cut where nothing seen speaks against it. A test that fails without the tests before it, and passes
behind them, passes: that is how pytest runs it. From then on the file is kept whole up to that test.
Standard library only, Python >= 3.9.
"""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from penstock.guest.penstock_units import Test, Timing

_MEMORY = "penstock/together"  # in pytest's cache: ids of tests that build on those before them
_MOST = 1000  # that are remembered


def missing(tests: Sequence[Test], number: int, before: tuple[int, ...]) -> tuple[int, ...]:
    """The tests before this one in its file, unless all of them are the last of `before`, what its worker had begun."""
    path, first = tests[number].path, number
    while first > 0 and tests[first - 1].path == path:
        first -= 1
    earlier = tuple(range(first, number))
    return () if before[len(before) - len(earlier) :] == earlier else earlier


def kept(tests: list[Test], known: Mapping[str, Timing], names: Iterable[str]) -> list[Test]:
    """The tests, where each file of those in `names`, and of those `known` as such, is one group, up to the last such
    test in it.
    """
    wanted = {*names, *(name for name, each in known.items() if each.together)}
    last = {test.path: number for number, test in enumerate(tests) if test.id in wanted}
    return [
        test._replace(group=f"together {test.path}") if number <= last.get(test.path, -1) and not test.group else test
        for number, test in enumerate(tests)
    ]


def remembered(config: Any) -> list[str]:
    """The tests that earlier runs found."""
    cache = getattr(config, "cache", None)
    names = cache.get(_MEMORY, []) if cache is not None else []
    return [name for name in names if isinstance(name, str)] if isinstance(names, list) else []


def remember(config: Any, names: Iterable[str]) -> None:
    """Keep these for the next run, with those that are known; a cache that cannot be written costs only time."""
    known = remembered(config)
    every = list(dict.fromkeys([*known, *names]))[-_MOST:]
    if every != known:
        with contextlib.suppress(Exception):
            config.cache.set(_MEMORY, every)
