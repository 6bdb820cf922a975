"""Whether this process may be forked after it has collected, and if not, why.

PYTEST_DONT_REWRITE

Each rule is a construction that broke when it was tried: native thread pools (their threads are not in the child, and
their locks may be held), descriptors that parent and child would share, modules that read the worker's name while they
are imported, plugins that keep the session's state in one process. Where a rule speaks, workers are started anew.
Standard library only, Python >= 3.9.
"""

from __future__ import annotations

import os
import stat
import sys
import threading
import time
import types
from typing import Any

_NAME = "PYTEST_XDIST_WORKER"
_READS_NAME = ("workerinput", "slaveinput", _NAME)

# Libraries whose own threads were alive at the fork in the tries, and whose tests passed in the children: they know of
# forks (pthread_atfork) or start their threads again.
_SAFE_POOLS = ("numpy", "scipy", "pandas", "pyarrow", "duckdb", "numexpr", "grpc")
# Libraries whose pools deadlocked in the children, by a part of the mapped file's name.
_DEADLY_POOLS = ("libgomp", "libiomp", "libomp", "polars", "libtorch", "libtbb")

# Plugins that keep what a whole session has seen in one process (by the name of their distribution).
_OWN_SESSION = {"syrupy": "syrupy deletes the snapshots that its own process has not used"}

# The phases of a session that a spawned worker goes through and a forked one does not.
_DONE_HOOKS = ("pytest_configure", "pytest_sessionstart")
_EARLY_HOOKS = (*_DONE_HOOKS, "pytest_collection_modifyitems", "pytest_generate_tests")

_LOOKS, _LOOK_S = 10, 0.002  # at the threads that are there

# Plugins whose own thread and socket, there before the collection, are nothing to a forked worker: it uses its copy.
_HARMLESS = ("pytest_rerunfailures",)


class Watch:
    """Begun before the project is imported; asked after it has been collected."""

    def __init__(self) -> None:
        self._before = _descriptors()
        self.read_in = ""  # the first place that asked for the worker's name
        self._environ_type = type(os.environ)
        self._begin()

    def _begin(self) -> None:
        """Notice who asks for the worker's name while the modules are imported."""
        watch = self
        own: Any = self._environ_type

        class Watched(own):  # type: ignore[misc]  # os._Environ is private
            """The environment, with an ear."""

            def __getitem__(self, key: Any) -> Any:
                if key == _NAME and not watch.read_in:
                    watch.read_in = _project_frame()
                return super().__getitem__(key)

            def __contains__(self, key: Any) -> bool:
                if key == _NAME and not watch.read_in:
                    watch.read_in = _project_frame()
                return bool(super().__contains__(key))

        Watched.__name__, Watched.__qualname__, Watched.__module__ = own.__name__, own.__qualname__, own.__module__
        try:
            os.environ.__class__ = Watched
        except TypeError:  # replaced by something of the project's
            self._environ_type = type(os.environ)

    def end(self) -> None:
        """Give the environment back as it was."""
        if isinstance(os.environ, self._environ_type) and type(os.environ) is not self._environ_type:
            os.environ.__class__ = self._environ_type

    def reason(self, config: Any, *, final: bool = True, plugins: bool = True) -> str:
        """Why forking is unsafe, "" if nothing speaks against it.

        `final`: everything is collected, and nobody is watched any more. `plugins`: whether it counts that a plugin, or
        a hook that runs while the tests are collected, would have to be in each worker.
        """
        if final:
            self.end()
        return (
            _of_system()
            or (plugins and _of_plugins(config))
            or _of_hooks(config, _EARLY_HOOKS if plugins else _DONE_HOOKS)
            or (self.read_in and f"{self.read_in} reads {_NAME} when it is imported")
            or _of_threads()
            or _of_descriptors(config, self._before)
            or ""
        )


def _of_system() -> str:
    if sys.platform != "linux" or not hasattr(os, "fork"):
        return f"forking is not safe on {sys.platform}"
    return ""


