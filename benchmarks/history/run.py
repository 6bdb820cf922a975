"""The history at ten million rows: bytes a row, and how long its questions take.

    python benchmarks/history/run.py [--rows 10000000] [--folder DIR] [--rounds 5]

Made up, but shaped as test suites are: 5,000 tests on two legs, durations log-normal around each test's own (sigma
0.2), one test in twenty a hundred times as slow; one in a hundred flaky at 0.1 to 10 %; a broken commit in fifty, where
fifty tests fail; one test in five hundred slower by half since day 190. Five runs a day. The rows are written as files
of a day; `penstock history compact` makes the files that are asked. Each question is timed with all that a command does
after the start of Python (a look at all files, views, query), then as a whole command, with its bytecode at hand as an
installed one has it: the least of three. The digests of all files, which are made once a day, are timed apart.
"""

from __future__ import annotations

import argparse
import os
import re
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

from penstock.record import parquet, questions
from penstock.record.duck import connected
from penstock.record.query import ask
from penstock.record.store import History
from penstock.record.tables import TestRow, columns

TESTS, LEGS, A_DAY = 5_000, 2, 5
FIRST = datetime(2026, 1, 1, tzinfo=UTC)

P95 = """
SELECT quantile_cont(setup_s + call_s + teardown_s, 0.95) AS p95_s, job, test
FROM tests GROUP BY job, test ORDER BY p95_s DESC, job, test LIMIT $most
"""

_SUITE = f"""
CREATE TABLE suite AS
SELECT number, 'tests/' || ['unit', 'integration', 'api', 'models'][number % 4 + 1] || '/test_' || ['pool', 'cache',
         'client', 'schema', 'router', 'loader', 'parser'][number % 7 + 1] || '_' || (number // 40) || '.py::Test'
         || ['Basics', 'Errors', 'Limits'][number % 3 + 1] || '::test_' || ['closes', 'opens', 'refuses', 'returns',
         'keeps'][number % 5 + 1] || '_case_' || number || '[' || (number % 11) || '-py' || (number % 3) || ']' AS test,
       exp(-6.5 + random() * 2 + if(number % 20 = 0, 4.6, 0)) AS base_s,
       if(number % 100 = 3, 0.1 * pow(10, -2 * random()), 0) AS flaky,
       number % 500 = 9 AS slowed
FROM range({TESTS}) AS numbers(number)
"""
_NORMAL = "sqrt(-2 * ln(1 - random())) * cos(6.283185 * random())"


def main() -> None:
    """Make, compact, ask, and print a table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, default=10_000_000)
    parser.add_argument("--folder", type=Path, help="keep the history there (default: a temporary folder)")
    parser.add_argument("--rounds", type=int, default=5)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        measure(options.folder or Path(temporary) / "history", options.rows, options.rounds)


def measure(folder: Path, rows: int, rounds: int) -> None:
    """All of it."""
    history = History(folder)
    days = max(1, rows // (TESTS * LEGS * A_DAY))
    began = time.perf_counter()
    if not history.manifest.exists():
        make(history, days)
    print(f"made in {time.perf_counter() - began:.1f} s: {told(history)}")
    last = FIRST + timedelta(days=days)
    began = time.perf_counter()
    for problem in parquet.compact(history, last.date().isoformat(), whole=True).found:
        print(problem)
    print(f"compacted in {time.perf_counter() - began:.1f} s: {told(history)}")
    print(f"a run's end with {TESTS * LEGS} tests: {end_of_run(history, last):.3f} s")
    parquet.compact(history, last.date().isoformat(), whole=False)
    checked(history)
    print(f"\n{'question':38} {'median s':>9} {'worst s':>9} {'CPU s':>9} {'command s':>9} {'CPU s':>9} {'rows':>5}")
    for name, sql, parameters, words in asked(days):
        first = {"since_s": questions.LAST_RUNS} if "last" in name else {}
        times, cpu, found = [], [], 0
        for _ in range(rounds):
            began, busy = time.perf_counter(), time.process_time()
            found = len(ask(history, sql, parameters, first=first, now_s=time.time()).rows)
            times.append(time.perf_counter() - began)
            cpu.append(time.process_time() - busy)
        whole, used = command(history, words)
        numbers = (statistics.median(times), max(times), min(cpu), whole, used)
        print(f"{name:38} {' '.join(f'{number:9.3f}' for number in numbers)} {found:5}")


def make(history: History, days: int) -> None:
    """Write the rows, a file a table and day."""
    files = []
    with connected() as connection:
        connection.execute("SELECT setseed(0.5)")
        connection.execute(_SUITE)
        for number in range(days):
            when = FIRST + timedelta(days=number)
            for table, sql in (("runs", runs(when)), ("jobs", jobs(when)), ("tests", tests(when, number))):
                files.append(parquet.write(connection, history, table, when.date().isoformat(), sql))
    history.change(lambda now: now.changed(files=files))


def _of_day(when: datetime) -> str:
    """The runs of a day, with their legs' keys: two runs in five are of one commit."""
    start_s = when.timestamp()
    name = (
        f"'{when:%Y%m%d}-' || lpad((8 + 2 * turn)::VARCHAR, 2, '0') || '0000-' || substr(md5('{when}' || turn), 1, 6)"
    )
    return f"""(SELECT {name} AS run, {start_s} + 3600.0 * (8 + 2 * turn) AS wall_s, turn,
                substr(md5('{when}' || greatest(turn, 1)), 1, 16) AS code FROM range({A_DAY}) AS turns(turn))"""


