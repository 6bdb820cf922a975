"""Merging over legs, with coverage.py itself, and what becomes of it when a leg's data is missing, cut or corrupt."""

from __future__ import annotations

import contextlib
import json
import subprocess
import sys
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import coverage
import msgspec
import pytest

from penstock.guest import penstock_merge
from penstock.model.events import Outcome, SessionFinished
from penstock.model.plan import GUEST, NEEDS, REPORTS, WORKSPACE, bin_of
from penstock.model.records import CoverageRecord, Reading
from penstock.model.snapshot import CoverageUse, Package
from penstock.ports import ToolContext
from penstock.run.folder import safe_name
from penstock.tools import TOOLS
from tests import builders
from tests.conftest import ROOT
from tests.fakes import guest_events
from tests.fakes.toolbench import Recording

SOURCE = """\
import sys


def sign(x):
    if x > 0:
        return 1
    return 0


def never():  # pragma: no cover
    return -1
"""
Lines = Mapping[str, Iterable[int]]
Arcs = Mapping[str, Iterable[tuple[int, int]]]


class Bench:
    """A project `demo` with jobs that left coverage data."""

    by_process = False  # as it is really called, which costs a start of Python

    def __init__(self, root: Path) -> None:
        self.root = root / "project"
        self.needs = root / "needs"
        self.reports = root / "reports"
        for name in ("src/demo/__init__.py", "src/demo/never.py", "src/demo/sub/__init__.py"):
            self.write(name, "x = 1\n" if name.endswith("never.py") else "")
        self.write("src/demo/core.py", SOURCE)
        self.needs.mkdir()
        self.reports.mkdir()

    def write(self, name: str, text: str) -> None:
        (self.root / name).parent.mkdir(parents=True, exist_ok=True)
        (self.root / name).write_text(text)

    def leg(
        self, job: str, *, lines: Lines | None = None, arcs: Arcs | None = None, name: str = "coverage.data"
    ) -> Path:
        """What a job's tests measured, by path; told in the log of the job's tests."""
        path = self.needs / safe_name(job) / "reports" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        data = coverage.CoverageData(basename=str(path), suffix=False)
        if arcs is not None:
            data.add_arcs({str(self.root / file): list(taken) for file, taken in arcs.items()})
        if lines is not None:
            data.add_lines({str(self.root / file): list(run) for file, run in lines.items()})
        data.write()
        data.close()
        self.log(job, sorted(each.name for each in path.parent.glob("coverage.*")))
        return path

    def log(self, job: str, files: Iterable[str], note: str = "saved", *, ended: bool = True) -> None:
        """The log of a session that says so of its coverage."""
        events = guest_events.session({"test_a": guest_events.PASSED})
        last = events[-1]
        assert isinstance(last, SessionFinished)
        events[-1] = msgspec.structs.replace(last, coverage=note, coverage_files=tuple(files))
        path = self.needs / safe_name(job) / "reports" / "tests.jsonl"
        path.write_bytes(guest_events.encoded(events if ended else events[:-1]))

    def merge(self, *needs: str, use: CoverageUse | None = None) -> Reading:
        """Run the job's command for real and read it, for a coverage job that needs these jobs."""
        packages = (Package(name="demo", path="src/demo"),)
        context = ToolContext(
            project=builders.project(packages=packages),
            spec=builders.job_spec("coverage", "coverage"),
            coverage=use or CoverageUse(),
        )
        (command,) = TOOLS["coverage"].commands(context)
        table = {
            f"{bin_of('coverage')}/python": sys.executable,
            GUEST: str(ROOT / "src/penstock/guest"),
            NEEDS: str(self.needs),
            REPORTS: str(self.reports),
            WORKSPACE: str(self.root),
        }
        argv = list(command.argv)
        for token, value in table.items():
            argv = [word.replace(token, value) for word in argv]
        if self.by_process:
            subprocess.run(argv, cwd=self.root, capture_output=True, check=True)
        else:
            with contextlib.chdir(self.root):
                assert penstock_merge.main(argv[3:]) == 0
        report = (self.reports / "coverage.json").read_bytes()
        job = builders.job("coverage", kind="coverage", needs=needs, commands=(command,))
        ended = Recording(tool="coverage", exit_code=0, output="", reports={}).ended()
        return TOOLS["coverage"].read(ended, {"coverage.json": report}, job)


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    return Bench(tmp_path)


