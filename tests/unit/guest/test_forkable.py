"""What rules forking out, each beside a twin that does not: real modules, imported in an interpreter of their own."""

from __future__ import annotations

import ctypes.util
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.fakes.guest_runs import BYTECODE, GUEST, write

# Watches as the plugin does, imports the project's module, and says what it thinks of forking: when everything is
# collected; before that; and before that without plugins.
SCRIPT = """
import os, sys
from types import SimpleNamespace
sys.path.insert(0, os.environ["GUEST"])
from penstock_forkable import Watch, _EARLY_HOOKS
own = type(os.environ)
watch = Watch()
sys.path[:0] = [os.getcwd(), os.path.join(os.getcwd(), "lib", "site-packages")]
import project
def implementations(name):
    found = getattr(project, name, None)
    return SimpleNamespace(get_hookimpls=lambda: [SimpleNamespace(function=found)] if found else [])
dists = [(None, SimpleNamespace(project_name=name)) for name in getattr(project, "PLUGINS", ())]
config = SimpleNamespace(
    pluginmanager=SimpleNamespace(list_plugin_distinfo=lambda: dists),
    hook=SimpleNamespace(**{name: implementations(name) for name in _EARLY_HOOKS}),
)
print(watch.reason(config, final=False))
print(watch.reason(config, final=False, plugins=False))
print(watch.reason(config))
getattr(project, "after", lambda: None)()
print(watch.reason(config))
print(type(os.environ) is own)
"""


def reasons(root: Path, module: str, **more: str) -> list[str]:
    """What is said before the collection's end, the same without plugins, at its end, and after `after()`."""
    write(root, {"project.py": module, **{f"{name.replace('__', '/')}.py": text for name, text in more.items()}})
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT],
        cwd=root,
        env={"PATH": os.environ["PATH"], "GUEST": GUEST, "PYTHONPYCACHEPREFIX": BYTECODE, "PRESENT": "1"},
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert done.returncode == 0, done.stderr
    lines = done.stdout.splitlines()
    assert lines[-1] == "True", "the environment is given back as it was"
    return lines[:-1]


def said(root: Path, module: str, **more: str) -> str:
    """What is said when everything is collected."""
    return reasons(root, module, **more)[2]


THREAD = (
    "import threading; {0} = threading.Thread(target=threading.Event().wait, name='pool', daemon=True); {0}.start()"
)


@pytest.mark.parametrize(
    ("module", "reason"),
    [
        pytest.param("x = 1", "", id="nothing"),
        pytest.param(THREAD.format("t"), "the thread 'pool' was started while the tests were collected", id="thread"),
        pytest.param("import threading; t = threading.Thread(target=int); t.start(); t.join()", "", id="ended-thread"),
        pytest.param(
            "import socket; s = socket.socket()", "a socket was opened while the tests were collected", id="socket"
        ),
        pytest.param("import socket; s = socket.socket(); s.close()", "", id="closed-socket"),
        pytest.param(
            "import select; e = select.epoll()", "an event loop was opened while the tests were collected", id="epoll"
        ),
        pytest.param("import select; e = select.epoll(); e.close()", "", id="closed-epoll"),
        pytest.param("import asyncio; asyncio.run(asyncio.sleep(0))", "", id="loop-that-ended"),
        pytest.param("import asyncio", "", id="no-loop"),
        pytest.param(
            "import sqlite3; d = sqlite3.connect('mill.db'); d.execute('create table t (a)')",
            "the database mill.db was opened while the tests were collected",
            id="sqlite",
        ),
        pytest.param(
            "import sqlite3; d = sqlite3.connect(':memory:'); d.execute('create table t (a)')", "", id="memory"
        ),
        pytest.param(
            "import sqlite3; d = sqlite3.connect('m.db'); d.execute('create table t (a)'); d.commit(); d.close()",
            "",
            id="closed-sqlite",
        ),
        pytest.param("f = open('mill.log', 'w'); f.write('SQLite format 2'); f.flush()", "", id="file"),
        pytest.param(
            "PLUGINS = ['Syrupy']", "syrupy deletes the snapshots that its own process has not used", id="syrupy"
        ),
        pytest.param("PLUGINS = ['pytest-cov', 'hypothesis']", "", id="other-plugins"),
    ],
)
def test_what_is_open_at_the_end_of_the_collection(tmp_path: Path, module: str, reason: str) -> None:
    assert said(tmp_path, module) == reason


ASKS = "project.py reads PYTEST_XDIST_WORKER when it is imported"