_BROKEN = "hash(run) % 50 = 0"


def runs(when: datetime) -> str:
    """Rows of the table runs."""
    values = {
        "run": "run", "wall_s": "wall_s", "duration_s": "round(60 + 20 * random(), 1)", "finished": "true",
        "conclusion": f"if({_BROKEN}, 'failed', 'passed')", "exit_code": f"if({_BROKEN}, 1, 0)", "scope": "'full'",
        "command": "'run'", "plan": "md5(code)", "commit": "sha1(code)", "branch": "'main'", "trust": "'protected'",
        "platform": "'linux-x86_64'",
    }  # fmt: skip
    return _select("runs", values, _of_day(when))


def jobs(when: datetime) -> str:
    """Rows of the table jobs."""
    values = {
        "run": "run", "wall_s": "wall_s", "job": "'unit@3.1' || (leg + 1)", "name": "'unit'",
        "python": "'3.1' || (leg + 1)", "kind": "'test'", "outcome": f"if({_BROKEN}, 'failed', 'passed')",
        "required": "true", "duration_s": "round(50 + 10 * random(), 1)", "key": "substr(md5(code || leg), 1, 16)",
        "trust": "'protected'", "measures": f"map {{'passed': {TESTS}.0, 'failed': 0.0, 'ran': {TESTS}.0}}",
    }  # fmt: skip
    return _select("jobs", values, f"{_of_day(when)}, range(1, {LEGS + 1}) AS legs(leg)")


def tests(when: datetime, number: int) -> str:
    """Rows of the table tests."""
    call_s = f"base_s * exp(0.2 * {_NORMAL}) * if(slowed AND {number} >= 190, 1.5, 1)"
    bad = f"random() < flaky OR ({_BROKEN} AND number % 100 = 7)"
    values = {
        "run": "run", "wall_s": "wall_s", "job": "'unit@3.1' || (leg + 1)", "test": "test",
        "outcome": f"if({bad}, 'failed', if(number % 60 = 1, 'skipped', 'passed'))", "attempt": "1",
        "setup_s": f"round(exp(-8.5 + 0.5 * {_NORMAL}), 5)", "call_s": _digits(call_s),
        "teardown_s": f"round(exp(-9 + 0.5 * {_NORMAL}), 5)", "worker": "'gw' || (random() * 4)::INT",
        "key": "substr(md5(code || leg), 1, 16)", "trust": "'protected'",
    }  # fmt: skip
    return _select("tests", values, f"{_of_day(when)}, range(1, {LEGS + 1}) AS legs(leg), suite")


def _digits(seconds: str) -> str:
    """Three digits, as `tables` writes seconds."""
    return f"round(round({seconds}, 2 - floor(log10(greatest({seconds}, 1e-5)))::INT), 5)"


def _select(table: str, values: dict[str, str], source: str) -> str:
    blank = {"VARCHAR": "''", "BIGINT": "0", "DOUBLE": "0.0", "BOOLEAN": "false"}
    told = (f"({values.get(name) or blank[kind]})::{kind} AS {name}" for name, kind in columns(table).items())
    return f"SELECT {', '.join(told)} FROM {source}"


