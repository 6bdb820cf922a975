"""The pytest plugin that records what pytest does: one event a test phase, and a finish record at the very end.

PYTEST_DONT_REWRITE

Loaded by `-p penstock_pytest` with this folder on PYTHONPATH. Standard library and pytest (>= 6.2) only, Python >= 3.9.
A pytest session inside a test (pytester) has a plugin manager of its own, and the variables are taken away when this
file is imported, so that only the first session of the process records.
"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Generator

    from penstock.guest import penstock_settings as settings
    from penstock.guest.penstock_coverage import Measuring
    from penstock.guest.penstock_events import EventWriter, claim, clean, leave_path, leave_plugins
    from penstock.guest.penstock_only import Only
    from penstock.guest.penstock_recorder import Recorder
else:
    import penstock_settings as settings
    from penstock_coverage import Measuring
    from penstock_events import EventWriter, claim, clean, leave_path, leave_plugins
    from penstock_only import Only
    from penstock_recorder import Recorder

_EVENTS = claim("PENSTOCK_EVENTS")
_PACKAGES = claim("PENSTOCK_PACKAGES")
_ONLY = claim("PENSTOCK_ONLY")
_MEASURING = Measuring(claim("PENSTOCK_COVERAGE"), claim("PENSTOCK_LAYER"), again="penstock_unittest" in sys.modules)
_SETTINGS = settings.read(claim("PENSTOCK_ENGINE"), claim("PENSTOCK_TIMINGS"))
if _SETTINGS is not None and not _ONLY:
    if TYPE_CHECKING:
        from penstock.guest.penstock_engine import Engine
        from penstock.guest.penstock_forkable import Watch
    else:
        from penstock_engine import Engine
        from penstock_forkable import Watch
    _WATCH = Watch()
if _SETTINGS is not None and _SETTINGS.shard and not _ONLY:
    if TYPE_CHECKING:
        from penstock.guest.penstock_sharding import Sharding
    else:
        from penstock_sharding import Sharding
leave_path()
leave_plugins("penstock_pytest")


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
        recorder = Recorder(config, EventWriter(path), names, _MEASURING, _PACKAGES)
        config.pluginmanager.register(recorder, "penstock-recorder")
        if _SETTINGS is not None and _SETTINGS.shard and not only:
            recorder.sharding = Sharding(_SETTINGS, names)
            config.pluginmanager.register(recorder.sharding, "penstock-sharding")
        if _SETTINGS is not None and not only:
            config.pluginmanager.register(Engine(config, _SETTINGS, recorder, _WATCH), "penstock-engine")


@pytest.hookimpl(hookwrapper=True, tryfirst=True)
def pytest_load_initial_conftests(early_config: Any, args: list[str]) -> Generator[None, None, None]:
    """Switch off what would measure or distribute a second time, where the environment has it (Suite.strip tells)."""
    known = early_config.known_args_namespace
    for option, argument in (("no_cov", "--no-cov"), ("numprocesses", "-n0")):
        if _EVENTS and hasattr(known, option):
            setattr(known, option, True if option == "no_cov" else 0)
            args.insert(args.index("--") if "--" in args else len(args), argument)
    yield
