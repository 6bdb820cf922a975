"""Faults of the whole program: a real `penstock`, real signals, floods, races and broken surroundings.

What still lives afterwards is told by tests/faults/orphans.py, which shares nothing with penstock's own sweep.
"""

from __future__ import annotations

import contextlib
import os
import resource
import signal
import subprocess
import time
from pathlib import Path

import pytest

from tests.faults import orphans
from tests.faults.full_disk import full_disk, read_only
from tests.faults.program import Project, closed, ended, peak_bytes, project, python, until, victim
from tests.faults.scene import new_mark

MIB = 1 << 20
SLOW = pytest.mark.slow


@pytest.mark.parametrize(
    ("number", "code", "name"),
    [
        (signal.SIGINT, 130, "SIGINT"),
        (signal.SIGTERM, 143, "SIGTERM"),
        pytest.param(signal.SIGHUP, 143, "SIGTERM", marks=SLOW),
    ],
)
def test_one_signal_ends_the_run_with_a_partial_report_and_no_orphan(
    tmp_path: Path, number: signal.Signals, code: int, name: str
) -> None:
    mark = new_mark()
    demo = project(
        tmp_path / "p", first='run = "true"', long=victim("patient", mark), after='run = "true", needs = ["long"]'
    )
    process = demo.start()
    demo.await_output("long")
    process.send_signal(number)
    end = ended(process)
    assert orphans.with_mark(mark) == []
    assert end.code == code, end.told
    verdict = demo.verdict()
    assert (verdict["exit_code"], verdict["interrupted"], verdict["finished"]) == (code, name, True)
    assert demo.outcomes() == {"first": "passed", "long": "cancelled", "after": "cancelled"}
    assert "long" in end.stdout
    assert "Traceback" not in end.told


def test_a_second_signal_kills_at_once_and_the_record_is_still_written(tmp_path: Path) -> None:
    mark = new_mark()
    demo = project(tmp_path / "p", deaf=victim("deaf", mark))
    process = demo.start()
    demo.await_output("deaf")
    process.send_signal(signal.SIGINT)
    time.sleep(0.5)
    assert process.poll() is None
    assert orphans.with_mark(mark) != []
    second_s = time.monotonic()
    process.send_signal(signal.SIGINT)
    end = ended(process)
    assert time.monotonic() - second_s < 5  # the grace would have been ten
    assert orphans.with_mark(mark) == []
    assert end.code == 130, end.told
    assert demo.outcomes() == {"deaf": "cancelled"}


@pytest.mark.slow
def test_what_ignores_the_interrupt_is_killed_after_its_grace(tmp_path: Path) -> None:
    mark = new_mark()
    demo = project(tmp_path / "p", deaf=victim("deaf", mark))
    process = demo.start()
    demo.await_output("deaf")
    process.send_signal(signal.SIGTERM)
    end = ended(process)
    assert (end.code, orphans.with_mark(mark)) == (143, [])


@pytest.mark.slow
def test_jobs_that_leave_processes_behind_leave_none(tmp_path: Path) -> None:
    mark = new_mark()
    demo = project(
        tmp_path / "p",
        daemon=victim("daemon", mark),
        hidden=victim("clean-daemon", mark),
        holder=victim("holder", mark),
    )
    end = demo.run()
    assert orphans.with_mark(mark) == []
    assert end.code == 0, end.told
    assert set(demo.outcomes().values()) == {"passed"}
    assert demo.log("holder") == b"done\n"
    demo.run()
    assert "cached" not in demo.outcomes().values(), "what leaks is never cached"


@pytest.mark.parametrize(("verdict", "code"), [pytest.param("true", 0, marks=SLOW), ("false", 1)])
def test_a_reader_that_goes_away_changes_no_exit_code(tmp_path: Path, verdict: str, code: int) -> None:
    demo = project(tmp_path / "p", one=f'run = "{verdict}"', two='run = "sleep 0.2"')
    reading, writing = os.pipe()
    process = demo.start(stdout=writing, stderr=writing)
    os.close(writing)
    os.read(reading, 1)  # `| head -1`
    os.close(reading)
    assert ended(process).code == code
    assert demo.verdict()["exit_code"] == code


@pytest.mark.parametrize("words", [("--version",), ("run", "--help"), pytest.param(("plan", "-q"), marks=SLOW)])
def test_a_reader_that_never_was_changes_no_exit_code(tmp_path: Path, words: tuple[str, ...]) -> None:
    demo = project(tmp_path / "p", one='run = "true"')
    reading, writing = os.pipe()
    os.close(reading)
    process = demo.start(*words, stdout=writing)
    os.close(writing)
    end = ended(process)
    assert (end.code, end.stderr) == (0, "")


@pytest.mark.parametrize("shut", [(0, 1, 2), *(pytest.param((number,), marks=SLOW) for number in range(3))])
def test_standard_streams_that_are_not_open_change_no_exit_code(tmp_path: Path, shut: tuple[int, ...]) -> None:
    demo = project(tmp_path / "p", good='run = "echo fine"', bad='run = "false"')
    end = ended(demo.start(stdin=None, preexec_fn=closed(*shut)))
    assert end.code == 1, end.told
    assert demo.outcomes() == {"good": "passed", "bad": "failed"}
    assert demo.log("good") == b"fine\n"


