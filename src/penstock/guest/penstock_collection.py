"""What a session collected, as units are made of it and reports are made anew from it, in this process or another.

PYTEST_DONT_REWRITE

Standard library and pytest only, Python >= 3.9.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple, Optional

if TYPE_CHECKING:
    from penstock.guest.penstock_units import Test
else:
    from penstock_units import Test


class Stub(NamedTuple):
    """A test that another process has collected."""

    nodeid: str
    location: tuple[str, Optional[int], str]
    keywords: tuple[str, ...] = ()


class Collection(NamedTuple):
    """`items`: pytest's, or stubs of them. `limits`: each test's own limit in seconds, None without one."""

    items: list[Any]
    tests: list[Test]
    limits: list[Optional[float]]

    @property
    def names(self) -> list[str]:
        """The ids that the tests have in the log."""
        return [test.id for test in self.tests]


def describe(items: list[Any], names: list[str], timeout_s: float | None) -> Collection:
    """The collection of this process. `timeout_s`: the limit of tests that have none of their own."""
    tests, limits = [], []
    for number, item in enumerate(items):
        marks: dict[str, Any] = {}
        for mark in item.iter_markers():
            marks.setdefault(mark.name, mark)  # the closest one comes first
        tests.append(_described(item, names[number], marks))
        limits.append(_limit(item, timeout_s, marks))
    return Collection(items, tests, limits)


def pack(collection: Collection) -> list[tuple[Any, ...]]:
    """A row of basic types for each test."""
    return [
        (
            item.nodeid,
            tuple(item.location),
            tuple(map(str, item.keywords)),
            tuple(collection.tests[number]),
            collection.limits[number],
        )
        for number, item in enumerate(collection.items)
    ]


def unpack(rows: list[tuple[Any, ...]]) -> Collection:
    """What `pack` was given, with stubs."""
    return Collection(
        [Stub(nodeid, location, keywords) for nodeid, location, keywords, _, _ in rows],
        [Test(*test) for _, _, _, test, _ in rows],
        [limit for _, _, _, _, limit in rows],
    )


def _described(item: Any, name: str, marks: dict[str, Any]) -> Test:
    path, _, rest = item.nodeid.partition("::")
    scope = rest.partition("[")[0].rpartition("::")[0]
    definitions = getattr(getattr(item, "_fixtureinfo", None), "name2fixturedefs", {})
    scopes = {fixture: made[-1].scope for fixture, made in definitions.items() if made}
    wide = [fixture for fixture, scope_of in scopes.items() if scope_of in ("module", "package")]
    wide += [f"{scope}.{fixture}" for fixture, scope_of in scopes.items() if scope_of == "class"]
    marker = marks.get("xdist_group")
    group = ""
    if marker is not None:
        group = str(marker.args[0] if marker.args else marker.kwargs.get("name", "default"))
    return Test(name, path, scope, group, " ".join(sorted(wide)))


def _limit(item: Any, default_s: float | None, marks: dict[str, Any]) -> float | None:
    """A test's own limit in seconds. pytest-timeout, where it is installed, enforces its marks itself."""
    marker = marks.get("timeout")
    if marker is None or item.config.pluginmanager.hasplugin("timeout"):
        return default_s
    given = marker.args[0] if marker.args else None
    own_s = float(given) if isinstance(given, (int, float)) and given > 0 else None
    return min((each for each in (own_s, default_s) if each), default=None)
