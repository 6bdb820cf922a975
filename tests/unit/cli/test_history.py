"""`penstock history` and `penstock flaky`, on histories that are written here."""

from __future__ import annotations

import csv
import io
import json
import sys
from pathlib import Path

import pytest

from penstock.cli import main
from penstock.record.store import History
from tests.fakes.history import DAY_S, add, attempt, tree

_MESSAGES = {"passed": "", "failed": "tails"}


@pytest.fixture
def project(tmp_path: Path) -> Path:
    root = tmp_path / "project"
    root.mkdir()
    (root / "penstock.toml").write_text('[jobs]\ndocs = { run = "true" }\n')
    return root


@pytest.fixture
def ran(project: Path) -> Path:
    """The project after three runs, today and long ago; one test is flaky."""
    import time

    history = History(project / ".penstock/history")
    for number, (age_d, ends) in enumerate(((400.0, ["passed"]), (0.1, ["failed", "passed"]), (0.0, ["passed"]))):
        run, wall_s = f"r{number}", time.time() - age_d * DAY_S
        tries = [
            attempt(
                run, "t.py::test_coin", wall_s=wall_s, outcome=end, attempt=turn, message="tails" * (end == "failed")
            )
            for turn, end in enumerate(ends, start=1)
        ]
        add(history, *tries, attempt(run, "t.py::test_sure", wall_s=wall_s, call_s=2.0), run=run, wall_s=wall_s)
    return project


class Said:
    """What a command printed, and its exit code."""

    def __init__(self, code: int, out: str, err: str) -> None:
        self.code, self.out, self.err = code, out, err

    @property
    def lines(self) -> list[list[str]]:
        return [line.split() for line in self.out.splitlines()]


class Say:
    """Runs a command in a project."""

    def __init__(self, root: Path, captured: pytest.CaptureFixture[str]) -> None:
        self.root, self._captured = root, captured

    def __call__(self, *words: str) -> Said:
        self._captured.readouterr()
        code = main.run([words[0], "-C", str(self.root), *words[1:]])
        return Said(code, *self._captured.readouterr())


@pytest.fixture
def say(ran: Path, capsys: pytest.CaptureFixture[str]) -> Say:
    return Say(ran, capsys)


def test_alone_it_tells_the_slowest_tests_of_the_last_thirty_days(say: Say) -> None:
    told = say("history")
    assert told.code == 0
    assert told.lines == [
        ["median_s", "p95_s", "runs", "job", "test"],
        ["2.00", "2.00", "2", "unit@3.12", "t.py::test_sure"],
        ["1.00", "1.00", "2", "unit@3.12", "t.py::test_coin"],
    ]


@pytest.mark.parametrize(("since", "runs"), [("all", "3"), ("90w", "3"), ("1d", "2"), ("1h", "1"), ("2000-01-01", "3")])
def test_since_when(say: Say, since: str, runs: str) -> None:
    assert say("history", "slowest", "--since", since).lines[1][2] == runs


@pytest.mark.parametrize("question", ["files", "trends", "runs", "regressed", "flips"])
def test_every_question_has_an_answer(say: Say, question: str) -> None:
    assert say("history", question).code == 0


def test_an_answer_has_the_same_rows_in_every_form(say: Say) -> None:
    document = json.loads(say("history", "runs", "--since", "all", "--json").out)
    assert (document["version"], document["question"], document["lost"]) == (1, "runs", [])
    table = list(csv.DictReader(io.StringIO(say("history", "runs", "--since", "all", "--csv").out)))
    assert [row["run"] for row in table] == [row["run"] for row in document["rows"]] == ["r2", "r1", "r0"]


def test_one_test_by_its_id_is_a_question_of_its_own(say: Say) -> None:
    by_id, by_end = say("history", "t.py::test_coin"), say("history", "test", "test_coin")
    assert by_id.out == by_end.out
    assert [("failed" in line, "tails" in line) for line in by_id.lines[1:]] == [
        (False, False),
        (True, True),
        (False, False),
        (False, False),
    ]
    assert say("history", "test", "no_such").out == "no run since then knows such a test\n"


