"""What tests do to the processes that run them: every test is accounted for, and nothing lost is ever green."""

from __future__ import annotations

import operator
import re
import xml.etree.ElementTree as ET
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from tests.faults.engine_scene import EARLY, FORKED, GOOD, MODES, NEW, THREAD, Done, Mode, account, session

SAID = operator.attrgetter("said")


class Fault(NamedTuple):
    """`body`: what stands among good tests, `before`: what before them all. `ends`: test -> how it ends; `others`: how
    the rest may end. `code`: pytest's exit code. `says`: test -> what its record says.
    """

    name: str
    body: str = ""
    ends: Mapping[str, str] = {}
    others: tuple[str, ...] = ("passed",)
    code: int = 1
    says: Mapping[str, str] = {}
    files: Mapping[str, str] = {}
    args: tuple[str, ...] = ()
    settings: Mapping[str, Any] = {}
    before: str = ""


_PART = ("passed", "not_run")
_NONE = ("not_run",)

FAULTS = (
    Fault("segfault", "def test_it(): ctypes.string_at(0)", {"test_it": "crashed"}, says={"test_it": "SIGSEGV"}),
    Fault("exit-0", "def test_it(): os._exit(0)", {"test_it": "crashed"}, says={"test_it": "left with exit code 0"}),
    Fault("exit-1", "def test_it(): os._exit(1)", {"test_it": "crashed"}, says={"test_it": "left with exit code 1"}),
    Fault(
        "kill-itself",
        "def test_it(): os.kill(os.getpid(), signal.SIGKILL)",
        {"test_it": "crashed"},
        says={"test_it": "SIGKILL"},
    ),
    Fault(
        "many-die",
        "@pytest.mark.parametrize('n', range(9))\ndef test_dies(n): os._exit(n)",
        {f"test_dies[{number}]": "crashed" for number in range(9)},
    ),
    Fault("sys-exit", "def test_it(): sys.exit(0)", {"test_it": "failed"}, says={"test_it": "SystemExit"}),
    Fault("sys-exit-at-import", before="import sys\nsys.exit(0)\n", others=(), code=3),
    Fault(
        "session-exit",
        "def test_it(): pytest.exit('enough', returncode=0)",
        {"test_it": "errored"},
        others=_PART,
        code=0,  # as plain pytest; the log knows better
    ),
    Fault("interrupt", "def test_it(): raise KeyboardInterrupt", {"test_it": "errored"}, others=_PART, code=2),
    Fault(
        "should-stop",
        "def test_it(request): request.session.shouldstop = 'enough'",
        {"test_it": "passed"},
        others=_PART,
        code=2,
    ),
    Fault(
        "should-fail",
        "def test_it(request): request.session.shouldfail = 'enough'",
        {"test_it": "passed"},
        others=_PART,
        code=1,
    ),
    Fault(
        "hang",
        "def test_hangs():\n"
        "    subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(99)'], start_new_session=True)\n"
        "    time.sleep(99)",
        {"test_hangs": "timed_out"},
        settings={"timeout_s": 1.0},
        says={"test_hangs": "the test's limit of 1 s ended it"},
    ),
    Fault(
        "session-fixture-dies",
        "@pytest.fixture(scope='session', autouse=True)\ndef dies():\n    yield\n    os._exit(0)",
        others=("passed", "crashed"),
    ),
    Fault("dies-at-exit", "import atexit\ndef test_it(): atexit.register(os._exit, 5)", code=3),
    Fault("closes-descriptors", "def test_it(): os.closerange(3, 1024)", code=0, args=("-s",)),
    Fault(
        "child-runs-on",
        "def test_it():\n    pid = os.fork()\n    assert pid, 'the child'\n    os.waitpid(pid, 0)",
        code=0,
    ),
    Fault(
        "child-runs-on-and-ends-all",
        "def test_it():\n    pid = os.fork()\n    if not pid: pytest.exit('the child')\n    os.waitpid(pid, 0)",
        code=0,
    ),
    Fault(
        "empties-temporary-folder",
        "import shutil, tempfile\n"
        "def test_it():\n"
        "    for each in pathlib.Path(tempfile.gettempdir()).iterdir(): shutil.rmtree(each, ignore_errors=True)\n"
        "def test_dies_then(): os._exit(0)",
        {"test_dies_then": "crashed"},
    ),
    Fault(
        "removes-working-folder",
        "import shutil\ndef test_it(tmp_path):\n    os.chdir(tmp_path)\n    shutil.rmtree(tmp_path)",
        code=0,
    ),
    Fault("writes-50-MB", "def test_it():\n    for _ in range(50): print('x' * (1 << 20))", code=0),
    Fault(
        "patches",
        "def test_it():\n"
        "    time.time = time.monotonic = lambda: 0.0\n"
        "    os.getpid, os.getppid = (lambda: 'x'), (lambda: 1)\n"
        "    os.write, os._exit = (lambda *_: 0), None\n",
        code=0,
    ),
    Fault(
        "uses-up-descriptors",
        "import resource\n"
        "HELD = []\n"
        "def test_it():\n"
        "    resource.setrlimit(resource.RLIMIT_NOFILE, (64, 64))\n"
        "    with pytest.raises(OSError):\n"
        "        while True: HELD.append(os.open(os.devnull, os.O_RDONLY))",
        code=0,
    ),
    Fault("forgets-children", before="import signal\nsignal.signal(signal.SIGCHLD, signal.SIG_IGN)\n", code=0),
    Fault(
        "forgets-children-and-dies",
        "def test_it(): os._exit(3)",
        {"test_it": "crashed"},
        before="import signal\nsignal.signal(signal.SIGCHLD, signal.SIG_IGN)\n",
    ),
    Fault("notes-anything", "def test_it(record_property): record_property('x', lambda: 1)", code=0),
    Fault("broken-file", files={"test_c.py": "def test_it(:"}, others=_NONE, code=2),
    Fault(
        "broken-file-and-on",
        files={"test_c.py": "def test_it(:"},
        args=("--continue-on-collection-errors",),
        code=1,
    ),
    Fault("nothing-selected", args=("-k", "no_such_test"), others=(), code=5),
    Fault("nothing-there", files={"test_a.py": "", "test_b.py": ""}, others=(), code=5),
    Fault("twice", args=("test_a.py", "test_b.py", "test_a.py", "--keep-duplicates"), code=0),
    Fault(
        "other-ids-in-each-process",
        "@pytest.mark.parametrize('n', [os.getpid()])\ndef test_it(n): pass",
        code=0,
    ),
    Fault("warnings-are-errors", "def test_it(): pass", args=("-W", "error"), code=0),
)  # fmt: skip
BY_NAME = {fault.name: fault for fault in FAULTS}
# In a second or so each.
AT_ONCE = (
    "exit-0",
    "kill-itself",
    "many-die",
    "session-exit",
    "interrupt",
    "session-fixture-dies",
    "dies-at-exit",
    "closes-descriptors",
    "child-runs-on",
    "empties-temporary-folder",
    "uses-up-descriptors",
)