@pytest.mark.slow
def test_output_that_is_no_text_changes_nothing(tmp_path: Path) -> None:
    mark = new_mark()
    demo = project(
        tmp_path / "p", good=victim("garbage", mark), bad=python("import os; os.write(1, b'\\xff\\0'*9); 1/0")
    )
    end = demo.run("run", "--json", "told.json", "--junit", "told.xml")
    assert end.code == 1, end.told
    assert demo.outcomes() == {"good": "passed", "bad": "failed"}
    assert bytes(range(256)) in demo.log("good")
    assert "\0" not in end.stdout
    assert {"told.json", "told.xml"} <= {path.name for path in demo.root.iterdir()}


def _flood(tmp_path: Path, mebibytes: int) -> int:
    """penstock's own peak in bytes while a job prints so much, shown on the terminal as well."""
    demo = project(tmp_path / "p", flood=victim("flood", str(mebibytes)))
    process = demo.start("run", "-s", stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    peak = peak_bytes(process)
    assert process.wait() == 0
    assert len(demo.log("flood")) < 66 * MIB
    return peak


def test_a_flood_of_output_costs_no_memory(tmp_path: Path) -> None:
    assert 0 < _flood(tmp_path, 50) < 150 * MIB


@pytest.mark.slow
def test_a_gibibyte_of_output_costs_no_memory(tmp_path: Path) -> None:
    assert 0 < _flood(tmp_path, 1024) < 150 * MIB


@pytest.mark.slow
def test_a_log_that_is_not_whole_is_told(tmp_path: Path) -> None:
    demo = project(tmp_path / "p", flood=victim("flood", "70"))
    end = demo.run()
    assert end.code == 0, end.told
    assert "flood: the output was cut at the log's cap of 64 MiB" in end.stderr


@pytest.mark.parametrize("count", [pytest.param(2, marks=SLOW), pytest.param(8, marks=SLOW)])
def test_runs_at_once_in_one_checkout_do_not_mix(tmp_path: Path, count: int) -> None:
    jobs = {f"job{number}": python(f"print({number}, end='')") for number in range(4)}
    demo = project(tmp_path / "p", **jobs)
    ends = [ended(process) for process in [demo.start() for _ in range(count)]]
    assert [end.code for end in ends] == [0] * count, ends
    runs = demo.runs()
    assert len(runs) == count
    for run in runs:
        logs = {path.parent.name: path.read_text() for path in run.glob("jobs/*/output.log")}
        assert all(name == f"job{text}" for name, text in logs.items())
        assert (run / "verdict.json").is_file()
        assert not (run / "lock").exists()
    (demo.root / "new").touch()
    again = demo.run()
    assert (again.code, set(demo.outcomes().values())) == (0, {"passed"}), "a changed tree is no hit"
    assert demo.run().code == 0
    assert set(demo.outcomes().values()) == {"cached"}


@pytest.mark.slow
def test_runs_at_once_of_trees_that_differ_take_no_hit_from_each_other(tmp_path: Path) -> None:
    """The tree changes between the starts: each run must say what its own tree says."""
    demo = project(tmp_path / "p", check=python("assert open('value').read() == 'good'"))
    value = demo.root / "value"
    value.write_text("good")
    assert demo.run().code == 0
    value.write_text("evil")
    first = demo.start()
    second = demo.start()
    assert [ended(first).code, ended(second).code] == [1, 1]
    value.write_text("good")
    assert demo.run().code == 0
    assert demo.outcomes() == {"check": "cached"}


def test_a_result_whose_inputs_change_meanwhile_is_not_cached_and_that_is_told(tmp_path: Path) -> None:
    demo = project(tmp_path / "p", slow=python("print('ready', flush=True); import time; time.sleep(1)"))
    (demo.root / "code.py").write_text("1")
    process = demo.start()
    demo.await_output("slow")
    (demo.root / "code.py").write_text("2")
    end = ended(process)
    assert (end.code, demo.outcomes()) == (0, {"slow": "passed"})
    assert "slow: not cached, because its inputs changed while it ran" in end.stderr
    (demo.root / "code.py").write_text("1")
    demo.run()
    assert demo.outcomes() == {"slow": "passed"}


def test_a_checkout_that_cannot_be_written_gets_its_verdict_and_a_note(tmp_path: Path) -> None:
    demo = project(tmp_path / "p", good='run = "true"', bad='run = "false"')
    places = tmp_path / "tmp"
    places.mkdir()
    with read_only(demo.root):
        end = demo.run(environ=os.environ | {"XDG_CACHE_HOME": str(places)})
    assert end.code == 1, end.told
    assert "FAIL" in end.stdout
    assert (
        f"{demo.state} cannot be written (read-only file system): this run is kept in {places}/penstock/" in end.stderr
    )
    assert "Traceback" not in end.told
    (kept,) = places.glob("penstock/*/runs/*/verdict.json")
    assert '"exit_code": 1' in kept.read_text()


@pytest.mark.slow
def test_a_disk_that_fills_up_while_it_runs_costs_the_records_and_not_the_verdict(tmp_path: Path) -> None:
    with full_disk(tmp_path / "p", 24 * MIB) as root:
        fill = python("f = open('big', 'wb', 0)\ntry:\n while f.write(b'x' * 65536): pass\nexcept OSError: pass")
        demo = project(root, fill=fill, bad='run = "false", needs = ["fill"]')
        end = demo.run()
    assert end.code == 1, end.told
    assert "FAIL  bad" in end.stdout
    assert "Traceback" not in end.told
    assert "note" in end.stderr


@pytest.mark.parametrize("home", ["elsewhere", pytest.param("nowhere", marks=SLOW)])
def test_a_disk_that_is_full_from_the_start_moves_the_run_elsewhere(tmp_path: Path, home: str) -> None:
    (tmp_path / "tmp").mkdir()
    environ = {"PATH": os.environ["PATH"], "TMPDIR": str(tmp_path / "tmp")}
    if home == "elsewhere":
        environ["HOME"] = str(tmp_path / "home")
    with full_disk(tmp_path / "p", 1 * MIB) as root:
        demo = project(root, bad='run = "false"')
        with (root / "big").open("wb", 0) as big, contextlib.suppress(OSError):
            while big.write(b"x" * 4096):
                pass
        end = demo.run(environ=environ)
    assert end.code == 1, end.told
    assert "cannot be written (less than 16 MiB are free): this run is kept in" in end.stderr
    (kept,) = tmp_path.glob("home/.cache/penstock/*/runs/*" if home == "elsewhere" else "tmp/penstock-*/runs/*")
    assert (kept / "verdict.json").is_file()


def test_no_place_at_all_is_not_verified_with_a_remedy(tmp_path: Path) -> None:
    with full_disk(tmp_path / "p", 1 * MIB) as root:
        demo = project(root, bad='run = "false"')
        with (root / "big").open("wb", 0) as big, contextlib.suppress(OSError):
            while big.write(b"x" * 4096):
                pass
        # Without TMPDIR, Python tries /tmp and the current folder, and both may take a little: EFBIG says no to all.
        end = demo.run(environ={"PATH": os.environ["PATH"]}, preexec_fn=_no_files)
    assert end.code == 3, end.told
    assert "Traceback" not in end.told
    assert "not verified" in end.told.lower()


@pytest.mark.parametrize("missing", ["everything", *(pytest.param(name, marks=SLOW) for name in ("HOME", "PATH"))])
def test_without_home_or_any_variable_at_all_it_runs(tmp_path: Path, missing: str) -> None:
    demo = project(tmp_path / "p", good='run = "true"', bad='run = "false"')
    environ = {} if missing == "everything" else {name: text for name, text in os.environ.items() if name != missing}
    end = demo.run(environ=environ)
    assert end.code == 1, end.told
    assert demo.outcomes() == {"good": "passed", "bad": "failed"}


def _no_files() -> None:
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))