def record(reading: Reading, path: str) -> CoverageRecord:
    return next(each for each in reading.coverage if each.path == path)


def test_lines_are_the_union_and_a_module_that_nobody_imported_counts(bench: Bench) -> None:
    bench.by_process = True
    bench.leg("unit@3.11", lines={"src/demo/core.py": [1, 4, 5, 6]})
    bench.leg("unit@3.12", lines={"src/demo/core.py": [1, 4, 5, 7]})
    reading = bench.merge("unit@3.11", "unit@3.12")
    assert reading.outcome is Outcome.PASSED
    core = record(reading, "src/demo/core.py")
    assert (core.statements, core.covered, core.missing) == (5, 5, ())
    assert (core.ran, core.forks) == (((1, 1), (4, 7)), ())
    assert record(reading, "src/demo/never.py") == CoverageRecord(
        path="src/demo/never.py", statements=1, covered=0, missing=(1,)
    )
    assert reading.measures["covered"] == core.covered
    assert reading.measures["statements"] == core.statements + 1
    assert "branches" not in reading.measures


def test_branches_are_those_of_the_newest_python(bench: Bench) -> None:
    bench.leg("unit@3.9", arcs={"src/demo/core.py": [(-1, 1), (1, 4), (4, -1), (-4, 5), (5, 7), (7, -4)]})
    bench.leg("unit@3.12", arcs={"src/demo/core.py": [(-1, 1), (1, 4), (4, -1), (-4, 5), (5, 6), (6, -4)]})
    reading = bench.merge("unit@3.9", "unit@3.12")
    core = record(reading, "src/demo/core.py")
    assert (core.branches, core.covered_branches) == (2, 1)
    assert core.missing == ()  # by lines, the older leg counts
    assert (reading.measures["branches"], reading.measures["covered_branches"]) == (2, 1)


def test_files_of_several_processes_of_one_job_count(bench: Bench) -> None:
    bench.leg("unit@3.12", lines={"src/demo/core.py": [1, 4]})
    bench.leg("unit@3.12", lines={"src/demo/core.py": [5, 6]}, name="coverage.data.4711")
    assert record(bench.merge("unit@3.12"), "src/demo/core.py").missing == (7,)


@pytest.mark.parametrize(
    "measured",
    [
        "/elsewhere/env/lib/python3.12/site-packages/demo/core.py",
        "PROJECT/.penstock/work/unit@3.12/src/demo/core.py",
        "src/demo/core.py",
    ],
)
def test_a_file_measured_elsewhere_is_found_again(bench: Bench, measured: str) -> None:
    bench.leg("unit@3.12", lines={measured.replace("PROJECT", str(bench.root)): [1, 4, 5, 6]})
    assert record(bench.merge("unit@3.12"), "src/demo/core.py").missing == (7,)


def test_a_file_that_is_nowhere_in_the_tree_is_told(bench: Bench) -> None:
    bench.leg("unit@3.12", lines={"src/demo/core.py": [1], "/gone/generated_xyz.py": [1]})
    assert bench.merge("unit@3.12").notes["unplaced"] == "/gone/generated_xyz.py"


def test_the_projects_settings_are_its_own_word(bench: Bench) -> None:
    bench.write(
        "setup.cfg",
        "[coverage:run]\nomit = */never.py\n[coverage:report]\nfail_under = 66.5\nexclude_lines = return 0\n",
    )
    bench.leg("unit@3.12", lines={"src/demo/core.py": [1, 4, 5, 6]})
    reading = bench.merge("unit@3.12", use=CoverageUse(config="setup.cfg", source=("demo",)))
    assert {each.path for each in reading.coverage} == {
        "src/demo/__init__.py",
        "src/demo/core.py",
        "src/demo/sub/__init__.py",
    }
    assert reading.measures["fail_under"] == 66.5
    assert record(reading, "src/demo/core.py").missing == (10, 11)


