"""The faults of shards, with real pytest sessions: each is named, and none comes out green."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from msgspec.structs import replace

from penstock.errors import ExitCode
from penstock.judge.checks import CHECKS
from penstock.judge.decide import decide
from penstock.model.pipeline import JobKind
from penstock.model.plan import Shard
from penstock.model.records import JobRecord, Records, RunRecord
from penstock.model.verdict import CheckResult, Evidence, Status
from penstock.tools.pytest import Pytest
from tests.builders import job, plan
from tests.fakes.guest_runs import Ran, run, run_shard, write

SUITE = """
import pytest

@pytest.mark.parametrize("number", range(6))
def test_each(number):
    assert number >= 0

class TestMore:
    def test_one(self): pass
    def test_two(self): pass
"""
FILES = {"tests/test_a.py": SUITE, "tests/test_b.py": SUITE, "tests/test_c.py": SUITE}


class Judged(NamedTuple):
    code: ExitCode
    check: CheckResult


def pinned(root: Path, content: object) -> str:
    text = json.dumps(content).encode()
    digest = hashlib.sha256(text).hexdigest()
    write(root, {f".pins/{digest}.json": text.decode()})
    return digest


def shard(root: Path, index: int, count: int = 2, *, pin: str = "", settled: bool = False, **how: Any) -> Ran:
    return run_shard(root, Shard(index=index, count=count, pin=pin, settled=settled), **how)


def judged(ran: dict[str, Ran], count: int = 2) -> Judged:
    """The verdict over the whole leg. `ran`: "1/2" -> what that shard left."""
    jobs = [
        job(f"unit#{index}/{count}", name="unit", shard=Shard(index=index, count=count))
        for index in range(1, count + 1)
    ]
    records = [
        JobRecord(
            job=f"unit#{name}",
            kind=JobKind.TEST,
            outcome=one.reading.outcome,
            measures=one.reading.measures,
            notes=one.reading.notes,
            shard=one.reading.shard,
        )
        for name, one in ran.items()
    ]
    tests = [replace(test, job=f"unit#{name}") for name, one in ran.items() for test in one.reading.tests]
    whole = Records(
        run=RunRecord(run="r", plan="plan", wall_s=0.0, duration_s=0.0, finished=True),
        jobs=tuple(records),
        tests=tuple(tests),
    )
    verdict = decide(Evidence(plan=plan(*jobs), records=whole, today="2026-01-01"), CHECKS)
    return Judged(verdict.exit_code, next(result for result in verdict.checks if result.name == "shards"))


def both(root: Path, first: dict[str, Any], second: dict[str, Any]) -> Judged:
    return judged({"1/2": shard(root, 1, **first), "2/2": shard(root, 2, **second)})


def seed(number: int) -> dict[str, Any]:
    return {"environment": (("PYTHONHASHSEED", str(number)),)}


def test_shards_add_up_to_the_whole(tmp_path: Path) -> None:
    root = write(tmp_path, FILES)
    found = judged({f"{index}/3": shard(root, index, 3) for index in (1, 2, 3)}, 3)
    assert found.code is ExitCode.VERIFIED
    assert (found.check.summary, found.check.examined) == ("unit: 24 tests in 3 shards, each in one", 24)


@pytest.mark.slow
@pytest.mark.parametrize("values", ['{"a", "b", "c", "d", "e"}', '{("a", 1), ("b", 2), ("c", 3), ("d", 4), ("e", 5)}'])
def test_parameters_from_a_set_are_never_green(tmp_path: Path, values: str) -> None:
    text = f"import pytest\n@pytest.mark.parametrize('value', {values})\ndef test_it(value): pass\n"
    root = write(tmp_path, {"tests/test_a.py": text, **{f"tests/test_{name}.py": SUITE for name in "bc"}})
    found = both(root, seed(1), seed(2))
    assert found.code is ExitCode.NOT_VERIFIED
    assert found.check.status is Status.MISSING
    assert "test_it" in "".join(found.check.details)
    assert "PYTHONHASHSEED" in (found.check.remedy or "")
    assert both(root, seed(1), seed(1)).code is ExitCode.VERIFIED


def test_parameters_of_other_values_under_the_same_ids_are_never_green(tmp_path: Path) -> None:
    text = (
        "import os, pytest\nvalues = [(1, 'a'), (2, 'b')][:: int(os.environ['STEP'])]\n"
        "@pytest.mark.parametrize('value', values)\ndef test_it(value): pass\n"
    )
    root = write(tmp_path, {"tests/test_a.py": text})
    found = both(root, {"environment": (("STEP", "1"),)}, {"environment": (("STEP", "-1"),)})
    assert found.code is ExitCode.NOT_VERIFIED
    assert found.check.summary == "unit: the shards gave the same test ids to different parameters"
    assert found.check.details == ("tests/test_a.py::test_it",)


@pytest.mark.slow
def test_another_collection_is_never_green(tmp_path: Path) -> None:
    root = write(tmp_path, FILES)
    found = both(root, {}, {"args": ("--deselect", "tests/test_b.py::TestMore::test_one")})
    assert found.code is ExitCode.NOT_VERIFIED
    assert found.check.summary == "unit: the shards collected different tests"
    assert found.check.details == ("only in 1/2: tests/test_b.py::TestMore::test_one",)


@pytest.mark.slow
def test_a_shard_that_is_missing_is_never_green(tmp_path: Path) -> None:
    root = write(tmp_path, FILES)
    there = shard(root, 2)
    found = judged({"2/2": there})
    assert found.code is ExitCode.NOT_VERIFIED
    lost = 24 - len(there.outcomes)
    assert found.check.summary == f"unit: 1/2 missing: {lost} tests did not run"
    assert found.check.remedy == "run the shard 1/2, and give what came of it, too"
    assert len(found.check.details) == lost


@pytest.mark.slow
def test_a_shard_in_the_place_of_another_is_never_green(tmp_path: Path) -> None:
    root = write(tmp_path, FILES)
    there = shard(root, 1)
    found = judged({"1/2": there, "2/2": there})
    assert found.code is ExitCode.NOT_VERIFIED
    assert "twice" in found.check.summary
    assert "missing" in found.check.summary


@pytest.mark.slow
def test_a_session_of_another_shard_is_no_evidence(tmp_path: Path) -> None:
    root = write(tmp_path, FILES)
    done = shard(root, 1, environment=(("PENSTOCK_ONLY", ""),))
    assert done.reading.problem is None
    other = run(Pytest(), root)  # runs the whole, and proves no shard
    assert other.reading.shard is None
    assert judged({"1/2": done, "2/2": other}).code is ExitCode.NOT_VERIFIED


DURATIONS = {"version": 1, "tests": {"tests/test_a.py::test_each[0]": [3.0, 0.0, 0.0, 5, 0]}}


@pytest.mark.slow
def test_a_shard_with_older_or_without_timings_is_never_green(tmp_path: Path) -> None:
    root = write(tmp_path, FILES)
    new = {"pin": pinned(root, DURATIONS)}
    older = {"pin": pinned(root, {"version": 1, "tests": {}})}
    assert both(root, new, new).code is ExitCode.VERIFIED
    for other in (older, {}):
        found = both(root, new, other)
        assert found.code is ExitCode.NOT_VERIFIED
        assert found.check.summary == "unit: the shards were split by different durations"
        assert "--shards-from" in (found.check.remedy or "")


@pytest.mark.slow
def test_a_pinned_file_that_is_gone_or_changed_is_named_by_the_shard_itself(tmp_path: Path) -> None:
    root = write(tmp_path, FILES)
    pin = pinned(root, DURATIONS)
    (root / ".pins" / f"{pin}.json").write_text("{}")
    for _ in range(2):
        done = shard(root, 1, pin=pin)
        assert done.reading.problem == "it was not split by the durations that the plan has pinned"
        (root / ".pins" / f"{pin}.json").unlink(missing_ok=True)


def test_a_settled_split_is_kept_and_what_changed_is_told(tmp_path: Path) -> None:
    root = write(tmp_path, FILES)
    first = [f"tests/test_a.py::test_each[{number}]" for number in range(6)]
    pin = pinned(root, {"shards": [first, ["tests/test_a.py::gone"]], "tests": {}})
    ran = {f"{index}/2": shard(root, index, pin=pin, settled=True) for index in (1, 2)}
    assert set(first) <= set(ran["1/2"].outcomes)
    found = judged(ran)
    assert found.code is ExitCode.VERIFIED
    assert "in the shard plan, not collected any more: tests/test_a.py::gone" in found.check.details
    assert sum(line.startswith("new since the shard plan") for line in found.check.details) == 18


@pytest.mark.slow
def test_tests_that_are_too_few_for_the_shards_are_told(tmp_path: Path) -> None:
    root = write(tmp_path, {"tests/test_a.py": "def test_only(): pass\n"})
    assert shard(root, 2).reading.problem == "no test fell to it: 1 test cannot fill 2 shards"


@pytest.mark.slow
def test_a_group_stays_together(tmp_path: Path) -> None:
    text = "import pytest\n" + "".join(
        f"{'@pytest.mark.xdist_group(name=1)' if number % 2 else ''}\ndef test_{number}(): pass\n"
        for number in range(8)
    )
    root = write(tmp_path, {"tests/test_a.py": text, "pytest.ini": "[pytest]\nmarkers = xdist_group: group\n"})
    together = {f"tests/test_a.py::test_{number}" for number in (1, 3, 5, 7)}
    parts = [set(shard(root, index).outcomes) for index in (1, 2)]
    assert sum(bool(part & together) for part in parts) == 1
    assert parts[0] | parts[1] == together | {f"tests/test_a.py::test_{number}" for number in (0, 2, 4, 6)}


@pytest.mark.slow
def test_a_failure_in_one_shard_is_a_failure_and_the_union_is_still_proved(tmp_path: Path) -> None:
    root = write(tmp_path, {**FILES, "tests/test_d.py": "def test_bad(): assert 0\n"})
    found = both(root, {}, {})
    assert found.code is ExitCode.GATE_FAILED
    assert found.check.status is Status.PASSED


@pytest.mark.slow
def test_all_skipped_in_one_shard_is_fine_where_the_others_ran(tmp_path: Path) -> None:
    skipped = "import pytest\npytestmark = pytest.mark.skip\n" + "def test_a(): pass\ndef test_b(): pass\n"
    root = write(tmp_path, {"tests/test_a.py": skipped, "tests/test_b.py": "def test_a(): pass\ndef test_b(): pass\n"})
    assert both(root, {}, {}).code is ExitCode.VERIFIED
    alone = write(tmp_path / "all", {"tests/test_a.py": skipped})
    found = both(alone, {}, {})
    assert (found.code, found.check.summary) == (ExitCode.NOT_VERIFIED, "unit: all 2 tests were skipped")
