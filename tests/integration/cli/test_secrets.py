"""Secrets through real runs: who gets them, and that no output and no byte of the state folder holds one."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

import penstock as penstock_package
from tests.fakes.guest_runs import write
from tests.fakes.leaky_suite import SUITE
from tests.fakes.program import Done, penstock
from tests.fakes.secret_spellings import spelled

VALUE = "canary/9f8e'7d6c\"5b4a&<3f2e>\\+=%"
LINES = "-----BEGIN KEY-----\nQ2FuYXJ5IGxpbmUgb25l\nbGluZSBudW1iZXIgdHdv\n-----END KEY-----"
ENVIRON = {"API_KEY": VALUE, "PEM": LINES}

PRINTS = """
import base64, html, json, os, shlex, subprocess, sys, time, urllib.parse
value = os.environ["API_KEY"]
content = value.encode()
for spelled in (
    value, json.dumps(value), repr(value), repr(content), urllib.parse.quote(value, safe=""),
    urllib.parse.quote_plus(value), html.escape(value), shlex.quote(value), content.hex(), content.hex().upper(),
    *(base64.b64encode(b"x" * at + content + b"yz").decode() for at in range(3)),
    *(base64.urlsafe_b64encode(b"x" * at + content + b"yz").decode() for at in range(3)),
):
    print("spelled:", spelled)
for line in os.environ["PEM"].splitlines():
    print("E   ", line)
for character in value:
    os.write(1, character.encode())
    time.sleep(0.001)