def test_a_needed_job_without_data_makes_the_figure_missing_not_lower(bench: Bench) -> None:
    bench.leg("unit@3.12", lines={"src/demo/core.py": [1, 4, 5, 6]})
    reading = bench.merge("unit@3.11", "unit@3.12")
    assert reading.outcome is Outcome.ERRORED
    assert reading.problem == "measurements are missing: unit@3.11: it left no coverage data"
    assert reading.coverage, "what there is, is the lower bound"


@pytest.mark.parametrize("damage", ["empty", "cut", "garbage", "flipped"])
def test_damaged_data_is_missing_data(bench: Bench, damage: str) -> None:
    bench.leg("unit@3.12", lines={"src/demo/core.py": [1, 4]})
    path = bench.leg("unit@3.13", lines={"src/demo/core.py": [1, 4]})
    content = path.read_bytes()
    half = len(content) // 2
    flipped = content[:100] + b"\0" * 4000 + content[4100:]
    contents = {"empty": b"", "cut": content[:half], "garbage": b"x" * 9000, "flipped": flipped}
    path.write_bytes(contents[damage])
    reading = bench.merge("unit@3.12", "unit@3.13")
    assert reading.outcome is Outcome.ERRORED
    assert "unit@3.13" in (reading.problem or "")
    assert "unit@3.12" not in (reading.problem or "")


@pytest.mark.parametrize("damage", ["gone", "empty", "garbage"])
def test_each_shard_has_to_be_there_and_sound(bench: Bench, damage: str) -> None:
    shards = [f"unit@3.12#{number}/3" for number in (1, 2, 3)]
    first, second, third = (bench.leg(shard, lines={"src/demo/core.py": [1, 4, 5, 6]}) for shard in shards)
    assert bench.merge(*shards).outcome is Outcome.PASSED
    if damage == "gone":
        second.unlink()
    else:
        second.write_bytes(b"" if damage == "empty" else b"x" * 9000)
    reading = bench.merge(*shards)
    assert reading.outcome is Outcome.ERRORED
    assert "unit@3.12#2/3" in (reading.problem or "")
    assert not [path for path in bench.needs.iterdir() if path.is_file()]
    assert first.exists()
    assert third.exists()


def test_the_data_of_a_worker_that_its_session_tells_of_has_to_be_there(bench: Bench) -> None:
    bench.leg("unit@3.12", lines={"src/demo/core.py": [1, 4]})
    bench.leg("unit@3.12", lines={"src/demo/core.py": [5, 6]}, name="coverage.data.gw0.here.1")
    lost = bench.leg("unit@3.12", lines={"src/demo/core.py": [7]}, name="coverage.data.gw1.here.2")
    assert bench.merge("unit@3.12").outcome is Outcome.PASSED
    final = lost.rename(lost.with_name(f"{lost.name}.Xabcx.Hdigesth"))
    bench.log("unit@3.12", ["coverage.data", "coverage.data.gw0.here.1", "coverage.data.gw1.here.2.Xabcx"])
    assert bench.merge("unit@3.12").outcome is Outcome.PASSED, "it was being saved when the session ended"
    final.rename(lost)
    bench.log("unit@3.12", ["coverage.data", "coverage.data.gw0.here.1", "coverage.data.gw1.here.2"])
    lost.unlink()
    reading = bench.merge("unit@3.12")
    assert reading.outcome is Outcome.ERRORED
    assert reading.problem == "measurements are missing: unit@3.12: coverage.data.gw1.here.2 is not there"


@pytest.mark.parametrize("note", ["lost: the worker gw1 died of SIGKILL", "failed: coverage could not be saved: full"])
def test_what_a_session_has_lost_makes_the_figure_missing(bench: Bench, note: str) -> None:
    path = bench.leg("unit@3.12", lines={"src/demo/core.py": [1, 4]})
    bench.log("unit@3.12", [path.name], note)
    assert bench.merge("unit@3.12").problem == f"measurements are missing: unit@3.12: {note}"