def files_of(fault: Fault) -> dict[str, str]:
    good = {"test_a.py": fault.before + GOOD.format("before") + "\n" + fault.body + GOOD.format("after")}
    return {**good, "test_b.py": GOOD.format("other"), **fault.files}


def hold(fault: Fault, done: Done) -> None:
    """The fault is told as what it is, and nothing else is."""
    account(done)
    told = f"{done.engine}, exit code {done.code}\n{done.output[-6000:]}"
    assert done.log.complete, told
    assert done.log.problem is None, told
    assert done.code == fault.code, told
    assert done.log.exit_codes == (fault.code,), told
    for name, expected in fault.ends.items():
        assert done.ends[name] == expected, told
    for name, words in fault.says.items():
        record = done.records[name]
        assert words in f"{record.message} {record.text} {record.kind}", told
    rest = {outcome for name, outcome in done.ends.items() if name not in fault.ends}
    assert rest <= set(fault.others), told
    if "not_run" not in fault.others:
        assert not done.log.missing, told
    green = fault.code == 0 and not done.log.missing and set(done.ends.values()) == {"passed"}
    assert done.log.passed == green, told


@pytest.mark.parametrize("name", AT_ONCE)
def test_every_test_is_accounted_for_at_once(name: str, tmp_path: Path) -> None:
    fault = BY_NAME[name]
    done = session(tmp_path, files_of(fault), args=fault.args, **fault.settings)
    hold(fault, done)
    assert done.engine == "2 forked workers"


