"""What the guest measures over a session's processes is what `coverage run -m pytest` measures in one, line by line.

What a process did not save is told, so that no total is ever lower for it.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.fakes.coverage_runs import SETTINGS, measure, merged, plainly
from tests.integration.test_guest_conformance import _interpreter

CORE = """
import os
import sys

def grade(number):
    if number > 90:
        return "a"
    if number > 50:
        return "b"
    return "c"

def in_child(number):
    total = 0
    for each in range(number):
        total += each
    return total

def in_fork(number):
    out = number * 2
    return out

def ended():
    import time
    print("ready", flush=True)
    time.sleep(60)

START = grade(99)
"""
MODULE = """
def f(n):
    if n == 0:
        return 1
    elif n == 1:
        return 2
    return 3
"""
TESTS = """
import pytest
from shop import core, m{number}
core.grade(99)
@pytest.mark.parametrize("n", range({count}))
def test_f(n): assert m{number}.f(n) == n + 1
def test_grade(): assert core.grade(10 + 50 * ({number} % 2)) in "bc"
"""
FILES = {
    ".coveragerc": SETTINGS,
    "pytest.ini": "[pytest]\n",
    "shop/__init__.py": "",
    "shop/core.py": CORE,
    "shop/never.py": "X = 1\n",
    "shop/__main__.py": "from shop.core import in_child\nprint(in_child(4))\n",
    **{f"shop/m{number}.py": MODULE for number in range(4)},
    **{f"test_m{number}.py": TESTS.format(number=number, count=1 + number % 3) for number in range(4)},
}
THREAD = "import threading\nthreading.Thread(target=threading.Event().wait, daemon=True).start()\n"
CHILD = """
import subprocess, sys
def test_child(): assert subprocess.run([sys.executable, "-m", "shop"], capture_output=True).stdout == b"6\\n"
"""
ENDED = """
import subprocess, sys, time
def test_ended():
    child = subprocess.Popen([sys.executable, "-c", "import shop.core; shop.core.ended()"], stdout=subprocess.PIPE)
    child.stdout.readline()
    time.sleep(0.3)
    child.terminate()
    child.wait()
"""
FORK = """
import os
from shop import core
def test_fork():
    pid = os.fork()
    if pid == 0:
        core.in_fork(3)
        os._exit(0)
    os.waitpid(pid, 0)
"""
MULTI = """
import multiprocessing
import pytest
from shop import core
def go(queue, way): queue.put(core.in_fork(3) if way == "fork" else core.in_child(3))
@pytest.mark.parametrize("way", ["fork", "spawn"])
def test_multi(way):
    context = multiprocessing.get_context(way)
    queue = context.Queue()
    child = context.Process(target=go, args=(queue, way))
    child.start()
    queue.get()
    child.join()
"""
DIES = """
import os, pathlib, signal
def test_dies():
    mark = pathlib.Path(__file__).with_name("mark")
    if not mark.exists():
        mark.touch()
        os.kill(os.getpid(), signal.SIGKILL)