def _of_plugins(config: Any) -> str:
    there = {str(dist.project_name).lower() for _, dist in config.pluginmanager.list_plugin_distinfo()}
    return next((reason for name, reason in _OWN_SESSION.items() if name in there), "")


def _of_hooks(config: Any, hooks: tuple[str, ...]) -> str:
    """A hook of the project's own that ran already and asks which worker it is in."""
    for name in hooks:
        for implementation in getattr(config.hook, name).get_hookimpls():
            code = getattr(implementation.function, "__code__", None)
            if code is None or not _is_project(code.co_filename):
                continue
            if any(word in (*code.co_names, *code.co_consts) for word in _READS_NAME):
                return f"{name} in {os.path.relpath(code.co_filename)} asks which worker it is in"
    return ""


def _of_threads() -> str:
    threads = threading.enumerate()
    for each in threads:
        target = getattr(each, "_target", None)
        if each is not threading.main_thread() and getattr(target, "__module__", "") not in _HARMLESS:
            return f"the thread {each.name!r} was started while the tests were collected"
    native = native_threads()
    if native <= 0:
        return ""
    mapped = _mapped()
    deadly = next((name for name in _DEADLY_POOLS if name in mapped), "")
    if deadly:
        return f"{native} native threads are running, and {deadly} is loaded"
    if not any(name in sys.modules for name in _SAFE_POOLS):
        return f"{native} native threads of an unknown library are running"
    return ""


def native_threads() -> int:
    """How many threads Python knows nothing of; one that was joined may take a moment to go."""
    known, found = len(threading.enumerate()), 0
    for _ in range(_LOOKS):
        found = len(_listed("/proc/self/task")) - known
        if found <= 0:
            break
        time.sleep(_LOOK_S)
    return found


def _of_descriptors(config: Any, before: dict[str, str]) -> str:
    """Sockets, event queues and databases that were opened since: parent and children would share them."""
    harmless = getattr(getattr(config, "failures_db", None), "sock", None)  # of pytest-rerunfailures
    known = str(harmless.fileno()) if harmless is not None and hasattr(harmless, "fileno") else ""
    for number, target in _descriptors().items():
        if before.get(number) == target or number == known:
            continue
        if target.startswith("socket:"):
            return "a socket was opened while the tests were collected"
        if "eventpoll" in target:
            return "an event loop was opened while the tests were collected"
        if _is_database(int(number)):
            return f"the database {os.path.basename(target)} was opened while the tests were collected"
    return ""


def _is_database(number: int) -> bool:
    """Asked through the descriptor that is there: closing a second one would give up the database's locks."""
    try:
        return stat.S_ISREG(os.fstat(number).st_mode) and os.pread(number, 15, 0) == b"SQLite format 3"
    except OSError:
        return False


def _descriptors() -> dict[str, str]:
    """Number -> what it stands for."""
    found = {}
    for number in _listed("/proc/self/fd"):
        try:
            found[number] = os.readlink(f"/proc/self/fd/{number}")
        except OSError:
            continue
    return found


def _listed(folder: str) -> list[str]:
    try:
        return os.listdir(folder)
    except OSError:
        return []


def _mapped() -> str:
    try:
        with open("/proc/self/maps", encoding="utf-8", errors="replace") as stream:
            return stream.read()
    except OSError:
        return ""


def _project_frame() -> str:
    """The file that asks, if it is none of an installed package's and none of ours."""
    frame: types.FrameType | None = sys._getframe(2)  # noqa: SLF001 - the caller of the environment's method
    while frame is not None:
        name = frame.f_code.co_filename
        if _is_project(name):
            return os.path.relpath(name)
        if "site-packages" in name or os.path.basename(name).startswith("penstock_"):
            return ""
        frame = frame.f_back
    return ""


def _is_project(name: str) -> bool:
    """Whether a file belongs to the project: below the folder that pytest was started in, and not installed."""
    path = os.path.abspath(name)
    inside = path.startswith(os.getcwd() + os.sep)
    return (
        inside
        and not name.startswith("<")
        and "site-packages" not in path
        and not os.path.basename(path).startswith("penstock_")
    )