print(file=sys.stderr)
subprocess.run([sys.executable, "-c", "import os; print(os.environ['API_KEY'])"], check=True)
print("done", flush=True)
"""
JOBS = """
[jobs]
gets = {{ run = [{python}, "prints.py"], secrets = ["API_KEY", "PEM"] }}
none = {{ run = ["sh", "-c", "env; test -z \\"$API_KEY\\""] }}
lacks = {{ run = "true", secrets = ["NOT_THERE"] }}
fails = {{ run = ["sh", "-c", "echo $API_KEY; exit 3"], secrets = ["API_KEY"] }}
leaves = {{ run = "sh leaves.sh", secrets = ["API_KEY"], outputs = ["site/**"] }}
"""
FILES = {"prints.py": PRINTS, "leaves.sh": 'mkdir -p site; echo "$API_KEY" > site/config.js\n'}


def spellings(value: str) -> list[bytes]:
    """What none may see, without what the neighbours of an encoding have a part in."""
    return [each.encode() for each in spelled(value)]


def leaks(content: bytes, *values: str) -> list[bytes]:
    return [spelled for value in values for spelled in spellings(value) if spelled in content]


def in_state(root: Path, *values: str) -> list[tuple[str, list[bytes]]]:
    """The files below the state folder that hold one, or are called so."""
    found = []
    for path in sorted((root / ".penstock").rglob("*")):
        content = os.fsencode(path.name) + b"\0" + (path.read_bytes() if path.is_file() else b"")
        if told := leaks(content, *values):
            found.append((str(path.relative_to(root)), told))
    return found


def said(done: Done) -> bytes:
    return (done.out + done.err).encode()


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    jobs = JOBS.format(python=json.dumps(sys.executable))
    return write(tmp_path_factory.mktemp("project"), {"penstock.toml": jobs, **FILES})


@pytest.fixture(scope="module")
def whole(project: Path) -> Done:
    return penstock(project, "run", "--all", "-s", "--json", str(project.parent / "run.json"), environ=ENVIRON)


def test_only_who_lists_a_secret_gets_it_and_the_others_run(project: Path, whole: Done) -> None:
    jobs = {job["id"]: job for job in json.loads((project.parent / "run.json").read_text())["jobs"]}
    assert {name: job["outcome"] for name, job in jobs.items()} == {
        "gets": "passed",
        "none": "passed",
        "lacks": "errored",
        "fails": "failed",
        "leaves": "failed",
    }
    assert whole.code == 1
    assert jobs["lacks"]["reason"] == "the secret NOT_THERE is not set"
    assert "export NOT_THERE=" in jobs["lacks"]["notes"]["remedy"]
    assert jobs["leaves"]["reason"] == "its outputs hold secrets, and are not kept: site/config.js (API_KEY)"
    assert jobs["gets"]["measures"]["redacted"] >= 19
    assert "secrets were taken out of its log and reports" in jobs["gets"]["notes"]["secrets"]


def test_nothing_that_is_shown_or_kept_holds_one(project: Path, whole: Done) -> None:
    assert "[secret:API_KEY]" in whole.out
    assert "done" in whole.out
    assert leaks(said(whole) + (project.parent / "run.json").read_bytes(), VALUE, LINES) == []
    for words in (("plan", "--json"), ("plan",), ("explain", "gets"), ("repro", "1"), ("run", "--failed")):
        assert leaks(said(penstock(project, *words, environ=ENVIRON)), VALUE, LINES) == []
    assert in_state(project, VALUE, LINES) == []


def test_a_missing_secret_alone_is_not_verified(project: Path) -> None:
    done = penstock(project, "run", "lacks", together=True)
    assert done.code == 3
    assert "the secret NOT_THERE is not set" in done.out
    fork = {"CIRCLECI": "true", "CIRCLE_PR_NUMBER": "7"}
    assert "a pull request from a fork, which gets no secrets" in penstock(
        project, "run", "lacks", together=True, environ=fork
    ).out.replace("\n", " ")


def test_the_results_of_a_job_with_secrets_are_kept_only_where_that_is_declared(tmp_path: Path) -> None:
    gets = 'run = "true", secrets = ["API_KEY"]'
    write(tmp_path, {"penstock.toml": f"[jobs]\nnot = {{ {gets} }}\nkept = {{ {gets}, cache = true }}\n"})
    penstock(tmp_path, "run", environ=ENVIRON)
    again = penstock(tmp_path, "run", "-q", environ=ENVIRON)
    rows = {line.split()[0]: line for line in again.lines if line.startswith(("not ", "kept "))}
    assert "cached" in rows["kept"], again
    assert "cached" not in rows["not"], again
    assert in_state(tmp_path, VALUE) == []


def test_required_variables_reach_the_job_and_its_key(tmp_path: Path) -> None:
    jobs = '[jobs]\nasks = { run = ["sh", "-c", "test \\"$REGION\\" = eu"], require = ["REGION"] }\n'
    write(tmp_path, {"penstock.toml": jobs})
    assert penstock(tmp_path, "run").code == 3
    assert penstock(tmp_path, "run", environ={"REGION": "eu"}).code == 0
    assert penstock(tmp_path, "run", environ={"REGION": "us"}).code == 1
    assert "cached" in penstock(tmp_path, "run", environ={"REGION": "eu"}).out


# What could be wrong with the redaction: what of the made-up secret comes through -> the change that does it.
BROKEN = {
    "raw, whole": "penstock_redaction.Redaction.content = lambda self, content: content",
    "raw, in pieces": "penstock_redaction.Stream.feed = lambda self, chunk: bytes(chunk)",
    "hexadecimal, whole": "made = penstock_redaction.spellings\n"
    "hexadecimal = set(b'0123456789abcdef')\n"
    "penstock_redaction.spellings = lambda value: [each for each in made(value) if not set(each) <= hexadecimal]",
}


@pytest.mark.parametrize("passed", BROKEN)
@pytest.mark.parametrize("words", [("run",), ("plan",)])
def test_a_redaction_that_lets_a_made_up_secret_through_ends_all_with_70_before_anything_is_kept(
    tmp_path: Path, passed: str, words: tuple[str, ...]
) -> None:
    declared = '[jobs]\nplain = { run = "touch ran" }\ngets = { run = "touch ran", secrets = ["API_KEY"] }\n'
    root = write(tmp_path / "p", {"penstock.toml": declared})
    change = f"from penstock.guest import penstock_redaction\n{BROKEN[passed]}\n"
    broken = write(tmp_path / "broken", {"sitecustomize.py": change})
    logs = tmp_path / "logs"
    logs.mkdir()
    source = str(Path(penstock_package.__file__).parents[1])
    environ = ENVIRON | {"PYTHONPATH": f"{broken}{os.pathsep}{source}", "TMPDIR": str(logs)}
    done = penstock(root, *words, environ=environ)
    assert done.code == 70, done
    assert f"internal error: LeakError: the redaction of secrets let a canary through: {passed}  [P700]" in done.err
    (log,) = logs.iterdir()
    assert f"please report it with this file: {log}" in done.err
    assert leaks(said(done) + log.read_bytes(), VALUE) == []
    assert [path.name for path in root.iterdir() if path.name != ".penstock"] == ["penstock.toml"]
    assert (list(root.glob(".penstock/runs/*")), in_state(root, VALUE)) == ([], [])


def test_what_a_machine_lacks_is_told_before_anything_starts(tmp_path: Path) -> None:
    jobs = '[jobs]\nbig = { run = "true", memory = "900TiB" }\ngpu = { run = "true", gpus = 64 }\n'
    write(tmp_path, {"penstock.toml": jobs})
    done = penstock(tmp_path, "run", together=True)
    assert done.code == 3
    assert "it asks for 900 TiB of memory, and this machine gives" in done.out
    assert "it asks for 64 GPUs, and this machine has" in done.out


def test_a_job_over_its_memory_is_ended_and_named(tmp_path: Path) -> None:
    fills = 'run = [PYTHON, "-c", "import time; x = bytearray(200 << 20); time.sleep(50)"]'
    fills = fills.replace("PYTHON", json.dumps(sys.executable))
    write(tmp_path, {"penstock.toml": f'[jobs]\nfills = {{ {fills}, memory = "64MiB" }}\n'})
    done = penstock(tmp_path, "run", together=True)
    assert done.code == 1
    assert "went over its memory limit of 64 MiB: " in done.out


def test_killed_in_the_middle_nothing_was_written_down(tmp_path: Path) -> None:
    jobs = JOBS.format(python=json.dumps(sys.executable))
    prints = PRINTS + "\nimport time; time.sleep(60)\n"
    write(tmp_path, {"penstock.toml": jobs, "prints.py": prints})
    running = subprocess.Popen(
        [sys.executable, "-m", "penstock", "run", "gets"],
        cwd=tmp_path,
        env={**os.environ, **ENVIRON, "GIT_CEILING_DIRECTORIES": str(tmp_path.parent)},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        until_s = time.monotonic() + 60
        while time.monotonic() < until_s and b"done" not in b"".join(
            log.read_bytes() for log in tmp_path.glob(".penstock/runs/*/jobs/gets/output.log")
        ):
            time.sleep(0.05)
    finally:
        running.send_signal(signal.SIGKILL)
        running.wait()
    (log,) = tmp_path.glob(".penstock/runs/*/jobs/gets/output.log")
    assert b"done" in log.read_bytes()
    assert in_state(tmp_path, VALUE, LINES) == []


@pytest.mark.slow  # it makes an environment
@pytest.mark.parametrize("engine", ["", 'args = ["-n0"], '])
def test_a_suite_that_tells_it_in_every_way(tmp_path: Path, engine: str) -> None:
    declared = f'[jobs]\nunit = {{ test = "tests", {engine}requirements = ["pytest"], secrets = ["API_KEY"] }}\n'
    project = "[project]\nname = 'x'\nversion = '1'\n"
    write(tmp_path, {"penstock.toml": declared, "tests/test_leaks.py": SUITE, "pyproject.toml": project})
    forms = ("json", "junit", "html", "comment", "summary", "sarif", "annotations")
    reports = {name: tmp_path.parent / f"{tmp_path.name}.{name}" for name in forms}
    files = ("--json", str(reports["json"]), "--junit", str(reports["junit"]))
    done = penstock(tmp_path, "run", "-s", *files, environ=ENVIRON)
    assert done.code == 1, done
    outputs = [done]
    for words in (
        ("report", *(word for name in forms[2:] for word in (f"--{name}", str(reports[name])))),
        ("plan", "--json"),
        ("explain", "unit"),
        ("repro", "1"),
        ("history", "SELECT * FROM tests"),
        ("flaky",),
        ("gate",),
        ("run", "--failed"),
    ):
        outputs.append(penstock(tmp_path, *words, environ=ENVIRON))
        assert outputs[-1].code not in (2, 70), (words, outputs[-1])
    (job,) = json.loads(reports["json"].read_text())["jobs"]
    assert job["measures"]["collected"] == 13
    assert job["measures"]["crashed"] == 1
    assert "2 ids of tests hold one" in job["notes"]["secrets"]
    assert b"test_id[[secret:API_KEY]]" in reports["junit"].read_bytes()
    for told in (*map(said, outputs), *(path.read_bytes() for path in reports.values())):
        assert leaks(told, VALUE) == []
    assert in_state(tmp_path, VALUE) == []