"""


def test_forked_workers_measure_what_one_process_does(tmp_path: Path) -> None:
    ours = measure(tmp_path, FILES)
    assert ours.engine == "2 forked workers", ours.output
    assert (ours.end.coverage, frozenset(ours.end.coverage_files)) == ("saved", ours.files)
    counts, problems = merged(ours, tmp_path / "project")
    assert problems == []
    assert counts["shop/never.py"] == (1, 0, 0, 0, (1,))
    assert counts == plainly(tmp_path / "plain", FILES)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("start", "conftest", "said"),
    [("fork", "", "2 forked"), ("spawn", "", "2 early-forked"), ("spawn", THREAD, "2 new")],
    ids=["forked", "early", "new"],
)
@pytest.mark.parametrize("branch", [False, True], ids=["lines", "branches"])
def test_workers_of_all_kinds_and_their_children_measure_what_one_process_does(
    tmp_path: Path, start: str, conftest: str, said: str, *, branch: bool
) -> None:
    settings = f"{SETTINGS}patch = subprocess, _exit\nsigterm = true\n"
    children = {"test_child.py": CHILD, "test_ended.py": ENDED, "test_fork.py": FORK}
    files = {**FILES, ".coveragerc": settings, "conftest.py": conftest, **children}
    ours = measure(tmp_path, files, start=start, branch=branch)
    assert ours.engine.startswith(said), ours.output
    assert frozenset(ours.end.coverage_files) == ours.files, "the children's among them"
    assert len(ours.files) > 3
    assert merged(ours, tmp_path / "project") == (plainly(tmp_path / "plain", files, branch=branch), [])


@pytest.mark.slow
@pytest.mark.parametrize(
    ("settings", "extra"),
    [
        ("concurrency = multiprocessing, thread\nparallel = true\n", {"test_multi.py": MULTI}),
        ("patch = fork, _exit\nparallel = true\n", {"test_fork.py": FORK}),
        ("", {"test_child.py": CHILD}),
    ],
    ids=["multiprocessing", "fork", "not asked for"],
)
def test_children_are_measured_as_far_as_the_projects_settings_ask(
    tmp_path: Path, settings: str, extra: dict[str, str]
) -> None:
    files = {**FILES, ".coveragerc": SETTINGS + settings, **extra}
    ours = measure(tmp_path, files)
    counts, problems = merged(ours, tmp_path / "project")
    assert problems == []
    assert counts == plainly(tmp_path / "plain", files)


@pytest.mark.slow
@pytest.mark.parametrize("minor", ["3.12", "3.13"])
def test_lines_by_sys_monitoring_are_those_of_the_tracer(tmp_path: Path, minor: str) -> None:
    base = _interpreter(minor)
    if base is None:
        pytest.skip(f"there is no Python {minor} on this machine")
    uv, python = str(Path(sys.executable).parent / "uv"), str(tmp_path / "v" / "bin" / "python")
    subprocess.run([uv, "venv", "-q", "-p", base, str(tmp_path / "v")], check=True)
    subprocess.run([uv, "pip", "install", "-q", "-p", python, "pytest", "coverage"], check=True)
    probe = "import coverage\ndef test_core(): assert 'SysMonitor' in repr(coverage.Coverage.current()._collector)\n"
    files = {**FILES, ".coveragerc": f"{SETTINGS}patch = subprocess\n", "test_child.py": CHILD}
    ours = measure(tmp_path, {**files, "test_probe.py": probe}, python=python, start="fork")
    assert ours.end.exit_code == 0, ours.output
    assert ours.engine == "2 forked workers"
    by_tracer = {**files, ".coveragerc": f"{files['.coveragerc']}core = ctrace\n"}
    assert merged(ours, tmp_path / "project") == (plainly(tmp_path / "plain", by_tracer, python=python), [])


@pytest.mark.slow
def test_a_worker_that_died_has_taken_its_measurements_with_it_though_its_test_passed_later(tmp_path: Path) -> None:
    ours = measure(tmp_path, {**FILES, "test_dies.py": DIES}, start="fork", retries=3)
    assert ours.end.exit_code == 0, ours.output
    assert ours.end.coverage.startswith("lost: the worker gw")
    _, problems = merged(ours, tmp_path / "project")
    assert problems == [ours.end.coverage]


@pytest.mark.slow
@pytest.mark.parametrize("damage", ["gone", "cut"])
def test_each_file_that_a_worker_saved_is_missed(tmp_path: Path, damage: str) -> None:
    ours = measure(tmp_path, FILES, start="fork")
    assert len(ours.files) == 3
    for name in ours.files:
        (path,) = ours.needs.glob(f"*/reports/{name}")
        content = path.read_bytes()
        path.unlink() if damage == "gone" else path.write_bytes(content[: len(content) // 2])
        _, problems = merged(ours, tmp_path / "project")
        assert len(problems) == 1
        assert name in problems[0]
        path.write_bytes(content)
    assert merged(ours, tmp_path / "project")[1] == []