def _few_descriptors() -> None:
    resource.setrlimit(resource.RLIMIT_NOFILE, (40, 40))


@pytest.mark.slow
def test_forty_descriptors_are_enough(tmp_path: Path) -> None:
    demo = project(tmp_path / "p", **{f"job{number}": 'run = "true"' for number in range(12)})
    end = demo.run(preexec_fn=_few_descriptors)
    assert end.code == 0, end.told
    assert set(demo.outcomes().values()) == {"passed"}


BACKEND = """
import subprocess, time
def prepare_metadata_for_build_wheel(folder, config_settings=None):
    subprocess.run(["sleep", "MARK"])
get_requires_for_build_wheel = get_requires_for_build_editable = lambda config_settings=None: []
"""
PLANNED = """
[build-system]
requires = []
build-backend = "slow"
backend-path = ["."]
[project]
name = "slow"
dynamic = ["version", "dependencies"]
[tool.penstock]
jobs = { one = { run = "true" } }
"""


@SLOW
@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143), (signal.SIGHUP, 143)])
def test_a_signal_while_it_plans_leaves_nothing_of_what_planning_started(
    tmp_path: Path, number: signal.Signals, code: int
) -> None:
    mark = new_mark()
    (tmp_path / "pyproject.toml").write_text(PLANNED)
    (tmp_path / "slow.py").write_text(BACKEND.replace("MARK", mark))
    process = Project(tmp_path).start()
    until(lambda: orphans.with_mark(mark) != [])
    process.send_signal(number)
    end = ended(process)
    assert end.code == code, end.told
    assert orphans.gone_within(2, mark) == []
    assert "Traceback" not in end.told


@SLOW
def test_a_hangup_that_is_ignored_is_ignored(tmp_path: Path) -> None:
    demo = project(tmp_path / "p", one=python("print('ready', flush=True); import time; time.sleep(1)"))
    process = demo.start(preexec_fn=lambda: signal.signal(signal.SIGHUP, signal.SIG_IGN))  # nohup
    demo.await_output("one")
    process.send_signal(signal.SIGHUP)
    assert ended(process).code == 0
