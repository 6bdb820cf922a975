"""`penstock test` with a real pytest, in this interpreter's environment."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.fakes.program import Done, on_a_terminal, penstock

SLOW = pytest.mark.slow
ENVIRONMENT = str(Path(sys.prefix))

SUITE = """
import os
import sys
from pathlib import Path

import pytest

SEEN = {name: text for name, text in os.environ.items() if "PENSTOCK" in name and name != "PENSTOCK_TAG"}

def test_good():
    pass

def test_bad():
    assert 1 == 2

@pytest.mark.skip(reason="not now")
def test_skipped():
    pass

def test_surroundings(tmp_path):
    assert os.environ["OWN_SECRET"] == "s"
    assert os.environ["TMPDIR"] == os.environ["EXPECTED_TMPDIR"]
    assert Path.cwd().name == os.environ["EXPECTED_FOLDER"]
    assert SEEN == {}
    assert not any("penstock" in entry and "guest" in entry for entry in sys.path)
"""


def project(root: Path, **files: str) -> Path:
    """A project with these test files, named without their ending."""
    root.mkdir()
    (root / "pyproject.toml").write_text('[project]\nname = "p"\nversion = "1"\n')
    (root / "tests").mkdir()
    for name, text in files.items():
        (root / "tests" / f"{name}.py").write_text(text)
    return root


def run(root: Path, *words: str, folder: str = ".", **environ: str) -> Done:
    """`penstock test *words` in a folder of the project."""
    return penstock(root / folder, "test", "--python", ENVIRONMENT, "-p", "no:cacheprovider", *words, environ=environ)


def runs(root: Path) -> list[Path]:
    return sorted((root / ".penstock" / "runs").iterdir())


@pytest.fixture(scope="module")
def red(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Done]:
    """A run with a failure, started in a subfolder."""
    folder = tmp_path_factory.mktemp("red")
    root = project(folder / "p", test_a=SUITE)
    environ = {"OWN_SECRET": "s", "TMPDIR": str(folder), "EXPECTED_TMPDIR": str(folder), "EXPECTED_FOLDER": "tests"}
    words = ("test_a.py", "-n2", "--retries", "0", "--json", "out.json", "--junit", "out.xml", "--durations", "1")
    return root, run(root, *words, folder="tests", **environ)


def test_a_failure_is_told_with_its_counts_and_its_evidence_is_kept(red: tuple[Path, Done]) -> None:
    root, done = red
    assert done.code == 1, done
    assert "1 failed, 2 passed, 1 skipped" in done.out
    assert "tests/test_a.py::test_bad" in done.out
    assert done.lines[-1] == "next  penstock test --lf"
    assert "4 tests" in done.err
    (folder,) = runs(root)
    assert (folder / "verdict.json").exists()
    assert (folder / "jobs" / "test" / "reports" / "tests.jsonl").exists()
    told = json.loads((root / "tests" / "out.json").read_bytes())
    assert (told["exit_code"], told["command"], told["scope"]) == (1, "test", "partial")
    assert told["tests"]["passed"] == 2
    assert "test_bad" in (root / "tests" / "out.xml").read_text()


def test_its_failure_is_replayed_in_the_same_environment(red: tuple[Path, Done]) -> None:
    root, done = red
    again = penstock(root, "repro", done.token())
    assert again.code == 1, again
    assert "the failure shows again" in again.out


def test_the_pipelines_commands_do_not_take_it_for_a_run_of_theirs(red: tuple[Path, Done]) -> None:
    done = penstock(red[0], "plan", "--failed")
    assert (done.code, "no earlier run" in done.err) == (2, True), done


def test_a_pass_is_green_and_node_ids_select(tmp_path: Path) -> None:
    root = project(tmp_path / "p", test_a=SUITE)
    done = run(root, "tests/test_a.py::test_good", "tests/test_a.py::test_skipped", "-q", "-n0")
    assert (done.code, done.err) == (0, ""), done
    assert [line.split("  ·  ")[0] for line in done.lines] == ["PASS  1 passed, 1 skipped"]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("tests/nowhere.py",), "file or directory not found: tests/nowhere.py"),
        pytest.param(("--of-no-plugin",), "unrecognized arguments: --of-no-plugin", marks=SLOW),
    ],
)
def test_what_pytest_takes_for_a_usage_error_is_told_once(tmp_path: Path, words: tuple[str, ...], said: str) -> None:
    root = project(tmp_path / "p", test_a=SUITE)
    done = run(root, *words)
    assert (done.code, done.out, done.err.count(said)) == (2, "", 1), done
    assert runs(root) == [], "nothing was run, so nothing is kept"


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("-k", "of_no_name"), "no tests: all 4 were deselected"),
        pytest.param(("--ignore=tests",), "no tests", marks=SLOW),
    ],
)
def test_nothing_run_is_not_verified(tmp_path: Path, words: tuple[str, ...], said: str) -> None:
    done = run(project(tmp_path / "p", test_a=SUITE), *words)
    assert done.code == 3, done
    assert f"why   {said}" in done.out
    assert "session starts" not in done.out


DECLARED = """
[tool.penstock.jobs]
unit = { test = "tests", test_timeout = "500ms", retries = 0 }

