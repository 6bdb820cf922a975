"""Who a worker is, and how a process that was just forked becomes one.

PYTEST_DONT_REWRITE

What is one a process in pytest (capture, temporary folder, terminal, exit handlers, random state) is made the worker's
own before its first test.
Standard library only, Python >= 3.9.
"""

from __future__ import annotations

import atexit
import contextlib
import os
import random
import sys
import weakref
from typing import Any, NamedTuple

# What the leader alone may do: it sees every report, and writes what these keep.
_LEADERS = ("pastebin", "html", "_cov_contexts")
_LEADERS_MODULES = ("_pytest.junitxml", "pytest_html.report", "pytest_html.selfcontained_report", "allure_pytest")
_TERMINAL_HOOKS = (
    "pytest_runtest_logstart",
    "pytest_runtest_logreport",
    "pytest_runtest_logfinish",
    "pytest_sessionfinish",
    "pytest_warning_recorded",
)


class Identity(NamedTuple):
    """Who a worker is. `number`: its slot on the board; `workers`: how many run at once; `session`: one id for all."""

    number: int
    workers: int
    session: str

    @property
    def name(self) -> str:
        """As xdist names workers: fixtures of the project make databases and ports of it."""
        return f"gw{self.number}"

    def input(self) -> dict[str, Any]:
        """What `config.workerinput` holds under xdist."""
        return {
            "workerid": self.name,
            "workercount": self.workers,
            "testrunuid": self.session,
            "mainargv": list(sys.argv),
        }

    def variables(self) -> dict[str, str]:
        """The variables that xdist sets."""
        return {
            "PYTEST_XDIST_WORKER": self.name,
            "PYTEST_XDIST_WORKER_COUNT": str(self.workers),
            "PYTEST_XDIST_TESTRUNUID": self.session,
        }


def become(config: Any, identity: Identity, basetemp: str, given: dict[str, Any]) -> None:
    """Make this process, just forked, a session of its own. `given`: what the project's hooks add to workerinput."""
    os.environ.update(identity.variables())
    config.workerinput = {**identity.input(), **given}
    config.workeroutput = {}
    _own_capture(config)
    _own_temporary(config, os.path.join(basetemp, identity.name) if basetemp else "")
    _own_chance()
    _own_exit()
    mute(config)


def _own_capture(config: Any) -> None:
    """New files: the leader's hold what it captured, and share their position with every copy."""
    manager = config.pluginmanager.getplugin("capturemanager")
    if manager is None or manager._global_capturing is None:  # noqa: SLF001 - pytest has no public way
        return
    manager.stop_global_capturing()
    manager.start_global_capturing()
    manager.suspend_global_capture(in_=False)


def _own_temporary(config: Any, folder: str) -> None:
    factory = getattr(config, "_tmp_path_factory", None)
    if factory is None or not folder:
        return
    import pathlib

    factory._given_basetemp = pathlib.Path(folder)  # noqa: SLF001 - what xdist gives by an option
    factory._basetemp = None  # noqa: SLF001 - made when it is asked for


def _own_chance() -> None:
    """Python seeds its own generator after a fork; numpy's would give every worker the same numbers."""
    random.seed()
    numpy: Any = sys.modules.get("numpy")
    if numpy is not None:
        with contextlib.suppress(Exception):
            numpy.random.seed()


def _own_exit() -> None:
    """Exit handlers of the leader are the leader's; those that tests register here run at this worker's end."""
    atexit._clear()  # noqa: SLF001 - there is no public way
    for finalizer in list(getattr(weakref.finalize, "_registry", ())):
        finalizer.atexit = False
    weakref.finalize._registered_with_atexit = False  # type: ignore[attr-defined]  # noqa: SLF001 - the next one registers again
    processes: Any = sys.modules.get("multiprocessing.util")
    if processes is not None:
        atexit.register(processes._exit_function)  # noqa: SLF001 - what multiprocessing registers at its import


def mute(config: Any) -> None:
    """The terminal reporter stays, for plugins that ask for it, and says nothing; the leader's plugins leave."""
    manager = config.pluginmanager
    reporter = manager.getplugin("terminalreporter")
    if reporter is not None:
        reporter._tw._file = open(os.devnull, "w", encoding="utf-8")  # noqa: SIM115, SLF001 - open until the end
        for hook in _TERMINAL_HOOKS:
            with contextlib.suppress(ValueError, AttributeError):
                getattr(config.hook, hook)._remove_plugin(reporter)  # noqa: SLF001 - pluggy has no public way
    for plugin in list(manager.get_plugins()):
        made_by = type(plugin).__module__
        if (manager.get_name(plugin) or "") in _LEADERS or made_by in _LEADERS_MODULES:
            with contextlib.suppress(ValueError, AssertionError):
                manager.unregister(plugin)
