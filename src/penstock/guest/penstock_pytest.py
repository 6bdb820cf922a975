"""The pytest plugin that records what pytest does: one event a test phase, and a finish record at the very end.

PYTEST_DONT_REWRITE

Loaded by `-p penstock_pytest` with this folder on PYTHONPATH. Standard library and pytest (>= 6.2) only, Python >= 3.9.
A pytest session inside a test (pytester) has a plugin manager of its own, and the variables are taken away when this
file is imported, so that only the first session of the process records.
"""

from __future__ import annotations

import importlib.util
import json
import sys
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Generator

    from penstock.guest import penstock_fixtures
    from penstock.guest import penstock_settings as settings
    from penstock.guest.penstock_coverage import Measuring
    from penstock.guest.penstock_events import EventWriter, claim, clean, leave_path, leave_plugins
    from penstock.guest.penstock_only import Only
    from penstock.guest.penstock_recorder import Recorder
else:
    import penstock_fixtures
    import penstock_settings as settings
    from penstock_coverage import Measuring
    from penstock_events import EventWriter, claim, clean, leave_path, leave_plugins
    from penstock_only import Only
    from penstock_recorder import Recorder

_CLAIMED = {
    name: claim(name)
    for name in (
        "PENSTOCK_EVENTS",
        "PENSTOCK_PACKAGES",
        "PENSTOCK_ONLY",
        "PENSTOCK_COVERAGE",
        "PENSTOCK_LAYER",
        "PENSTOCK_ENGINE",
        "PENSTOCK_TIMINGS",
        "PENSTOCK_POOL",
    )
}
_ORDERS = json.loads(claim("PENSTOCK_WORKER") or "null")  # of a worker in a new interpreter
_EVENTS, _ONLY = _CLAIMED["PENSTOCK_EVENTS"], _CLAIMED["PENSTOCK_ONLY"]
_MEASURING = Measuring(
    _CLAIMED["PENSTOCK_COVERAGE"],
    _CLAIMED["PENSTOCK_LAYER"],
    again="penstock_unittest" in sys.modules,
    worker=f"gw{_ORDERS['number']}" if _ORDERS else "",
)
_SETTINGS = settings.read(_CLAIMED["PENSTOCK_ENGINE"], _CLAIMED["PENSTOCK_TIMINGS"], _CLAIMED["PENSTOCK_POOL"])
if _SETTINGS is not None and not _ONLY:
    if TYPE_CHECKING:
        from penstock.guest.penstock_engine import Engine, FreshWorker, Surroundings, identity_of
        from penstock.guest.penstock_forkable import Watch
    else:
        from penstock_engine import Engine, FreshWorker, Surroundings, identity_of
        from penstock_forkable import Watch
    _WATCH = Watch()
if _SETTINGS is not None and _SETTINGS.shard and not _ONLY:
    if TYPE_CHECKING:
        from penstock.guest.penstock_sharding import Sharding
    else:
        from penstock_sharding import Sharding
if _SETTINGS is not None and _SETTINGS.quarantined and not _ONLY:
    if TYPE_CHECKING:
        from penstock.guest.penstock_quarantine import Quarantine
    else:
        from penstock_quarantine import Quarantine
leave_path()
leave_plugins("penstock_pytest")
_PATH = list(sys.path)


class Selection:
    """The hook of a replay: of all that was collected, the tests that it asks for, in their order."""

    def __init__(self, only: Only, names: dict[int, str]) -> None:
        self._only = only
        self._names = names

    @pytest.hookimpl(hookwrapper=True, tryfirst=True)
    def pytest_collection_modifyitems(self, config: Any, items: list[Any]) -> Generator[None, None, None]:
        """Choose after every other plugin has chosen and sorted."""
        yield
        wanted, others = self._only.choose(items, lambda item: clean(item.nodeid))
        self._names.update((id(item), name) for name, item in wanted)
        items[:] = [item for _, item in wanted]
        if others:
            config.hook.pytest_deselected(items=others)


def pytest_configure(config: Any) -> None:
    """Begin recording, in the first session of the process that asks."""
    global _EVENTS, _ONLY
    names: dict[int, str] = {}
    only, _ONLY = _ONLY, ""
    if only:
        config.pluginmanager.register(Selection(Only(only), names), "penstock-selection")
    if _EVENTS:
        path, _EVENTS = _EVENTS, ""
        recorder = Recorder(config, EventWriter(path), names, _MEASURING, _CLAIMED["PENSTOCK_PACKAGES"])
        config.pluginmanager.register(recorder, "penstock-recorder")
        if _SETTINGS is not None and _SETTINGS.shard and not only:
            recorder.sharding = Sharding(_SETTINGS, names)
            config.pluginmanager.register(recorder.sharding, "penstock-sharding")
        if _SETTINGS is not None and _SETTINGS.quarantined and not only:
            config.pluginmanager.register(Quarantine(_SETTINGS.quarantined), "penstock-quarantine")
        if _SETTINGS is not None and not only:
            config.pluginmanager.register(_engine(config, _SETTINGS, recorder), "penstock-engine")


def _engine(config: Any, asked: settings.Settings, recorder: Recorder) -> object:
    """The hooks of a leader, or of a worker that was started anew."""
    dist = getattr(config.known_args_namespace, "dist", "no")
    if dist in settings.TOGETHER:  # how the project wants its tests kept together is heeded, whoever distributes
        asked = asked._replace(dist=dist)
    if not config.pluginmanager.hasplugin("xdist"):
        config.addinivalue_line("markers", "xdist_group(name): tests of one group run on one worker")
    if _ORDERS:
        recorder.be(identity_of(_ORDERS).name, _ORDERS["errand"][3])
        return FreshWorker(config, asked, recorder, _WATCH, _ORDERS)
    return Engine(config, asked, recorder, _WATCH, Surroundings(_PATH, _CLAIMED))


def pytest_addoption(parser: Any) -> None:
    """Understand what a project says to xdist, where xdist is not there any more."""
    if _SETTINGS is None or importlib.util.find_spec("xdist") is not None:
        return
    group = parser.getgroup("penstock", "options of xdist that penstock understands")
    group._addoption("-n", "--numprocesses", dest="numprocesses", default=None)  # noqa: SLF001 - short options are pytest's
    group.addoption("--maxprocesses", type=int, default=None)
    group.addoption("--dist", default="no")


def pytest_plugin_registered(plugin: Any, manager: Any) -> None:
    """Offer xdist's fixtures where nobody else does."""
    if _SETTINGS is not None and manager.get_name(plugin) == "penstock_pytest" and not manager.hasplugin("xdist"):
        manager.register(penstock_fixtures, "penstock-fixtures")


@pytest.hookimpl(hookwrapper=True, tryfirst=True)
def pytest_load_initial_conftests(early_config: Any, args: list[str]) -> Generator[None, None, None]:
    """Switch off what would measure or distribute a second time, where the environment has it (Suite.strip tells)."""
    if _ORDERS:
        early_config.workerinput = {**identity_of(_ORDERS).input(), **_ORDERS["given"]}
    known = early_config.known_args_namespace
    measures = not (_SETTINGS is not None and _SETTINGS.own_coverage)
    for option, argument in (("no_cov", "--no-cov"), ("numprocesses", "-n0")):
        if _EVENTS and hasattr(known, option) and (measures or option != "no_cov"):
            setattr(known, option, True if option == "no_cov" else 0)
            args.insert(args.index("--") if "--" in args else len(args), argument)
    yield