@pytest.mark.slow
@pytest.mark.parametrize("workers", [1, 2, 4])
@pytest.mark.parametrize("mode", MODES, ids=SAID)
@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.name)
def test_every_test_is_accounted_for(fault: Fault, mode: Mode, workers: int, tmp_path: Path) -> None:
    done = session(tmp_path, files_of(fault), mode=mode, workers=workers, args=fault.args, **fault.settings)
    hold(fault, done)


def test_a_hanging_test_tells_where_it_hangs(tmp_path: Path) -> None:
    hangs = "def waits_for_the_gate(): time.sleep(99)\ndef test_hangs(): waits_for_the_gate()"
    files = {"test_a.py": GOOD.format("before") + hangs, "test_b.py": GOOD.format("other")}
    done = session(tmp_path, files, timeout_s=0.5)
    account(done)
    assert done.ends["test_hangs"] == "timed_out"
    assert "in waits_for_the_gate" in done.records["test_hangs"].text


# --- how it is run, and why ------------------------------------------------------------------------------------------

PAIR = {"test_a.py": GOOD.format("a"), "test_b.py": GOOD.format("b")}
IMPORTS_THREAD = {**PAIR, "test_b.py": THREAD + GOOD.format("b")}
ASKS = "def pytest_configure(config): config.mine = hasattr(config, 'workerinput')\n"
ENGINES: dict[str, tuple[Mapping[str, str], dict[str, Any], str]] = {
    "forked": (PAIR, {}, "2 forked workers"),
    "one": (PAIR, {"workers": 1}, "1 forked worker"),
    "fewer-tests": ({"test_a.py": "def test_it(): pass"}, {"workers": 4}, "1 forked worker"),
    "asked-for": (PAIR, {"start": "spawn"}, "2 early-forked workers: asked for"),
    "asked-for-one": (PAIR, {"start": "spawn", "workers": 1}, "1 early-forked worker: asked for"),
    "fork-asked-for": (IMPORTS_THREAD, {"start": "fork"}, "2 forked workers"),
    "thread-in-a-test-file": (
        IMPORTS_THREAD,
        {},
        "2 new workers: the thread 'from conftest' was started while the tests were collected",
    ),
    "thread-in-the-conftest": (
        {**PAIR, "conftest.py": THREAD},
        {},
        "2 new workers: the thread 'from conftest' was started while the tests were collected",
    ),
    "hook-that-asks": (
        {**PAIR, "conftest.py": ASKS},
        {},
        "2 new workers: pytest_configure in conftest.py asks which worker it is in",
    ),
    "debugger": (PAIR, {"args": ("--pdb",)}, "one process: --pdb"),
    "none": (PAIR, {"workers": 0}, ""),
}


@pytest.mark.parametrize(
    "name",
    [
        pytest.param(name, marks=() if name in ("one", "asked-for", "debugger") else pytest.mark.slow)
        for name in ENGINES
    ],
)
def test_the_log_says_how_the_tests_were_run_and_why(name: str, tmp_path: Path) -> None:
    files, settings, said = ENGINES[name]
    mode = Mode("", start=settings.pop("start", "auto")) if "start" in settings else FORKED
    done = session(tmp_path, files, mode=mode, **settings)
    account(done)
    assert done.engine == said
    assert done.log.passed


LEFT_OUT = {
    "test_a.py": "import warnings\nwarnings.warn('old')\ndef test_a(): pass\ndef test_c(): pass\n",
    "test_b.py": "import pytest\npytest.skip('not here', allow_module_level=True)\n",
}


@pytest.mark.parametrize("mode", [EARLY, pytest.param(NEW, marks=pytest.mark.slow)], ids=SAID)
def test_plugins_hear_once_what_workers_left_out(mode: Mode, tmp_path: Path) -> None:
    done = session(tmp_path, LEFT_OUT, mode=mode, args=("-k", "not test_c", "-rs"))
    account(done)
    last = done.output.strip().splitlines()[-1]
    assert "1 passed, 1 skipped, 1 deselected, 1 warning in" in last
    assert done.output.count("test_b.py:2: not here") == 1


