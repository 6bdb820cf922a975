"""Rows of made-up runs, in a history on disk."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

from penstock.record.query import Answer, ask
from penstock.record.store import History
from penstock.record.tables import CoverageRow, FindingRow, JobRow, Row, RunRow, TestRow

NOON_S = 1_795_262_400.0  # 2026-11-21 12:00:00 UTC
DAY_S = 86_400.0
TODAY = "2026-11-21"


def run_row(run: str = "r1", **fields: Any) -> RunRow:
    """A run that passed."""
    defaults: dict[str, Any] = {
        "wall_s": NOON_S, "duration_s": 60.0, "finished": True, "interrupted": "", "conclusion": "passed",
        "exit_code": 0, "scope": "full", "command": "run", "plan": "p", "commit": "c0ffee", "branch": "main",
        "trust": "local", "platform": "linux-x86_64",
    }  # fmt: skip
    return RunRow(run=run, **(defaults | fields))


def job_row(run: str = "r1", job: str = "unit@3.12", **fields: Any) -> JobRow:
    """A test job that passed."""
    defaults: dict[str, Any] = {
        "wall_s": NOON_S, "name": job.partition("@")[0], "python": "3.12", "kind": "test", "outcome": "passed",
        "reason": "", "required": True, "started_s": 0.0, "duration_s": 50.0, "cpu_s": 40.0, "memory_bytes": 1 << 20,
        "cached_from": "", "key": "k", "trust": "local",
        "measures": {"passed": 2.0, "failed": 0.0, "errored": 0.0, "crashed": 0.0, "timed_out": 0.0, "ran": 2.0},
    }  # fmt: skip
    return JobRow(run=run, job=job, **(defaults | fields))


def attempt(run: str = "r1", test: str = "tests/test_a.py::test_a", **fields: Any) -> TestRow:
    """An attempt that passed in a second."""
    defaults: dict[str, Any] = {
        "wall_s": NOON_S, "job": "unit@3.12", "outcome": "passed", "attempt": 1, "setup_s": 0.0, "call_s": 1.0,
        "teardown_s": 0.0, "kind": "", "message": "", "line": "", "worker": "", "decision": "", "key": "k",
        "trust": "local",
    }  # fmt: skip
    return TestRow(run=run, test=test, **(defaults | fields))


def coverage_row(run: str = "r1", path: str = "src/a.py", **fields: Any) -> CoverageRow:
    """A file of which 8 of 10 lines ran."""
    defaults: dict[str, Any] = {
        "wall_s": NOON_S, "statements": 10, "covered": 8, "branches": 0, "covered_branches": 0, "trust": "local",
    }  # fmt: skip
    return CoverageRow(run=run, path=path, **(defaults | fields))


def finding_row(run: str = "r1", **fields: Any) -> FindingRow:
    """An unused import."""
    defaults: dict[str, Any] = {
        "wall_s": NOON_S, "job": "lint", "tool": "ruff", "rule": "F401", "severity": "error", "path": "src/a.py",
        "line": 3, "message": "`os` is unused", "trust": "local",
    }  # fmt: skip
    return FindingRow(run=run, **(defaults | fields))


def add(history: History, *tests: TestRow, run: str = "r1", wall_s: float = NOON_S, **run_fields: Any) -> None:
    """One run with these attempts and one job."""
    rows: dict[str, list[Row]] = {
        "runs": [run_row(run, wall_s=wall_s, **run_fields)],
        "jobs": [job_row(run, wall_s=wall_s)],
        "tests": [*tests],
    }
    history.add(run, wall_s, rows)


def add_runs(history: History, count: int, *, tests: int = 2) -> None:
    """`count` runs, a minute apart, of `tests` passed tests each."""
    for number in range(count):
        run, wall_s = f"r{number}", NOON_S + 60.0 * number
        add(
            history,
            *(attempt(run, f"t.py::test_{each}", wall_s=wall_s) for each in range(tests)),
            run=run,
            wall_s=wall_s,
        )


def answers(history: History, sql: str, **parameters: object) -> list[tuple[Any, ...]]:
    """The rows of an answer from which nothing is missing."""
    answer = told(history, sql, **parameters)
    assert answer.lost == ()
    return list(answer.rows)


def told(history: History, sql: str, **parameters: object) -> Answer:
    """An answer, with the parameters of every question where they are not given."""
    defaults: dict[str, object] = {"since_s": 0.0, "job": "", "most": 100, "least_s": 0.01}
    return ask(history, sql, defaults | parameters)


def parquet_files(folder: Path) -> list[Path]:
    """All Parquet files of a history."""
    return sorted(folder.glob("*/*.parquet"))


def tree(folder: Path) -> dict[str, bytes]:
    """All files of a folder, by their relative names."""
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in _files(folder)}


def _files(folder: Path) -> Iterable[Path]:
    return sorted(path for path in folder.rglob("*") if path.is_file())