def test_sql_and_its_limits(say: Say) -> None:
    assert say("history", "SELECT count(*) AS n FROM tests").lines == [["n"], ["7"]]
    for sql in ("DELETE FROM tests", "SELECT * FROM read_csv('/etc/passwd')", "SELECT nonsense FROM tests"):
        told = say("history", sql)
        assert (told.code, told.out) == (2, "")
        assert "runs, jobs, tests, coverage and findings" in told.err
    document = json.loads(say("history", "SELECT run, day, moment, {'a': 1.5} AS s FROM runs LIMIT 1", "--json").out)
    assert set(document["rows"][0]) == {"run", "day", "moment", "s"}


def test_flaky_names_the_test_that_contradicts_itself(say: Say) -> None:
    told = say("flaky")
    assert [line[-2:] for line in told.lines[1:]] == [["t.py::test_coin", "tails"]]
    (row,) = json.loads(say("flaky", "--json").out)["rows"]
    assert (row["failures"], row["runs"], row["tries"], row["jobs"]) == (1, 3, 4, "unit@3.12")
    assert say("flaky", "--runs", "1").out == "no test passed and failed on the same code in the last 1 run\n"


@pytest.mark.parametrize(
    "words",
    [
        ("history", "nonsense"),
        ("history", "slowst"),
        ("history", "test"),
        ("history", "export"),
        ("history", "slowest", "more"),
        ("history", "runs", "--since", "yesterday"),
        ("history", "import", "/nowhere"),
        ("history", "runs", "--from", "/nowhere"),
    ],
)
def test_a_question_that_there_is_not_is_a_usage_error(say: Say, words: tuple[str, ...]) -> None:
    told = say(*words)
    assert (told.code, told.out) == (2, "")
    assert "remedy: " in told.err


def test_without_a_run_there_is_no_history(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main.run(["history", "-C", str(project)]) == 2
    assert "penstock run and penstock test write it" in capsys.readouterr().err
    assert not (project / ".penstock/history").exists()


def test_damage_is_told_on_stderr_and_in_json_and_forgotten_on_demand(say: Say) -> None:
    victim = say.root / ".penstock/history/rows/r1.tests.jsonl"
    victim.write_bytes(victim.read_bytes()[:-9])
    told = say("history", "runs", "--json")
    assert told.code == 0
    assert "r1.tests.jsonl is not what was written: 3 rows of tests" in told.err
    assert len(json.loads(told.out)["lost"]) == 1
    assert "r1.tests.jsonl" in say("flaky").err
    assert say("history", "forget").out == "losses that are told no more: 1\n"
    assert say("flaky").err == ""


def test_a_history_is_carried_to_another_machine_and_back(say: Say, tmp_path: Path) -> None:
    there = str(tmp_path / "carried")
    assert say("history", "export", there).out == f"3 runs and 13 rows are new in {there}\n"
    assert say("history", "export", there).out == f"0 runs and 0 rows are new in {there}\n"
    asked = ("history", "runs", "--since", "all")
    assert say(*asked, "--from", there).out == say(*asked).out
    before = say(*asked).out
    other = tmp_path / "other"
    other.mkdir()
    (other / "penstock.toml").write_text("")
    say.root = other
    assert say("history", "import", there).code == 0
    assert say(*asked).out == before
    assert say("history", "compact").code == 0
    assert say(*asked).out == before


def test_without_duckdb_it_ends_with_what_to_install(say: Say, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "duckdb", None)
    before = tree(say.root)
    for words in (("history",), ("flaky",), ("history", "compact")):
        told = say(*words)
        assert (told.code, told.out) == (3, "")
        assert "penstock[history]" in told.err
    assert {name for name in tree(say.root) if "rows/" in name} == {name for name in before if "rows/" in name}
