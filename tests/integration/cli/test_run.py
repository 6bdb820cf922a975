"""`penstock run` as a person runs it: the real program on jobs that need no environment."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.fakes.guest_runs import write
from tests.fakes.program import Done, on_a_terminal, penstock

JOBS = """
stages = { fast = "1m", late = "5m" }
[jobs]
good = { run = "true" }
bad = { run = ["sh", "-c", "echo because; exit 3"] }
after = { run = "true", needs = ["bad"], stage = "late" }
loud = { run = ["sh", "-c", "echo one; echo two"], stage = "late", cache = false }
"""


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write(tmp_path_factory.mktemp("project"), {"penstock.toml": JOBS})


@pytest.fixture(scope="module")
def whole(project: Path) -> Done:
    return penstock(project, "run", "--all", together=True)


def test_a_log_is_told_once_as_it_comes_then_failures_then_the_verdict(whole: Done) -> None:
    assert whole.code == 1
    assert sum(line.startswith("good") for line in whole.lines) == 1
    assert sum(line.startswith("bad") for line in whole.lines) == 1
    assert whole.out.index("jobs to run") < whole.out.index("because") < whole.out.index("FAIL  bad")
    assert "…" not in whole.out.partition("jobs to run")[2]


def test_the_results_alone_are_whole(project: Path, whole: Done) -> None:
    done = penstock(project, "run", "-q")
    assert done.code == whole.code
    assert done.err == ""
    rows = [line.split()[0] for line in done.lines if line.startswith(("good ", "loud ", "after ", "bad "))]
    assert sorted(rows[:2]) == ["good", "loud"]
    assert rows[2:] == ["after", "bad"]


def test_failed_runs_what_did_not_pass(project: Path, whole: Done) -> None:
    penstock(project, "run", "--all")
    done = penstock(project, "run", "--failed", together=True)
    assert done.code == 1
    assert "2 jobs to run" in done.out
    assert "scope: partial" in done.out
    assert whole.code == 1


@pytest.mark.parametrize(
    ("words", "code", "ran"),
    [
        (("good",), 0, {"good"}),
        (("g*",), 0, {"good"}),
        (("late",), 1, {"bad", "after", "loud"}),
        (("loud", "-s"), 0, {"loud"}),
        (("-s", "loud", "-q", "good"), 0, {"good", "loud"}),
        (("--offline", "--available", "good"), 0, {"good"}),
    ],
)
def test_a_part_of_the_pipeline(project: Path, words: tuple[str, ...], code: int, ran: set[str]) -> None:
    written = project.parent / "part.json"
    done = penstock(project, "run", *words, "--json", str(written))
    assert done.code == code, done
    assert {job["id"] for job in json.loads(written.read_text())["jobs"]} == ran
    assert ("\none\ntwo\n" in f"\n{done.out}") == ("-s" in words)


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("run", "goood"), "did you mean `good`?"),
        (("run", "good", "--nonsense"), "unrecognized arguments: --nonsense"),
        (("god",), "there is no command 'god'"),
        (("clean", "--", "x"), "clean takes nothing after --"),
        (("run", "-C", "/nowhere/at/all"), "is not a folder"),
        (("repro",), "which failure?"),
    ],
)
def test_what_is_not_understood_is_2_and_says_what_there_is(project: Path, words: tuple[str, ...], told: str) -> None:
    done = penstock(project, *words)
    assert done.code == 2
    assert told in done.err
    assert "Traceback" not in done.err


def test_the_first_failure_stops_the_rest(tmp_path: Path) -> None:
    jobs = (
        '[jobs]\nbad = { run = "false" }\nslow = { run = ["sleep", "30"] }\nlast = { run = "true", needs = ["slow"] }\n'
    )
    write(tmp_path, {"penstock.toml": jobs})
    started_s = time.monotonic()
    done = penstock(tmp_path, "run", "-x", together=True)
    assert done.code == 1
    assert time.monotonic() - started_s < 25
    assert "FAIL  bad" in done.out


def test_what_is_left_running_is_ended_and_told(tmp_path: Path) -> None:
    write(tmp_path, {"penstock.toml": '[jobs]\nleaks = { run = ["sh", "-c", "sleep 613 & exit 0"] }\n'})
    done = penstock(tmp_path, "run", "-q")
    assert "ended 1 process it left: sleep 613" in done.out


def test_a_terminal_gets_a_board_and_keeps_what_was_said(tmp_path: Path) -> None:
    jobs = '[jobs]\nslow = { run = ["sleep", "1.5"] }\nbad = { run = ["sh", "-c", "echo because; exit 3"] }\n'
    write(tmp_path, {"penstock.toml": jobs})
    done = on_a_terminal(tmp_path, "run")
    assert done.code == 1
    assert "slow  …  " in done.out
    last = done.out.rpartition("\x1b")[2]
    assert "FAIL  bad" in last
    assert "slow  …" not in last
    assert done.out.count("\x1b[?25l") <= done.out.count("\x1b[?25h")


@pytest.mark.slow
def test_interrupted_on_a_terminal(tmp_path: Path) -> None:
    write(tmp_path, {"penstock.toml": '[jobs]\nslow = { run = ["sleep", "60"] }\n'})
    done = on_a_terminal(tmp_path, "run", press=(3.0, b"\x03"))
    assert done.code == 130
    assert "INTERRUPTED" in done.out


@pytest.mark.slow
def test_a_watch_runs_again_and_ends_with_its_run(tmp_path: Path) -> None:
    write(tmp_path, {"penstock.toml": '[jobs]\nsay = { run = ["cat", "word.txt"] }\n', "word.txt": "first"})
    argv = [sys.executable, "-m", "penstock", "run", "--watch", "-s"]
    told = ""
    with subprocess.Popen(argv, cwd=tmp_path, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True) as watch:
        assert watch.stdout is not None
        for line in watch.stdout:
            told += line
            if "watching for changes" in line and "second" in told:
                break
            if "watching for changes" in line:
                write(tmp_path, {"word.txt": "second"})
        watch.send_signal(signal.SIGTERM)
    assert watch.returncode == 143
    assert told.count("PASS") == 2


def test_completion_in_a_real_bash(tmp_path: Path) -> None:
    script = tmp_path / "completion.sh"
    script.write_text(penstock(tmp_path, "completion", "bash").out, encoding="utf-8")
    ask = f"""
        source {script}
        asked() {{
            COMP_WORDS=("$@") COMP_CWORD=$(($# - 1)) COMPREPLY=()
            _shtab_penstock penstock "${{COMP_WORDS[$COMP_CWORD]}}" ""
            echo "${{COMPREPLY[*]}}"
        }}
        asked penstock rep; asked penstock run --fa; asked penstock completion z; asked penstock _pre
        asked penstock run qu; asked penstock plan te
    """
    done = subprocess.run(["bash", "-c", ask], capture_output=True, text=True, check=True, env=dict(os.environ))
    assert done.stdout.splitlines() == ["report repro", "--failed", "zsh", "", "quality", "tests"]