@pytest.mark.parametrize(
    ("module", "reason"),
    [
        pytest.param("import os; NAME = os.environ.get('PYTEST_XDIST_WORKER', 'master')", ASKS, id="get"),
        pytest.param("import os; NAME = os.getenv('PYTEST_XDIST_WORKER')", ASKS, id="getenv"),
        pytest.param("import os; IS = 'PYTEST_XDIST_WORKER' in os.environ", ASKS, id="in"),
        pytest.param("import os\ntry: os.environ['PYTEST_XDIST_WORKER']\nexcept KeyError: pass", ASKS, id="item"),
        pytest.param("import os; NAME = os.environ.get('PYTEST_XDIST_WORKER_COUNT')", "", id="count"),
        pytest.param("import os; NAME = os.environ['PRESENT']", "", id="another"),
        pytest.param("import os\ndef after(): return os.environ.get('PYTEST_XDIST_WORKER')", "", id="in-a-test"),
        pytest.param("import os; ALL = dict(os.environ), os.environ.copy()", "", id="copy"),
    ],
)
def test_who_asks_for_the_worker_when_it_is_imported(tmp_path: Path, module: str, reason: str) -> None:
    assert reasons(tmp_path, module) == [reason] * 4


def test_an_installed_plugin_may_ask(tmp_path: Path) -> None:
    asks = "import os; NAME = os.environ.get('PYTEST_XDIST_WORKER')"
    assert said(tmp_path, "import plugin", **{"lib__site-packages__plugin": asks}) == ""
    assert said(tmp_path, "import other", other=asks) == ASKS.replace("project", "other")


CONFIGURES = "def {0}(config):\n    if hasattr(config, '{1}'): return config"


@pytest.mark.parametrize("word", ["workerinput", "slaveinput"])
def test_a_hook_of_the_projects_own_that_has_run_asks_for_the_worker(tmp_path: Path, word: str) -> None:
    asks = "{0} in project.py asks which worker it is in"
    early = asks.format("pytest_configure")
    assert reasons(tmp_path, CONFIGURES.format("pytest_configure", word)) == [early] * 4
    late = asks.format("pytest_generate_tests")
    assert reasons(tmp_path, CONFIGURES.format("pytest_generate_tests", word)) == [late, "", late, late]


@pytest.mark.parametrize(("hook", "word"), [("pytest_configure", "other"), ("pytest_runtest_setup", "workerinput")])
def test_a_hook_that_does_not_ask_or_runs_in_the_worker_is_none(tmp_path: Path, hook: str, word: str) -> None:
    assert said(tmp_path, CONFIGURES.format(hook, word)) == ""


def test_a_hook_of_an_installed_plugin_is_none(tmp_path: Path) -> None:
    plugin = CONFIGURES.format("pytest_configure", "workerinput")
    assert said(tmp_path, "from plugin import pytest_configure", **{"lib__site-packages__plugin": plugin}) == ""


# A thread that Python knows nothing of.
NATIVE = """
import ctypes, sys, types
libc = ctypes.CDLL(None)
thread = ctypes.c_ulong()
assert libc.pthread_create(ctypes.byref(thread), None, ctypes.cast(libc.pause, ctypes.c_void_p), None) == 0
"""


def test_native_threads_of_an_unknown_library(tmp_path: Path) -> None:
    assert said(tmp_path, NATIVE) == "1 native threads of an unknown library are running"


def test_native_threads_of_a_library_that_knows_of_forks(tmp_path: Path) -> None:
    assert said(tmp_path, NATIVE + "sys.modules['numpy'] = types.ModuleType('numpy')") == ""


def test_native_threads_beside_a_pool_that_deadlocks(tmp_path: Path) -> None:
    library = ctypes.util.find_library("gomp")
    if library is None:
        pytest.skip("there is no libgomp on this machine")
    loaded = f"ctypes.CDLL({library!r})\n"
    numpy = "sys.modules['numpy'] = types.ModuleType('numpy')"
    assert said(tmp_path, NATIVE + loaded + numpy) == "1 native threads are running, and libgomp is loaded"
    assert said(tmp_path, "import ctypes\n" + loaded) == "", "it is loaded, and has started nothing"


def test_other_systems_are_not_tried(tmp_path: Path) -> None:
    assert said(tmp_path, "import sys; sys.platform = 'darwin'") == "forking is not safe on darwin"


def test_a_project_may_put_its_own_environment_there(tmp_path: Path) -> None:
    module = "import os\nBEFORE = os.environ\nos.environ = dict(BEFORE)\ndef after(): os.environ = BEFORE"
    assert said(tmp_path, module) == ""
