"""Measures coverage inside the test process, started before the project is imported (Python >= 3.9).

PYTEST_DONT_REWRITE

PENSTOCK_COVERAGE is JSON: {"data": path, "config": path or null, "source": [package or folder, …], "branch": bool}.
coverage.py comes from the environment, or else from the folder that PENSTOCK_LAYER names, which is on sys.path for that
import only.
"""

from __future__ import annotations

import atexit
import contextlib
import importlib
import json
import os
import sys
import warnings
from typing import Any


class Measuring:
    """One measurement. `note` says what became of it; a failure is told there and never raised into the tests."""

    def __init__(self, settings: str, layer: str, *, again: bool = False, worker: str = "") -> None:
        self.note = ""
        self._pid = os.getpid()
        self._coverage: Any = None
        self._warned: list[str] = []
        self._settings, self._layer = settings, layer
        self.asked = bool(settings) and not again  # again: the starter of this process measures already
        if self.asked:
            self._start(worker)

    def enter(self, worker: str) -> None:
        """Measure on in a process that was forked from this one, into a file of its own.

        What was measured so far stays the first process's, which saves it.
        """
        coverage, self._coverage = self._coverage, None
        if coverage is not None:
            coverage.stop()
            self._pid = os.getpid()
            self._start(worker)

    def _start(self, worker: str) -> None:
        try:
            with warnings.catch_warnings(record=True) as warned:
                warnings.simplefilter("always")
                self._coverage = _make(json.loads(self._settings), self._layer, worker)
                self._coverage.start()
            self._keep(warned)
        except Exception as error:  # noqa: BLE001 - whatever coverage.py raises, the tests run and the note tells it
            self._coverage = None
            self.note = f"failed: coverage could not be started: {type(error).__name__}: {error}"
        else:
            self.note = "lost: the process ended before coverage was saved"
            atexit.register(self.finish)

    def _keep(self, warned: list[warnings.WarningMessage]) -> None:
        """Keep what coverage.py warns of; under -W error it would be raised into the tests."""
        self._warned += [str(each.message) for each in warned if "overage" in each.category.__name__]

    def finish(self) -> str:
        """Stop and save, once; gives the note."""
        coverage, self._coverage = self._coverage, None
        if coverage is None or os.getpid() != self._pid:
            return self.note
        try:
            with warnings.catch_warnings(record=True) as warned:
                warnings.simplefilter("always")
                coverage.stop()
                coverage.save()
            self._keep(warned)
        except Exception as error:  # noqa: BLE001 - as above
            self.note = f"failed: coverage could not be saved: {type(error).__name__}: {error}"
        else:
            self.note = "; ".join(["saved", *self._warned])
        return self.note


def _make(settings: dict[str, Any], layer: str, worker: str) -> Any:
    """A coverage.Coverage that is not started yet, with the project's settings and our data file."""
    branch = bool(settings.get("branch"))
    suffix = worker or (str(os.getpid()) if settings.get("suffix") else "")
    made = _import(layer).Coverage(
        data_file=f"{settings['data']}.{suffix}" if suffix else settings["data"],
        data_suffix=False,
        config_file=settings.get("config") or False,
        source=settings.get("source") or None,
        branch=branch,
    )
    made.set_option("run:parallel", False)  # noqa: FBT003 - coverage.py's signature
    plain = not made.get_option("run:plugins") and not made.get_option("run:dynamic_context")
    if (
        plain
        and not branch
        and sys.version_info >= (3, 12)
        and made.get_option("run:concurrency") in (None, [], ["thread"])
    ):
        with contextlib.suppress(Exception):  # a coverage.py without that option chooses its core itself
            if made.get_option("run:core") is None:
                made.set_option("run:core", "sysmon")  # lines at a fraction of the cost; branches need Python 3.14
    return made


def _is_plain(made: Any) -> bool:
    """Whether sys.monitoring can do what the project's settings ask for."""
    special = made.get_option("run:plugins") or made.get_option("run:dynamic_context")
    return not special and made.get_option("run:concurrency") in (None, [], ["thread"])


def _import(layer: str) -> Any:
    try:
        return importlib.import_module("coverage")
    except ModuleNotFoundError:
        if not layer:
            raise
    sys.path.append(layer)
    try:
        return importlib.import_module("coverage")
    finally:
        sys.path.remove(layer)
