"""The plan of `penstock test`."""

from __future__ import annotations

import json

import pytest

from penstock.model.plan import CacheState, Plan, Scope
from penstock.plan import alone
from penstock.plan.shards import sliced
from penstock.tools import alone as tool
from penstock.tools.guests import EngineSettings, engine_settings, without_budget
from tests.builders import job_spec, pipeline


def plan(*words: str, environ: dict[str, str] | None = None) -> Plan:
    command = tool.command(
        ("/env/bin/python", "/env/bin/pytest"),
        words,
        directory="sub",
        settings=EngineSettings(workers=3, timeout_s=2.0),
        environ=environ or {},
        hash_seed="7",
    )
    return alone.plan("/project", command, workers=3)


JOBS = pipeline(
    job_spec("unit", "test", paths=("tests/unit",), retries=0, test_timeout_s=2.0),
    job_spec("slow", "test", paths=("./tests/slow/",), retries=0, test_timeout_s=60.0),
    job_spec("other", "test", runner="unittest", test_timeout_s=9.0),
    job_spec("docs"),
)


@pytest.mark.parametrize(
    ("paths", "limit_s", "jobs"),
    [
        ((), None, ("unit", "slow")),
        (("tests/unit/test_a.py", "tests/unit"), 2.0, ("unit",)),
        (("tests/slow",), 60.0, ("slow",)),
        (("tests/unit", "tests/slow"), None, ("unit", "slow")),
        (("tests/united",), None, ("unit", "slow")),
    ],
)
def test_how_tests_run_is_taken_from_the_jobs_that_are_meant(
    paths: tuple[str, ...], limit_s: float | None, jobs: tuple[str, ...]
) -> None:
    said = alone.declared(JOBS, paths)
    assert (said.retries, said.test_timeout_s, said.jobs) == (0, limit_s, jobs)
    assert said.differing == (() if limit_s else ("test_timeout",))


def test_nothing_declared_says_nothing() -> None:
    assert alone.declared(pipeline(), ("tests",)) == alone.Declared()


def variables(made: Plan) -> dict[str, str]:
    return dict(made.jobs[0].commands[0].environment)


def test_it_is_one_job_that_is_a_part_of_no_pipeline() -> None:
    made = plan("tests", "-k", "x")
    (job,) = made.jobs
    assert (made.command, made.scope, made.gates) == ("test", Scope.PARTIAL, ())
    assert (job.id, job.cpus, job.inherits, job.cacheable) == ("test", 3, True, False)
    (command,) = job.commands
    assert command.argv == (
        "/env/bin/python", "/env/bin/pytest", "-p", "penstock_pytest", "tests", "-k", "x",
    )  # fmt: skip
    assert (command.directory, command.tool) == ("sub", "pytest")
    assert alone.bindings(made)["test"].cache is CacheState.OFF
    assert made.digest != plan("tests").digest


def test_of_the_surroundings_only_what_has_to_be_joined_is_taken() -> None:
    bare = variables(plan())
    assert (bare["PYTHONPATH"], bare["PYTHONHASHSEED"]) == ("${penstock:guest}", "7")
    given = variables(plan(environ={"PYTHONPATH": "/mine", "PYTHONHASHSEED": "0", "OTHER": "x"}))
    assert (given["PYTHONPATH"], given["PYTHONHASHSEED"]) == ("${penstock:guest}:/mine", "0")
    assert "OTHER" not in given
    assert json.loads(given["PENSTOCK_ENGINE"]) == {"workers": 3, "timeout_s": 2.0}


def test_shards_are_of_one_plan_whose_digest_holds_the_tree() -> None:
    whole = alone.spread(plan("tests"), 2, tree="t", commit="c")
    assert [job.id for job in whole.jobs] == ["test#1/2", "test#2/2"]
    one = sliced(whole, 1, 2)
    assert ([job.id for job in one.jobs], one.of, one.tree) == (["test#1/2"], whole.digest, "t")
    assert json.loads(variables(one)["PENSTOCK_ENGINE"])["shard"] == [1, 2]
    assert alone.spread(plan("tests"), 2, tree="other", commit="c").digest != whole.digest


def test_what_the_engine_is_told_is_plain_ascii() -> None:
    told = engine_settings(EngineSettings(edited=("tests/tëst.py",)))
    assert told.isascii()
    assert json.loads(told) == {"workers": 1, "edited": ["tests/tëst.py"]}


def test_edited_files_are_named_as_either_root_of_pytest_would() -> None:
    assert without_budget("", ("tests/test_a.py",)) == ("tests/test_a.py",)
    assert without_budget("sub", ("sub/test_a.py", "b.py")) == ("sub/test_a.py", "b.py", "test_a.py")
    assert without_budget("", tuple(f"tests/test_{n:06}.py" for n in range(5000))) == ("*",)