[[tool.penstock.quarantine]]
test = "tests/test_a.py::test_known"
owner = "ops"
reason = "issue 12"
until = 2099-01-01
"""
KNOWN = "import time\ndef test_known():\n    assert 0\ndef test_long():\n    time.sleep(20)\ndef test_good(): pass\n"


def test_what_the_project_declares_holds_here_too_and_the_command_line_wins(tmp_path: Path) -> None:
    root = project(tmp_path / "p", test_a=KNOWN)
    (root / "pyproject.toml").write_text(DECLARED)
    done = run(root, "-n1", "--retries", "1", "--json", "out.json")
    assert (done.code, "1 timed out, 1 quarantined, 1 passed" in done.out) == (1, True), done
    assert "test_known fails in test (owner: ops, until 2099-01-01: issue 12)" in done.out
    told = json.loads((root / "out.json").read_bytes())
    assert [one["test"] for one in told["quarantine"]] == ["tests/test_a.py::test_known"]
    (job,) = json.loads((runs(root)[0] / "plan.json").read_bytes())["jobs"]
    engine = json.loads(dict(job["commands"][0]["environment"])["PENSTOCK_ENGINE"])
    assert (engine["timeout_s"], engine["retries"]) == (0.5, 1)


def test_an_entry_past_its_day_is_red_where_its_test_ran_and_nowhere_else(tmp_path: Path) -> None:
    root = project(tmp_path / "p", test_a=KNOWN)
    (root / "pyproject.toml").write_text(DECLARED.replace("2099", "2020"))
    other = run(root, "-k", "test_good", "-n0")
    assert other.code == 0, other
    done = run(root, "-k", "test_known", "-n0")
    assert (done.code, "ended on 2020-01-01 (owner: ops)" in done.out) == (1, True), done


def test_a_broken_configuration_is_told_once_with_its_place(tmp_path: Path) -> None:
    root = project(tmp_path / "p", test_a=SUITE)
    (root / "penstock.toml").write_text('[jobs]\nunit = { test = true, test_timeout = "soon" }\n')
    done = run(root)
    assert (done.code, done.out, done.err.count("penstock.toml:2:")) == (2, "", 1), done
    assert not (root / ".penstock" / "runs").exists()


def test_what_the_change_edits_has_no_further_try(tmp_path: Path) -> None:
    flaky = (
        "from pathlib import Path\n\ndef test_flaky():\n    seen = Path(__file__).with_suffix('.seen')\n"
        "    again = seen.exists()\n    seen.touch()\n    assert again\n"
    )
    root = project(tmp_path / "p", test_old=flaky)
    (root / ".gitignore").write_text("*.seen\n.penstock\n")
    for words in (["init", "-q", "-b", "main"], ["add", "."], ["-c", "user.name=a", "-c", "user.email=a@b", "commit"]):
        subprocess.run(["git", *words, *(["-qm", "x"] * (words[-1] == "commit"))], cwd=root, check=True)
    (root / "tests" / "test_new.py").write_text(flaky)
    done = run(root, "-n0")
    assert done.code == 1, done
    assert "tests/test_old.py::test_flaky  passed on try 2" in done.out
    assert "━━ test ━━ tests/test_new.py::test_flaky" in done.out
    assert "tries   not tried again: this change added or edited it" in done.out


@SLOW
def test_a_broken_conftest_is_no_usage_error(tmp_path: Path) -> None:
    done = run(project(tmp_path / "p", test_a=SUITE, conftest="import module_of_nobody"))
    assert done.code == 3, done
    assert "module_of_nobody" in done.out


@SLOW
def test_a_test_that_leaves_with_0_is_not_green(tmp_path: Path) -> None:
    leaves = "import os\ndef test_leaves():\n    os._exit(0)\ndef test_other():\n    pass\n"
    done = run(project(tmp_path / "p", test_a=leaves), "--retries", "0")
    assert done.code in (1, 3), done
    assert "test_leaves" in done.out


def test_what_runs_no_test_is_answered_by_pytest(tmp_path: Path) -> None:
    root = project(tmp_path / "p", test_a=SUITE)
    done = run(root, "--collect-only", "-q")
    assert done.code == 0, done
    assert "tests/test_a.py::test_good" in done.lines
    assert not (root / ".penstock" / "runs").exists()


def test_the_debugger_gets_the_terminal_and_nothing_is_kept(tmp_path: Path) -> None:
    root = project(tmp_path / "p", test_a=SUITE)
    words = ("test", "--python", ENVIRONMENT, "-p", "no:cacheprovider", "--pdb", "-k", "test_bad")
    done = on_a_terminal(root, *words, press=(0.2, b"p 6 * 7\nq\n"))
    assert done.code == 1, done
    assert "42" in done.lines, done
    assert not (root / ".penstock" / "runs").exists()


def test_a_terminal_is_drawn_on_and_left_clean(tmp_path: Path) -> None:
    slow = "import time\ndef test_slow():\n    time.sleep(1.2)\ndef test_bad():\n    assert 0\n"
    root = project(tmp_path / "p", test_a=slow)
    words = ("test", "--python", ENVIRONMENT, "-p", "no:cacheprovider", "-n0", "--retries", "0")
    done = on_a_terminal(root, *words)
    assert done.code == 1, done
    assert "0/2 tests" in done.out
    assert "✗ tests/test_a.py::test_bad  AssertionError: assert 0" in done.out
    last_drawn = done.out.rindex("/2 tests")
    assert "\r\x1b[J" in done.out[last_drawn:], "the live line is taken away"


@SLOW
def test_what_the_tests_write_is_shown_on_demand(tmp_path: Path) -> None:
    loud = "def test_loud():\n    print('heard')\n    assert 0\n"
    root = project(tmp_path / "p", test_a=loud)
    done = run(root, "-s", "-n0", "--retries", "0")
    assert "heard" in done.out
    assert done.out.count("def test_loud():") == 1, "pytest has shown the failure"
    assert "penstock repro" in done.out


@SLOW
def test_shards_add_up_and_a_missing_one_is_not_verified(tmp_path: Path) -> None:
    root = project(tmp_path / "p", test_a="".join(f"def test_{n}():\n    pass\n" for n in range(6)))
    for shard in ("1/2", "2/2"):
        done = run(root, "--shard", shard, "-n0")
        assert (done.code, "3 passed" in done.out) == (0, True), done
    one, two = runs(root)
    both = penstock(root, "gate", "test", "--from", str(one), str(two))
    assert both.code == 0, both
    alone = penstock(root, "gate", "test", "--from", str(one))
    assert alone.code == 3, alone
    assert "penstock test --shard 2/2" in alone.out
    (root / "tests" / "test_a.py").write_text("def test_0():\n    pass\n")
    run(root, "--shard", "2/2", "-n0")
    other = penstock(root, "gate", "test", "--from", str(one), str(runs(root)[-1]))
    assert other.code == 3, other


def test_its_rows_are_in_the_history_and_are_no_run_of_the_pipeline(tmp_path: Path) -> None:
    root = project(tmp_path / "p", test_a="def test_good():\n    pass\n\ndef test_bad():\n    assert 0\n")
    assert run(root, "-n0", "--retries", "0").code == 1
    assert run(root, "-n0", "-k", "good").code == 0
    asked = penstock(root, "history", "SELECT run, job, test, outcome FROM tests ORDER BY run, test", "--json")
    rows = json.loads(asked.out)["rows"]
    ids = [folder.name for folder in runs(root)]
    bad, good = "tests/test_a.py::test_bad", "tests/test_a.py::test_good"
    found = [(ids.index(row["run"]), row["job"], row["test"], row["outcome"]) for row in rows]
    assert found == [
        (0, "penstock test", bad, "failed"),
        (0, "penstock test", good, "passed"),
        (1, "penstock test", good, "passed"),
    ]
    told = json.loads(penstock(root, "history", "runs", "--json").out)["rows"]
    assert [(row["conclusion"], row["command"], row["scope"], row["tests"]) for row in told] == [
        ("passed", "test", "partial", 1),
        ("failed", "test", "partial", 2),
    ]
    assert json.loads(penstock(root, "history", "trends", "--json").out)["rows"] == []