def told(history: History) -> str:
    """Files, rows and bytes of the table of tests."""
    files = [file for file in history.read().files if file.table == "tests"]
    size = sum((history.folder / file.path).stat().st_size for file in files)
    rows = sum(file.rows for file in files)
    return f"{rows:,} rows of tests in {len(files)} files, {size / rows:.2f} bytes a row"


def end_of_run(history: History, when: datetime) -> float:
    """Seconds to add one run, the least of three."""
    times = []
    for turn in range(3):
        made = list(_rows(when, turn))
        began = time.perf_counter()
        history.add(f"{when:%Y%m%d}-00000{turn}-abcdef", when.timestamp() + turn, {"tests": made})
        times.append(time.perf_counter() - began)
    return min(times)


def _rows(when: datetime, turn: int) -> Iterator[TestRow]:
    for number in range(TESTS * LEGS):
        yield TestRow(
            run=f"{when:%Y%m%d}-00000{turn}-abcdef", wall_s=when.timestamp() + turn, job="late@3.12",
            test=f"tests/unit/test_late_{number // 40}.py::test_case_{number}", outcome="passed", attempt=1,
            setup_s=0.0001, call_s=0.00123, teardown_s=0.0001, kind="", message="", line="", worker="gw0",
            decision="", key="0123456789abcdef", trust="local",
        )  # fmt: skip


def checked(history: History) -> None:
    """Print what it takes to know that the files are what was written: of all anew, then of all as remembered."""
    time.sleep(4.0)  # what was written just now is not remembered
    for name, now_s in (("digested", None), ("digested and remembered", time.time()), ("as remembered", time.time())):
        began, busy = time.perf_counter(), time.process_time()
        count = len(history.sound(now_s=now_s).files)
        took, used = time.perf_counter() - began, time.process_time() - busy
        print(f"{count} files {name}: {took:.3f} s, CPU {used:.3f} s")


def asked(days: int) -> Iterator[tuple[str, str, dict[str, object], list[str]]]:
    """(name, SQL, parameters, words of the command)."""
    recent = FIRST + timedelta(days=max(1, days - 10))
    every: dict[str, object] = {
        "since_s": 0.0, "job": "", "most": 20, "runs": 200, "least_s": 0.01, "test": "_case_2020[7-py1]",
    }  # fmt: skip
    named = (
        ("p95 by test, all rows", P95, every, [re.sub(r"\$most", "20", P95)]),
        ("slowest tests, all rows", questions.SLOWEST, every, ["slowest", "--since", "all"]),
        ("slowest files, all rows", questions.FILES, every, ["files", "--since", "all"]),
        ("regressed since a date", questions.REGRESSED, every | {"since_s": recent.timestamp()},
         ["regressed", "--since", recent.date().isoformat()]),
        ("flip rate over the last 200 runs", questions.FLIPS, every, ["flips"]),
        ("flaky by contradiction, last 200 runs", questions.FLAKY, every, ["flaky"]),
        ("one test's history", questions.TEST, every, ["test", "_case_2020[7-py1]", "--since", "all"]),
        ("trends by day, all days", questions.TRENDS, every, ["trends", "--since", "all"]),
    )  # fmt: skip
    yield from named


def command(history: History, words: list[str]) -> tuple[float, float]:
    """Seconds of the whole command, and of its CPU: the least of three."""
    start = ["flaky"] if words == ["flaky"] else ["history", *words]
    argv = [sys.executable, "-m", "penstock", *start, "--from", str(history.folder), "--csv"]
    environ = {name: text for name, text in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    environ["PYTHONPYCACHEPREFIX"] = str(Path(tempfile.gettempdir()) / "history-bytecode")
    times, used = [], []
    for _ in range(3):
        began, busy = time.perf_counter(), _cpu_of_children()
        ended = subprocess.run(argv, capture_output=True, check=False, env=environ)
        times.append(time.perf_counter() - began)
        used.append(_cpu_of_children() - busy)
        if ended.returncode:
            print(ended.stderr.decode())
    return min(times), min(used)


def _cpu_of_children() -> float:
    told = os.times()
    return told.children_user + told.children_system


if __name__ == "__main__":
    main()
