"""Measures coverage inside the test process, started before the project is imported (Python >= 3.9).

PYTEST_DONT_REWRITE

PENSTOCK_COVERAGE is JSON: {"data": path, "config": path or null, "source": [package or folder, …], "branch": bool}.
coverage.py comes from the environment, or else from the folder that PENSTOCK_LAYER names, which is on sys.path for that
import only. It measures as `coverage run --parallel-mode` does: each process saves a file of its own, `data` with a
suffix, and so do the processes that the tests start, where the project's own settings ask for them.
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
    """One measurement. `note` says what became of it; a failure is told there and never raised into the tests.

    `files`: the names of what this process has saved in the folder of the data; in the first one, of what all have.
    """

    def __init__(self, settings: str, layer: str, *, again: bool = False, worker: str = "") -> None:
        self.note = ""
        self.files: list[str] = []
        self._pid = os.getpid()
        self._coverage: Any = None
        self._warned: list[str] = []
        self._worker = worker
        self._settings, self._layer = settings, layer
        self.asked = bool(settings) and not again  # again: the starter of this process measures already
        if self.asked:
            self._start()

    def enter(self, worker: str) -> None:
        """Measure on in a process that was forked from this one, into a file of its own.

        What was measured so far stays the first process's, which saves it.
        """
        coverage, self._coverage = self._coverage, None
        if coverage is not None:
            coverage.stop()
            self._pid, self._worker = os.getpid(), worker
            self._start()

    def _start(self) -> None:
        try:
            with warnings.catch_warnings(record=True) as warned:
                warnings.simplefilter("always")
                self._coverage = _make(json.loads(self._settings), self._layer, self._worker)
                self._coverage.start()
            self._keep(warned)
        except Exception as error:  # noqa: BLE001 - whatever coverage.py raises, the tests run and the note tells it
            self._coverage = None
            told = str(error) if isinstance(error, _UnmeasurableError) else f"{type(error).__name__}: {error}"
            self.note = f"failed: coverage could not be started: {told}"
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
                measured = coverage.get_data()
            self._keep(warned)
            self.files = _saved(measured, beside=not self._worker)
        except Exception as error:  # noqa: BLE001 - as above
            self.note = f"failed: coverage could not be saved: {type(error).__name__}: {error}"
        else:
            self.note = "; ".join(["saved", *self._warned])
        return self.note


def _saved(measured: Any, *, beside: bool) -> list[str]:
    """The names of what lies there now: `measured`, and what was saved beside it by processes that are over."""
    folder, own = os.path.split(measured.data_filename())
    start = own.partition(".data")[0] + ".data"
    names = {name for name in os.listdir(folder) if name.startswith(start)} if beside else set()
    if measured.measured_files() or os.path.exists(os.path.join(folder, own)):
        names.add(own)
    return sorted(name for name in names if not name.endswith(("-journal", "-wal", "-shm")))


class _UnmeasurableError(Exception):
    """The project's settings ask for what cannot be measured here."""


def _make(settings: dict[str, Any], layer: str, worker: str) -> Any:
    """A coverage.Coverage that is not started yet, with the project's settings and our data file."""
    package, borrowed = _import(layer)
    made = package.Coverage(
        data_file=f"{settings['data']}.{worker}" if worker else settings["data"],
        data_suffix=True,
        config_file=settings.get("config") or False,
        source=settings.get("source") or None,
        branch=bool(settings.get("branch")),
    )
    made.set_option("run:parallel", True)  # noqa: FBT003 - coverage.py's signature; for the processes that tests start
    if worker:  # what it was forked from has imported the project, and another worker may have run all tests
        quiet = [*(made.get_option("run:disable_warnings") or ()), "module-not-measured", "no-data-collected"]
        made.set_option("run:disable_warnings", quiet)
    _reach_children(made, settings["data"], borrowed=borrowed)
    if _is_plain(made):
        with contextlib.suppress(Exception):  # a coverage.py without that option chooses its core itself
            if made.get_option("run:core") is None:
                made.set_option("run:core", "sysmon")  # lines at a fraction of the cost
    return made


def _reach_children(made: Any, path: str, *, borrowed: bool) -> None:
    """Let the processes that the tests start save beside us, where the project's settings or variables measure them.

    `patch` hands all settings on by itself; multiprocessing and COVERAGE_PROCESS_START only name their file. Raises
    _UnmeasurableError where these processes could not import coverage.py: without them, the figure would be too low.
    """
    asked = {
        "patch = subprocess": "subprocess" in (_option(made, "run:patch") or ()),
        "concurrency = multiprocessing": "multiprocessing" in (_option(made, "run:concurrency") or ()),
        "COVERAGE_PROCESS_START": "COVERAGE_PROCESS_START" in os.environ,
    }
    why = next((name for name, is_asked in asked.items() if is_asked), "")
    if why and borrowed:
        raise _UnmeasurableError(f"{why} needs coverage among what the project installs for its tests")
    if asked["concurrency = multiprocessing"] or asked["COVERAGE_PROCESS_START"]:
        os.environ["COVERAGE_FILE"] = os.path.abspath(path)


def _option(made: Any, name: str) -> Any:
    """A setting that older releases of coverage.py do not know."""
    try:
        return made.get_option(name)
    except Exception:  # noqa: BLE001 - the class of the error has moved between releases
        return None


def _is_plain(made: Any) -> bool:
    """Whether sys.monitoring can do what the project's settings ask for."""
    since = (3, 14) if made.get_option("run:branch") else (3, 12)
    if sys.version_info[:2] < since:
        return False
    special = made.get_option("run:plugins") or made.get_option("run:dynamic_context")
    return not special and set(made.get_option("run:concurrency") or ()) <= {"thread", "multiprocessing"}


def _import(layer: str) -> tuple[Any, bool]:
    """coverage.py, and whether it is penstock's."""
    try:
        return importlib.import_module("coverage"), False
    except ModuleNotFoundError:
        if not layer:
            raise
    sys.path.append(layer)
    try:
        return importlib.import_module("coverage"), True
    finally:
        sys.path.remove(layer)