def test_a_session_without_its_end_has_not_measured_to_an_end(bench: Bench) -> None:
    path = bench.leg("unit@3.12", lines={"src/demo/core.py": [1, 4]})
    bench.log("unit@3.12", [], ended=False)
    assert "ended before coverage was saved" in (bench.merge("unit@3.12").problem or "")
    (path.parent / "tests.jsonl").unlink()
    assert "it left no log of its tests" in (bench.merge("unit@3.12").problem or "")


def test_a_line_that_only_an_older_python_ran_is_covered_and_no_branch(bench: Bench) -> None:
    bench.leg("unit@3.9", arcs={"src/demo/core.py": [(-1, 1), (1, 4), (4, -1), (-4, 5), (5, 7), (7, -4)]})
    bench.leg("unit@3.12", arcs={"src/demo/core.py": [(-1, 1), (1, 4), (4, -1)]})
    core = record(bench.merge("unit@3.9", "unit@3.12"), "src/demo/core.py")
    assert (core.branches, core.covered_branches) == (2, 0)
    assert core.missing == (6,)


@pytest.mark.parametrize("kind", ["lines", "branches"])
def test_many_files_are_counted_in_several_processes_as_in_one(
    bench: Bench, kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(7):
        bench.write(f"src/demo/m{number}.py", SOURCE)
    arcs = [(-1, 1), (1, 4), (4, -1), (-4, 5), (5, 6), (6, -4)]
    taken = {f"src/demo/m{number}.py": arcs for number in (1, 2)}
    lines = {name: {line for arc in each for line in arc if line > 0} for name, each in taken.items()}
    bench.leg("unit@3.12", **({"arcs": taken} if kind == "branches" else {"lines": lines}))
    alone = bench.merge("unit@3.12")
    monkeypatch.setattr(penstock_merge, "cores", lambda _: 3)
    assert bench.merge("unit@3.12") == alone
    assert alone.measures.get("branches") == (16 if kind == "branches" else None)


def test_a_job_that_measured_nothing_of_the_project_is_missing(bench: Bench) -> None:
    bench.leg("unit@3.12", lines={"/usr/lib/python3/other_xyz.py": [1]})
    assert "measured no file of the project" in (bench.merge("unit@3.12").problem or "")


def test_a_figure_of_other_files_than_the_packages_is_missing(bench: Bench) -> None:
    bench.write("tests/test_demo.py", "x = 1\n")
    bench.write("setup.cfg", "[coverage:run]\nsource = tests\n")
    bench.leg("unit@3.12", lines={"tests/test_demo.py": [1]})
    problem = bench.merge("unit@3.12", use=CoverageUse(config="setup.cfg", source=("tests",))).problem or ""
    assert "nothing of the package demo was measured" in problem


def test_no_needs_is_no_figure(bench: Bench) -> None:
    assert bench.merge().outcome is Outcome.ERRORED


def test_a_module_that_cannot_be_parsed_is_told(bench: Bench) -> None:
    bench.write("src/demo/broken.py", "def f(:\n")
    bench.leg("unit@3.12", lines={"src/demo/core.py": [1, 4]})
    reading = bench.merge("unit@3.12")
    assert reading.outcome is Outcome.ERRORED
    assert "src/demo/broken.py" in (reading.problem or "")


@pytest.mark.parametrize(
    "change",
    [
        {"covered": 9},
        {"covered": -1},
        {"covered_branches": 3},
        {"missing": [1, 2, 3]},
        {"statements": 2**70},
        {"statements": 1.5},
        {"missing": [-1]},
    ],
)
def test_impossible_counts_are_refused(change: dict[str, Any]) -> None:
    file = {
        "path": "a.py",
        "statements": 3,
        "covered": 2,
        "branches": 2,
        "covered_branches": 1,
        "missing": [3],
    } | change
    report = {"version": "7", "legs": [{"job": "unit", "files": 1}], "files": [file]}
    ended = Recording(tool="coverage", exit_code=0, output="", reports={}).ended()
    job = builders.job("coverage", needs=("unit",))
    reading = TOOLS["coverage"].read(ended, {"coverage.json": json.dumps(report).encode()}, job)
    assert reading.outcome is Outcome.ERRORED
