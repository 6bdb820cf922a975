"""What a session collected, as units are made of it and reports are made anew from it, in this process or another.

PYTEST_DONT_REWRITE

Standard library and pytest only, Python >= 3.9.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple, Optional

if TYPE_CHECKING:
    from penstock.guest.penstock_reports import pack_warning, unpack_warning
    from penstock.guest.penstock_units import Test
else:
    from penstock_reports import pack_warning, unpack_warning
    from penstock_units import Test

_HEARD = "penstock-heard"


class Stub(NamedTuple):
    """A test that another process has collected."""

    nodeid: str
    location: tuple[str, Optional[int], str]
    keywords: tuple[str, ...] = ()


class LeftOut(Stub):
    """One that is not to run; being a subclass it has a `__dict__`, where plugins look for what they keep."""


class Collection(NamedTuple):
    """`items`: pytest's, or stubs of them. `limits`: each test's own limit in seconds, None without one."""

    items: list[Any]
    tests: list[Test]
    limits: list[Optional[float]]

    @property
    def names(self) -> list[str]:
        """The ids that the tests have in the log."""
        return [test.id for test in self.tests]


class Gathered(NamedTuple):
    """What workers agree on. `fields`: of the event that tells of it. `reason`: why they could not have been forked
    after the collection, "" if they could. `told`: what the leader's plugins have to hear, packed.
    """

    collection: Collection
    fields: dict[str, Any]
    reason: str
    told: tuple[Any, ...]


class Heard:
    """Hooks of a worker that collects by itself: what the leader's plugins would have heard, had it collected.

    What a worker cannot collect is not among it: then nobody's collection counts, and the leader makes its own.
    """

    def __init__(self) -> None:
        self._skipped: list[Any] = []
        self._deselected: list[str] = []
        self._warnings: list[tuple[Any, ...]] = []

    def pytest_collectreport(self, report: Any) -> None:
        """Keep what was left out as a whole, a file that skips itself for one."""
        if report.skipped:
            self._skipped.append(report)

    def pytest_deselected(self, items: Any) -> None:
        """Keep what was left out by choice."""
        self._deselected += [item.nodeid for item in items]

    def pytest_warning_recorded(self, warning_message: Any, when: str, nodeid: str, location: Any) -> None:
        """Keep what the tests' files warned of when they were imported; of the rest the leader knows itself."""
        if when == "collect":
            self._warnings.append(pack_warning(warning_message, when, nodeid, location))

    def pack(self, config: Any) -> tuple[Any, ...]:
        """All of it in basic types, as far as the reports' own plugins give such."""
        reports = [config.hook.pytest_report_to_serializable(config=config, report=each) for each in self._skipped]
        return reports, self._deselected, self._warnings


def listen(config: Any) -> None:
    """Begin to hear; before anything is collected."""
    config.pluginmanager.register(Heard(), _HEARD)


def heard(config: Any) -> tuple[Any, ...]:
    """What was heard since `listen`, packed."""
    listener: Heard = config.pluginmanager.unregister(name=_HEARD)
    return listener.pack(config)


def tell(config: Any, told: tuple[Any, ...]) -> None:
    """Have the plugins of this process hear what a worker has heard. `told`: as `heard` gave it."""
    reports, deselected, warnings = told
    for each in reports:
        report = config.hook.pytest_report_from_serializable(config=config, data=each)
        config.hook.pytest_collectreport(report=report)
    if deselected:
        items = [LeftOut(nodeid, (nodeid.partition("::")[0], None, nodeid)) for nodeid in deselected]
        config.hook.pytest_deselected(items=items)
    for each in warnings:
        config.hook.pytest_warning_recorded.call_historic(kwargs=unpack_warning(each))


def agreed(parts: dict[str, tuple[Any, ...]]) -> Gathered | str:
    """The collection of all workers, as the first one has it, or what they do not agree on."""
    rows, fields, reason, told = next(iter(parts.values()))
    collection = unpack(rows)
    if fields["errors"]:
        return "there are errors in the collection"
    for name, (each, *_) in parts.items():
        differing = sorted(set(collection.names) ^ {row[3][0] for row in each})
        if differing:
            return f"the workers collected different tests: {differing[0]} is not in all ({name})"
    return Gathered(collection, fields, reason, told)


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