OF_THE_SUITE = """
import pytest
@pytest.fixture(scope="session", autouse=True)
def of_the_session(record_testsuite_property):
    record_testsuite_property("river", "Wye")
    yield
    record_testsuite_property("left", 1)
"""
SAYS = """
import pytest, time
@pytest.mark.parametrize("i", range(8))
def test_{0}(i, record_testsuite_property):
    time.sleep(0.05)
    record_testsuite_property("{0}", f"<{{i}}>")
"""


@pytest.mark.parametrize("mode", [FORKED, *(pytest.param(m, marks=pytest.mark.slow) for m in (EARLY, NEW))], ids=SAID)
def test_what_tests_say_of_the_suite_is_written_once(mode: Mode, tmp_path: Path) -> None:
    files = {"conftest.py": OF_THE_SUITE, "test_a.py": SAYS.format("a"), "test_b.py": SAYS.format("b")}
    done = session(tmp_path, files, mode=mode, args=("--junitxml=report.xml",))
    account(done)
    assert done.log.passed
    assert {each.worker for each in done.log.last} == {"gw0", "gw1"}
    told = [(each.get("name"), each.get("value")) for each in ET.parse(done.root / "report.xml").iter("property")]
    each_test = [(module, f"<{number}>") for module in "ab" for number in range(8)]
    assert sorted(told) == [*each_test, ("left", "1"), ("river", "Wye")]


@pytest.mark.slow
def test_workers_that_do_not_agree_give_way_to_one_process(tmp_path: Path) -> None:
    files = files_of(BY_NAME["other-ids-in-each-process"])
    done = session(tmp_path, files, mode=EARLY)
    account(done)
    assert done.engine.startswith("one process: the workers collected different tests: test_a.py::test_it[")
    assert done.log.passed


@pytest.mark.slow
@pytest.mark.parametrize("workers", [1, 2])
@pytest.mark.parametrize("how", ["dies", "differs"])
def test_new_workers_that_cannot_do_what_was_collected_give_way_to_one_process(
    how: str, workers: int, tmp_path: Path
) -> None:
    once = "import os, pathlib\nif pathlib.Path('seen').exists(): os._exit(9)\npathlib.Path('seen').touch()\n"
    body = {"dies": once, "differs": BY_NAME["other-ids-in-each-process"].body}[how]
    files = {"test_a.py": THREAD + GOOD.format("a") + body, "test_b.py": GOOD.format("b")}
    done = session(tmp_path, files, workers=workers)
    account(done)
    said = {
        "dies": r"one process: the worker gw\d left with exit code 9 while it collected",
        "differs": r"one process: (the|new) workers collected different tests: test_a.py::test_it\[\d+\] .*",
    }
    assert re.fullmatch(said[how], done.engine)
    assert (done.code, done.log.passed, set(done.ends.values())) == (0, True, {"passed"})
    assert done.lasted_s < 60


@pytest.mark.slow
def test_a_worker_that_takes_over_and_has_collected_other_tests_says_which(tmp_path: Path) -> None:
    """The third process that imports the file, after the leader and its worker, has another test."""
    third = "import os, pathlib, pytest\nwith open('seen', 'a') as stream: stream.write('x')\n"
    named = "@pytest.mark.parametrize('n', [len(pathlib.Path('seen').read_text()) > 2])\ndef test_it(n): os._exit(1)\n"
    files = {"test_a.py": THREAD + third + named + "def test_after(): pass\n"}
    done = session(tmp_path, files, workers=1)
    account(done)
    assert done.engine.startswith("1 new worker: the thread")
    assert (done.code, done.log.passed) == (3, False)
    assert done.ends == {"test_it[False]": "crashed", "test_after": "not_run"}
    assert "it collected different tests: test_a.py::test_it[False] is not among its 2" in done.output


ONE_LONG_FILE = """
import pytest, time
@pytest.mark.parametrize("i", range(10))
def test_it(i): time.sleep(0.15)
"""


@pytest.mark.parametrize("mode", [EARLY, *(pytest.param(m, marks=pytest.mark.slow) for m in (FORKED, NEW))], ids=SAID)
def test_an_idle_worker_takes_part_of_a_file_however_it_was_started(mode: Mode, tmp_path: Path) -> None:
    done = session(tmp_path, {"test_a.py": ONE_LONG_FILE}, mode=mode)
    account(done)
    assert done.log.passed
    assert {each.worker for each in done.log.last} == {"gw0", "gw1"}
